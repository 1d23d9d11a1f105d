"""Bars of the HTML page: a measured value against its limit, as places on a short line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from gates.domain.condition import Operator
from gates.domain.judge import Checked
from gates.domain.metric import Unit
from gates.domain.units import PLAIN

WIDTH = 120
"""Length of a bar, in the page's pixels."""

ROOM = Decimal("1.25")
"""How much longer the line is than what it must show."""

_HALF = Decimal("0.5")
_WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Places on a line from 0 to `WIDTH`, as an SVG takes them.

    Attributes:
        value: where the measured value ends.
        limit: where the limit stands.
        low: where the interval of an estimate begins, or None.
        spread: how long that interval is; 0 where there is none.
    """

    value: float
    limit: float
    low: float | None = None
    spread: float = 0


def bar(check: Checked) -> Bar | None:
    """The bar of a condition; None where a bar would say no more than the numbers do.

    That is so without a value or a limit, for a limit of 0, and for a small plain count, which is
    read faster than it is seen.
    """
    limit = check.condition.known_limit
    if check.reading is None or limit is None or limit <= 0 or not _is_scale(check):
        return None
    metric = check.reading.metric
    top, bottom = metric.fraction
    value = Decimal(top) / Decimal(bottom)
    low, high = metric.interval or (value, value)
    if min(value, low) < 0:
        return None
    end = _end(max(value, high, limit), limit, check.condition.unit)
    spread = _place(high, end) - _place(low, end)
    return Bar(
        value=_place(value, end),
        limit=_place(limit, end),
        low=_place(low, end) if metric.interval else None,
        spread=round(spread, 1) if metric.interval else 0,
    )


def _is_scale(check: Checked) -> bool:
    """Whether the condition compares on a scale: an amount with a unit, and no equality."""
    return check.condition.operator is not Operator.EQ and check.condition.unit not in PLAIN


def _end(largest: Decimal, limit: Decimal, unit: Unit) -> Decimal:
    """What the far end of the line stands for; of a large share, the whole."""
    if unit is Unit.RATIO and limit >= _HALF:
        return max(_WHOLE, largest)
    return largest * ROOM


def _place(value: Decimal, end: Decimal) -> float:
    return round(float(value / end * WIDTH), 1)
