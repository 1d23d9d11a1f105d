from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.domain.errors import OutputUnreadable
from gates.formats import coverage_json
from gates.formats.coverage_model import CoverageReport

DATA = Path(__file__).parent / "data" / "coverage" / "7.17.3"
BRANCH = (DATA / "branch.json").read_bytes()
LINE = (DATA / "line.json").read_bytes()


def at(tree: object, *steps: str) -> dict[str, object]:
    for step in steps:
        assert isinstance(tree, dict)
        tree = tree[step]
    assert isinstance(tree, dict)
    return tree


def put(*steps: str, value: object) -> Callable[[object], None]:
    def change(tree: object) -> None:
        at(tree, *steps[:-1])[steps[-1]] = value

    return change


def drop(*steps: str) -> Callable[[object], None]:
    def change(tree: object) -> None:
        del at(tree, *steps[:-1])[steps[-1]]

    return change


def covered(report: CoverageReport) -> tuple[int, int]:
    lines = sum(len(file.executed) for file in report.files)
    return lines, sum(len(file.executed_branches) for file in report.files)


def missed(report: CoverageReport) -> tuple[int, int]:
    lines = sum(len(file.missing) for file in report.files)
    return lines, sum(len(file.missing_branches) for file in report.files)


def test_branches() -> None:
    report = coverage_json.read(BRANCH, what="coverage.json")
    assert report.has_branches
    assert report.version == "7.17.3"
    assert [file.path for file in report.files] == ["pkg/__init__.py", "pkg/a.py", "pkg/never.py"]
    file = report.files[1]
    assert file.executed == (1, 2, 3, 4, 6, 13, 14)
    assert file.missing == (5, 15, 16)
    assert file.excluded == (9, 10)
    assert file.executed_branches == ((2, 3), (2, 4), (4, 6))
    assert file.missing_branches == ((4, 5), (15, -14), (15, 16))
    assert report.files[2].executed == ()
    assert report.files[2].missing == (1, 3, 4, 6)


def test_lines() -> None:
    report = coverage_json.read(LINE, what="coverage.json")
    assert not report.has_branches
    assert covered(report) == (7, 0)
    assert missed(report) == (7, 0)


A = ("files", "pkg/a.py")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("meta", "format", value=1), "a format that is not known"),
        (put("meta", "format", value="3"), "not an integer"),
        (drop("meta"), "no member `meta`"),
        (drop("totals"), "no member `totals`"),
        (put("files", value=[]), "not an object"),
        (put("files", value={}), "but 0 are listed"),
        (drop("files", "pkg/never.py"), "`/totals/missing_lines` is 7, but 3 are listed"),
        (drop(*A, "missing_lines"), "no member `missing_lines`"),
        (put(*A, "missing_lines", value=[]), "is 3, but 0 are listed"),
        (put(*A, "missing_lines", value=[5, 15, 15]), "ascending"),
        (put(*A, "missing_lines", value=[0, 15, 16]), "ascending"),
        (put(*A, "missing_lines", value=[6, 15, 16]), "calls 6 both executed and missing"),
        (put(*A, "missing_lines", value=[9, 15, 16]), "calls 9 both excluded and missing"),
        (put(*A, "excluded_lines", value=[1, 10]), "calls 1 both excluded and executed"),
        (put(*A, "missing_lines", value=[5, 15, True]), "not an integer"),
        (put(*A, "missing_lines", value=[5, 15, "16"]), "not an integer"),
        (put(*A, "missing_lines", value=[5, 15, 16.0]), "not an integer"),
        (put(*A, "summary", "num_statements", value=9), "is 9, but 10 are listed"),
        (put(*A, "summary", "covered_lines", value=-7), "not a count"),
        (put(*A, "summary", "missing_branches", value=0), "is 0, but 3 are listed"),
        (put("totals", "covered_lines", value=14), "is 14, but 7 are listed"),
        (put("totals", "num_branches", value=3), "is 3, but 8 are listed"),
        (put(*A, "missing_branches", value=[[4, 5], [4, 5], [15, 16]]), "names a branch twice"),
        (put(*A, "missing_branches", value=[[4, 6], [15, 2], [15, 16]]), "both executed and"),
        (put(*A, "missing_branches", value=[[4, 6, 7]]), "is not a pair of lines"),
        (put(*A, "missing_branches", value=[[]]), "is not a pair of lines"),
        (put(*A, "missing_branches", value=None), "not an array"),
        (put("meta", "branch_coverage", value=False), "has branches in a report"),
    ],
)
def test_a_contradiction_is_refused(change: Callable[[object], None], message: str) -> None:
    tree: object = json.loads(BRANCH)
    change(tree)
    with pytest.raises(OutputUnreadable) as caught:
        coverage_json.read(json.dumps(tree).encode(), what="coverage.json")
    assert message in caught.value.problem.summary


def test_a_line_report_that_says_branches_is_refused() -> None:
    tree: object = json.loads(LINE)
    at(tree, "meta")["branch_coverage"] = True
    with pytest.raises(OutputUnreadable, match="no member `executed_branches`"):
        coverage_json.read(json.dumps(tree).encode(), what="coverage.json")


@given(st.integers(min_value=0, max_value=len(BRANCH) - 1))
def test_every_truncation_is_refused(cut: int) -> None:
    with pytest.raises(OutputUnreadable):
        coverage_json.read(BRANCH[:cut], what="coverage.json")


@settings(max_examples=400, deadline=None)
@given(st.integers(min_value=0, max_value=len(BRANCH) - 1), st.integers(0, 255))
def test_no_changed_byte_adds_coverage(position: int, byte: int) -> None:
    data = BRANCH[:position] + bytes([byte]) + BRANCH[position + 1 :]
    try:
        report = coverage_json.read(data, what="coverage.json")
    except OutputUnreadable:
        return
    original = coverage_json.read(BRANCH, what="coverage.json")
    assert covered(report) <= covered(original)
    assert missed(report) >= missed(original)
