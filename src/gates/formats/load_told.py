"""What the options of a load say, read once: its shape, its runs, and what is sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from gates.formats import load_amounts, load_requests, load_shape
from gates.formats.load_amounts import Rate
from gates.formats.load_plan import Login, Request, Slope
from gates.formats.load_shape import Shape

DURATION = "60s"
WARMUP = "5s"
PACE = "1s"
EVERY = "10s"
LONGER = 4
"""How many times its duration a run may last until its conditions are decided, by default."""

ARRIVALS = ("random", "even")

_OPENING_S = 2  # to start the generator, and to open as many connections
_OPENED_A_SECOND = 1000


class Given(Protocol):
    """The options as they are written."""

    @property
    def rate(self) -> str:
        """`400/s` or `3x`; empty for `1x`."""

    @property
    def duration(self) -> str:
        """Of the first run; empty where `requests` says it."""

    @property
    def requests(self) -> int:
        """How many the first run has; 0 where `duration` says it."""

    @property
    def max_duration(self) -> str:
        """Of all runs together; empty for four times the first."""

    @property
    def warmup(self) -> str:
        """Before each run."""

    @property
    def profile(self) -> tuple[str, ...]:
        """Users over time, or the name of a ready profile."""

    @property
    def pace(self) -> str:
        """How often each user of a profile comes."""

    @property
    def hold(self) -> int:
        """Connections that stay open, or 0."""

    @property
    def every(self) -> str:
        """How often each of them is used."""

    @property
    def arrivals(self) -> str:
        """`random` or `even`."""

    @property
    def connections(self) -> int:
        """How many may be open; 0 for enough."""

    @property
    def patience(self) -> str:
        """How long answers are waited for at the end."""

    @property
    def slow(self) -> str:
        """From when on a request is over the limit."""

    @property
    def confidence(self) -> str:
        """Of each interval."""

    @property
    def paths(self) -> tuple[str, ...]:
        """What is sent, in the short form."""

    @property
    def login(self) -> Mapping[str, str]:
        """What comes before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The options as they are meant.

    Attributes:
        rate: of the requests, or None where users over time say it.
        duration_s: of the first run in seconds; None where `requests` says it.
        requests: how many the first run has, or 0.
        most_s: how long all runs may last together in seconds; None for the default.
        warmup_s: seconds before each run.
        users: users over time; none for a constant rate.
        pace_s: seconds between two requests of one user.
        hold: connections that stay open, or 0.
        even: requests come after equal gaps.
        connections: how many may be open; 0 for enough.
        patience_s: seconds that answers are waited for at the end.
        slow_s: from how many seconds on a request is over the limit.
        confidence: of each interval, below 1.
        paths: what is sent.
        login: what comes before, or None.
    """

    rate: Rate | None
    duration_s: Decimal | None
    requests: int
    most_s: Decimal | None
    warmup_s: Decimal
    users: tuple[Slope, ...]
    pace_s: Decimal
    hold: int
    even: bool
    connections: int
    patience_s: Decimal
    slow_s: Decimal
    confidence: Decimal
    paths: tuple[Request, ...]
    login: Login | None

    def shape(self, expected: Decimal | None) -> Shape | None:
        """The first run; None where its rate follows from the traffic, and none is expected."""
        if self.users:
            return load_shape.of_users(self.users, self.pace_s)
        rate = None if self.rate is None else self.rate.of(expected)
        if rate is None:
            return None
        duration = self.duration_s or math.ceil(self.requests / rate * 1000) / Decimal(1000)
        return load_shape.constant(rate, duration, held=self.hold)

    def runs(self, first: Shape, *, within_s: int | None = None) -> tuple[Shape, ...]:
        """The first run, and those that may follow until the conditions are decided.

        Args:
            first: the first run.
            within_s: as many as surely end in this time, and the first in any case; None: all.
        """
        if self.users:
            return (first,)
        ((rate, _, seconds),) = first.rates
        duration = Decimal(repr(seconds))
        most = max(self.most_s or LONGER * duration, duration)
        runs = tuple(
            load_shape.constant(Decimal(repr(rate)), length, held=self.hold)
            for length in load_shape.looks(duration, most)
        )
        while within_s is not None and len(runs) > 1 and self.seconds_of(runs) > within_s:
            runs = runs[:-1]
        return runs

    def seconds_of(self, runs: tuple[Shape, ...]) -> int:
        """How long runs take at most, in whole seconds."""
        measured = sum(seconds for shape in runs for _, _, seconds in shape.rates)
        opening = _OPENING_S * (1 + self.hold // _OPENED_A_SECOND)
        return math.ceil(measured + float(self.warmup_s + self.patience_s + opening) * len(runs))


def read(given: Given) -> Told:
    """Read the options.

    Raises:
        ValueError: one of them cannot be read, or two do not fit together.
    """
    _refuse_contradictions(given)
    _refuse_short_cap(given)
    users = load_shape.PROFILES.get(given.profile[0], given.profile) if given.profile else ()
    duration = None if given.requests else _time(given, "duration", DURATION)
    return Told(
        rate=_rate(given),
        duration_s=duration,
        requests=given.requests,
        most_s=load_amounts.seconds(given.max_duration, name="max_duration")
        if given.max_duration
        else None,
        warmup_s=load_amounts.seconds(given.warmup, name="warmup", may_be_none=True),
        users=load_amounts.ramp(users, name="profile") if users else (),
        pace_s=_time(given, "pace", PACE),
        hold=given.hold,
        even=given.arrivals == "even",
        connections=given.connections,
        patience_s=load_amounts.seconds(given.patience, name="patience"),
        slow_s=load_amounts.seconds(given.slow, name="slow"),
        confidence=load_amounts.confidence(given.confidence),
        paths=tuple(load_requests.of_line(line) for line in given.paths),
        login=load_requests.login(given.login) if given.login else None,
    )


def _time(given: Given, name: str, default: str) -> Decimal:
    texts = {"duration": given.duration, "pace": given.pace, "every": given.every}
    return load_amounts.seconds(texts[name] or default, name=name)


def _rate(given: Given) -> Rate | None:
    """The rate; where connections are held, the one that uses each of them in its turn."""
    if given.profile:
        return None
    if given.hold and not given.rate:
        return Rate(Decimal(given.hold) / _time(given, "every", EVERY), is_factor=False)
    return load_amounts.rate(given.rate or "1x", name="rate")


def _refuse_contradictions(given: Given) -> None:
    beside_profile = ("rate", "duration", "requests", "max_duration", "hold", "every")
    told = (
        (given.profile, beside_profile, "profile"),
        (given.requests, ("duration",), "requests"),
        (given.rate, ("every",), "rate"),
    )
    texts: dict[str, object] = {name: getattr(given, name) for name in beside_profile}
    for stands, others, name in told:
        clash = next((other for other in others if stands and texts[other]), None)
        if clash is not None:
            raise ValueError(f"`{clash}` has no place beside `{name}`")
    needs = (
        (given.pace, given.profile, "pace", "profile"),
        (given.every, given.hold, "every", "hold"),
    )
    for stands, other, name, needed in needs:
        if stands and not other:
            raise ValueError(f"`{name}` has a place only beside `{needed}`")
    for name in ("requests", "hold", "connections"):
        if getattr(given, name) < 0:
            raise ValueError(f"`{name}` is below 0")
    if 0 < given.connections < given.hold:
        raise ValueError("`connections` is less than `hold`")
    if given.arrivals not in ARRIVALS:
        raise ValueError(f"`arrivals` is `{given.arrivals}`: write `random` or `even`")
    if len(given.profile) == 1 and "@" not in given.profile[0]:
        _refuse_unknown_profile(given.profile[0])


def _refuse_short_cap(given: Given) -> None:
    """Refuse a cap of all runs below the length of the first, as far as that is told."""
    if not given.max_duration:
        return
    most = load_amounts.seconds(given.max_duration, name="max_duration")
    if not given.requests:
        default = "" if given.duration else f", which is {DURATION} by default"
        if most < _time(given, "duration", DURATION):
            raise ValueError(f"`max_duration` is shorter than `duration`{default}")
        return
    rate = _rate(given)
    number = None if rate is None else rate.of(None)
    if number is not None and most * number < given.requests:
        raise ValueError("`max_duration` is shorter than `requests` take at this `rate`")


def _refuse_unknown_profile(name: str) -> None:
    if name not in load_shape.PROFILES:
        known = ", ".join(f"`{each}`" for each in load_shape.PROFILES)
        raise ValueError(f"no profile is named `{name}`: write {known}, or steps as `100@2m`")
