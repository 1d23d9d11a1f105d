"""How Locust rounds response times before it counts them, and what that leaves open."""

from __future__ import annotations

from decimal import Decimal

_HALF = Decimal("0.5")

_SCALES = ((100, 1), (1000, 10), (10_000, 100))
"""Times below the first number are rounded to multiples of the second; longer ones to seconds."""

_LAST = 1000


def rounded(milliseconds: Decimal) -> int:
    """What Locust makes of a response time: two digits that count; a half goes to the even one."""
    step = next((step for limit, step in _SCALES if milliseconds < limit), _LAST)
    return round(milliseconds / step) * step


def edges(key: int) -> tuple[Decimal, Decimal] | None:
    """The times that are rounded to this one, ends included; None where none is.

    Where the step grows, a time has half a small step below it and half a large one above.
    """
    low_step = next((step for limit, step in _SCALES if key <= limit), _LAST)
    high_step = next((step for limit, step in _SCALES if key < limit), _LAST)
    if key < 0 or key % high_step:
        return None
    return max(key - low_step * _HALF, Decimal(0)), key + high_step * _HALF
