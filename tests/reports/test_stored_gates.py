from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from reports.records import edited
from reports.runs import TODAY, against_baseline, gate_runs, sample_run
from samples import CHANGED, ERRORS, P95, condition, gate, result

from gates import __version__
from gates.domain.condition import Condition, Role
from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Finding, Severity, fingerprinted
from gates.domain.judge import judge
from gates.domain.metric import Metric, MetricSpec, count
from gates.domain.run import GateRun
from gates.domain.stage_result import Inconclusive, NotApplicable, StageResult
from gates.domain.status import Status
from gates.domain.waiver import Waiver
from gates.reports.record_v1 import render
from gates.reports.stored import read

FOUND = fingerprinted(
    (Finding(rule="E1", severity=Severity.HIGH, message="wrong", path="a.py", counts=("errors",)),)
)
WAIVER = Waiver(
    gate="lint",
    condition="errors",
    reason="known",
    owner="ana",
    created=TODAY,
    expires=TODAY,
)


def judged(
    measured: StageResult,
    *conditions: Condition,
    specs: tuple[MetricSpec, ...] = (ERRORS,),
    waivers: tuple[Waiver, ...] = (),
) -> GateRun:
    planned = gate(*conditions, specs=specs)
    return replace(
        gate_runs()[0],
        plan=planned,
        judged=judge(planned, measured, waivers=waivers, today=TODAY),
    )


def recorded(*gates: GateRun) -> str:
    return render(replace(sample_run(*gates), gates_version=__version__))


FAILED = recorded(judged(result(count("errors", 1), findings=FOUND)))
WAIVED = recorded(judged(result(count("errors", 1)), waivers=(WAIVER,)))

LIGHT = {
    "verdict": "passed",
    "exit_code": 0,
    "gates/0/status": "passed",
    "gates/0/reason": "errors is 0",
    "gates/0/conditions/0/status": "passed",
    "gates/0/conditions/0/reason": "errors is 0",
    "gates/0/conditions/0/advice": "",
    "gates/0/conditions/0/value": 0,
    "gates/0/metrics/0/value": 0,
    "gates/0/findings": [],
    "criteria/met": ["L1-LINT"],
    "criteria/failed": [],
}
"""All that has to be written anew, for a failed gate to be read as a passed one."""


def all_edited(record: str, edits: Mapping[str, object]) -> bytes:
    for path, value in edits.items():
        record = edited(path, value, record).decode()
    return record.encode()


def refusal(record: str, edits: Mapping[str, object]) -> str:
    with pytest.raises(OutputUnreadable) as refused:
        read(all_edited(record, edits), what="run.json")
    assert refused.value.problem.slug == "record-contradiction"
    assert "gates check" in refused.value.problem.hint
    return refused.value.problem.summary


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ("verdict", "/exit_code` is 0"),
        ("gates/0/status", "is `failed`, its conditions make it `passed`"),
        ("gates/0/reason", "`/gates/0/reason` is not that of its conditions"),
        ("gates/0/conditions/0/status", "come to what their metrics do not show"),
        ("gates/0/conditions/0/reason", "`/gates/0/reason` is not that of its conditions"),
        ("gates/0/conditions/0/value", "is not what its metric says"),
        ("gates/0/metrics/0/value", "is not what its metric says"),
        ("gates/0/findings", "`/gates/0/metrics` count fewer than was found"),
        ("criteria/met", "leave out `L1-LINT`"),
        ("criteria/failed", "hold `L1-LINT`, which its gates do not put there"),
    ],
)
def test_a_failed_gate_is_refused_where_anything_still_tells_that_it_failed(
    left: str, words: str
) -> None:
    assert words in refusal(FAILED, {path: LIGHT[path] for path in LIGHT if path != left})


def test_what_nothing_contradicts_any_more_cannot_be_told() -> None:
    """Else the test above would prove nothing."""
    assert read(all_edited(FAILED, dict(LIGHT)), what="run.json").gates[0].status is Status.PASSED


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.FAILED])
def test_no_other_status_stands_beside_a_failed_condition(status: Status) -> None:
    edits = {"gates/0/status": status.value, "verdict": "passed", "exit_code": 0}
    assert "/gates/0/status" in refusal(FAILED, edits)


@pytest.mark.parametrize("status", ["skipped", "overridden", "pending", "passed", "waived"])
def test_no_other_status_is_given_to_a_condition(status: str) -> None:
    edits = {"gates/0/conditions/0/status": status}
    words = refusal(FAILED, edits)
    assert "come to what their metrics" in words or "waived without a waiver" in words


