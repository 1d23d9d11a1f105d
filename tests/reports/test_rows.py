from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from reports.runs import TODAY, against_baseline, gate_runs
from samples import ERRORS, LINE, condition, gate, result

from gates.domain.condition import Condition, Role
from gates.domain.judge import judge
from gates.domain.metric import Examined, Metric, count, ratio
from gates.domain.run import GateRun
from gates.domain.stage_result import Tool
from gates.domain.status import Status
from gates.reports.rows import (
    STATUS_WIDTH,
    Layout,
    check_text,
    examined_text,
    heading,
    measured,
    proof,
    row,
)
from gates.reports.style import STATUS_STYLE

WIDE = Layout(name=8, width=120)


def run_of(*conditions: Condition, metrics: tuple[Metric, ...]) -> GateRun:
    named = {each.name for each in metrics}
    planned = gate(*conditions, specs=tuple(each for each in (LINE, ERRORS) if each.name in named))
    return GateRun(plan=planned, judged=judge(planned, result(*metrics), waivers=(), today=TODAY))


def lines_of(gate_run: GateRun, layout: Layout = WIDE) -> list[str]:
    return [each.render(colour=False) for each in row(gate_run, layout)]


def test_the_columns_fit_the_longest_name_and_every_status() -> None:
    gates = tuple(each.plan for each in gate_runs())
    assert Layout.of(gates, 80) == Layout(name=len("coverage"), width=80)
    assert all(len(status.value) <= STATUS_WIDTH for status in Status)
    assert Layout.of((), 80).name > 0


def test_names_are_measured_in_columns() -> None:
    wide = gate(name="日本")
    assert Layout.of((wide,), 80).name == 4


def test_a_row_begins_with_status_and_name() -> None:
    for each in gate_runs():
        first = lines_of(each)[0]
        assert first.startswith(each.status.value.ljust(STATUS_WIDTH + 2) + each.name.ljust(8))


def test_the_status_has_the_colour_of_its_outcome() -> None:
    for each in gate_runs():
        text, style = row(each, WIDE)[0].spans[0]
        assert (text.strip(), style) == (each.status.value, STATUS_STYLE[each.status])


def test_every_number_stands_beside_its_limit() -> None:
    both = run_of(
        condition("line >= 90%", LINE),
        condition("errors == 0", ERRORS),
        metrics=(ratio("line", 19, 20), count("errors", 0)),
    )
    assert measured(both) == [("line 95 % (>= 90 %)", ""), ("errors 0 (== 0)", "")]


def test_a_number_that_misses_its_limit_is_styled_and_never_shown_as_the_limit() -> None:
    missed = run_of(condition("line >= 90%", LINE), metrics=(ratio("line", 89_999, 100_000),))
    assert measured(missed) == [("line 89.99 % (>= 90 %)", STATUS_STYLE[Status.FAILED])]


def test_a_number_that_decides_nothing_shows_what_its_sample_leaves_open() -> None:
    ends = (Decimal("0.93"), Decimal("0.97"))
    share = replace(ratio("line", 19, 20), interval=ends)

    open_ = run_of(condition("line >= 96%", LINE), metrics=(share,))
    decided = run_of(condition("line >= 90%", LINE), metrics=(share,))

    assert open_.status is Status.INCONCLUSIVE
    assert [text for text, _ in measured(open_)] == ["line between 93 % and 97 % (>= 96 %)"]
    assert [text for text, _ in measured(decided)] == ["line 95 % (>= 90 %)"]


def test_a_part_is_named_by_its_tags() -> None:
    critical = replace(ratio("line", 1, 2), tags=(("path", "src/pay"),))
    planned = condition('line{path="src/pay"} >= 40%', LINE)
    both = run_of(planned, metrics=(ratio("line", 1, 1), critical))
    assert measured(both) == [('line{path="src/pay"} 50 % (>= 40 %)', "")]


