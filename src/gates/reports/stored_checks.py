"""What a stored run record must not say: a verdict lighter than its gates, a pass without proof.

A record is a file that anybody may have edited. What it says twice has to agree, and what one field
follows from others is worked out again.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from gates.domain.condition import Role, subject
from gates.domain.judge import Checked
from gates.domain.metric import Unit
from gates.domain.plan import LEVELS
from gates.domain.run import GateRun, Run, verdict_of
from gates.domain.status import Status, Verdict
from gates.domain.waiver import Waiver
from gates.formats.strict_json import Value

SLUG = "record-contradiction"

LARGEST = Decimal(10) ** 30
"""No number of a record is larger; beyond it floats and formats begin to fail."""

LONGEST_S = Decimal(10) ** 9
"""No run takes longer, in seconds."""

SIGNAL_BASE = 128
"""Exit codes above it tell the signal that ended a run."""

SIGNALS = 64

_HEAVIER = {Verdict.ERRORED: (Verdict.FAILED,), Verdict.FAILED: ()}
_HARMLESS = (Status.PASSED, Status.WAIVED, Status.UNAFFECTED)


def bounded(entry: Value) -> Decimal:
    """A number of a size that can be shown.

    Raises:
        OutputUnreadable: for any other.
    """
    number = entry.number()
    if abs(number) > LARGEST:
        raise entry.unreadable("is larger than any number of a record")
    return number


def seconds(entry: Value) -> Decimal:
    """A duration.

    Raises:
        OutputUnreadable: where it is negative, or longer than any run.
    """
    number = entry.number()
    if not 0 <= number <= LONGEST_S:
        raise entry.unreadable("is no duration")
    return number


def check(run: Run, top: Value) -> None:
    """Refuse a record that contradicts itself.

    Args:
        run: what the record says.
        top: the record, for the places of problems.

    Raises:
        OutputUnreadable: where it does.
    """
    _levels(run, top)
    _gates(run, top)
    _verdict(run, top)
    _exit_code(run, top)


def _levels(run: Run, top: Value) -> None:
    if run.level not in LEVELS:
        raise top.member("level").unreadable("is no level", slug=SLUG)
    for each in top.member("levels").items():
        if each.member("number").count() not in LEVELS:
            raise each.member("number").unreadable("is no level", slug=SLUG)


def _gates(run: Run, top: Value) -> None:
    if not run.gates:
        raise top.member("gates").unreadable("is empty", slug=SLUG)
    seen: set[str] = set()
    for gate, entry in zip(run.gates, top.member("gates").items(), strict=True):
        if gate.name in seen:
            raise entry.member("name").unreadable("stands twice", slug=SLUG)
        seen.add(gate.name)
        if gate.plan.level not in range(LEVELS[0], run.level + 1):
            raise entry.member("level").unreadable("is not judged by this run", slug=SLUG)
        if len(gate.logs) % 2:
            raise entry.member("logs").unreadable("is not in pairs", slug=SLUG)
        if gate.status is Status.UNAFFECTED and not _deciding(gate) and run.base is None:
            problem = "is `unaffected`, though no change was judged"
            raise entry.member("status").unreadable(problem, slug=SLUG)
        if not all(_was_valid(waiver, run) for waiver in gate.judged.waivers):
            raise entry.member("waivers").unreadable("hold one that was not valid", slug=SLUG)
        for applies, problem in _RULES:
            if applies(gate):
                raise entry.member("status").unreadable(problem, slug=SLUG)


def _was_valid(waiver: Waiver, run: Run) -> bool:
    """Whether a waiver held when its gate was judged: the day may have turned during the run."""
    from datetime import timedelta

    try:
        ended = run.started + timedelta(seconds=float(run.seconds))
    except OverflowError:
        ended = run.started
    return any(waiver.is_valid_on(moment.date()) for moment in (run.started, ended))


def _verdict(run: Run, top: Value) -> None:
    """An interrupt, or files that changed, make a run heavier than its gates, never lighter."""
    due = verdict_of(run.gates)
    entry = top.member("verdict")
    if run.verdict is not due and (
        run.verdict not in _HEAVIER or due in {run.verdict, *_HEAVIER[run.verdict]}
    ):
        raise entry.unreadable(f"is `{run.verdict}`, its gates make it `{due}`", slug=SLUG)
    if not run.complete and run.verdict not in _HEAVIER:
        raise entry.unreadable(f"is `{run.verdict}`, though the run was interrupted", slug=SLUG)


def _exit_code(run: Run, top: Value) -> None:
    code = run.exit_code
    if run.complete:
        is_due = code == run.verdict.exit_code
    else:
        is_due = SIGNAL_BASE < code <= SIGNAL_BASE + SIGNALS
    if not is_due:
        raise top.member("exit_code").unreadable(f"is {code}, which contradicts", slug=SLUG)


def _deciding(gate: GateRun) -> list[Checked]:
    return [each for each in gate.judged.checks if each.condition.role is Role.REQUIRE]


def _is_unproved(gate: GateRun) -> bool:
    has_looked = gate.examined is not None and gate.examined.count > 0
    if gate.status is Status.UNAFFECTED:
        return not has_looked
    claims = gate.status in {Status.PASSED, Status.WAIVED, Status.FAILED}
    return claims and not (has_looked and _deciding(gate))


def _hides_a_condition(gate: GateRun) -> bool:
    if gate.status not in _HARMLESS:
        return False
    return any(each.status not in _HARMLESS for each in _deciding(gate))


def _misjudges_a_condition(gate: GateRun) -> bool:
    return any(each.status is Status.PASSED and not _holds(each) for each in gate.judged.checks)


def _holds(check: Checked) -> bool:
    if check.reading is None:
        return False
    metric, limit = check.reading.metric, check.condition.limit
    if isinstance(metric.value, Decimal) and metric.value == limit:
        # A record holds such values as floats: just below the limit may have become the limit.
        return True
    return check.condition.operator.holds(metric.fraction, limit)


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
        name = subject(reading.metric.name, reading.metric.tags)
        due = sum(name in finding.counts for finding in waived)
        if reading.waived != (due if reading.unit is Unit.COUNT else 0):
            return True
    return False


def _owes_its_pass(gate: GateRun) -> bool:
    return gate.status is Status.PASSED and any(
        check.owes_to_waivers for check in gate.judged.checks
    )


_RULES: tuple[tuple[Callable[[GateRun], bool], str], ...] = (
    (_is_unproved, "tells of an outcome, though nothing was examined or required"),
    (_hides_a_condition, "is lighter than that of a condition"),
    (_misjudges_a_condition, "has a condition that passed without holding"),
    (_hides_a_problem, "is not `errored`, though an error is told"),
    (_waives_without_waiver, "is waived without a waiver"),
    (_borrows_a_waiver, "uses a waiver of another gate"),
    (_miscounts_what_is_waived, "has a metric that other findings left than were waived"),
    (_owes_its_pass, "is `passed`, though a condition holds by waivers alone"),
)
"""What a gate must not say of itself, each with how a problem tells it."""