def test_a_condition_that_is_called_inconclusive_must_not_tell_how_it_failed() -> None:
    edits: dict[str, object] = {
        "verdict": "passed",
        "exit_code": 0,
        "gates/0/status": "inconclusive",
        "gates/0/conditions/0/status": "inconclusive",
    }
    assert "/gates/0/reason" in refusal(FAILED, edits)


def test_a_waived_condition_makes_no_passed_gate() -> None:
    assert "its conditions make it `waived`" in refusal(WAIVED, {"gates/0/status": "passed"})
    edits = {"gates/0/conditions/0/status": "failed", "gates/0/status": "failed"}
    assert "come to what their metrics" in refusal(WAIVED, edits)


@pytest.mark.parametrize("status", ["skipped", "unaffected"])
@pytest.mark.parametrize("kept", ["metrics", "findings"])
def test_a_gate_that_was_not_judged_holds_nothing(status: str, kept: str) -> None:
    emptied: dict[str, object] = {
        f"gates/0/{name}": [] for name in ("conditions", "metrics", "findings") if name != kept
    }
    assert "which nothing of it shows" in refusal(FAILED, {**emptied, "gates/0/status": status})


def test_a_gate_that_was_not_run_examined_nothing() -> None:
    emptied: dict[str, object] = {
        f"gates/0/{name}": [] for name in ("conditions", "metrics", "findings")
    }
    assert "which nothing of it shows" in refusal(FAILED, {**emptied, "gates/0/status": "skipped"})


def test_a_metric_stands_once() -> None:
    document = json.loads(FAILED)
    (metric,) = document["gates"][0]["metrics"]
    edits = {**LIGHT, "gates/0/metrics": [{**metric, "value": 0}, metric]}
    del edits["gates/0/metrics/0/value"]
    assert "`/gates/0/metrics` hold one twice" in refusal(FAILED, edits)


@pytest.mark.parametrize(
    "edits",
    [
        {"operator": "<=", "limit": 5},
        {"limit": 5},
        {"operator": "<="},
        {"metric": "warnings"},
        {"tags": {"path": "src"}},
        {"text": "errors"},
        {"text": "errors == 0%"},
        {"text": "errors  ==  0"},
        {"text": "errors >= 0", "operator": ">="},
        {"text": "errors <= 5"},
    ],
)
def test_a_condition_is_what_its_text_says(edits: dict[str, object]) -> None:
    record = recorded(judged(result(count("errors", 0))))
    where = {f"gates/0/conditions/0/{name}": value for name, value in edits.items()}
    if {"metric", "tags"} & set(edits):
        where |= {"gates/0/conditions/0/value": None}
    assert "/gates/0/conditions` are not what their texts say" in refusal(record, where)


def test_a_condition_with_a_target_is_read() -> None:
    bound = replace(condition("p95 < 100ms", P95), text="p95 < target.fast")
    metric = Metric(name="p95", value=Decimal("0.05"))
    run = judged(result(metric), bound, specs=(P95,))
    assert read(recorded(run).encode(), what="run.json").gates[0].status is Status.PASSED
    named = {"gates/0/conditions/0/text": "p95 <= target.fast"}
    assert "are not what their texts say" in refusal(recorded(run), named)


@pytest.mark.parametrize(
    "edits",
    [
        {"gates/0/metrics/0/unit": "number"},
        {"gates/0/metrics/0/unit": "ratio"},
        {"gates/0/metrics/0/numerator": 1, "gates/0/metrics/0/denominator": 1},
    ],
)
def test_a_metric_has_the_unit_of_its_conditions(edits: dict[str, object]) -> None:
    assert "are not in the units of the conditions" in refusal(FAILED, edits)


def test_a_list_of_findings_may_be_cut() -> None:
    run = judged(result(count("errors", 40), findings=FOUND))
    assert read(recorded(run).encode(), what="run.json").gates[0].status is Status.FAILED


def test_what_does_not_apply_has_no_findings() -> None:
    absent = (NotApplicable(metric="changed_line", reason="nothing changed"),)
    found = (replace(FOUND[0], counts=("changed_line",)),)
    run = judged(
        result(not_applicable=absent), condition("changed_line >= 90%", CHANGED), specs=(CHANGED,)
    )
    record = recorded(run)
    assert read(record.encode(), what="run.json").gates[0].status is Status.UNAFFECTED
    run = replace(run, judged=replace(run.judged, findings=found))
    assert "count fewer than was found" in refusal(recorded(run), {})


