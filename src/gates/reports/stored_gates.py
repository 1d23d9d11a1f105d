"""What a gate of a stored run record must not say of itself.

The judging is done again: a status has to follow from the gate's conditions, theirs from what was
measured, and a condition's parts from its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from gates import __version__
from gates.domain.allowance import MOST
from gates.domain.baseline import worked_out
from gates.domain.condition import Condition, ConditionError, Operator, Role, bind, parse, subject
from gates.domain.judge import Checked, Reading, is_open, reason_of, sum_up
from gates.domain.metric import Direction, MetricSpec, Unit
from gates.domain.run import GateRun, Run
from gates.domain.status import Status
from gates.reports.record_v1 import value_of

_COUNTED = (Unit.COUNT, Unit.RATIO, Unit.FLAG)
"""Units whose values a record holds without any rounding."""

_BETWEEN = " lies between "
"""What stands in the reason of a condition that its interval leaves open."""

_DIGITS = 15
"""Digits that a number keeps as a float (IEEE 754 double precision)."""


def contradictions(gate: GateRun, run: Run) -> Iterator[tuple[str, str]]:
    """Tell in what a gate contradicts itself: the field of its record, and a sentence about it."""
    for field, problem, applies in _RULES:
        if applies(gate):
            yield field, problem
    if (due := _due(gate)) is not gate.status:
        shown = f"its conditions make it `{due}`" if due else "which nothing of it shows"
        yield "status", f"is `{gate.status}`, {shown}"
    if gate.status is Status.UNAFFECTED and not gate.judged.checks and run.base is None:
        yield "status", "is `unaffected`, though no change was judged"
    if not all(_stands_on_earlier_runs(check.condition, run) for check in gate.judged.checks):
        yield "conditions", "hold one whose baseline stands on runs that cannot be"
    # How a reason is worded is no part of the schema, so another version may word it otherwise.
    if run.gates_version == __version__ and not _tells_what_it_found(gate):
        yield "reason", "is not that of its conditions"


def _deciding(gate: GateRun) -> list[Checked]:
    return [each for each in gate.judged.checks if each.condition.role is Role.REQUIRE]


def _due(gate: GateRun) -> Status | None:
    """The status that follows from all else; None where nothing may stand as it does."""
    judged = gate.judged
    if judged.checks:
        return sum_up(judged.checks)[0] if judged.problem is None else None
    if judged.readings or judged.findings or judged.waived:
        return None
    if judged.problem is not None:
        return Status.ERRORED
    if gate.status is Status.UNAFFECTED:
        return Status.UNAFFECTED
    return Status.SKIPPED if gate.examined is None else None


def _is_unproved(gate: GateRun) -> bool:
    has_looked = gate.examined is not None and gate.examined.count > 0
    if not gate.judged.checks:
        return gate.status is Status.UNAFFECTED and not has_looked
    return not (has_looked and _deciding(gate))


def _measures_twice(gate: GateRun) -> bool:
    return len({_name(each) for each in gate.judged.readings}) != len(gate.judged.readings)


def _strays_from_its_interval(gate: GateRun) -> bool:
    return any(
        not float(each.metric.interval[0])
        <= float(value_of(each.metric))
        <= float(each.metric.interval[1])
        for each in gate.judged.readings
        if each.metric.interval is not None
    )


def _name(reading: Reading) -> str:
    return subject(reading.metric.name, reading.metric.tags)


def _measures_in_another_unit(gate: GateRun) -> bool:
    return any(
        (each.unit is Unit.RATIO) != (each.metric.value is None) for each in gate.judged.readings
    ) or any(
        check.reading is not None and check.reading.unit is not check.condition.unit
        for check in gate.judged.checks
    )


def _counts_fewer_than_it_found(gate: GateRun) -> bool:
    """A list of findings may be cut, a count may not: fewer than the findings is impossible."""
    numbers = {
        _name(each): each.metric.fraction[0]
        for each in gate.judged.readings
        if each.unit is Unit.COUNT
    }
    for check in gate.judged.checks:
        if check.reading is None:
            numbers[check.condition.subject] = 0
    return any(
        number < sum(name in finding.counts for finding in gate.judged.findings)
        for name, number in numbers.items()
    )


def _misjudges_a_condition(gate: GateRun) -> bool:
    return any(check.status not in _outcomes(check, gate) for check in gate.judged.checks)


def _outcomes(check: Checked, gate: GateRun) -> tuple[Status, ...]:
    """What a condition can have come to."""
    if check.reading is None:
        return (Status.UNAFFECTED, Status.ERRORED)
    covered = any(waiver.covers_condition(check.condition) for waiver in gate.judged.waivers)
    failed = Status.WAIVED if covered else Status.FAILED
    if check.condition.known_limit is None:
        return (Status.INCONCLUSIVE,)
    if _is_at_its_limit(check.reading, check.condition):
        return (Status.PASSED, failed, Status.INCONCLUSIVE)
    metric, condition = check.reading.metric, check.condition
    if _ends_at_its_limit(check.reading, condition):
        return (Status.PASSED, failed, Status.INCONCLUSIVE)
    if is_open(condition, metric):
        return (Status.INCONCLUSIVE,)
    holds = condition.operator.holds(metric.fraction, condition.limit)
    return (Status.PASSED if holds else failed, Status.INCONCLUSIVE)


def _is_at_its_limit(reading: Reading, condition: Condition) -> bool:
    """Whether rounding may have moved a value: just below the limit may have become the limit."""
    value = reading.metric.value
    if value is None or reading.unit in _COUNTED:
        return False
    return float(value) == float(condition.limit)


def _ends_at_its_limit(reading: Reading, condition: Condition) -> bool:
    """Whether rounding may have moved an end of an interval to the limit."""
    ends = reading.metric.interval or ()
    return any(float(end) == float(condition.limit) for end in ends)


def _is_misread(gate: GateRun) -> bool:
    return any(not _is_as_written(check.condition) for check in gate.judged.checks)


def _is_as_written(condition: Condition) -> bool:
    """Whether a condition is what its text says; a target's number stands in gates.yaml alone."""
    names = tuple(name for name, _ in condition.tags)
    is_lower = condition.operator in {Operator.LT, Operator.LE}
    spec = MetricSpec(
        name=condition.metric,
        unit=condition.unit,
        direction=Direction.LOWER if is_lower else Direction.HIGHER,
        title=condition.metric,
        tags=names,
    )
    try:
        written = parse(condition.text)
        bound = condition if written.target else bind(written, spec, {})
    except ConditionError:
        return False
    said = (written.text, written.metric, written.tags, written.operator)
    found = (condition.text, condition.metric, condition.tags, condition.operator)
    if said != found or (written.allowance is None) != (condition.baseline is None):
        return False
    return _is_limited_alike(bound, condition)


