import os
import subprocess
import time
from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import OutputUnreadable
from gates.executor.freshness import Reports, stamped

REPORT = "out/junit.xml"


def given(repo: Repo, reports: frozenset[str] = frozenset()) -> bytes:
    return Reports(repo.root, repo.ask(), reports).read(REPORT, max_bytes=1000).data


@pytest.fixture
def tree(repo: Repo) -> Repo:
    repo.write(".gitignore", "out/\n")
    repo.write("a.py", "x = 1\n")
    repo.write("lib/b.py", "y = 1\n")
    repo.commit()
    repo.write(REPORT, "<testsuites/>")
    return repo


def until_later(moment: int, folder: Path) -> None:
    """Wait until the file system's own clock shows a later time."""
    probe = folder.parent / "clock"
    deadline = time.monotonic() + 10
    while True:
        probe.write_text("tick")
        if probe.stat().st_mtime_ns > moment:
            probe.unlink()
            return
        assert time.monotonic() < deadline


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
    tree.write(REPORT, "<testsuites></testsuites>")
    assert given(tree)


def test_an_edit_that_keeps_the_old_time_makes_a_report_stale(tree: Repo) -> None:
    source = tree.root / "a.py"
    before = source.stat()
    written = (tree.root / REPORT).stat().st_mtime_ns
    until_later(written, tree.root)
    source.write_text("x = 22\n")
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(OutputUnreadable, match=r"older than `a\.py`"):
        given(tree)


def test_an_older_file_moved_over_a_source_makes_a_report_stale(tree: Repo, tmp_path: Path) -> None:
    older = tmp_path / "older.py"
    older.write_text("x = 22\n")
    age(older, -3600)
    until_later((tree.root / REPORT).stat().st_mtime_ns, tree.root)
    older.rename(tree.root / "a.py")
    with pytest.raises(OutputUnreadable, match=r"older than `a\.py`"):
        given(tree)


def test_a_checkout_of_an_older_commit_makes_a_report_stale(tree: Repo) -> None:
    tree.write("a.py", "x = 2\n")
    tree.commit()
    tree.write(REPORT, "<testsuites></testsuites>")
    assert given(tree)
    until_later((tree.root / REPORT).stat().st_mtime_ns, tree.root)
    tree.git("checkout", "--quiet", "HEAD~1")
    with pytest.raises(OutputUnreadable, match="older than HEAD"):
        given(tree)


@pytest.mark.parametrize("logs", ["true", "false"])
def test_a_backdated_commit_makes_a_report_stale(tree: Repo, logs: str) -> None:
    tree.git("config", "core.logAllRefUpdates", logs)
    if logs == "false":
        (tree.root / ".git" / "logs" / "HEAD").unlink(missing_ok=True)
    until_later((tree.root / REPORT).stat().st_mtime_ns, tree.root)
    tree.write("a.py", "x = 2\n")
    tree.git("add", "a.py")
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-qm", "two"],  # noqa: S607
        cwd=tree.root,
        check=True,
        env={**os.environ, "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z"},
    )
    with pytest.raises(OutputUnreadable, match="older than HEAD"):
        given(tree)


def test_a_report_dated_into_the_future_is_of_the_time_when_it_came(tree: Repo) -> None:
    age(tree.root / REPORT, 3600)
    until_later((tree.root / REPORT).stat().st_ctime_ns, tree.root)
    tree.write("a.py", "x = 2\n")
    with pytest.raises(OutputUnreadable, match=r"older than `a\.py`"):
        given(tree)


def test_a_deletion_in_the_folder_of_the_report_cannot_be_told(tree: Repo) -> None:
    tree.write(".gitignore", "junit.xml\n")
    tree.write("out/kept.txt", "1\n")
    (tree.root / REPORT).unlink()
    tree.git("add", "--force", "out/kept.txt")
    tree.commit()
    (tree.root / "out" / "kept.txt").unlink()
    report = tree.write(REPORT, "<testsuites/>")
    assert given(tree)
    until_later(report.stat().st_ctime_ns, tree.root)
    tree.write("out/other.txt", "1\n").unlink()
    with pytest.raises(OutputUnreadable, match=r"kept\.txt` was deleted cannot be told"):
        given(tree)


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
        Reports(tree.root, tree.ask()).read("../junit.xml", max_bytes=1000)


def test_without_a_commit_nothing_shows_its_age(repo: Repo) -> None:
    repo.write(REPORT, "<testsuites/>")
    with pytest.raises(OutputUnreadable, match="nothing shows"):
        given(repo)


def test_an_absent_or_empty_report_is_unreadable(tree: Repo) -> None:
    tree.write(REPORT, "")
    with pytest.raises(OutputUnreadable, match="is empty") as empty:
        given(tree)
    assert empty.value.problem.hint == "write the report again in the step before this one"
    (tree.root / REPORT).unlink()
    with pytest.raises(OutputUnreadable, match=r"`out/junit\.xml` is not there") as absent:
        given(tree)
    assert "in the step before this one, or leave `report` out" in absent.value.problem.hint
    assert absent.value.problem.place == REPORT


@pytest.mark.parametrize(
    ("what", "hint"),
    [("link", "the file itself"), ("folder", "name the file"), ("large", "a smaller report")],
)
def test_whatever_else_is_no_report_comes_with_the_next_step(
    tree: Repo, what: str, hint: str
) -> None:
    report = tree.root / REPORT
    report.unlink()
    if what == "link":
        report.symlink_to(tree.write("out/other.xml", "<testsuites/>"))
    elif what == "folder":
        report.mkdir()
    else:
        report.write_text("x" * 2000)
    with pytest.raises(OutputUnreadable) as refused:
        given(tree)
    assert hint in refused.value.problem.hint