def test_a_gate_whose_conditions_only_tell_decides_nothing() -> None:
    edits: dict[str, object] = {
        "gates/0/conditions/0/role": "warn",
        "gates/0/status": "unaffected",
        "verdict": "passed",
        "exit_code": 0,
    }
    assert "nothing was examined or required" in refusal(FAILED, edits)


def test_an_inconclusive_gate_is_read() -> None:
    doubtful = (Inconclusive(metric="errors", reason="3 samples are too few"),)
    run = judged(result(count("errors", 1), inconclusive=doubtful))
    assert read(recorded(run).encode(), what="run.json").gates[0].status is Status.INCONCLUSIVE


def timed(value: str, low: str, high: str) -> GateRun:
    metric = Metric(name="p95", value=Decimal(value), interval=(Decimal(low), Decimal(high)))
    return judged(result(metric), condition("p95 < 100ms", P95), specs=(P95,))


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        (("0.09", "0.104"), Status.INCONCLUSIVE),
        (("0.09", "0.1"), Status.INCONCLUSIVE),
        (("0.05", "0.09999999999999999999"), Status.PASSED),
        (("0.05", "0.09"), Status.PASSED),
        (("0.1", "0.12"), Status.FAILED),
        (("0.09999999999999999999", "0.12"), Status.INCONCLUSIVE),
    ],
)
def test_a_verdict_by_an_interval_is_read(ends: tuple[str, str], status: Status) -> None:
    run = timed(ends[0], *ends)
    assert run.status is status
    assert read(recorded(run).encode(), what="run.json").gates[0].status is status


@pytest.mark.parametrize("status", [Status.PASSED, Status.FAILED])
def test_what_its_interval_leaves_open_is_not_decided(status: Status) -> None:
    verdict = "passed" if status is Status.PASSED else "failed"
    edits: dict[str, object] = {
        "verdict": verdict,
        "exit_code": int(verdict == "failed"),
        "gates/0/status": status.value,
        "gates/0/conditions/0/status": status.value,
    }
    assert "come to what their metrics" in refusal(recorded(timed("0.095", "0.09", "0.104")), edits)


def test_an_interval_that_ends_at_its_limit_tells_on_which_side_it_was() -> None:
    record = recorded(timed("0.095", "0.09", "0.1"))
    edits: dict[str, object] = {
        "verdict": "passed",
        "exit_code": 0,
        "gates/0/status": "passed",
        "gates/0/conditions/0/status": "passed",
        "criteria/met": ["L1-LINT"],
        "criteria/failed": [],
    }
    assert "/gates/0/reason" in refusal(record, edits)


def test_what_was_decided_tells_its_value() -> None:
    record = recorded(timed("0.09", "0.05", "0.097"))
    edits: dict[str, object] = {
        "gates/0/reason": "p95 is 80 ms",
        "gates/0/conditions/0/reason": "p95 is 80 ms",
    }
    assert "/gates/0/reason" in refusal(record, edits)


def test_a_value_outside_its_interval_is_refused() -> None:
    edits: dict[str, object] = {"gates/0/metrics/0/interval": [0.096, 0.104]}
    problem = refusal(recorded(timed("0.095", "0.09", "0.104")), edits)
    assert "hold one that lies outside its interval" in problem


def test_a_condition_whose_metric_has_no_value_is_read() -> None:
    tagged = replace(ERRORS, tags=("path",))
    asked = (condition('errors{path="src"} == 0', tagged), condition("errors == 0", tagged))
    run = judged(result(count("errors", 0)), *asked, specs=(tagged,))
    assert run.status is Status.ERRORED
    assert read(recorded(run).encode(), what="run.json").gates[0].status is Status.ERRORED


def test_a_value_at_its_limit_tells_on_which_side_it_was() -> None:
    asked = condition("p95 < 100ms", P95)
    below = judged(
        result(Metric(name="p95", value=Decimal("0.09999999999999999999"))), asked, specs=(P95,)
    )
    assert read(recorded(below).encode(), what="run.json").gates[0].status is Status.PASSED
    at = judged(result(Metric(name="p95", value=Decimal("0.1"))), asked, specs=(P95,))
    edits: dict[str, object] = {
        "verdict": "passed",
        "exit_code": 0,
        "gates/0/status": "passed",
        "gates/0/conditions/0/status": "passed",
        "criteria/met": ["L1-LINT"],
        "criteria/failed": [],
    }
    assert "/gates/0/reason" in refusal(recorded(at), edits)


def test_a_value_of_more_digits_than_a_record_holds_is_read() -> None:
    long = Decimal("0.10000000000000000000123456789")
    run = judged(
        result(Metric(name="p95", value=long * 3)), condition("p95 < 200ms", P95), specs=(P95,)
    )
    assert read(recorded(run).encode(), what="run.json").gates[0].status is Status.FAILED


