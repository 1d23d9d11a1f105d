"""What a histogram's buckets tell of a quantile: the two edges between which it lies, for certain.

A bucket counts observations up to its upper edge, the edge included. So a quantile, as the nearest
rank, lies above the lower edge of the bucket that holds this rank, and not above its upper one.
Nothing in between is guessed: linear interpolation was seen to be a third off.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from gates.domain.errors import StageError
from gates.domain.interval import least_above, most_below
from gates.domain.metric import Metric, Tags
from gates.domain.stage_result import Inconclusive
from gates.domain.units import plain
from gates.formats.prometheus_checks import EDGE, without
from gates.formats.prometheus_lines import number
from gates.formats.prometheus_query import BUCKET, Selector
from gates.formats.prometheus_window import Window

MISS = 0.05
"""How often the interval of an estimate may miss the truth."""

SUM_SLACK = Fraction(1, 1000)
"""How far a sum may be off its buckets."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """Observations of a time, by bucket.

    Attributes:
        name: of the histogram.
        edges: finite upper edges, ascending.
        counts: observations up to each edge.
        count: all observations.
        total: their sum, or None where it is not told.
    """

    name: str
    edges: tuple[Decimal, ...]
    counts: tuple[int, ...]
    count: int
    total: Fraction | None

    def bounds(self, share: Decimal) -> tuple[Decimal, Decimal, Decimal]:
        """A quantile: the upper edge of its bucket, and between which values it lies for certain.

        The ends also cover what the observations, as a sample, leave open (`MISS`).

        Args:
            share: below 1; the quantile is the observation at rank ceil(count * share).

        Raises:
            StageError: nothing was observed, or the quantile lies beyond the last edge and the
                sum of the observations does not bound it.
        """
        if self.count <= 0:
            raise StageError("nothing-counted", f"`{self.name}` observed nothing in between")
        rank = math.ceil(self.count * Fraction(share))
        low = most_below(self.count, float(share), MISS) + 1
        high = min(least_above(self.count, float(share), MISS), self.count)
        return self._upper(rank), self._lower(min(low, rank)), self._upper(max(high, rank))

    def is_scarce(self, share: Decimal) -> bool:
        """Whether the observations are too few to bound a quantile from above."""
        return least_above(self.count, float(share), MISS) > self.count

    def _lower(self, rank: int) -> Decimal:
        edge = self._place(rank)[0]
        if edge is None or not rank:
            return Decimal(0)
        # An observation above an edge is at least the next double: so it was compared.
        return Decimal(math.nextafter(float(edge), math.inf))

    def _upper(self, rank: int) -> Decimal:
        edge = self._place(rank)[1]
        if edge is not None:
            return edge
        if self.total is None or self.total < 0 or rank > self.count:
            raise StageError(
                "beyond-buckets",
                f"the quantile of `{self.name}` lies beyond its last edge, and its sum is not told",
                hint="add a bucket with a higher edge",
            )
        # None below 0: so this many cannot all be larger than their share of the sum.
        most = self.total / (self.count - rank + 1)
        return max(Decimal(math.ceil(most * 1000)).scaleb(-3), self._lower(rank))

    def _place(self, rank: int) -> tuple[Decimal | None, Decimal | None]:
        """The edges around the observation of a rank; None below the first and above the last."""
        below: Decimal | None = None
        for edge, count in zip(self.edges, self.counts, strict=True):
            if count >= rank:
                return below, edge
            below = edge
        return below, None


def read(window: Window, selector: Selector) -> Buckets:
    """The observations of all histograms that a selector names, made in between.

    Args:
        window: the pages before and after.
        selector: names the buckets (`..._bucket`).

    Raises:
        StageError: there is none, they have different edges, or negative ones.
    """
    grown = window.growths(selector)
    by_series: dict[Tags, dict[Decimal, Fraction]] = {}
    for labels, more in grown.items():
        edge = number(dict(labels).get(EDGE, ""))
        if edge is None:
            raise StageError("no-histogram", f"`{selector.name}` has no `{EDGE}`")
        by_series.setdefault(without(labels, EDGE), {})[edge] = more
    edges = sorted({edge for own in by_series.values() for edge in own})
    name = selector.name.removesuffix(BUCKET)
    if any(len(own) != len(edges) for own in by_series.values()):
        raise StageError(
            "uneven-buckets",
            f"the histograms `{name}` have different buckets, which do not add up",
            hint="name labels, so that all that is added has the same buckets",
        )
    if edges[0] <= 0:
        raise StageError("no-time", f"`{name}` has a bucket up to {edges[0]}: it holds no times")
    counts = [_whole(name, (own[edge] for own in by_series.values())) for edge in edges]
    _refuse_falling(name, counts)
    total = _total(window, selector)
    found = Buckets(name, tuple(edges[:-1]), tuple(counts[:-1]), counts[-1], total)
    _refuse_other_sum(found)
    return found


def measured(
    name: str, buckets: Buckets, share: Decimal, tags: Tags = ()
) -> tuple[Metric, Inconclusive | None]:
    """The quantile as a metric with its interval, and whether the observations are too few.

    Raises:
        StageError: see `Buckets.bounds`.
    """
    value, low, high = buckets.bounds(share)
    interval = (low, high) if low < high else None
    scarce = None
    if buckets.is_scarce(share):
        reason = f"{buckets.count} observations are too few to tell {name}"
        scarce = Inconclusive(metric=name, reason=reason)
    return Metric(name=name, value=value, tags=tags, interval=interval), scarce


def advice(condition: str, histogram: str, metric: Metric) -> str:
    """What to do about a condition that the edges of a histogram leave open.

    Args:
        condition: as it is written.
        histogram: its name, or that of its buckets.
        metric: the quantile.
    """
    low, high = metric.interval or (Decimal(0), Decimal(0))
    shown = histogram.removesuffix(BUCKET)
    return (
        f"`{condition}` stays open: by the buckets of `{shown}` the quantile lies above"
        f" {plain(_edge(low))} and not above {plain(high)}; give it a bucket with the limit as its"
        " edge (`buckets=` of most clients), compare with `<=`, since an edge is in its bucket, or"
        " let more be observed"
    )


def _edge(low: Decimal) -> Decimal:
    """The edge that a lower bound lies next to."""
    return Decimal(repr(math.nextafter(float(low), 0)))


def _whole(name: str, parts: Iterable[Fraction]) -> int:
    count = sum(parts, Fraction(0))
    if count.denominator != 1:
        raise StageError("metric-value", f"a bucket of `{name}` holds {float(count)} observations")
    return int(count)


def _refuse_falling(name: str, counts: list[int]) -> None:
    if any(one > other for one, other in pairwise(counts)):
        summary = f"a bucket of `{name}` grew by more than the next one, which holds it"
        raise StageError("contradiction", summary, hint="the page is not written at one moment")


def _refuse_other_sum(buckets: Buckets) -> None:
    """Refuse a sum that observations in these buckets cannot have.

    The sum may tell of an observation more than the buckets, since clients add to one after the
    other; and it is a double.
    """
    if buckets.total is None or not buckets.edges:
        return
    bounds = pairwise((0, *buckets.counts, buckets.count))
    inside = [after - before for before, after in bounds]
    edges = [Fraction(edge) for edge in buckets.edges]
    slack = edges[-1] + buckets.total * SUM_SLACK
    least = sum((n * edge for n, edge in zip(inside[1:], edges, strict=True)), Fraction(0))
    most = sum((n * edge for n, edge in zip(inside[:-1], edges, strict=True)), Fraction(0))
    bound = ""
    if buckets.total < least - slack:
        bound = f"at least {float(least):g}"
    elif not inside[-1] and buckets.total > most + slack:
        bound = f"at most {float(most):g}"
    if bound:
        grown = float(buckets.total)
        raise StageError(
            "contradiction",
            f"the sum of `{buckets.name}` grew by {grown:g}, and by its buckets it is {bound}",
            hint="let one client observe each time once, for the buckets and the sum alike",
        )


def _total(window: Window, selector: Selector) -> Fraction | None:
    sums = Selector(f"{selector.name.removesuffix(BUCKET)}_sum", selector.labels)
    if not any(sums.fits(series) for series in window.after.series(sums.name)):
        return None
    return window.growth(sums)
