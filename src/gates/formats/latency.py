"""Times as metrics: which ones there are, when they exist, and what bounds them.

A percentile is the nearest rank: of n times in order, the p-th percentile is the one at rank
ceil(n * p / 100). What a sample tells of it lies between two other ranks (`domain.interval`), and
it takes so many times that both exist: 72 for p95, 368 for p99.

Tools put the times of failed requests among the others, and some round them. What that leaves open
makes the interval wider, and the value is its upper end: no limit is kept by luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import log

from gates.domain.interval import least_above, most_below, share_interval
from gates.domain.metric import Direction, Metric, MetricSpec, Tags, Unit
from gates.domain.stage_result import Inconclusive

PERCENTILES: dict[str, int] = {"p50": 50, "p90": 90, "p95": 95, "p99": 99}
"""Metrics that are percentiles, with their number."""

BENCH = ("p95 < 100ms", "mean < 200ms")
"""What the criterion L1-BENCH asks."""

LOAD = ("p95 < 100ms", "error_rate < 0.1%")
"""What the criterion L2-LOAD asks."""

FLOOR = "error_rate < 5%"
"""What is asked where the criterion asks nothing of failures: most requests must be measured.

Without a failure it is decided by as many requests as p95 takes, so no run must be longer for it.
"""

LATENCY = (*PERCENTILES, "max", "mean")
"""All metrics of times."""

MAX_TAGGED = 500
"""Parts of the whole that get metrics of their own; a record of more would help nobody."""

MISS = 0.05
"""How often an interval of a report may miss the truth: it holds at 95 %."""

_WHOLE = 100
_STEP = Decimal("1e-12")
_TITLES = {"max": "slowest", "mean": "mean time"}


def specs(tag: str) -> tuple[MetricSpec, ...]:
    """The specifications of the metrics of times; each is left out where it is not told.

    Args:
        tag: name of the tag that tells parts of the whole; empty where there are none.
    """
    return tuple(
        MetricSpec(
            name=name,
            unit=Unit.SECONDS,
            direction=Direction.LOWER,
            title=_TITLES.get(name, f"time that {PERCENTILES.get(name)} % stay within"),
            tags=(tag,) if tag else (),
            optional=True,
        )
        for name in LATENCY
    )


def load_specs(tag: str) -> tuple[MetricSpec, ...]:
    """The specifications of all metrics of a load test; see `specs`."""
    tags = (tag,) if tag else ()
    return (
        *specs(tag),
        MetricSpec(
            name="error_rate",
            unit=Unit.RATIO,
            direction=Direction.LOWER,
            title="failed requests",
            noun="failed requests",
            tags=tags,
        ),
        MetricSpec(
            name="rate",
            unit=Unit.PER_SECOND,
            direction=Direction.HIGHER,
            title="requests a second that were achieved",
        ),
        MetricSpec(
            name="requests",
            unit=Unit.COUNT,
            direction=Direction.HIGHER,
            title="requests that came to an end",
            noun="requests",
            tags=tags,
        ),
    )


def rank(percent: int, count: int) -> int:
    """The nearest rank of a percentile: the smallest that so many percent do not exceed."""
    return -(-count * percent // 100)


def ranks(percent: int, count: int, miss: float = MISS) -> tuple[int, int]:
    """The ranks between which a percentile lies; 0 or count + 1 where there is no such rank."""
    share = (_WHOLE - percent) / _WHOLE
    return count + 1 - least_above(count, share, miss), count - most_below(count, share, miss)


def least(percent: int) -> int:
    """From how many times on both ends of a percentile's interval exist."""
    rarer = max(percent, _WHOLE - percent) / _WHOLE
    return int(log(MISS / 2) / log(rarer)) + 1


def rounded_out(value: Decimal, low: float, high: float) -> tuple[Decimal, Decimal]:
    """An interval as decimals, rounded outwards, that holds a value."""
    lower = Decimal(low).quantize(_STEP, ROUND_FLOOR)
    upper = Decimal(high).quantize(_STEP, ROUND_CEILING)
    return min(lower, value), max(upper, value)


