"""Baselines: conditions whose limit is worked out from what recorded runs measured.

The median of at most seven comparable runs, with an allowance, is compared with one number: a test
on single requests would call any difference significant where there are thousands of them, and
they depend on each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gates.domain.allowance import MOST, NEEDED, median
from gates.domain.condition import UNKNOWN, Condition, Operator, Role, always
from gates.domain.status import Status
from gates.domain.units import show

MEASURED = (Status.PASSED, Status.FAILED, Status.WAIVED, Status.INCONCLUSIVE)
"""Statuses of a gate that measured what its conditions ask."""


@dataclass(frozen=True, slots=True)
class Past:
    """What a recorded run measured of a condition's metric.

    Attributes:
        run: its id.
        value: an exact fraction.
    """

    run: str
    value: tuple[int, int]


def settled(condition: Condition, past: Sequence[Past]) -> Condition:
    """A condition with the limit that its baseline gives.

    Args:
        condition: one that compares with a baseline; any other comes back as it is.
        past: what comparable runs measured, the newest first; those beyond `MOST` do not count.
    """
    baseline = condition.baseline
    if baseline is None:
        return condition
    counted = past[:MOST]
    is_lower = condition.operator in {Operator.LT, Operator.LE}
    known = replace(
        baseline,
        runs=tuple(each.run for each in counted),
        median=median([each.value for each in counted], is_lower=is_lower),
    )
    return worked_out(replace(condition, baseline=known))


def worked_out(condition: Condition) -> Condition:
    """A condition whose limit follows from its baseline.

    The limit is `UNKNOWN` where too few runs were recorded, or where each value would hold.
    """
    if condition.baseline is None:
        return condition
    limit = condition.baseline.bound(condition.unit)
    if limit is None or always(condition.operator, limit, condition.unit):
        limit = UNKNOWN
    return replace(condition, limit=limit)


def counts(condition: Condition, outcome: Status, *, holds: bool) -> bool:
    """Whether a recorded run may stand in a baseline, by a condition on the same metric in it.

    A run that was found to be worse than its own baseline does not: repeated often enough, it would
    become the baseline. One that a person waived does.

    Args:
        condition: a condition of the recorded run.
        outcome: what came of it.
        holds: whether the value that was measured satisfied it.
    """
    if condition.baseline is None or condition.role is not Role.REQUIRE:
        return True
    return condition.known_limit is None or holds or outcome is Status.WAIVED


def doubt(condition: Condition) -> str:
    """Why a baseline gives no limit, as the end of a sentence about the metric; or empty."""
    baseline = condition.baseline
    if baseline is None or condition.known_limit is not None:
        return ""
    if baseline.median is not None and len(baseline.runs) >= NEEDED:
        what = f"{show(baseline.median, condition.unit)}{baseline.shown(condition.unit)}"
        return f"its baseline, {what}, admits any value"
    return f"its baseline stands on {len(baseline.runs)} of {NEEDED} recorded runs"
