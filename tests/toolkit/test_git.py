from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

import pytest

from gates.domain.errors import ToolCrashed
from gates.toolkit.git import Git


class Repo(Protocol):
    @property
    def root(self) -> Path: ...
    @property
    def environ(self) -> dict[str, str]: ...
    def git(self, *arguments: str) -> str: ...
    def write(self, name: str, text: str | bytes = "") -> Path: ...
    def commit(self, message: str = "a commit") -> str: ...
    def ask(self) -> Git: ...


ODD = [
    "a b.py",
    'quo"te.py',
    "tab\t.py",
    "line\nbreak.py",
    os.fsdecode(b"latin\xe9.py"),
    "-x.py",
    ":(top)y",
]


def test_no_repository_is_a_value(tmp_path: Path, git_environ: dict[str, str]) -> None:
    git = Git(tmp_path, git_environ)
    assert git.toplevel() is git.git_dir() is git.common_dir() is None
    assert git.head() is git.tree_id() is None
    assert git.ls_files() == git.untracked() == git.unwatched() == git.tracked_forbidden() == ()
    assert git.dirty_paths() == ()
    assert not git.is_dirty()
    assert not git.is_tracked(tmp_path / "x")
    assert not git.is_shallow()


def test_no_git_is_a_value(repo: Repo) -> None:
    git = Git(repo.root, {"PATH": "/nowhere:."})
    assert git.toplevel() is None
    with pytest.raises(ToolCrashed, match="not on PATH"):
        git.ask("status")


def test_a_git_that_the_checkout_brought_is_not_run(repo: Repo) -> None:
    fake = repo.write("bin/git", "#!/bin/sh\necho planted\n")
    fake.chmod(0o755)
    environ = {**repo.environ, "PATH": f"{repo.root}/bin:{repo.environ['PATH']}"}
    assert Git(repo.root, environ).toplevel() == repo.root


def test_a_repository_that_git_refuses_is_an_error(repo: Repo) -> None:
    repo.write(".git/config", "[core\n")
    with pytest.raises(ToolCrashed, match="bad config") as caught:
        repo.ask().toplevel()
    assert caught.value.problem.slug == "git-failed"


def test_the_inside_of_a_git_folder_is_no_work_tree(repo: Repo) -> None:
    assert Git(repo.root / ".git", repo.environ).toplevel() is None


def test_the_variables_that_a_hook_has_do_not_redirect(repo: Repo, tmp_path: Path) -> None:
    repo.write("a")
    repo.commit()
    other = {"GIT_DIR": str(tmp_path / "x"), "GIT_INDEX_FILE": str(tmp_path / "y")}
    git = Git(repo.root, {**repo.environ, **other, "GIT_WORK_TREE": str(tmp_path)})
    assert git.toplevel() == repo.root
    assert git.ls_files() == ("a",)
    assert not git.is_dirty()


def test_an_empty_repository_has_no_head(repo: Repo) -> None:
    git = repo.ask()
    assert git.head() is None
    assert git.commit_time() is None
    assert git.author() is None
    assert git.tree_id() == git.empty_tree() == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    assert not git.is_dirty()


def test_commits_and_their_relations_are_told(repo: Repo) -> None:
    first, second = repo.commit("one"), repo.commit("two")
    git = repo.ask()
    assert git.head() == git.resolve("main") == second
    assert git.parent(second) == git.merge_base(first, second) == first
    assert git.parent(first) is None
    assert git.resolve("absent") is git.resolve("--all") is git.resolve("") is None
    assert git.author() == git.identity() == "Ann Example <ann@example.com>"
    assert git.commit_time() == int(repo.git("log", "-1", "--format=%ct"))


def test_a_graft_hides_no_commit(repo: Repo) -> None:
    first = repo.commit()
    second = repo.commit()
    third = repo.commit()
    (repo.root / ".git" / "info").mkdir(exist_ok=True)
    (repo.root / ".git" / "info" / "grafts").write_text(f"{third} {first}\n")
    git = repo.ask()
    assert (git.parent(third), git.merge_base(second, third)) == (second, second)
    assert git.ask("log", "--format=%H").stdout.split()[1] == second.encode()
    assert git.ask("log").stderr == b""


def test_without_an_address_nobody_is_named(repo: Repo) -> None:
    assert Git(repo.root, {**repo.environ, "GIT_CONFIG_GLOBAL": "/dev/null"}).identity() is None


def test_a_linked_work_tree_shares_its_folder(repo: Repo, tmp_path: Path) -> None:
    repo.commit()
    repo.git("worktree", "add", "--quiet", str(tmp_path / "line\nbreak"), "-b", "side")
    linked = Git(tmp_path / "line\nbreak", repo.environ)
    assert linked.toplevel() == tmp_path / "line\nbreak"
    assert linked.common_dir() == repo.root / ".git" == repo.ask().git_dir()
    assert linked.git_dir() != linked.common_dir()


def test_odd_names_come_through_and_nothing_is_a_pattern(repo: Repo) -> None:
    for name in ODD:
        repo.write(name, "x")
    git = repo.ask()
    assert set(git.untracked()) == set(git.ls_files(untracked=True)) == set(ODD)
    assert git.ls_files() == ()
    repo.commit()
    repo.write("src/new.py")
    assert set(git.ls_files()) == set(ODD)
    assert git.ls_files([":(top)y", "*.py"]) == (":(top)y",)
    assert git.untracked() == git.ls_files(["src"], untracked=True) == ("src/new.py",)
    assert Git(repo.root / "src", repo.environ).ls_files(untracked=True) == ("new.py",)


