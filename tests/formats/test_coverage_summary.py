from __future__ import annotations

from decimal import Decimal

import pytest

from gates.domain.errors import StageError
from gates.domain.metric import Metric, count, ratio
from gates.domain.stage_result import NotApplicable
from gates.formats.coverage_model import CoverageReport, Covered
from gates.formats.coverage_summary import MAX_FINDINGS, CoverageSummary
from gates.formats.line_coverage import SourceCoverage
from gates.toolkit.changes import Base, Change

SOURCE = SourceCoverage("a.py", (1, 2, 5), (3, 6), 1, ((2, 3),), ((2, 5),))


def summary(
    *sources: SourceCoverage,
    changed: frozenset[int] = frozenset(),
    has_branches: bool = True,
    change: Change | str | None = None,
    min_changed: int = 3,
) -> CoverageSummary:
    return CoverageSummary(
        CoverageReport((), has_branches=has_branches),
        sources or (SOURCE,),
        {"a.py": changed},
        Change(Base("0123456789abcdef", "named"), {}) if change is None else change,
        min_changed,
    )


def names(entries: tuple[NotApplicable, ...]) -> dict[str, str]:
    return {entry.metric: entry.reason for entry in entries}


def test_nothing_changed() -> None:
    metrics, absent = summary().metrics()
    assert metrics == (ratio("line", 3, 5), ratio("branch", 1, 2))
    reason = "no executable line changed since 0123456789ab"
    assert names(absent) == dict.fromkeys(
        ("changed_line", "changed_uncovered", "changed_branch"), reason
    )
    assert summary().notes() == ()


def test_outside_git() -> None:
    outside = summary(change="no repository", has_branches=False)
    _, absent = outside.metrics()
    assert names(absent) == dict.fromkeys(("changed_line", "changed_uncovered"), "no repository")
    assert outside.notes() == ("no repository",)


@pytest.mark.parametrize(
    ("min_changed", "expected", "left_out"),
    [
        (3, ratio("changed_line", 2, 3), "changed_uncovered"),
        (4, count("changed_uncovered", 1), "changed_line"),
    ],
)
def test_few_changed_lines_are_not_divided(
    min_changed: int, expected: Metric, left_out: str
) -> None:
    changed = summary(changed=frozenset({1, 2, 3}), min_changed=min_changed)
    metrics, absent = changed.metrics()
    assert metrics[2:] == (expected, ratio("changed_branch", 1, 2))
    assert list(names(absent)) == [left_out]
    assert "decides" in absent[0].reason
    assert changed.notes() == ()


def test_changed_lines_without_branch() -> None:
    _, absent = summary(changed=frozenset({1})).metrics()
    assert names(absent)["changed_branch"] == "no changed line has a branch"


def test_branches_that_were_not_measured_are_left_out_and_not_excused() -> None:
    metrics, absent = summary(has_branches=False, changed=frozenset({1})).metrics()
    assert [metric.name for metric in metrics] == ["line", "changed_uncovered"]
    assert list(names(absent)) == ["changed_line"]


def test_sources_without_branches_say_so() -> None:
    _, absent = summary(SourceCoverage("a.py", (1,), (), 0, (), ())).metrics()
    assert names(absent)["branch"] == "the sources have no branch"


def test_no_executable_line_is_an_error() -> None:
    with pytest.raises(StageError, match="no executable line"):
        summary(SourceCoverage("a.py", (), (), 0, (), ())).metrics()


def test_critical_paths_are_measured_for_themselves() -> None:
    other = SourceCoverage("b/c.py", (1,), (2, 3), 0, (), ())
    metrics, _ = summary(SOURCE, other).metrics(("b", "*.py"))
    assert ratio("line", 1, 3, path="b") in metrics
    assert ratio("line", 3, 5, path="*.py") in metrics
    with pytest.raises(StageError, match="critical path `d`"):
        summary(SOURCE).metrics(("d",))


def test_changed_places_come_first_and_one_by_one_where_they_are_counted() -> None:
    source = SourceCoverage("a.py", (1,), (2, 3, 4, 5), 0, (), ())
    text = b"a\nb\nc\nd\n"
    found, cut = summary(source, changed=frozenset({4, 5})).findings(lambda _: text)
    assert [(f.rule, f.line, f.counts, f.message) for f in found] == [
        ("uncovered-change", 4, ("changed_uncovered",), "changed line not covered, from `d`"),
        ("uncovered-change", 5, ("changed_uncovered",), "changed line not covered"),
        ("uncovered", 2, (), "2 lines not covered, from `b`"),
    ]
    assert cut == 0
    many, _ = summary(source, changed=frozenset({2, 3, 4, 5})).findings(lambda _: text)
    assert [(f.line, f.counts) for f in many] == [(2, ())]
    assert many[0].message == "4 changed lines not covered, from `b`"


