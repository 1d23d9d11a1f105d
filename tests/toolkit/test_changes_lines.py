from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.domain.errors import StageError
from gates.toolkit.changes import Base, ChangedFile, changed_lines
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


def changes(repo: Repo, commit: str, folder: str = "") -> Mapping[str, ChangedFile]:
    git = repo.ask()
    return changed_lines(git, Base(commit, "test"), repo.root / folder).files


def test_staged_unstaged_and_untracked_lines_count(repo: Repo) -> None:
    repo.write("a.py", "1\n2\n3\n4\n5\n")
    repo.write("gone.py", "1\n")
    repo.write("same.py", "1\n")
    first = repo.commit()
    repo.write("a.py", "1\ntwo\n3\n4\n5\nsix")
    repo.git("add", "a.py")
    repo.write("a.py", "zero\n1\ntwo\n3\n4\n5\nsix")
    (repo.root / "gone.py").unlink()
    repo.write("new.py", "1\n2")
    repo.write("empty.py")
    repo.write(".gitignore", "ignored.py\n")
    repo.write("ignored.py", "1\n")
    found = changes(repo, first)
    assert list(found) == [".gitignore", "a.py", "empty.py", "gone.py", "new.py"]
    assert found["a.py"] == ChangedFile("a.py", "M", ((1, 1), (3, 3), (7, 7)))
    assert found["a.py"].lines() == {1, 3, 7}
    assert 3 in found["a.py"]
    assert 4 not in found["a.py"]
    assert found["gone.py"] == ChangedFile("gone.py", "D")
    assert found["new.py"] == ChangedFile("new.py", "A", ((1, 2),))
    assert found["empty.py"] == ChangedFile("empty.py", "A")


def test_lines_of_a_file_that_did_not_change_are_none(repo: Repo) -> None:
    repo.write("a.py", "1\n")
    first = repo.commit()
    repo.write("a.py", "2\n")
    change = changed_lines(repo.ask(), Base(first, "test"))
    assert change.lines("a.py") == {1}
    assert change.lines("b.py") == frozenset()


def test_only_removed_lines_add_none(repo: Repo) -> None:
    repo.write("a.py", "1\n2\n3\n")
    first = repo.commit()
    repo.write("a.py", "1\n3\n")
    assert changes(repo, first)["a.py"] == ChangedFile("a.py", "M")


def test_a_renamed_file_is_judged_by_the_lines_it_changed(repo: Repo) -> None:
    repo.write("old name.py", "".join(f"line {number}\n" for number in range(20)))
    repo.write("moved.py", "".join(f"other {number}\n" for number in range(20)))
    first = repo.commit()
    repo.git("mv", "old name.py", "new name.py")
    repo.git("mv", "moved.py", "elsewhere.py")
    with (repo.root / "new name.py").open("a") as handle:
        handle.write("more\n")
    found = changes(repo, first)
    assert found["new name.py"] == ChangedFile("new name.py", "R", ((21, 21),))
    assert found["elsewhere.py"] == ChangedFile("elsewhere.py", "R")
    assert "old name.py" not in found


def test_a_change_of_mode_adds_no_line(repo: Repo) -> None:
    path = repo.write('odd "name.py', "1\n")
    first = repo.commit()
    path.chmod(0o755)
    assert list(changes(repo, first).values()) == [ChangedFile('odd "name.py', "M")]


ODD = [
    "a b.py", 'quo"te.py', "tab\t.py", "line\nbreak.py", "b/b/b.py", "gr\u00fc\u00df.py",
    "back\\slash.py", os.fsdecode(b"latin\xe9.py"),
]  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_names_come_through(repo: Repo, name: str) -> None:
    repo.write(name, "1\n")
    first = repo.commit()
    repo.write(name, "1\n2\n")
    repo.write(f"x{name}", "1\n")
    assert changes(repo, first) == {
        name: ChangedFile(name, "M", ((2, 2),)),
        f"x{name}": ChangedFile(f"x{name}", "A", ((1, 1),)),
    }


def test_content_cannot_fake_a_header(repo: Repo) -> None:
    repo.write("a.py", "x\n")
    first = repo.commit()
    repo.write("a.py", "+++ b/other.py\ndiff --git a/o b/o\n@@ -1 +1,9 @@\n-- a\n:x\n\\ No newline")
    assert changes(repo, first) == {"a.py": ChangedFile("a.py", "M", ((1, 6),))}


def test_what_git_calls_binary_and_holds_text_counts_wholly(repo: Repo) -> None:
    repo.write(".gitattributes", "*.py -diff\n")
    repo.write("a b.py", "1\n2\n")
    repo.write("b.bin", b"\0")
    first = repo.commit()
    repo.write("a b.py", "1\n2\n3\n")
    repo.write("b.bin", b"\0\n\0")
    repo.write("c.bin", b"\0\n\0")
    assert changes(repo, first) == {
        "a b.py": ChangedFile("a b.py", "M", ((1, 3),)),
        "b.bin": ChangedFile("b.bin", "M", is_binary=True),
        "c.bin": ChangedFile("c.bin", "A", is_binary=True),
    }


