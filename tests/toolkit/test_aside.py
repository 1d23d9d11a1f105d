from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from gates.domain.errors import StageError
from gates.toolkit.aside import Aside, aside


class Repo(Protocol):
    @property
    def root(self) -> Path: ...
    def git(self, *arguments: str) -> str: ...
    def write(self, name: str, text: str | bytes = "") -> Path: ...
    def commit(self, message: str = "a commit") -> str: ...


NOTHING = Aside(links=(), repositories=(), deleted=(), withheld=())


def test_regular_files_are_none_of_it(repo: Repo) -> None:
    repo.write("a.py")
    repo.commit()
    repo.write("new.py")

    assert aside(repo.root) == NOTHING


def test_links_repositories_and_deleted_files_are_told(repo: Repo) -> None:
    repo.write("a.py")
    repo.write("gone/b.py")
    (repo.root / "link").symlink_to("a.py")
    (repo.root / "dangling").symlink_to("nothing")
    repo.commit()
    repo.git("init", "--quiet", "nested")
    repo.write("nested/c.py")
    (repo.root / "gone/b.py").unlink()
    (repo.root / "gone").rmdir()
    repo.write("gone", "a file where a folder was")

    assert aside(repo.root) == Aside(
        links=("dangling", "link"),
        repositories=("nested",),
        deleted=("gone/b.py",),
        withheld=(),
    )


@pytest.mark.parametrize("how", ["--skip-worktree", "--assume-unchanged"])
def test_what_git_was_told_not_to_look_at_is_withheld(repo: Repo, how: str) -> None:
    for name in ("a.py", "sub/b.py", "sub/c.py", "d.py"):
        repo.write(name)
    repo.commit()
    repo.git("update-index", how, "a.py", "sub/b.py", "sub/c.py")
    for name in ("sub/b.py", "sub/c.py", "d.py"):
        (repo.root / name).unlink()

    found = aside(repo.root)

    assert (found.withheld, found.deleted) == (("sub/b.py", "sub/c.py"), ("d.py",))
    assert aside(repo.root / "sub").withheld == ("b.py", "c.py")
    with pytest.raises(
        StageError, match=r"`sub/b\.py` is in version control and not .*, and 1 more"
    ):
        found.refuse_withheld()


def test_a_single_file_that_is_withheld_is_an_error_with_a_next_step() -> None:
    with pytest.raises(StageError) as caught:
        Aside(links=(), repositories=(), deleted=(), withheld=("a.py",)).refuse_withheld()

    assert (caught.value.problem.slug, caught.value.problem.place) == ("file-unreadable", "a.py")
    assert "more" not in caught.value.problem.summary
    assert "sparse-checkout disable" in caught.value.problem.hint
    NOTHING.refuse_withheld()


def test_what_is_not_meant_is_left_out() -> None:
    whole = Aside(
        links=("a", "sub/b"), repositories=("c", "sub/d"), deleted=("sub/e",), withheld=("sub/f",)
    )

    assert whole.without(("./sub/",)) == Aside(
        links=("a",), repositories=("c",), deleted=(), withheld=()
    )
    assert whole.within({"sub/b", "c/"}) == Aside(
        links=("sub/b",), repositories=("c",), deleted=(), withheld=()
    )
