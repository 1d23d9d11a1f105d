"""Judging: a gate's conditions against what its stage measured.

Pure: the day and the waivers are passed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gates.domain.advice import distance, unmeasured
from gates.domain.baseline import doubt
from gates.domain.condition import Condition, Operator, Role, subject
from gates.domain.errors import Problem
from gates.domain.finding import Finding
from gates.domain.metric import Metric, Unit
from gates.domain.plan import GatePlan
from gates.domain.proof import breach
from gates.domain.stage_result import StageResult
from gates.domain.status import Status
from gates.domain.units import show_interval, show_metric
from gates.domain.waiver import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMeasured:
    """A stage that handed over nothing.

    Attributes:
        problem: what went wrong.
        caused_by: name of the needed gate that is the cause, or None.
    """

    problem: Problem
    caused_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A metric beside its unit, waived findings already taken out of it.

    Attributes:
        metric: the measured value.
        unit: base unit of the value.
        waived: how many waived findings left it.
    """

    metric: Metric
    unit: Unit
    waived: int = 0

    @property
    def whole(self) -> tuple[int, int]:
        """What was measured, waived findings included, as an exact fraction."""
        top, bottom = self.metric.fraction
        return top + self.waived * bottom, bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The outcome of one condition.

    Attributes:
        condition: what was asked.
        status: passed, failed, waived, unaffected, inconclusive or errored.
        reason: one line for people.
        reading: what was measured, or None.
        advice: how far a failed one is from its limit, or empty.
    """

    condition: Condition
    status: Status
    reason: str
    reading: Reading | None = None
    advice: str = ""

    @property
    def owes_to_waivers(self) -> bool:
        """Whether it decides, and holds only because waived findings left its metric."""
        if self.condition.role is not Role.REQUIRE or self.status is not Status.PASSED:
            return False
        reading, condition = self.reading, self.condition
        if reading is None or not reading.waived:
            return False
        return not condition.operator.holds(reading.whole, condition.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The outcome of one gate.

    Attributes:
        status: its status.
        reason: one line for people.
        checks: the outcome of each condition, in order.
        readings: what was measured, waived findings taken out.
        findings: findings that stay.
        waived: findings that a waiver covers, with it.
        waivers: the waivers that cover any of it.
        problem: what kept the gate from being measured, or None.
        caused_by: the needed gate that is the cause, or None.
    """

    status: Status
    reason: str
    checks: tuple[Checked, ...] = ()
    readings: tuple[Reading, ...] = ()
    findings: tuple[Finding, ...] = ()
    waived: tuple[tuple[Finding, Waiver], ...] = ()
    waivers: tuple[Waiver, ...] = ()
    problem: Problem | None = None
    caused_by: str | None = None


def judge(
    gate: GatePlan,
    outcome: StageResult | NotMeasured,
    *,
    waivers: Sequence[Waiver],
    today: date,
) -> Judged:
    """Judge one gate. Nothing measured, or measured in part, is never a pass.

    Args:
        gate: the gate with its bound conditions.
        outcome: what its stage handed over.
        waivers: all waivers of the project.
        today: the day on which they are judged (UTC).
    """
    if isinstance(outcome, NotMeasured):
        return _errored(outcome.problem, outcome.caused_by)
    problem = breach(gate, outcome)
    if problem is not None:
        return _errored(problem)
    valid = [waiver for waiver in waivers if waiver.gate == gate.name and waiver.is_valid_on(today)]
    waived, kept = _split(gate, outcome, valid)
    readings = _readings(gate, outcome, tuple(finding for finding, _ in waived))
    problem = _excess(readings)
    if problem is not None:
        return _errored(problem)
    checks = tuple(
        _check(gate, condition, outcome, readings, valid) for condition in gate.conditions
    )
    status, reason = sum_up(checks)
    used = tuple(waiver for waiver in valid if _is_used(waiver, waived, checks))
    return Judged(
        status=status,
        reason=reason,
        checks=checks,
        readings=readings,
        findings=kept,
        waived=waived,
        waivers=used,
    )


def _errored(problem: Problem, caused_by: str | None = None) -> Judged:
    return Judged(
        status=Status.ERRORED, reason=problem.summary, problem=problem, caused_by=caused_by
    )


def _split(
    gate: GatePlan, result: StageResult, valid: Sequence[Waiver]
) -> tuple[tuple[tuple[Finding, Waiver], ...], tuple[Finding, ...]]:
    """Part waived findings from those that stay.

    One that no count holds stays: a waiver could take it out of sight, but out of no number.
    """
    counting = {spec.name for spec in gate.specs if spec.unit is Unit.COUNT}
    counted = {subject(each.name, each.tags) for each in result.metrics if each.name in counting}
    waived: list[tuple[Finding, Waiver]] = []
    kept: list[Finding] = []
    for finding in result.findings:
        by = next((waiver for waiver in valid if waiver.covers_finding(finding)), None)
        if by is None or counted.isdisjoint(finding.counts):
            kept.append(finding)
        else:
            waived.append((finding, by))
    return tuple(waived), tuple(kept)


def _readings(
    gate: GatePlan, result: StageResult, waived: tuple[Finding, ...]
) -> tuple[Reading, ...]:
    from dataclasses import replace

    readings = []
    for metric in result.metrics:
        spec = gate.spec(metric.name)
        unit = spec.unit if spec is not None else Unit.NUMBER
        name = subject(metric.name, metric.tags)
        fewer = sum(name in finding.counts for finding in waived) if unit is Unit.COUNT else 0
        if fewer and metric.value is not None:
            readings.append(
                Reading(metric=replace(metric, value=metric.value - fewer), unit=unit, waived=fewer)
            )
        else:
            readings.append(Reading(metric=metric, unit=unit))
    return tuple(readings)


