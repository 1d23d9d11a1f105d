from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.coverage_merge import COUNTED, merged
from gates.formats.coverage_model import CoverageReport, Covered, FileCoverage

A = FileCoverage("a.py", (1, 2), (3, 4), (9,), ((2, 0),), ((2, 1),), ((1, 2),))
B = FileCoverage("a.py", (3,), (1, 5), (2, 8), ((2, 1),), ((2, 0), (3, 0)), ((5, 6),))
OTHER = FileCoverage("b.py", (1,), ())


def whole(*files: FileCoverage, version: str = "1", is_named: bool = True) -> CoverageReport:
    return CoverageReport(files, has_branches=True, version=version, are_branches_named=is_named)


def test_one_report_stays_as_it_is() -> None:
    report = whole(A, OTHER)
    assert merged((("a", report),)) == (report, ())


def test_a_line_ran_where_it_ran_in_any_part() -> None:
    report, notes = merged((("a", whole(A)), ("b", whole(B, OTHER))))
    assert notes == ()
    joined, other = report.files
    assert other is OTHER
    assert (joined.executed, joined.missing, joined.excluded) == ((1, 2, 3), (4, 5), (8, 9))
    assert set(joined.executed_branches) == {(2, 0), (2, 1)}
    assert joined.missing_branches == ((3, 0),)
    assert joined.spans == ((1, 2), (5, 6))


def test_branches_that_are_only_counted_are_at_least_so_many() -> None:
    first = FileCoverage("a.java", (1,), (), (), ((1, 0),), ((1, 1), (1, 2)))
    second = FileCoverage("a.java", (1,), (), (), ((1, 0), (1, 1)), ((1, 2),))
    report, notes = merged(
        (("a", whole(first, is_named=False)), ("b", whole(second, is_named=False)))
    )
    assert len(report.files[0].executed_branches) == 2
    assert len(report.files[0].missing_branches) == 1
    assert notes == (COUNTED,)
    assert merged((("a", whole(first, is_named=False)), ("b", whole(OTHER))))[1] == ()


def test_versions_that_differ_are_not_told() -> None:
    assert merged((("a", whole(A)), ("b", whole(OTHER))))[0].version == "1"
    assert merged((("a", whole(A)), ("b", whole(OTHER, version="2"))))[0].version == ""


def test_a_file_that_is_listed_twice_is_refused() -> None:
    with pytest.raises(OutputUnreadable, match="twice"):
        merged((("a", whole(A, OTHER, B)),))


def test_a_part_that_did_not_measure_branches_is_refused() -> None:
    without = CoverageReport((OTHER,), has_branches=False)
    with pytest.raises(OutputUnreadable, match="`b` did not measure branches"):
        merged((("a", whole(A)), ("b", without)))


def test_a_part_that_only_has_no_branches_is_told() -> None:
    without = CoverageReport((OTHER,), has_branches=False, tells_branching=False)
    report, notes = merged((("b", without), ("a", whole(A))))
    assert report.has_branches
    assert notes == ("`b` tells no branches: those of its files are in no number",)
    assert merged((("b", without), ("c", CoverageReport((A,), has_branches=False))))[1] == ()


@pytest.mark.parametrize("is_first", [True, False])
def test_totals_are_not_added(is_first: bool) -> None:  # noqa: FBT001 - a parameter of the test
    stated = whole(FileCoverage("a.py", (), (), stated=(Covered(1, 2), Covered(0, 0))))
    parts = (("a", stated), ("b", whole(A)))
    with pytest.raises(OutputUnreadable, match="only tells totals"):
        merged(parts if is_first else parts[::-1])
