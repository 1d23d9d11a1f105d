import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import StageError, ToolCrashed
from gates.toolkit.side_tree import Kept, SideTree, committed, index_of, staged, work_trees


@pytest.fixture
def made(repo: Repo, tmp_path: Path) -> Repo:
    repo.environ["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    repo.write("a.txt", "a\n")
    repo.write("pkg/b.txt", "b\n")
    repo.commit()
    return repo


def taken(repo: Repo, environ: Mapping[str, str] | None = None) -> SideTree:
    with staged(repo.ask(), {**repo.environ, **(environ or {})}) as side:
        return side


def files(side: SideTree) -> dict[str, str]:
    found = (path for path in side.top.rglob("*") if path.is_file() and path.name != ".git")
    return {str(path.relative_to(side.top)): path.read_text() for path in found}


def test_it_holds_what_is_staged(made: Repo) -> None:
    assert files(taken(made)) == {"a.txt": "a\n", "pkg/b.txt": "b\n"}
    made.write("a.txt", "staged\n")
    (made.root / "pkg/b.txt").unlink()
    made.git("add", "-A")
    made.write("a.txt", "unstaged\n")
    made.write("new.txt", "untracked\n")
    side = taken(made)
    assert files(side) == {"a.txt": "staged\n"}
    assert side.tree == made.git("write-tree")
    assert side.commit == made.git("rev-parse", "HEAD")


def test_whatever_lies_there_is_removed_or_put_right(made: Repo) -> None:
    side = taken(made)
    made.write(".gitignore", "*.pyc\n")
    made.git("add", "-A")
    (side.top / "a.txt").write_text("b\n")
    (side.top / "pkg" / "b.txt").unlink()
    (side.top / "pkg" / "b.txt").mkdir()
    (side.top / "pkg" / "x.pyc").write_text("x")
    (side.top / "empty").mkdir()
    (side.top / "empty").chmod(0)
    (side.top / ".git").unlink()
    (side.top / ".git").mkdir()
    subprocess.run(["/usr/bin/env", "git", "init", "-q", str(side.top / "nested")], check=True)
    again = taken(made)
    assert files(again) == {".gitignore": "*.pyc\n", "a.txt": "a\n", "pkg/b.txt": "b\n"}
    assert not (side.top / "empty").exists()
    assert not (side.top / "nested").exists()


def test_a_file_that_was_marked_as_unchanged_is_put_right_too(made: Repo) -> None:
    side = taken(made)
    inside = Repo(side.top, made.environ)
    inside.git("update-index", "--skip-worktree", "a.txt")
    (side.top / "a.txt").write_text("spoilt\n")
    assert files(taken(made))["a.txt"] == "a\n"


def test_a_run_that_ended_in_the_middle_leaves_no_doubt(made: Repo) -> None:
    side = taken(made)
    slot = side.imports.parent
    (slot / "index.lock").write_text("")
    (slot / "git" / "index.lock").write_text("")
    (slot / "state.json").unlink()
    (side.top / "a.txt").write_text("half")
    assert files(taken(made))["a.txt"] == "a\n"


def test_other_attributes_write_all_files_anew(made: Repo) -> None:
    taken(made)
    made.write(".gitattributes", "*.txt text eol=crlf\n")
    made.git("add", "-A")
    assert (taken(made).top / "pkg" / "b.txt").read_bytes() == b"b\r\n"


def test_an_index_that_git_names_is_taken(made: Repo) -> None:
    other = made.root / ".git" / "next-index-1.lock"
    made.environ["GIT_INDEX_FILE"] = str(other)
    made.write("c.txt", "c\n")
    made.git("read-tree", "HEAD")
    made.git("add", "c.txt")
    del made.environ["GIT_INDEX_FILE"]
    named = {"GIT_INDEX_FILE": ".git/next-index-1.lock"}
    assert "c.txt" in files(taken(made, named))
    assert "c.txt" not in files(taken(made))
    assert index_of(made.ask(), {**named, "GIT_DIR": ".git"}) == other


def test_an_index_that_the_hook_of_another_repository_left_is_not_taken(
    made: Repo, tmp_path: Path
) -> None:
    another = Repo(tmp_path / "another", made.environ)
    another.root.mkdir()
    another.git("init", "-q")
    own = made.root / ".git" / "index"
    left = str(another.root / ".git" / "next-index-1.lock")
    assert index_of(made.ask(), {"GIT_INDEX_FILE": left}) == own
    # `.git` of a linked work tree is a file.
    linked = tmp_path / "linked"
    made.git("worktree", "add", "-q", str(linked))
    found = index_of(made.ask().at(linked), {"GIT_INDEX_FILE": ".git/index"})
    assert found == made.root / ".git" / "worktrees" / "linked" / "index"
    # Anybody may keep one outside all of them.
    kept = str(tmp_path / "index")
    assert index_of(made.ask(), {"GIT_INDEX_FILE": kept}) == Path(kept)


def test_a_link_into_the_working_tree_is_refused(made: Repo) -> None:
    (made.root / "there").symlink_to(made.root / "pkg")
    made.git("add", "there")
    for _ in range(2):
        with pytest.raises(StageError, match="`there` leads into your working tree"):
            taken(made)
    (made.root / "there").unlink()
    (made.root / "there").symlink_to("pkg")
    made.git("add", "there")
    assert (taken(made).top / "there" / "b.txt").read_text() == "b\n"


def test_settings_that_hold_for_the_place_of_the_repository_count(
    made: Repo, tmp_path: Path
) -> None:
    settings = tmp_path / "settings"
    settings.write_text('[filter "loud"]\n\tsmudge = tr a-z A-Z\n\tclean = tr A-Z a-z\n')
    made.git("config", "--global", f"includeIf.gitdir:{made.root}/.path", str(settings))
    made.write(".gitattributes", "*.txt filter=loud\n")
    made.git("add", "-A")
    assert (taken(made).top / "a.txt").read_text() == "A\n"


def test_flags_of_the_users_index_hide_nothing(made: Repo) -> None:
    made.git("update-index", "--assume-unchanged", "a.txt")
    made.git("update-index", "--skip-worktree", "pkg/b.txt")
    (made.root / "pkg/b.txt").unlink()
    before = (made.root / ".git" / "index").read_bytes()
    assert files(taken(made)) == {"a.txt": "a\n", "pkg/b.txt": "b\n"}
    assert (made.root / ".git" / "index").read_bytes() == before


def test_git_does_not_know_of_it_and_does_not_break_it(made: Repo) -> None:
    side = taken(made)
    assert made.git("worktree", "list").count("\n") == 0
    made.git("gc", "--quiet", "--prune=now")
    made.git("worktree", "prune")
    inside = Repo(side.top, made.environ)
    assert inside.git("rev-parse", "HEAD") == made.git("rev-parse", "HEAD")
    assert inside.git("status", "--porcelain", "--ignored") == ""
    assert inside.git("rev-parse", "--show-toplevel") == str(side.top)


def test_before_the_first_commit_there_is_no_head(repo: Repo, tmp_path: Path) -> None:
    repo.environ["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    assert files(taken(repo)) == {}
    repo.write("a.txt", "a")
    repo.git("add", "-A")
    side = taken(repo)
    assert (side.commit, files(side)) == (None, {"a.txt": "a"})
    inside = Repo(side.top, repo.environ)
    assert inside.git("status", "--porcelain") == "A  a.txt"
    inside.git("commit", "-qm", "by a test")
    assert repo.git("for-each-ref") == ""


def test_a_commit_can_be_taken_in_place_of_the_index(made: Repo) -> None:
    first = made.git("rev-parse", "HEAD")
    made.write("a.txt", "later\n")
    made.commit()
    with committed(made.ask(), first, made.environ) as side:
        assert files(side)["a.txt"] == "a\n"
        assert Repo(side.top, made.environ).git("rev-parse", "HEAD") == first


def test_paths_of_the_two_trees_belong_together(made: Repo) -> None:
    side = taken(made)
    assert side.home(side.top / "pkg") == made.root / "pkg"
    assert side.at(made.root / "pkg") == side.top / "pkg"
    assert side.at(made.root / "absent" / "x") == side.top
    assert side.told(f"{side.top}/a.txt is bad") == f"{made.root}/a.txt is bad"


def test_a_folder_that_is_a_link_where_it_is_judged_is_not_entered(
    made: Repo, tmp_path: Path
) -> None:
    (made.root / "out").symlink_to(tmp_path)
    made.git("add", "out")
    (made.root / "out").unlink()
    (made.root / "out").mkdir()
    side = taken(made)
    assert (side.top / "out").is_symlink()
    assert side.at(made.root / "out") == side.top


def test_where_there_is_no_repository_there_is_no_index(tmp_path: Path, repo: Repo) -> None:
    with pytest.raises(StageError, match="no git repository"):
        taken(Repo(tmp_path, repo.environ))


def test_objects_that_are_gone_are_an_error(made: Repo) -> None:
    blob = made.git("rev-parse", ":a.txt")
    made.write("z.txt", "z\n")
    made.git("add", "-A")
    (made.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(ToolCrashed):
        taken(made)


def test_what_was_kept_is_read_back_or_not_at_all(tmp_path: Path) -> None:
    kept = Kept("t", "s", {os.fsdecode(b"\xff"): "c"}, ("", "web"))
    path = tmp_path / "state.json"
    path.write_text(kept.text())
    assert Kept.read(path) == kept
    assert kept.made == ("node_modules", "web/node_modules")
    for text in ("{", "[]", json.dumps({"tree": 1})):
        path.write_text(text)
        assert Kept.read(path) == Kept()


def test_all_work_trees_are_known(made: Repo, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    made.git("worktree", "add", "-q", str(linked))
    common = made.root / ".git"
    assert work_trees(made.root, common) == (made.root, linked)
    assert work_trees(linked, common) == (linked, made.root)
