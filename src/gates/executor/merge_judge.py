"""What a shard recorded of a gate, taken back to what its stage measured, and judged once more.

The outcome that a record tells is never taken over: it must follow from the metrics beside it under
the conditions of this checkout, and what counts is what this checkout makes of the same metrics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from gates.domain.baseline import worked_out
from gates.domain.condition import Condition
from gates.domain.judge import Checked, Judged, NotMeasured, Reading, is_open, judge
from gates.domain.metric import Metric
from gates.domain.plan import GatePlan
from gates.domain.run import GateRun
from gates.domain.stage_result import Inconclusive, NotApplicable, StageResult, Tool
from gates.domain.status import Status
from gates.domain.waiver import Waiver


def outcome_of(gate: GateRun) -> StageResult | NotMeasured | None:
    """What the stage of a recorded gate handed over; None where it did not run."""
    judged = gate.judged
    if judged.problem is not None:
        return NotMeasured(problem=judged.problem, caused_by=judged.caused_by)
    if gate.examined is None:
        return None
    return StageResult(
        metrics=tuple(_measured(reading) for reading in judged.readings),
        examined=gate.examined,
        tool=gate.tool or Tool(name=gate.plan.uses, version=""),
        findings=(*judged.findings, *(finding for finding, _ in judged.waived)),
        artifacts=gate.artifacts,
        not_applicable=_not_applicable(judged.checks),
        inconclusive=_inconclusive(judged.checks),
        notes=gate.notes,
        canary=gate.canary,
    )


def difference(plan: GatePlan, gate: GateRun) -> str:
    """In what a recorded gate is not the gate of this checkout, in words; empty where it is."""
    found = gate.plan
    for what, ours, theirs in (
        ("level", plan.level, found.level),
        ("stage", plan.uses, found.uses),
        ("options", plan.options_sha256, found.options_sha256),
        ("criteria", plan.criteria, found.criteria),
        ("dropped conditions", plan.dropped, found.dropped),
    ):
        if ours != theirs:
            return f"gate `{plan.name}` has other {what} than here"
    if gate.judged.checks and list(map(_key, plan.conditions)) != list(map(_key, found.conditions)):
        return f"gate `{plan.name}` has other conditions than here"
    return ""


def settled(plan: GatePlan, gate: GateRun) -> GatePlan:
    """The gate of this checkout, with the baselines that the machine of the shard looked up."""
    found = iter(gate.plan.conditions)
    told = {_key(condition): condition.baseline for condition in found}
    conditions = tuple(
        worked_out(replace(each, baseline=told[_key(each)]))
        if each.baseline is not None and told.get(_key(each)) is not None
        else each
        for each in plan.conditions
    )
    return replace(plan, conditions=conditions)


def rejudged(
    plan: GatePlan, gate: GateRun, *, waivers: Sequence[Waiver], today: date
) -> Judged | None:
    """What this checkout makes of what was measured; None where the gate did not run."""
    outcome = outcome_of(gate)
    if outcome is None:
        return None
    return judge(plan, outcome, waivers=waivers, today=today)


def misjudged(plan: GatePlan, gate: GateRun, *, on: date) -> bool:
    """Whether a recorded outcome does not follow from the metrics beside it.

    Args:
        plan: the gate of this checkout.
        gate: what the shard recorded.
        on: the day on which the shard judged; its own waivers count.
    """
    told = gate.judged
    due = rejudged(plan, gate, waivers=told.waivers, today=on)
    if due is None:
        return told.status is not Status.SKIPPED
    if due.status is not told.status or len(due.checks) != len(told.checks):
        return True
    return any(
        ours.status is not theirs.status
        for ours, theirs in zip(due.checks, told.checks, strict=True)
    )


def _key(condition: Condition) -> tuple[object, ...]:
    limit = None if condition.baseline is not None else float(condition.limit)
    return (
        condition.text,
        condition.metric,
        condition.tags,
        condition.operator,
        condition.unit,
        condition.role,
        limit,
    )


def _measured(reading: Reading) -> Metric:
    """The metric as it was before waived findings were taken out."""
    metric = reading.metric
    if not reading.waived or metric.value is None:
        return metric
    return replace(metric, value=metric.value + reading.waived)


def _not_applicable(checks: Sequence[Checked]) -> tuple[NotApplicable, ...]:
    told = {
        check.condition.metric: check.reason
        for check in checks
        if check.reading is None and check.status is Status.UNAFFECTED
    }
    return tuple(NotApplicable(metric=name, reason=reason) for name, reason in told.items())


def _inconclusive(checks: Sequence[Checked]) -> tuple[Inconclusive, ...]:
    """Metrics whose sample the stage called too small: no interval leaves them open."""
    told = {
        check.condition.metric: check.reason
        for check in checks
        if check.reading is not None
        and check.status is Status.INCONCLUSIVE
        and check.condition.known_limit is not None
        and not is_open(check.condition, check.reading.metric)
    }
    return tuple(Inconclusive(metric=name, reason=reason) for name, reason in told.items())
