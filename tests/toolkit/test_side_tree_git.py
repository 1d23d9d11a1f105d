from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import ToolCrashed
from gates.toolkit.side_tree_git import Plumbing


@pytest.fixture
def plumbing(repo: Repo, tmp_path: Path) -> Plumbing:
    repo.write("a.txt", "a\n")
    repo.commit()
    program, env = repo.ask().command()
    files = tmp_path / "files"
    files.mkdir()
    return Plumbing(program, env, repo.root / ".git", files, tmp_path / "index")


def test_it_becomes_a_tree_and_tells_what_differs(plumbing: Plumbing) -> None:
    plumbing.become("HEAD^{tree}")
    assert [name for _, _, name in plumbing.entries()] == ["a.txt"]
    assert plumbing.strangers() == b""
    (plumbing.work_tree / "b").mkdir()
    assert plumbing.strangers() == b"b/\0"


def test_what_git_cannot_do_is_told_in_its_words(plumbing: Plumbing) -> None:
    with pytest.raises(ToolCrashed, match="read-tree"):
        plumbing.become("0" * 40)


def test_in_doubt_the_attributes_differ(plumbing: Plumbing) -> None:
    assert plumbing.has_other_attributes("0" * 40, "HEAD")
    assert not plumbing.has_other_attributes("HEAD", "HEAD")


def test_a_filter_that_gives_back_something_else_is_an_error(
    plumbing: Plumbing, repo: Repo
) -> None:
    # What it writes into the tree is cleaned to other bytes than those that were stored.
    repo.git("config", "filter.odd.smudge", "cat; echo x; rm -f a.txt")
    repo.git("config", "filter.odd.clean", "cat")
    repo.git("config", "filter.odd.required", "true")
    repo.git("config", "filter.odd.smudge", "false")
    repo.write(".gitattributes", "*.txt filter=odd\n")
    repo.git("add", ".gitattributes")
    repo.git("commit", "-qm", "x")
    with pytest.raises(ToolCrashed, match="filter"):
        plumbing.become("HEAD^{tree}")
