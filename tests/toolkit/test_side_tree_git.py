import os
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
    assert plumbing.strangers() == ()
    (plumbing.work_tree / "b").mkdir()
    assert plumbing.strangers() == ("b/",)
    assert plumbing.changed() == ()
    (plumbing.work_tree / "a.txt").unlink()
    assert plumbing.changed() == ("a.txt",)


def test_what_git_cannot_do_is_told_in_its_words(plumbing: Plumbing) -> None:
    with pytest.raises(ToolCrashed, match="read-tree"):
        plumbing.become("0" * 40)


def test_in_doubt_the_attributes_differ(plumbing: Plumbing) -> None:
    assert plumbing.has_other_attributes("0" * 40, "HEAD")
    assert not plumbing.has_other_attributes("HEAD", "HEAD")


def test_a_filter_that_does_not_write_the_same_twice_is_an_error(
    plumbing: Plumbing, repo: Repo
) -> None:
    # What it writes differs each time, so nobody knows what is judged.
    repo.git("config", "filter.odd.smudge", "cat; echo $$")
    repo.git("config", "filter.odd.clean", "cat")
    repo.write(".gitattributes", "*.txt filter=odd\n")
    repo.git("add", ".gitattributes")
    repo.git("commit", "-qm", "x")
    with pytest.raises(ToolCrashed, match=r"`a\.txt` differs"):
        plumbing.become("HEAD^{tree}")


def test_a_filter_that_fails_is_an_error(plumbing: Plumbing, repo: Repo) -> None:
    repo.git("config", "filter.odd.smudge", "false")
    repo.git("config", "filter.odd.clean", "cat")
    repo.git("config", "filter.odd.required", "true")
    repo.write(".gitattributes", "*.txt filter=odd\n")
    repo.git("add", ".gitattributes")
    repo.git("commit", "-qm", "x")
    with pytest.raises(ToolCrashed, match="filter"):
        plumbing.become("HEAD^{tree}")


def test_a_file_that_git_itself_writes_so_does_not_differ(plumbing: Plumbing, repo: Repo) -> None:
    # Stored with line ends that the attribute, which came later, never stores.
    repo.write("b.txt", "b\r\n")
    repo.commit()
    repo.write(".gitattributes", "*.txt text\n")
    repo.git("add", ".gitattributes")
    repo.git("commit", "-qm", "x")
    plumbing.become("HEAD^{tree}")
    assert "b.txt" in str(plumbing.run("ls-files", "--modified"))
    assert plumbing.strangers() == plumbing.changed() == ()
    (plumbing.work_tree / "b.txt").chmod(0o755)
    assert plumbing.changed() == ("b.txt",)
    (plumbing.work_tree / "b.txt").chmod(0o644)
    (plumbing.work_tree / "b.txt").write_bytes(b"c\r\n")
    assert plumbing.changed() == ("b.txt",)
    (plumbing.work_tree / "b.txt").unlink()
    (plumbing.work_tree / "b.txt").symlink_to("a.txt")
    assert plumbing.changed() == ("b.txt",)
    assert [path.name for path in plumbing.index.parent.glob("*.again")] == []


def test_what_git_does_not_see_is_removed_too(plumbing: Plumbing, repo: Repo) -> None:
    plumbing.become("HEAD^{tree}")
    (plumbing.work_tree / "deep").mkdir()
    os.mkfifo(plumbing.work_tree / "deep" / "pipe")
    os.mkfifo(plumbing.work_tree / "pipe")
    (plumbing.work_tree / "out").symlink_to(repo.root)
    assert set(plumbing.strangers()) == {"deep/", "out", "pipe", "deep/pipe"}
    plumbing.become("HEAD^{tree}")
    assert plumbing.strangers() == ()
    assert (repo.root / "a.txt").exists()


def test_a_name_that_differs_in_case_alone_is_another(plumbing: Plumbing, repo: Repo) -> None:
    repo.git("config", "core.ignoreCase", "true")
    plumbing.become("HEAD^{tree}")
    (plumbing.work_tree / "A.txt").write_text("left by an earlier run")
    assert plumbing.strangers() == ("A.txt",)