def test_line_ends_of_dos_count_as_lines_do(repo: Repo) -> None:
    repo.write("a.py", b"1\r\n2\r\n")
    first = repo.commit()
    repo.write("a.py", b"1\r\ntwo\r\n3\r\n")
    assert changes(repo, first)["a.py"].added == ((2, 3),)


def test_lone_carriage_returns_make_the_whole_file_count(repo: Repo) -> None:
    repo.write("a.py", b"1\r2\n3\n")
    first = repo.commit()
    repo.write("a.py", b"1\r2\n3\n4\n")
    assert changes(repo, first)["a.py"].added == ((1, 4),)


def test_hidden_files_count_wholly_and_unmerged_ones_as_they_lie_there(repo: Repo) -> None:
    repo.write("hidden.py", "1\n2\n")
    repo.write("both.py", "base\n")
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "side")
    repo.write("both.py", "side\n")
    repo.commit()
    repo.git("checkout", "--quiet", "main")
    repo.write("both.py", "main\n")
    last = repo.commit()
    with pytest.raises(subprocess.CalledProcessError):
        repo.git("merge", "--quiet", "side")
    repo.git("update-index", "--assume-unchanged", "hidden.py")
    found = changes(repo, last)
    assert found["both.py"].lines() == {1, 3, 4, 5}  # the second is the base's own
    assert found["hidden.py"].lines() == {1, 2}


def test_links_and_inner_repositories_have_no_lines(repo: Repo) -> None:
    repo.write("a", "1\n")
    first = repo.commit()
    (repo.root / "link").symlink_to("a")
    (repo.root / "new link").symlink_to("a")
    for name in ("inner", "untracked"):
        repo.git("init", "--quiet", name)
        repo.git("-C", name, "commit", "--quiet", "--allow-empty", "-m", "x")
    repo.git("-c", "advice.addEmbeddedRepo=false", "add", "inner", "link")
    (repo.root / "a").unlink()
    (repo.root / "a").symlink_to("link")
    found = changes(repo, first)
    assert {name: (one.added, one.is_binary) for name, one in found.items()} == dict.fromkeys(
        ["a", "inner", "link", "new link", "untracked/"], ((), True)
    )


def test_a_folder_below_the_top_sees_only_itself(repo: Repo) -> None:
    repo.write("services/a/x.py", "1\n")
    repo.write("services/b/x.py", "1\n")
    first = repo.commit()
    for name in ("services/a/x.py", "services/b/x.py", "services/a/new.py", "services/b/new.py"):
        repo.write(name, "1\n2\n")
    found = changes(repo, first, "services/a")
    assert list(found) == ["new.py", "x.py"]
    assert found["x.py"].added == ((2, 2),)


def test_the_users_settings_change_nothing(repo: Repo) -> None:
    repo.write("a.py", "1\n2\n3\n4\n")
    first = repo.commit()
    repo.write("a.py", "1\ntwo\n3\nfour\n")
    for setting in (
        "diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.external=/bin/false",
        "diff.context=9", "diff.interHunkContext=9", "color.ui=always", "core.quotePath=false",
        "core.pager=/bin/false", "diff.renames=false", "diff.wsErrorHighlight=all",
        "diff.colorMoved=zebra", "diff.submodule=log", "diff.algorithm=patience",
        "diff.x.textconv=/bin/false", "diff.orderFile=/dev/null",
    ):  # fmt: skip
        name, _, value = setting.partition("=")
        repo.git("config", name, value)
    repo.write(".git/info/attributes", "*.py diff=x\n")
    assert changes(repo, first)["a.py"].added == ((2, 2), (4, 4))


def test_a_changed_file_that_cannot_be_read_is_an_error(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = repo.commit()
    repo.write("a.py", "1\n")

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(StageError, match="Permission denied"):
        changes(repo, first)


texts = st.lists(st.sampled_from(["a", "b", "+", "-", "@@ -1 +1 @@", "", "\\ x"]), max_size=12)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(old=texts, new=texts)
def test_taking_the_added_lines_away_leaves_lines_of_the_old_file(
    repo: Repo, old: list[str], new: list[str]
) -> None:
    before, after = "\n".join(old), "\n".join(new)
    repo.write("a.py", before)
    first = repo.commit()
    repo.write("a.py", after)
    changed = changes(repo, first).get("a.py", ChangedFile("a.py", "M"))
    kept = iter(line for number, line in enumerate(after.splitlines(), 1) if number not in changed)
    was = iter(before.splitlines())
    assert all(line in was for line in kept)
