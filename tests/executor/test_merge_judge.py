from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from samples import CHANGED, ERRORS, LINE, P95, condition, gate, result

from gates.domain.baseline import Past, settled
from gates.domain.errors import Problem
from gates.domain.finding import Finding, Severity, fingerprinted
from gates.domain.judge import Judged, NotMeasured, judge
from gates.domain.metric import Examined, Metric, count, ratio
from gates.domain.plan import GatePlan
from gates.domain.run import GateRun
from gates.domain.stage_result import Inconclusive, NotApplicable, StageResult
from gates.domain.status import Status
from gates.domain.waiver import Waiver
from gates.executor import merge_judge

TODAY = date(2026, 1, 31)

WAIVER = Waiver(
    gate="lint",
    finding="R1",
    reason="a constant",
    owner="ana",
    created=date(2026, 1, 1),
    expires=date(2026, 2, 15),
)

FOUND = fingerprinted(
    (Finding(rule="R1", severity=Severity.HIGH, message="x", path="a.py", counts=("errors",)),)
)

OPEN = gate(condition("line >= 90%", LINE), name="load", specs=(LINE,))


def recorded(plan: GatePlan, outcome: StageResult | NotMeasured, *waivers: Waiver) -> GateRun:
    """The gate as a shard judged it."""
    judged = judge(plan, outcome, waivers=waivers, today=TODAY)
    examined = outcome.examined if isinstance(outcome, StageResult) else None
    return GateRun(plan=plan, judged=judged, examined=examined)


CASES = [
    (gate(), result(count("errors", 0))),
    (gate(), result(count("errors", 3))),
    (gate(), NotMeasured(problem=Problem("x", "broke"), caused_by="other")),
    (gate(), result(count("errors", 0), examined=0)),
    (
        gate(condition("changed_line >= 90%", CHANGED), specs=(CHANGED,)),
        result(not_applicable=(NotApplicable(metric="changed_line", reason="nothing changed"),)),
    ),
    (
        OPEN,
        result(replace(ratio("line", 91, 100), interval=(Decimal("0.88"), Decimal("0.92")))),
    ),
    (
        OPEN,
        result(
            ratio("line", 91, 100), inconclusive=(Inconclusive(metric="line", reason="too few"),)
        ),
    ),
]


@pytest.mark.parametrize(("plan", "outcome"), CASES)
def test_what_was_recorded_is_judged_alike(
    plan: GatePlan, outcome: StageResult | NotMeasured
) -> None:
    run = recorded(plan, outcome)

    again = merge_judge.rejudged(plan, run, waivers=(), today=TODAY)

    assert again is not None
    assert again.status is run.judged.status
    assert [check.status for check in again.checks] == [c.status for c in run.judged.checks]
    assert again.reason == run.judged.reason
    assert not merge_judge.misjudged(plan, run, on=TODAY)
    assert merge_judge.difference(plan, run) == ""


def test_waivers_of_the_shard_are_undone_and_those_here_count() -> None:
    run = recorded(gate(), result(count("errors", 1), findings=FOUND), WAIVER)
    assert run.status is Status.WAIVED

    assert not merge_judge.misjudged(gate(), run, on=TODAY)
    without = merge_judge.rejudged(gate(), run, waivers=(), today=TODAY)
    expired = merge_judge.rejudged(gate(), run, waivers=(WAIVER,), today=date(2026, 3, 1))
    still = merge_judge.rejudged(gate(), run, waivers=(WAIVER,), today=TODAY)

    assert without is not None
    assert expired is not None
    assert still is not None
    assert without.status is expired.status is Status.FAILED
    assert still.status is Status.WAIVED
    assert without.readings[0].metric.value == 1
    assert len(without.findings) == 1


def test_a_verdict_that_does_not_follow_is_seen() -> None:
    plan = gate()
    failed = recorded(plan, result(count("errors", 3)))
    passed = recorded(plan, result(count("errors", 0)))
    skipped = Judged(status=Status.SKIPPED, reason="x")

    lie = replace(failed, judged=replace(failed.judged, status=Status.PASSED))
    swapped = replace(failed, judged=replace(failed.judged, checks=passed.judged.checks))
    fewer = replace(passed, judged=replace(passed.judged, checks=()))
    unrun = replace(passed, judged=replace(skipped, status=Status.PASSED), examined=None)

    assert all(merge_judge.misjudged(plan, each, on=TODAY) for each in (lie, swapped, fewer, unrun))
    assert not merge_judge.misjudged(plan, GateRun(plan=plan, judged=skipped), on=TODAY)
    assert (
        merge_judge.rejudged(plan, GateRun(plan=plan, judged=skipped), waivers=(), today=TODAY)
        is None
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"level": 2}, "other level"),
        ({"uses": "mypy"}, "other stage"),
        ({"options_sha256": "f" * 64}, "other options"),
        ({"criteria": ()}, "other criteria"),
        ({"dropped": ("x == 0",)}, "other dropped conditions"),
        ({"conditions": (condition("errors <= 5", ERRORS),)}, "other conditions"),
    ],
)
def test_a_gate_that_is_not_the_one_here_is_told(fields: dict[str, object], words: str) -> None:
    run = recorded(gate(), result(count("errors", 0)))

    theirs = replace(run, plan=replace(run.plan, **fields))  # type: ignore[arg-type]

    assert words in merge_judge.difference(gate(), theirs)


def test_a_baseline_is_the_one_that_the_shard_looked_up() -> None:
    held = condition("p95 <= baseline + 10%", P95)
    ours = gate(held, name="load", specs=(P95,))
    theirs = gate(
        settled(held, (Past("20260130T120000Z-abcdef", (1, 10)),)),
        name="load",
        specs=(P95,),
    )
    outcome = result(Metric(name="p95", value=Decimal("0.105")))
    run = recorded(theirs, outcome)

    again = merge_judge.settled(ours, run)

    assert again.conditions == theirs.conditions
    assert merge_judge.difference(ours, run) == ""
    assert not merge_judge.misjudged(again, run, on=TODAY)
    plain = gate()
    assert merge_judge.settled(plain, recorded(plain, result(count("errors", 0)))) == plain


def test_what_was_examined_stays() -> None:
    run = recorded(gate(), result(count("errors", 0)))
    outcome = merge_judge.outcome_of(run)

    assert isinstance(outcome, StageResult)
    assert outcome.examined == Examined(count=10, unit="files")