def test_other_places_are_cut_and_changed_ones_never() -> None:
    lines = tuple(range(1, 1001))
    source = SourceCoverage("a.py", lines[1::2], lines[::2], 0, (), ())
    found, cut = summary(source, changed=frozenset(range(501, 1001))).findings(lambda _: b"")
    assert len(found) == 250 + MAX_FINDINGS
    assert cut == 250 - MAX_FINDINGS


def test_what_was_examined_is_told() -> None:
    absent = SourceCoverage("b.py", (), (1, 2), 0, (), ((1, -1),), is_absent=True)
    more = SourceCoverage("c.py", (), (1,), 0, (), (), is_absent=True)
    whole = summary(SOURCE, absent, more, changed=frozenset({1}))
    examined = whole.examined(excluded=7)
    assert (examined.count, examined.unit, examined.excluded) == (8, "lines", 7)
    assert dict(examined.details) == {
        "files": 3,
        "uncovered lines": 5,
        "branches": 3,
        "changed lines": 1,
        "excluded lines": 1,
        "files left out of the report": 2,
    }
    assert "the report leaves out b.py and 1 more: counted as not covered" in whole.notes()
    (_, finding, _, _), _ = whole.findings(lambda _: b"")
    assert finding.rule == "uncovered"
    assert "unmeasured" in {f.rule for f in whole.findings(lambda _: b"")[0]}


def test_a_shallow_clone_is_told() -> None:
    change = Change(Base("0", "named", "the clone is shallow"), {})
    told = summary(SourceCoverage("a.py", (1,), (), 0, (), (), is_absent=True), change=change)
    assert told.notes() == (
        "the clone is shallow",
        "the report leaves out a.py: counted as not covered",
    )
    assert Decimal(told.metrics()[0][0].fraction[0]) == 1


def test_where_nothing_ran_the_configuration_is_suspected() -> None:
    idle = SourceCoverage("a.py", (), (1, 2), 1, (), ())
    assert "no line of any source ran" in summary(idle).notes()[-1]
    assert summary(idle, SOURCE).notes() == ()


STATED = SourceCoverage("a.ts", (), (), 0, (), (), stated=(Covered(2, 5), Covered(1, 2)))


def test_totals_without_lines_measure_no_change() -> None:
    totals = CoverageSummary(
        CoverageReport((), has_branches=True),
        (STATED,),
        {"a.ts": frozenset({1})},
        Change(Base("0123456789abcdef", "named"), {}),
        3,
    )
    metrics, absent = totals.metrics()
    assert metrics == (ratio("line", 2, 5), ratio("branch", 1, 2))
    assert absent == ()  # no excuse: a condition on them is errored
    assert "a.ts changed, and the report only tells how many" in totals.notes()[0]
    (finding,), _ = totals.findings(lambda _: b"")
    assert (finding.path, finding.line) == ("a.ts", 0)
    assert finding.message == "3 of 5 lines not covered"


def test_totals_of_sources_that_did_not_change_are_enough() -> None:
    whole = SourceCoverage("b.ts", (), (), 0, (), (), stated=(Covered(1, 1), Covered(0, 0)))
    empty = SourceCoverage("a.py", (), (), 0, (), (), stated=(Covered(0, 0), Covered(0, 0)))
    _, absent = summary(STATED, whole, empty, changed=frozenset({1})).metrics()
    assert names(absent).keys() == {"changed_line", "changed_uncovered", "changed_branch"}
    assert len(summary(STATED, whole).findings(lambda _: b"")[0]) == 1


def test_what_is_counted_by_its_lines_of_code_is_told() -> None:
    absent = SourceCoverage("b.ts", (), (1, 2), 0, (), (), is_absent=True)
    told = summary(absent).notes()
    assert (
        told[0]
        == "the report leaves out b.ts: counted as not covered, line of code by line of code"
    )
    assert "what is included and excluded" in told[1]


def test_code_of_which_no_line_counts_is_told() -> None:
    bare = SourceCoverage("b.ts", (), (1,), 0, (), (), is_absent=True, is_unseen=True)
    note = "the report counts no line of b.ts: counted as not covered, line of code by line of code"
    assert summary(SOURCE, bare).notes() == (note,)
    assert summary(SOURCE, bare, bare).notes() == (note.replace("b.ts", "b.ts and 1 more"),)