def all_given(repo: Repo, *patterns: str, max_bytes: int = 1000) -> list[bytes]:
    reports = Reports(repo.root, repo.ask()).read_all(patterns, max_bytes=max_bytes)
    return [report.data for report in reports]


def test_parts_are_read_once_each_sorted_by_path(tree: Repo) -> None:
    tree.write("out/b.xml", "<b/>")
    tree.write("out/a.xml", "<a/>")
    found = all_given(tree, "out/*.xml", "out/b.xml")
    assert found == [b"<a/>", b"<b/>", b"<testsuites/>"]


def test_a_pattern_without_a_report_is_named(tree: Repo) -> None:
    with pytest.raises(OutputUnreadable, match=r"no report matches `out/shard-\*\.xml`"):
        all_given(tree, "out/*.xml", "out/shard-*.xml")
    with pytest.raises(OutputUnreadable, match=r"`out/other\.xml` is not there"):
        all_given(tree, "out/other.xml")


def test_two_parts_of_the_same_bytes_are_no_two_parts(tree: Repo) -> None:
    tree.write("out/again.xml", "<testsuites/>")
    with pytest.raises(OutputUnreadable, match=r"holds the same bytes as `out/again\.xml`"):
        all_given(tree, "out/*.xml")


def test_parts_may_repeat_where_a_second_witness_counts_them(tree: Repo) -> None:
    tree.write("out/again.xml", "<testsuites/>")
    reports = Reports(tree.root, tree.ask())
    found = reports.read_all(("out/*.xml",), max_bytes=1000, may_repeat=True)
    assert [report.path.name for report in found] == ["again.xml", "junit.xml"]


def test_stamps_are_no_reports(tree: Repo) -> None:
    stamped(tree.root, tree.ask(), ("out/*",))
    assert [path for path, _ in stamped(tree.root, tree.ask(), ("out/*",))] == [REPORT]
    assert all_given(tree, "out/*") == [b"<testsuites/>"]
    alone = tree.write("out/other.stamp", "<other/>")
    assert all_given(tree, "out/*.stamp") == [alone.read_bytes()]


def test_a_stale_report_is_not_stamped(tree: Repo) -> None:
    age(tree.root / REPORT, -3600)
    with pytest.raises(OutputUnreadable, match="older than HEAD"):
        stamped(tree.root, tree.ask(), (REPORT,))
    with pytest.raises(OutputUnreadable, match="no report matches"):
        stamped(tree.root, tree.ask(), ("out/*.json",))


def test_an_edit_that_was_taken_back_makes_a_report_stale(tree: Repo) -> None:
    tree.write("a.py", "x = 2\n")
    tree.write(REPORT, "<testsuites></testsuites>")
    until_later((tree.root / REPORT).stat().st_mtime_ns, tree.root)
    tree.git("checkout", "--", "a.py")
    with pytest.raises(OutputUnreadable, match=r"older than `a\.py`.*as HEAD has it") as caught:
        given(tree)
    assert "gates stamp out/junit.xml" in caught.value.problem.hint
    tree.write(REPORT, "<testsuites></testsuites>")
    assert given(tree)


def test_each_part_must_be_of_this_tree(tree: Repo) -> None:
    tree.write("out/a.xml", "<a/>")
    age(tree.root / "out/a.xml", -3600)
    with pytest.raises(OutputUnreadable, match="older than HEAD"):
        all_given(tree, "out/*.xml")


def test_the_limit_is_of_all_parts_together(tree: Repo) -> None:
    tree.write("out/a.xml", "<a/>")
    assert len(all_given(tree, "out/*.xml", max_bytes=17)) == 2
    with pytest.raises(OutputUnreadable, match="more than the 12 that are read"):
        all_given(tree, "out/*.xml", max_bytes=16)


def test_parts_of_one_name_in_two_folders_stay_apart(tree: Repo) -> None:
    tree.write("out/1/a.xml", "<a/>")
    tree.write("out/2/a.xml", "<b/>")
    found = Reports(tree.root, tree.ask()).read_all(("out/*/a.xml",), max_bytes=1000)
    assert [report.name for report in found] == ["out/1/a.xml", "out/2/a.xml"]


def test_nothing_outside_the_project_is_stamped(tree: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "junit.xml"
    outside.write_text("<testsuites/>")
    with pytest.raises(OutputUnreadable, match="outside the project"):
        stamped(tree.root, tree.ask(), ("../junit.xml",))
    assert [path.name for path in tmp_path.glob("*.stamp")] == []


def load_record(started: float) -> str:
    """The first and the last line of a record of a load, which tell its time."""
    head = f'{{"schema":"gates/load/v1","started":{started}}}'
    return head + '\n{"end":{"seconds":20.0}}\n'


def test_a_report_that_tells_of_a_time_before_head_is_stale(tree: Repo) -> None:
    tree.write(REPORT, load_record(1_500_000_000))
    with pytest.raises(OutputUnreadable, match="tells of ended before HEAD was committed"):
        given(tree)


def test_a_report_that_tells_of_a_time_to_come_is_stale(tree: Repo) -> None:
    tree.write(REPORT, load_record(time.time() + 3600))
    with pytest.raises(OutputUnreadable, match="tells of ends after the file was written"):
        given(tree)


def test_a_report_that_tells_of_the_time_of_its_file_is_read(tree: Repo) -> None:
    tree.write(REPORT, load_record(time.time() - 20))
    assert given(tree)


def test_a_stamp_tells_of_which_files_a_report_is_whenever_they_were_committed(tree: Repo) -> None:
    tree.write(REPORT, load_record(time.time() - 3600))
    stamped(tree.root, tree.ask(), [REPORT])
    assert given(tree)