def _is_limited_alike(bound: Condition, condition: Condition) -> bool:
    """Whether a condition has the limit that is written, or that follows from its baseline."""
    asked, told = bound.baseline, condition.baseline
    if asked is None or told is None:
        return float(bound.limit) == float(condition.limit)
    due = worked_out(replace(bound, baseline=told)).known_limit
    limit = condition.known_limit
    if asked.allowance != told.allowance or (due is None) != (limit is None):
        return False
    return due is None or limit is None or float(due) == float(limit)


def _stands_on_earlier_runs(condition: Condition, run: Run) -> bool:
    """Whether the runs behind a baseline can be: each once, the newest first, none later."""
    baseline = condition.baseline
    if baseline is None:
        return True
    runs, stamp = baseline.runs, run.id.partition("-")[0]
    is_sorted = all(newer > older for newer, older in pairwise(runs))
    is_earlier = run.id not in runs and all(each.partition("-")[0] <= stamp for each in runs)
    has_median = (baseline.median is not None) == bool(runs)
    return is_sorted and is_earlier and has_median and len(runs) <= MOST


def _hides_a_problem(gate: GateRun) -> bool:
    return gate.judged.problem is not None and gate.status is not Status.ERRORED


def _waives_without_waiver(gate: GateRun) -> bool:
    if gate.status is Status.WAIVED and not gate.judged.waivers:
        return True
    return any(
        check.status is Status.WAIVED
        and not any(waiver.covers_condition(check.condition) for waiver in gate.judged.waivers)
        for check in gate.judged.checks
    )


def _borrows_a_waiver(gate: GateRun) -> bool:
    return any(waiver.gate != gate.name for waiver in gate.judged.waivers)


def _miscounts_what_is_waived(gate: GateRun) -> bool:
    waived = [finding for finding, _ in gate.judged.waived]
    for reading in gate.judged.readings:
        due = sum(_name(reading) in finding.counts for finding in waived)
        if reading.waived != (due if reading.unit is Unit.COUNT else 0):
            return True
    return False


def _tells_what_it_found(gate: GateRun) -> bool:
    judged = gate.judged
    if judged.checks and judged.reason != sum_up(judged.checks)[1]:
        return False
    return all(_tells_what_was_measured(check) for check in judged.checks)


def _tells_what_was_measured(check: Checked) -> bool:
    reading, condition = check.reading, check.condition
    if reading is None:
        return True
    if _is_at_its_limit(reading, condition):
        has_missed = check.reason.endswith(f", required {condition.shown_limit}")
        return has_missed == (check.status in {Status.FAILED, Status.WAIVED})
    if _ends_at_its_limit(reading, condition):
        return check.status is Status.INCONCLUSIVE or _BETWEEN not in check.reason
    if not _is_whole(reading, condition):
        return True
    is_told = check.reason == reason_of(condition, reading)
    if check.status is Status.INCONCLUSIVE and condition.known_limit is not None:
        return not is_told or is_open(condition, reading.metric)
    return is_told


def _is_whole(reading: Reading, condition: Condition) -> bool:
    """Whether the record holds the numbers of a reason as they were, without any rounding."""
    value = reading.metric.value
    numbers = [condition.limit]
    if value is not None and reading.unit not in _COUNTED:
        numbers.append(Decimal(value))
    numbers += reading.metric.interval or ()
    return all(len(number.as_tuple().digits) <= _DIGITS for number in numbers)


_RULES: tuple[tuple[str, str, Callable[[GateRun], bool]], ...] = (
    ("status", "is not `errored`, though an error is told", _hides_a_problem),
    ("status", "is waived without a waiver", _waives_without_waiver),
    ("status", "tells of an outcome, though nothing was examined or required", _is_unproved),
    ("metrics", "hold one twice", _measures_twice),
    ("metrics", "hold one that lies outside its interval", _strays_from_its_interval),
    ("metrics", "are not in the units of the conditions", _measures_in_another_unit),
    ("metrics", "count fewer than was found", _counts_fewer_than_it_found),
    ("metrics", "tell that other findings left than were waived", _miscounts_what_is_waived),
    ("conditions", "are not what their texts say, or decide nothing", _is_misread),
    ("conditions", "have come to what their metrics do not show", _misjudges_a_condition),
    ("waivers", "hold one of another gate", _borrows_a_waiver),
)
"""What a gate must not say of itself: the field of its record, and a sentence about it."""
