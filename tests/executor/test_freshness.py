import os
from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import OutputUnreadable
from gates.executor.freshness import read_given

REPORT = "out/junit.xml"


def given(repo: Repo, **more: frozenset[str]) -> bytes:
    return read_given(repo.root, repo.ask(), REPORT, max_bytes=1000, **more).data


@pytest.fixture
def tree(repo: Repo) -> Repo:
    repo.write(".gitignore", "out/\n")
    repo.write("a.py", "x = 1\n")
    repo.write("lib/b.py", "y = 1\n")
    repo.commit()
    repo.write(REPORT, "<testsuites/>")
    return repo


def age(path: Path, seconds: int) -> None:
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + seconds * 10**9))


def test_a_report_of_this_tree_is_read(tree: Repo) -> None:
    assert given(tree) == b"<testsuites/>"


def test_a_report_older_than_head_is_stale(tree: Repo) -> None:
    age(tree.root / REPORT, -3600)
    with pytest.raises(OutputUnreadable, match="older than HEAD"):
        given(tree)


def test_a_report_older_than_a_changed_file_is_stale(tree: Repo) -> None:
    tree.write("a.py", "x = 2\n")
    age(tree.root / "a.py", 60)
    with pytest.raises(OutputUnreadable, match=r"older than `a\.py`"):
        given(tree)


def test_a_report_older_than_a_new_file_is_stale(tree: Repo) -> None:
    age(tree.write("new.py", "z = 1\n"), 60)
    with pytest.raises(OutputUnreadable, match=r"older than `new\.py`"):
        given(tree)


def test_a_report_older_than_a_deletion_is_stale(tree: Repo) -> None:
    (tree.root / "lib" / "b.py").unlink()
    age(tree.root / "lib", 60)
    with pytest.raises(OutputUnreadable, match=r"older than `b\.py`"):
        given(tree)


def test_a_deletion_before_the_report_leaves_it_fresh(tree: Repo) -> None:
    (tree.root / "lib" / "b.py").unlink()
    age(tree.root / "lib", -60)
    assert given(tree)


def test_other_reports_are_no_sources(tree: Repo) -> None:
    (tree.root / ".gitignore").unlink()
    tree.commit()
    tree.git("rm", "-r", "--quiet", "--cached", "out")
    tree.git("commit", "--quiet", "-m", "reports are not tracked")
    tree.write(REPORT, "<testsuites/>")
    age(tree.write("out/coverage.json", "{}"), 60)
    with pytest.raises(OutputUnreadable, match="coverage"):
        given(tree)
    assert given(tree, reports=frozenset({"out/coverage.json"}))


def test_a_tracked_report_is_refused(tree: Repo) -> None:
    tree.git("add", "--force", REPORT)
    with pytest.raises(OutputUnreadable, match="tracked by git"):
        given(tree)


def test_a_report_outside_the_project_is_refused(tree: Repo, tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_text("<testsuites/>")
    with pytest.raises(OutputUnreadable, match="outside the project"):
        read_given(tree.root, tree.ask(), "../junit.xml", max_bytes=1000)


def test_without_a_commit_nothing_shows_its_age(repo: Repo) -> None:
    repo.write(REPORT, "<testsuites/>")
    with pytest.raises(OutputUnreadable, match="nothing shows"):
        given(repo)


def test_an_absent_or_empty_report_is_unreadable(tree: Repo) -> None:
    tree.write(REPORT, "")
    with pytest.raises(OutputUnreadable):
        given(tree)
    (tree.root / REPORT).unlink()
    with pytest.raises(OutputUnreadable):
        given(tree)
