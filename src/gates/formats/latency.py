"""Times as metrics: which ones there are, when they exist, and what bounds them.

A percentile is the nearest rank: of n times in order, the p-th percentile is the one at rank
ceil(n * p / 100). It takes as many times that one of them lies beyond it: 20 for p95, 100 for p99.

Tools put the times of failed requests among the others, and some round them. What that leaves open
is kept as an interval, and the value is its upper end: no limit is kept by luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from gates.domain.metric import Direction, Metric, MetricSpec, Tags, Unit
from gates.domain.stage_result import Inconclusive

PERCENTILES: dict[str, int] = {"p50": 50, "p90": 90, "p95": 95, "p99": 99}
"""Metrics that are percentiles, with their number."""

BENCH = ("p95 < 100ms", "mean < 200ms")
"""What the criterion L1-BENCH asks."""

LOAD = ("p95 < 100ms", "error_rate < 0.1%")
"""What the criterion L2-LOAD asks."""

LATENCY = (*PERCENTILES, "max", "mean")
"""All metrics of times."""

MAX_TAGGED = 500
"""Parts of the whole that get metrics of their own; a record of more would help nobody."""

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


def least(percent: int) -> int:
    """From how many times on a percentile exists."""
    return 100 // (100 - percent)


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


def timed(name: str, low: Decimal, high: Decimal, tags: Tags = ()) -> Metric:
    """A metric of which bounds are known, in seconds; its value is the upper one."""
    return Metric(name=name, value=high, tags=tags, interval=(low, high) if low < high else None)


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
    """

    requests: int
    failures: int
    total: Decimal
    fastest: Decimal
    slowest: Decimal
    steps: tuple[Step, ...]

    @property
    def completed(self) -> int:
        """How many did not fail."""
        return self.requests - self.failures

    def metrics(self, tags: Tags = (), *, exists_only: bool = False) -> tuple[Metric, ...]:
        """Times of the requests that did not fail, each bounded; none where all failed.

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
        bounds = {name: self._at(rank(percent, self.completed)) for name, percent in names}
        bounds |= {"max": self._slowest(), "mean": self._mean()}
        return tuple(
            timed(name, seconds(low), seconds(high), tags) for name, (low, high) in bounds.items()
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
