from __future__ import annotations

import json
from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import OutputUnreadable, StageError
from gates.executor import stamps
from gates.toolkit.files import read_report
from gates.toolkit.git import Git

REPORT = "out/junit.xml"


@pytest.fixture
def tree(repo: Repo) -> Repo:
    repo.write(".gitignore", "out/\n")
    repo.write("a.py", "x = 1\n")
    repo.commit()
    repo.write(REPORT, "<testsuites/>")
    return repo


def refused(tree: Repo) -> str:
    stamp = stamps.read_for(tree.root / REPORT)
    assert stamp is not None
    with pytest.raises(OutputUnreadable) as caught:
        stamps.refuse_foreign(stamp, read_report(tree.root / REPORT), tree.ask())
    assert "stamp the report again" in caught.value.problem.hint
    return caught.value.problem.summary


def test_a_stamp_holds_for_the_files_that_it_is_of(tree: Repo) -> None:
    made = stamps.put(tree.root / REPORT, tree.ask())
    read = stamps.read_for(tree.root / REPORT)
    assert read == made
    stamps.refuse_foreign(made, read_report(tree.root / REPORT), tree.ask())
    assert json.loads((tree.root / "out/junit.xml.stamp").read_text())["schema"] == "gates/stamp/v1"


def test_a_stamp_of_changed_files_holds_until_they_change_again(tree: Repo) -> None:
    tree.write("a.py", "x = 2\n")
    made = stamps.put(tree.root / REPORT, tree.ask())
    stamps.refuse_foreign(made, read_report(tree.root / REPORT), tree.ask())
    tree.write("a.py", "x = 3\n")
    assert "was made from other files" in refused(tree)


def test_a_stamp_is_of_one_commit(tree: Repo) -> None:
    stamps.put(tree.root / REPORT, tree.ask())
    tree.write("a.py", "x = 2\n")
    tree.commit()
    assert "was made from other files: its stamp says" in refused(tree)


def test_a_stamp_is_of_one_report(tree: Repo) -> None:
    stamps.put(tree.root / REPORT, tree.ask())
    tree.write(REPORT, "<testsuites></testsuites>")
    assert "is not the report that its stamp is of" in refused(tree)


def test_a_stamp_does_not_go_with_another_name(tree: Repo) -> None:
    stamps.put(tree.root / REPORT, tree.ask())
    (tree.root / REPORT).rename(tree.root / "out/other.xml")
    (tree.root / "out/junit.xml.stamp").rename(tree.root / "out/other.xml.stamp")
    stamp = stamps.read_for(tree.root / "out/other.xml")
    assert stamp is not None
    with pytest.raises(OutputUnreadable, match="is not the report"):
        stamps.refuse_foreign(stamp, read_report(tree.root / "out/other.xml"), tree.ask())


def test_outside_a_repository_a_stamp_holds_for_nothing(tree: Repo, tmp_path: Path) -> None:
    stamp = stamps.put(tree.root / REPORT, tree.ask())
    outside = Git(tmp_path, {**tree.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    with pytest.raises(OutputUnreadable, match="no repository"):
        stamps.refuse_foreign(stamp, read_report(tree.root / REPORT), outside)


def test_a_report_without_a_stamp_has_none(tree: Repo) -> None:
    assert stamps.read_for(tree.root / REPORT) is None


@pytest.mark.parametrize("how", ["untracked", "tracked"])
def test_a_report_must_not_be_one_of_the_files(tree: Repo, how: str) -> None:
    report = tree.write("junit.xml", "<testsuites/>")
    if how == "tracked":
        tree.commit()
    with pytest.raises(StageError, match="is not ignored by git"):
        stamps.put(report, tree.ask())


def test_there_is_nothing_to_stamp_outside_a_repository(tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    report.write_text("<testsuites/>")
    git = Git(tmp_path, {"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    with pytest.raises(StageError, match="in no repository"):
        stamps.put(report, git)


def test_an_absent_report_is_not_stamped(tree: Repo) -> None:
    with pytest.raises(OutputUnreadable):
        stamps.put(tree.root / "out/none.xml", tree.ask())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"schema": "gates/stamp/v2", "report": "r", "sha256": "s", "tree": "t"}',
        '{"schema": "gates/stamp/v1", "report": "r", "sha256": "s"}',
        '{"schema": "gates/stamp/v1", "report": "r", "sha256": "s", "tree": 5}',
        '{"schema": "gates/stamp/v1", "report": "r", "report": "r", "sha256": "s", "tree": "t"}',
    ],
)
def test_what_is_no_stamp_is_refused(tree: Repo, text: str) -> None:
    tree.write(f"{REPORT}.stamp", text)
    with pytest.raises(OutputUnreadable):
        stamps.read_for(tree.root / REPORT)


def test_a_link_is_no_stamp(tree: Repo) -> None:
    (tree.root / f"{REPORT}.stamp").symlink_to(tree.root / "nowhere")
    with pytest.raises(OutputUnreadable):
        stamps.read_for(tree.root / REPORT)
