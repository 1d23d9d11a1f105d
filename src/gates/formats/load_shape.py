"""The shape of a load: how fast requests come, how many connections stay open, how long it runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from gates.formats.load_plan import Slope, scaled

DOCUMENTED_RAMP = "documented-ramp"
"""The profile of the criterion L3-CAPACITY: 2 min to 100 users, 5 min to 1,000, 2 min down."""

PROFILES = {DOCUMENTED_RAMP: ("100@2m", "1000@5m", "0@2m")}
"""Ready profiles by name."""

MAX_CONNECTIONS = 10_000
"""Connections that are opened by default at most."""

_FEWEST = 100
_SECONDS_OF_STALL = 4  # a service that stands still so long still meets everyone who comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a plan asks for over time.

    Attributes:
        rates: requests a second, slope by slope.
        held: connections that stay open, slope by slope; none where no number is asked for.
    """

    rates: tuple[Slope, ...]
    held: tuple[Slope, ...] = ()

    @property
    def connections(self) -> int:
        """How many connections are enough by default."""
        rate = max(max(start, end) for start, end, _ in self.rates)
        held = max((max(start, end) for start, end, _ in self.held), default=0.0)
        enough = min(max(_FEWEST, math.ceil(rate * _SECONDS_OF_STALL)), MAX_CONNECTIONS)
        return max(enough, math.ceil(held))


def constant(rate: Decimal, duration: Decimal, *, held: int = 0) -> Shape:
    """One rate, and a number of connections that stay open, or 0."""
    number, seconds = float(rate), float(duration)
    slopes = ((float(held), float(held), seconds),) if held else ()
    return Shape(rates=((number, number, seconds),), held=slopes)


def of_users(users: tuple[Slope, ...], pace: Decimal) -> Shape:
    """Users that each hold a connection and send a request every so many seconds.

    They do not wait for answers: 100 users with a pace of 1 s are 100 requests a second, however
    slow the service is.
    """
    return Shape(rates=scaled(users, 1 / pace), held=users)


def looks(duration: Decimal, most: Decimal) -> tuple[Decimal, ...]:
    """How long each run is, so that what is known doubles with each until the cap.

    Args:
        duration: of the first run, in seconds.
        most: of all together; no shorter than the first.
    """
    runs = [duration]
    done = duration
    while most - done >= duration:
        runs.append(min(done, most - done))
        done += runs[-1]
    return tuple(runs)