def errors(failures: int, requests: int, tags: Tags = ()) -> Metric:
    """The share of requests that failed, with its exact interval; there is at least one."""
    low, high = share_interval(failures, requests, MISS)
    return Metric(
        name="error_rate",
        numerator=failures,
        denominator=requests,
        tags=tags,
        interval=rounded_out(Decimal(failures) / requests, low, high),
    )


def scarce(count: int, what: str) -> tuple[Inconclusive, ...]:
    """The percentiles that so few times cannot tell.

    Args:
        count: how many times there are.
        what: what they are of, plural.
    """
    return tuple(
        Inconclusive(metric=name, reason=f"{count} {what} do not tell {name}, which takes {needed}")
        for name, percent in PERCENTILES.items()
        if count < (needed := least(percent))
    )


def seconds(milliseconds: Decimal) -> Decimal:
    """The same time in the base unit."""
    return milliseconds.scaleb(-3)


def timed(
    name: str, low: Decimal, high: Decimal, tags: Tags = (), *, value: Decimal | None = None
) -> Metric:
    """A metric of which bounds are known, in seconds; its value is the upper one by default."""
    return Metric(
        name=name,
        value=high if value is None else value,
        tags=tags,
        interval=(low, high) if low < high else None,
    )


@dataclass(frozen=True, slots=True)
class Step:
    """Neighbours in the order of times, and bounds between which each of them lies.

    Attributes:
        upto: rank of the slowest of them; the fastest of all has rank 1.
        low: lower bound in milliseconds.
        high: upper bound in milliseconds.
    """

    upto: int
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The times of requests, with those of failed requests among them, unknown which.

    Attributes:
        requests: how many there are.
        failures: how many of them failed.
        total: sum of all times in milliseconds.
        fastest: the shortest time in milliseconds.
        slowest: the longest.
        steps: all of them in order; the last one ends at `requests`.
        is_counted: whether they are counts; where they are only printed percentiles, what lies
            between two of those is unknown, and each is taken as it stands.
    """

    requests: int
    failures: int
    total: Decimal
    fastest: Decimal
    slowest: Decimal
    steps: tuple[Step, ...]
    is_counted: bool = True

    @property
    def completed(self) -> int:
        """How many did not fail."""
        return self.requests - self.failures

    def metrics(self, tags: Tags = (), *, exists_only: bool = False) -> tuple[Metric, ...]:
        """Times of the requests that did not fail, each with its interval; none where all failed.

        Args:
            tags: of each metric.
            exists_only: leave out percentiles that so few requests cannot tell.
        """
        if not self.completed:
            return ()
        names = [
            (name, percent)
            for name, percent in PERCENTILES.items()
            if not exists_only or self.completed >= least(percent)
        ]
        found = {name: self._percentile(percent) for name, percent in names}
        found |= {
            name: (low, high, high)
            for name, (low, high) in (("max", self._slowest()), ("mean", self._mean()))
        }
        return tuple(
            timed(name, seconds(low), seconds(high), tags, value=seconds(value))
            for name, (low, value, high) in found.items()
        )

    def _percentile(self, percent: int) -> tuple[Decimal, Decimal, Decimal]:
        """Lower end, value and upper end; where there is no such rank, all that can be."""
        lower, value = self._at(rank(percent, self.completed))
        if not self.is_counted:
            return lower, value, value
        low, high = ranks(percent, self.completed)
        return (
            self._at(low)[0] if low else Decimal(0),
            value,
            self._at(high)[1] if high <= self.completed else self.slowest,
        )

    def _at(self, place: int) -> tuple[Decimal, Decimal]:
        """Bounds of what stands at a rank once the failed requests are taken out.

        Were they the slowest of all, it has this rank among all; were they the fastest, it has
        as many ranks more.
        """
        low = self._step(place).low
        high = self._step(place + self.failures).high
        return max(low, self.fastest), min(high, self.slowest)

    def _slowest(self) -> tuple[Decimal, Decimal]:
        low = self._at(self.completed)[0] if self.failures else self.slowest
        return low, self.slowest

    def _mean(self) -> tuple[Decimal, Decimal]:
        low = (self.total - self.failures * self.slowest) / self.completed
        high = (self.total - self.failures * self.fastest) / self.completed
        return max(low, self.fastest), min(high, self.slowest)

    def _step(self, place: int) -> Step:
        return next(step for step in self.steps if step.upto >= place)
