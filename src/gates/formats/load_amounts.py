"""How the options of a load are written: `400/s`, `24000/min`, `3x`, `60s`, `95%`, `100@2m`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from gates.formats.load_plan import Slope

LOWEST_CONFIDENCE = Decimal("0.5")

_RATE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(/s|/min|/h|x)")
_TIME = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|min|m|h)")
_SHARE = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,6})?)%")
_STEP = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)@(.+)")
_A_SECOND = {"x": 1, "/s": 1, "/min": 60, "/h": 3600}
_SECONDS = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "min": Decimal(60),
    "m": Decimal(60),
    "h": Decimal(3600),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate, or how many times the expected traffic.

    Attributes:
        number: requests a second, or the factor.
        is_factor: which of both.
    """

    number: Decimal
    is_factor: bool

    def of(self, expected: Decimal | None) -> Decimal | None:
        """Requests a second; None where it is a factor and no traffic is expected."""
        if not self.is_factor:
            return self.number
        return None if expected is None else self.number * expected


def rate(text: str, *, name: str) -> Rate:
    """Read `400/s`, as `24000/min` or `90000/h`, or `3x`.

    Raises:
        ValueError: it is neither, or 0.
    """
    found = _RATE.fullmatch(text)
    if found is None or not Decimal(found[1]):
        known = "write a rate above 0 as `400/s`, `24000/min` or `3x`"
        raise ValueError(f"`{name}` is `{text}`: {known}")
    return Rate(Decimal(found[1]) / _A_SECOND[found[2]], found[2] == "x")


def seconds(text: str, *, name: str, may_be_none: bool = False) -> Decimal:
    """Read a time: `500ms`, `60s`, `5m`, `1h`.

    Raises:
        ValueError: it is none, or 0 where that means nothing.
    """
    found = _TIME.fullmatch(text)
    time = Decimal(found[1]) * _SECONDS[found[2]] if found else None
    if time is None or not (time or may_be_none):
        raise ValueError(f"`{name}` is `{text}`: write a time as `60s`, `5m` or `500ms`")
    return time


def confidence(text: str) -> Decimal:
    """Read a confidence, 50 % at least: `95%` becomes 0.95.

    Raises:
        ValueError: it is none.
    """
    found = _SHARE.fullmatch(text)
    share = Decimal(found[1]).scaleb(-2) if found else Decimal(0)
    if share < LOWEST_CONFIDENCE:
        raise ValueError(f"`confidence` is `{text}`: write at least `50%` and less than `100%`")
    return share


def ramp(steps: tuple[str, ...], *, name: str) -> tuple[Slope, ...]:
    """Read `GOAL@TIME` steps: each leads evenly from the goal before it, the first from 0.

    Raises:
        ValueError: one of them is none, or all goals are 0.
    """
    slopes: list[Slope] = []
    before = 0.0
    for step in steps:
        found = _STEP.fullmatch(step)
        if found is None:
            raise ValueError(f"`{name}` has the step `{step}`: write it as `100@2m`")
        goal = float(found[1])
        slopes.append((before, goal, float(seconds(found[2], name=name))))
        before = goal
    if not any(goal for _, goal, _ in slopes):
        raise ValueError(f"`{name}` never rises above 0")
    return tuple(slopes)
