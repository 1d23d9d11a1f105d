"""What a stage's result must prove before any condition is looked at."""

from __future__ import annotations

from gates.domain.condition import Operator, Role, subject
from gates.domain.errors import Problem
from gates.domain.metric import Metric, Unit
from gates.domain.plan import GatePlan
from gates.domain.stage_result import StageResult


def breach(gate: GatePlan, result: StageResult) -> Problem | None:
    """Name the first way in which a result does not prove what it must, or None."""
    if not any(condition.role is Role.REQUIRE for condition in gate.conditions):
        return Problem("empty-gate", f"gate `{gate.name}` requires nothing")
    if result.examined.count <= 0:
        return Problem("nothing-examined", f"0 {result.examined.unit} were examined")
    return _metric_breach(gate, result) or _gap(gate, result)


def _metric_breach(gate: GatePlan, result: StageResult) -> Problem | None:
    """Name the first metric that the stage had no right to report so, or None."""
    seen: set[str] = set()
    for metric in result.metrics:
        name = subject(metric.name, metric.tags)
        spec = gate.spec(metric.name)
        if spec is None:
            summary = f"the stage reported `{name}`, which it does not declare"
            return Problem("undeclared-metric", summary)
        if name in seen:
            return Problem("contradiction", f"the stage reported `{name}` twice")
        if (spec.unit is Unit.RATIO) != (metric.value is None):
            return Problem("contradiction", f"`{name}` is not in its unit, {spec.unit.value}")
        if not _lies_within(metric):
            return Problem("contradiction", f"`{name}` does not lie within its own interval")
        seen.add(name)
    return None


def _lies_within(metric: Metric) -> bool:
    """Whether a value lies within its interval, where it has one."""
    if metric.interval is None:
        return True
    low, high = metric.interval
    if not (low.is_finite() and high.is_finite()):
        return False
    value = metric.fraction
    return Operator.GE.holds(value, low) and Operator.LE.holds(value, high)


def _gap(gate: GatePlan, result: StageResult) -> Problem | None:
    """Name the first declared metric that is neither measured nor rightly left out, or None."""
    measured = {metric.name for metric in result.metrics}
    absent = {entry.metric for entry in result.not_applicable}
    for spec in gate.specs:
        if spec.name in measured and spec.name in absent:
            summary = f"`{spec.name}` has a value, and is said not to apply"
            return Problem("contradiction", summary)
        if spec.name not in measured and not spec.optional:
            return Problem("metric-missing", f"`{spec.name}` was not measured")
    return None