def test_another_version_may_word_its_reasons_otherwise() -> None:
    edits: dict[str, object] = {"gates/0/reason": "1 error", "gates_version": "0.0.1"}
    assert read(all_edited(FAILED, edits), what="run.json").gates[0].judged.reason == "1 error"


def test_a_condition_that_only_tells_is_judged_too() -> None:
    asked = (condition("errors == 0", ERRORS), condition("errors < 9", ERRORS, Role.WARN))
    run = judged(result(count("errors", 0)), *asked)
    assert read(recorded(run).encode(), what="run.json").gates[0].status is Status.PASSED
    edits = {"gates/0/conditions/1/status": "failed"}
    assert "come to what their metrics" in refusal(recorded(run), edits)


HUNDREDS = (100, 99, 101, 98, 102)


@pytest.mark.parametrize(
    ("made", "status"),
    [
        (against_baseline(105, *HUNDREDS), Status.PASSED),
        (against_baseline(110, *HUNDREDS), Status.PASSED),
        (against_baseline(130, *HUNDREDS), Status.FAILED),
        (against_baseline(105, *HUNDREDS, ends=("0.1", "0.12")), Status.INCONCLUSIVE),
        (against_baseline(105, *HUNDREDS, ends=("0.1", "0.11")), Status.PASSED),
        (against_baseline(105, 100, 99, 101), Status.INCONCLUSIVE),
        (against_baseline(105), Status.INCONCLUSIVE),
        (against_baseline(105, 0, 0, 0, 0, 0), Status.FAILED),
    ],
)
def test_a_condition_on_a_baseline_is_read(made: GateRun, status: Status) -> None:
    assert made.status is status
    record = recorded(made)
    run = read(record.encode(), what="run.json")
    assert run.gates[0].status is status
    assert json.loads(render(run)) == json.loads(record)


BASELINE = recorded(against_baseline(130, *HUNDREDS))
CONDITION = "gates/0/conditions/0"


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        ({f"{CONDITION}/limit": 0.2}, "are not what their texts say"),
        ({f"{CONDITION}/limit": None}, "are not what their texts say"),
        ({f"{CONDITION}/baseline/median": 0.2}, "are not what their texts say"),
        ({f"{CONDITION}/baseline/allowance": 0.5}, "are not what their texts say"),
        ({f"{CONDITION}/baseline": None}, "are not what their texts say"),
        ({f"{CONDITION}/text": "p95 <= 110ms"}, "are not what their texts say"),
        ({f"{CONDITION}/text": "p95 <= target.x"}, "are not what their texts say"),
        ({f"{CONDITION}/baseline/runs": ["a"]}, "are not what their texts say"),
        (
            {f"{CONDITION}/baseline/runs": [f"20260131T1200{at:02}Z-a" for at in (9, 8, 7, 6, 5)]},
            "stands on runs that cannot be",
        ),
        (
            {f"{CONDITION}/baseline/runs": [f"20260130T1200{at:02}Z-a" for at in (1, 2, 3, 4, 5)]},
            "stands on runs that cannot be",
        ),
        (
            {f"{CONDITION}/baseline/runs": ["20260130T120000Z-a"] * 5},
            "stands on runs that cannot be",
        ),
        (
            {f"{CONDITION}/baseline/runs": [f"20260130T1200{at}Z-a" for at in range(20, 10, -1)]},
            "stands on runs that cannot be",
        ),
    ],
)
def test_a_baseline_is_worked_out_again(edits: dict[str, object], problem: str) -> None:
    assert problem in refusal(BASELINE, edits)


def test_a_baseline_of_no_run_has_no_median() -> None:
    record = recorded(against_baseline(105))
    assert "cannot be" in refusal(record, {f"{CONDITION}/baseline/median": 0.1})


@pytest.mark.parametrize("status", [Status.PASSED, Status.FAILED])
def test_without_runs_enough_nothing_is_decided(status: Status) -> None:
    record = recorded(against_baseline(105, 100, 99, 101))
    edits: dict[str, object] = {f"{CONDITION}/status": status.value}
    assert refusal(record, edits)


def test_without_runs_enough_the_reason_says_so() -> None:
    record = recorded(against_baseline(105, 100, 99, 101))
    words = "p95 is 105 ms, and its baseline stands on 4 of 5 recorded runs"
    edits: dict[str, object] = {"gates/0/reason": words, f"{CONDITION}/reason": words}
    assert "is not that of its conditions" in refusal(record, edits)