def test_the_index_is_never_written(repo: Repo) -> None:
    path = repo.write("a", "x")
    repo.commit()
    index = repo.root / ".git" / "index"
    before = index.read_bytes()
    os.utime(path, ns=(10**18, 10**18))
    assert not repo.ask().is_dirty()
    assert index.read_bytes() == before


def test_what_is_tracked_is_told_by_absolute_path(repo: Repo, tmp_path: Path) -> None:
    repo.write("src/a.py")
    (repo.root / "link").symlink_to("src")
    repo.commit()
    repo.write("out/report.xml")
    git = repo.ask()
    assert git.is_tracked(repo.root / "src" / "a.py")
    assert git.is_tracked(repo.root / "src")
    assert git.is_tracked(repo.root / "link")
    assert not git.is_tracked(repo.root / "out" / "report.xml")
    assert not git.is_tracked(repo.root / "out")
    assert not git.is_tracked(tmp_path)


def test_what_head_has_of_a_file_is_told(repo: Repo) -> None:
    assert repo.ask().committed("svc/a") is None
    repo.write("svc/a", b"one\r\n\xff")
    repo.git("add", "--intent-to-add", "svc/a")
    repo.commit()
    repo.write("svc/a", "two")
    assert Git(repo.root / "svc", repo.environ).committed("a") == b"one\r\n\xff"
    assert repo.ask().committed("a") is None


def test_answers_that_the_checkout_brings_are_named(repo: Repo) -> None:
    repo.write("services/a/gates.yaml")
    repo.commit()
    git = Git(repo.root / "services" / "a", repo.environ)
    assert git.tracked_forbidden() == ()
    names = ["node_modules/x.js", "services/.venv/bin/ruff", "services/a/.gates/local/run.json"]
    for name in [*names, "services/a/.gates/waivers.yaml", "services/b/.venv/cfg"]:
        repo.write(name)
    repo.commit()
    assert git.tracked_forbidden() == tuple(names)


def test_a_tracked_link_in_place_of_an_environment_is_named(repo: Repo) -> None:
    (repo.root / ".venv").symlink_to("tools")
    repo.commit()
    assert repo.ask().tracked_forbidden() == (".venv",)


def test_files_that_differ_are_listed_whatever_hides_them(repo: Repo) -> None:
    for name in ("staged", "changed", "deleted", "hidden", "sparse", "same"):
        repo.write(name, "x")
    repo.commit()
    repo.write("staged", "y")
    repo.git("add", "staged")
    repo.write("changed", "y")
    (repo.root / "deleted").unlink()
    repo.git("update-index", "--assume-unchanged", "hidden")
    repo.git("update-index", "--skip-worktree", "sparse")
    repo.write("hidden", "y")
    repo.write("folder/new file", "y")
    git = repo.ask()
    assert git.is_dirty()
    wanted = ["changed", "deleted", "folder/new file", "hidden", "sparse", "staged"]
    assert git.dirty_paths() == tuple(repo.root / name for name in wanted)
    assert git.unwatched() == ("hidden", "sparse")
    (repo.root / "sparse").unlink()
    assert git.unwatched() == ("hidden",)
    inner = Git(repo.root / "folder", repo.environ)
    assert inner.dirty_paths() == tuple(repo.root / name for name in wanted if name != "sparse")


def test_a_setting_that_trusts_times_hides_nothing(repo: Repo) -> None:
    path = repo.write("a", "x")
    repo.commit()
    repo.git("config", "core.trustctime", "false")
    repo.git("config", "core.checkStat", "minimal")
    repo.git("config", "core.fsmonitor", "true")
    repo.git("status")
    found = path.stat()
    path.write_bytes(b"y")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert repo.ask().is_dirty()


def test_a_conflict_is_dirty(repo: Repo) -> None:
    repo.write("a", "base\n")
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "side")
    repo.write("a", "side\n")
    repo.commit()
    repo.git("checkout", "--quiet", "main")
    repo.write("a", "main\n")
    repo.commit()
    with pytest.raises(Exception, match="merge"):
        repo.git("merge", "--quiet", "side")
    assert repo.ask().dirty_paths() == (repo.root / "a",)


def test_a_git_that_is_killed_is_an_error(repo: Repo, tmp_path: Path) -> None:
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(
        '#!/bin/sh\ncase "$*" in *toplevel*) exec /usr/bin/env -i PATH="$REAL" git "$@";; esac\n'
        "kill -KILL $$\n".replace("$REAL", os.environ["PATH"])
    )
    fake.chmod(0o755)
    git = Git(repo.root, {**repo.environ, "PATH": f"{fake.parent}:{repo.environ['PATH']}"})
    assert git.toplevel() == repo.root
    with pytest.raises(ToolCrashed, match="ended with -9"):
        git.head()
    with pytest.raises(ToolCrashed, match="ended with -9"):
        git.is_dirty()


@pytest.mark.parametrize("answer", ["", "echo /somewhere"])
def test_a_program_that_is_no_git_is_an_error(repo: Repo, tmp_path: Path, answer: str) -> None:
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\n{answer}\n")
    fake.chmod(0o755)
    with pytest.raises(ToolCrashed, match="does not say where the repository is"):
        Git(repo.root, {**repo.environ, "PATH": str(fake.parent)}).toplevel()


@pytest.mark.parametrize("call", ["names", "text"])
def test_an_answer_that_git_calls_a_failure_is_an_error(repo: Repo, call: str) -> None:
    git = repo.ask()
    git.toplevel()
    with pytest.raises(ToolCrashed, match="ended with 1"):
        {"names": git._names, "text": git._text}[call]("config", "absent.key")
