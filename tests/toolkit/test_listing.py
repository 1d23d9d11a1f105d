from __future__ import annotations

import os
from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import ToolCrashed
from gates.toolkit.git import Git
from gates.toolkit.listing import Listing, listing

LATIN = os.fsdecode(b"latin\xe9.py")


def test_outside_a_repository_nothing_is_listed(
    tmp_path: Path, git_environ: dict[str, str]
) -> None:
    (tmp_path / "a.py").touch()
    assert listing(Git(tmp_path, git_environ)) == Listing()


def test_one_question_tells_what_several_told(repo: Repo) -> None:
    repo.write(".gitignore", "*.log\n")
    for name in ("a.py", "H x.py", "line\nbreak.py", LATIN, "shop/b.py", "hidden", "sparse", "off"):
        repo.write(name)
    repo.commit()
    repo.git("update-index", "--assume-unchanged", "hidden", "off")
    repo.git("update-index", "--skip-worktree", "sparse")
    (repo.root / "off").unlink()
    for name in ("? new.py", "shop/new.py", "x.log"):
        repo.write(name)
    repo.git("init", "--quiet", "inner")
    repo.write("inner/x.py")

    for git in (repo.ask(), repo.ask().at(repo.root / "shop")):
        found = listing(git)
        assert found.tracked == git.ls_files()
        assert found.untracked == git.untracked()
        assert found.unwatched == git.unwatched()
        assert found.names == git.ls_files(untracked=True)

    found = listing(repo.ask())
    assert found.unwatched == ("hidden", "sparse")
    assert found.untracked == ("? new.py", "inner/", "shop/new.py")
    assert LATIN in found.tracked


def test_both_marks_of_one_file_hide_it(repo: Repo) -> None:
    repo.write("a")
    repo.commit()
    repo.git("update-index", "--skip-worktree", "a")
    repo.git("update-index", "--assume-unchanged", "a")
    assert listing(repo.ask()).unwatched == ("a",)


def test_a_file_with_conflicts_is_named_once(repo: Repo) -> None:
    repo.write("a", "1\n")
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "other")
    repo.write("a", "2\n")
    repo.commit()
    repo.git("checkout", "--quiet", "-")
    repo.write("a", "3\n")
    repo.commit()
    with pytest.raises(Exception, match="merge"):
        repo.git("merge", "other")
    assert listing(repo.ask()) == Listing(tracked=("a",))


def test_a_git_that_cannot_look_is_an_error(repo: Repo) -> None:
    git = repo.ask()
    assert git.toplevel() == repo.root
    (repo.root / ".git" / "index").write_bytes(b"broken")
    with pytest.raises(ToolCrashed, match="ls-files"):
        listing(git)