@pytest.mark.parametrize(
    ("errors", "shown"), [(0, []), (3, [("errors 3 (== 0 warn)", "warn")])], ids=["holds", "told"]
)
def test_a_condition_that_only_tells_is_shown_where_it_does_not_hold(
    errors: int, shown: list[tuple[str, str]]
) -> None:
    told = run_of(
        condition("line >= 90%", LINE),
        condition("errors == 0", ERRORS, Role.WARN),
        metrics=(ratio("line", 1, 1), count("errors", errors)),
    )
    assert measured(told)[1:] == shown


def test_a_metric_without_a_value_says_what_became_of_it() -> None:
    coverage = gate_runs()[1]
    assert check_text(coverage.judged.checks[1]) == "changed_line unaffected"


def test_what_a_waiver_took_away_is_counted() -> None:
    assert measured(gate_runs()[2])[0][0] == "errors 0, 1 waived (== 0)"


def test_where_nothing_was_measured_the_reason_stands() -> None:
    errored, skipped = gate_runs()[3:]
    assert measured(errored) == [("`pip-audit` was not found", "doubt")]
    assert measured(skipped) == [("not selected on the command line", "faint")]


def test_the_proof_is_what_was_examined_by_what_in_what_time() -> None:
    full = gate_runs()[0]
    assert proof(full) == "10 files · ruff 1.0 · 1.2 s"
    assert proof(replace(full, tool=Tool(name="ruff", version=""))) == "10 files · ruff · 1.2 s"
    assert proof(replace(full, seconds=Decimal(0))) == "10 files · ruff 1.0"
    assert not proof(gate_runs()[4])


def test_the_proof_is_in_the_row() -> None:
    for each in gate_runs():
        assert proof(each) in " ".join(lines_of(each))


@pytest.mark.parametrize(
    ("examined", "text"),
    [
        (Examined(count=1204, unit="lines", excluded=3), "1,204 lines (3 excluded)"),
        (Examined(count=1, unit="files"), "1 file"),
        (Examined(count=2, unit="files"), "2 files"),
        (Examined(count=1, unit="series"), "1 series"),
        (Examined(count=0, unit="files", excluded=1200), "0 files (1,200 excluded)"),
    ],
)
def test_how_much_was_examined(examined: Examined, text: str) -> None:
    assert examined_text(examined) == text


@pytest.mark.parametrize("width", [60, 72, 80, 100, 120, 200])
def test_a_row_keeps_within_the_screen_and_loses_nothing(width: int) -> None:
    gates = gate_runs()
    layout = Layout.of(tuple(each.plan for each in gates), width)
    for each in gates:
        lines = lines_of(each, layout)
        assert all(len(text) <= width for text in lines)
        assert all(text.startswith(" " * layout.indent) for text in lines[1:])
        whole = " ".join(" ".join(lines).split())
        assert all(" ".join(text.split()) in whole for text, _ in measured(each))
        assert proof(each) in whole


def test_a_piece_longer_than_the_screen_is_left_whole_on_a_row_of_its_own() -> None:
    long = "no `" + "x" * 100 + "` was found"
    errored = gate_runs()[3]
    run = replace(errored, judged=replace(errored.judged, reason=long))
    lines = lines_of(run, Layout(name=8, width=60))
    assert lines[0].endswith(long)
    assert lines[1].strip() == proof(run)


def test_the_heading_counts_the_gates() -> None:
    gates = tuple(each.plan for each in gate_runs())
    one, many = heading(gates[:1], "orders", 1, "Automated"), heading(gates, "orders", 2, "Whole")
    assert one.render(colour=False) == "orders · Level 1 Automated · 1 gate"
    assert many.render(colour=False) == "orders · Level 2 Whole · 5 gates"


def test_a_baseline_stands_beside_the_limit_that_it_gives() -> None:
    known = against_baseline(105, 100, 99, 101, 98, 102)
    assert [check_text(check) for check in known.judged.checks] == [
        "p95 105 ms (<= 110 ms, baseline 100 ms + 10 %)"
    ]
    unknown = against_baseline(105, 100)
    assert [check_text(check) for check in unknown.judged.checks] == [
        "p95 105 ms (<= baseline + 10 %)"
    ]