def _excess(readings: tuple[Reading, ...]) -> Problem | None:
    """Name the first count that holds fewer findings than were waived from it, or None."""
    for reading in readings:
        if reading.waived and reading.metric.fraction[0] < 0:
            name = subject(reading.metric.name, reading.metric.tags)
            top, bottom = reading.whole
            summary = (
                f"`{name}` is {top // bottom}, and {reading.waived} waived findings count in it"
            )
            return Problem("contradiction", summary)
    return None


def _check(
    gate: GatePlan,
    condition: Condition,
    result: StageResult,
    readings: tuple[Reading, ...],
    waivers: Sequence[Waiver],
) -> Checked:
    reading = next(
        (
            r
            for r in readings
            if (r.metric.name, r.metric.tags) == (condition.metric, condition.tags)
        ),
        None,
    )
    if reading is None:
        return _unmeasured(condition, result)
    if reason := _open(condition, result, reading):
        return Checked(
            condition=condition, status=Status.INCONCLUSIVE, reading=reading, reason=reason
        )
    reason = reason_of(condition, reading)
    if condition.operator.holds(reading.metric.fraction, condition.limit):
        return Checked(condition=condition, status=Status.PASSED, reading=reading, reason=reason)
    covered = any(waiver.covers_condition(condition) for waiver in waivers)
    status = Status.WAIVED if covered else Status.FAILED
    spec = gate.spec(condition.metric)
    advice = distance(condition, reading.metric, spec) if spec is not None else ""
    return Checked(
        condition=condition, status=status, reading=reading, reason=reason, advice=advice
    )


def _open(condition: Condition, result: StageResult, reading: Reading) -> str:
    """Why a measured value cannot decide a condition, or empty.

    A sample that is too small for much may still show that a condition fails, where it holds
    nowhere in the interval.
    """
    metric = reading.metric
    if condition.known_limit is None:
        return reason_of(condition, reading)
    is_undecided = is_open(condition, metric)
    holds = condition.operator.holds(metric.fraction, condition.limit)
    if metric.interval is not None and not is_undecided and not holds:
        return ""
    reasons = (entry.reason for entry in result.inconclusive if entry.metric == metric.name)
    return next(reasons, reason_of(condition, reading) if is_undecided else "")


def left_open(conditions: Sequence[Condition], metrics: Sequence[Metric]) -> tuple[str, ...]:
    """The texts of deciding conditions whose metric's interval holds values on both sides."""
    found = {(metric.name, metric.tags): metric for metric in metrics}
    return tuple(
        condition.text
        for condition in conditions
        if condition.role is Role.REQUIRE
        and (metric := found.get((condition.metric, condition.tags))) is not None
        and is_open(condition, metric)
    )


def is_open(condition: Condition, metric: Metric) -> bool:
    """Whether a metric's interval holds both values that satisfy a condition and such that do not.

    A waiver cannot cover such a condition: it covers a failure, and this one was not measured well
    enough to be called one.
    """
    if metric.interval is None or condition.known_limit is None:
        return False
    low, high = (end.as_integer_ratio() for end in metric.interval)
    operator, limit = condition.operator, condition.limit
    if operator is Operator.EQ:
        is_inside = Operator.LE.holds(low, limit) and Operator.GE.holds(high, limit)
        return is_inside and low != high
    return len({operator.holds(value, limit) for value in (low, metric.fraction, high)}) > 1


def reason_of(condition: Condition, reading: Reading) -> str:
    """What was measured, in words, and what is required where that does not hold or is open."""
    metric, limit = reading.metric, condition.known_limit
    if limit is None:
        shown = show_metric(metric, reading.unit)
        return f"{condition.subject} is {shown}, and {doubt(condition)}"
    if is_open(condition, metric):
        between = show_interval(metric, reading.unit, limit)
        return (
            f"{condition.subject} lies {between}, required {condition.shown_limit}:"
            " the sample cannot decide it"
        )
    shown = show_metric(metric, reading.unit, limit)
    if condition.operator.holds(metric.fraction, limit):
        return f"{condition.subject} is {shown}"
    return f"{condition.subject} is {shown}, required {condition.shown_limit}"


def _unmeasured(condition: Condition, result: StageResult) -> Checked:
    for entry in result.not_applicable:
        if entry.metric == condition.metric:
            return Checked(condition=condition, status=Status.UNAFFECTED, reason=entry.reason)
    reason = unmeasured(condition, result.metrics)
    return Checked(condition=condition, status=Status.ERRORED, reason=reason)


_GRAVITY = (Status.FAILED, Status.ERRORED, Status.INCONCLUSIVE, Status.WAIVED, Status.PASSED)


def sum_up(checks: tuple[Checked, ...]) -> tuple[Status, str]:
    """The gravest deciding condition gives the gate its status and reason.

    Where every deciding condition is unaffected, nothing was decided: the gate is unaffected.
    """
    deciding = [check for check in checks if check.condition.role is Role.REQUIRE]
    for status in _GRAVITY:
        found = [check for check in deciding if check.status is status]
        owing = [check for check in found if check.owes_to_waivers]
        if owing:
            return Status.WAIVED, "passed with waived findings"
        if found:
            return status, "; ".join(check.reason for check in found)
    return Status.UNAFFECTED, "; ".join(check.reason for check in deciding)


def _is_used(
    waiver: Waiver, waived: tuple[tuple[Finding, Waiver], ...], checks: tuple[Checked, ...]
) -> bool:
    """Whether it covers a waived finding, also beside another waiver, or a waived condition."""
    return any(waiver.covers_finding(finding) for finding, _ in waived) or any(
        check.status is Status.WAIVED and waiver.covers_condition(check.condition)
        for check in checks
    )
