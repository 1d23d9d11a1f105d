"""Allowances: how much worse than its baseline a value may be, and what the baseline stands on.

A baseline is the median of what recorded runs measured. One run says little, since the same program
on the same machine is some percent slower or faster each time; the median of several does not move
with one outlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from gates.domain.errors import Problem
from gates.domain.metric import Direction, MetricSpec, Unit
from gates.domain.units import plain

NEEDED = 5
"""Recorded runs below which a baseline decides nothing."""

MOST = 7
"""Recorded runs that a baseline stands on at most, the newest ones."""

DIGITS = 9
"""Digits of a median that is not whole; a record holds as many without any rounding."""

_LIMIT_DIGITS = 15
"""Digits of a limit: as many as a float holds (IEEE 754 double precision)."""

_WHOLE = 100
"""An allowance of so many percent, or points, leaves nothing to ask for."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What stands behind the word `baseline`, as written.

    Attributes:
        number: with its sign; 0 where nothing stands there.
        suffix: `%` or `pt`; empty where nothing stands there.
    """

    number: Decimal
    suffix: str

    @property
    def text(self) -> str:
        """The limit with single spaces: `baseline + 10%`."""
        if not self.suffix:
            return "baseline"
        sign = "-" if self.number.is_signed() else "+"
        return f"baseline {sign} {self.number.copy_abs()}{self.suffix}"

    @property
    def share(self) -> Decimal:
        """The number as a share of the whole."""
        return self.number.scaleb(-2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a condition's limit is worked out from.

    Attributes:
        allowance: with its sign; of a ratio it is added to the median, of any other unit it is a
            share of the median.
        runs: ids of the recorded runs, the newest first.
        median: of what they measured, in the metric's base unit; None where there are none.
    """

    allowance: Decimal
    runs: tuple[str, ...] = ()
    median: Decimal | None = None

    def shown(self, unit: Unit) -> str:
        """The allowance for people, behind the word or the number that it belongs to."""
        if not self.allowance:
            return ""
        sign = "-" if self.allowance.is_signed() else "+"
        number = plain(self.allowance.copy_abs().scaleb(2))
        return f" {sign} {number} {'pt' if unit is Unit.RATIO else '%'}"

    def bound(self, unit: Unit) -> Decimal | None:
        """The median with the allowance; None where too few runs were recorded."""
        if self.median is None or len(self.runs) < NEEDED:
            return None
        if not self.allowance:
            return self.median
        share = Decimal(1) if unit is Unit.RATIO else self.median.copy_abs()
        return Context(prec=_LIMIT_DIGITS).fma(share, self.allowance, self.median)


def parse_allowance(text: str) -> Allowance | None:
    """Parse a limit that begins with `baseline`; None where it is anything else."""
    import re

    found = re.fullmatch(
        r"baseline(?:\s*([+-])\s*((?:0|[1-9][0-9]{0,5})(?:\.[0-9]{1,6})?)\s*(%|pt))?",
        text,
        re.ASCII,
    )
    if found is None:
        return None
    sign, number, suffix = found.groups()
    if suffix is None:
        return Allowance(Decimal(0), "")
    return Allowance(Decimal(f"{sign}{number}"), suffix)


def objection(text: str, operator: str, allowance: Allowance, spec: MetricSpec) -> Problem | None:
    """Say why a metric cannot be held against its baseline in this way, or None.

    Args:
        text: the whole condition.
        operator: its operator as written.
        allowance: its allowance.
        spec: the specification of its metric.
    """
    name, is_ratio = spec.name, spec.unit is Unit.RATIO
    if spec.unit is Unit.FLAG:
        summary = f"`{name}` is 0 or 1, which has no baseline"
        return Problem("bad-baseline", summary, hint=f"write `{name} == 1`")
    is_lower = spec.direction is Direction.LOWER
    better = f"of `{name}`, {spec.direction.value} values are better"
    sign, amount = ("<=", "+") if is_lower else (">=", "-")
    hint = f"write it as in `{name} {sign} baseline {amount} {'1pt' if is_ratio else '10%'}`"
    if operator.rstrip("=") != sign.rstrip("="):
        summary = f"`{text}` does not ask for values as good as the baseline: {better}"
        return Problem("bad-direction", summary, hint=hint)
    if allowance.number and (allowance.number > 0) != is_lower:
        summary = f"the allowance of `{text}` stands on the wrong side: {better}"
        return Problem("bad-allowance", summary, hint=hint)
    if allowance.suffix not in {"", "pt" if is_ratio else "%"}:
        wanted = "percentage points (`pt`)" if is_ratio else "percent of its baseline (`%`)"
        summary = f"the allowance of `{text}` does not fit `{name}`, which takes {wanted}"
        return Problem("bad-allowance", summary, hint=hint)
    if abs(allowance.number) >= _WHOLE and (is_ratio or not is_lower):
        return Problem("decided", f"`{text}` always holds", hint=hint)
    return None


def median(values: Sequence[tuple[int, int]], *, is_lower: bool) -> Decimal | None:
    """The median of exact fractions; None of nothing.

    One that is not whole is cut to `DIGITS` digits, towards what admits more: a run that measures
    exactly the median must not come out as worse.

    Args:
        values: what was measured, each a numerator and a denominator above 0.
        is_lower: whether lower values are better.
    """
    from fractions import Fraction

    if not values:
        return None
    found = sorted(Fraction(*value) for value in values)
    middle = (found[(len(found) - 1) // 2] + found[len(found) // 2]) / 2
    if middle.denominator == 1:
        return Decimal(middle.numerator)
    rounding = ROUND_CEILING if is_lower else ROUND_FLOOR
    context = Context(prec=DIGITS, rounding=rounding)
    return context.divide(Decimal(middle.numerator), Decimal(middle.denominator))
