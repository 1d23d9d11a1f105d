"""Percentiles of times, each with the interval that its sample leaves open.

"95 % of requests stay below L" is the same as "less than 5 % take L or longer". So a percentile is
decided by an interval of that share, the wider one of two on each side: the exact one of Clopper
and Pearson (`domain.interval`), and that of six slices of the run (`load_slices`). The interval of
the percentile holds every L for which the interval of the share holds those 5 %: the judge, who
compares its ends with a limit, decides just as if the share over that limit had been tested, and
nobody needs to know the limit here.

For the exact interval alone these ends are the ranks of G. Hahn and W. Meeker (Statistical
Intervals, section 5.2). That of slices may hold the 5 % again further out: then the interval
reaches to the outermost such time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gates.domain.interval import least_above, most_below
from gates.formats.latency import PERCENTILES, rank
from gates.formats.load_slices import SLICES, Bounds, Sliced

MAX_STEPS = 100_000
"""At so many times the slices are looked at; more would take long and show nothing."""

_WHOLE = 100
_DECIDED: Bounds = (1.0, 0.0)
"""Bounds that leave nothing open: without slices the count alone decides."""


@dataclass(frozen=True, slots=True)
class Percentile:
    """One percentile, in microseconds.

    Attributes:
        value: the nearest rank.
        low: lower end of its interval.
        high: upper end of its interval.
    """

    value: int
    low: int
    high: int


def percentiles(
    keyed: Mapping[int, int], *, miss: float, slices: Sliced | None, longest_us: int
) -> dict[str, Percentile]:
    """The percentiles of times by name; `keyed` holds at least one.

    Args:
        keyed: how many requests by time in microseconds times `SLICES` plus their slice.
        miss: how often an interval may miss the true percentile.
        slices: the slices, with nothing added yet; None where the run has none.
        longest_us: no request can take longer: the upper end where so few cannot tell one.
    """
    total = sum(keyed.values())
    ranges = [_Range.of(percent, total, miss, longest_us) for percent in PERCENTILES.values()]
    upto = 0
    for longest, shortest, parts in _steps(keyed, max(total // MAX_STEPS, 1)):
        for place, count in parts:
            upto += count
            if slices is not None:
                slices.add(place, count)
        bounds = _DECIDED if slices is None else slices.shares()
        for each in ranges:
            each.look(upto, bounds, (longest, shortest))
    values = _ranked(keyed, [rank(percent, total) for percent in PERCENTILES.values()])
    return {
        name: Percentile(value, min(each.low or 0, value), max(each.high, value))
        for name, each, value in zip(PERCENTILES, ranges, values, strict=True)
    }


Step = tuple[int, int, Sequence[tuple[int, int]]]
"""Neighbouring times: the longest, the shortest, and how many there are by slice."""


def _steps(keyed: Mapping[int, int], least: int) -> Iterator[Step]:
    """The times from the longest to the shortest, in steps of at least so many requests."""
    parts: list[tuple[int, int]] = []
    longest = shortest = -1
    held = 0
    for key in sorted(keyed, reverse=True):
        time, place = divmod(key, SLICES)
        if held >= least and time != shortest:
            yield longest, shortest, parts
            parts, held = [], 0
        if not parts:
            longest = time
        shortest = time
        parts.append((place, keyed[key]))
        held += keyed[key]
    yield longest, shortest, parts


def _ranked(keyed: Mapping[int, int], ranks: Sequence[int]) -> list[int]:
    """The times at ascending ranks."""
    found: list[int] = []
    upto = 0
    for key in sorted(keyed):
        upto += keyed[key]
        while len(found) < len(ranks) and upto >= ranks[len(found)]:
            found.append(key // SLICES)
    return found


@dataclass(slots=True)
class _Range:
    """The ends of one percentile's interval, found on the way from the longest time down.

    Attributes:
        share: what may lie beyond the percentile.
        few: at most so many over a time lie surely below the share.
        many: at least so many lie surely above it.
        high: the longest time that is open; -1 as long as there was none.
        low: the longest time since which all are surely below the percentile, or None.
    """

    share: float
    few: int
    many: int
    high: int = -1
    low: int | None = None

    @classmethod
    def of(cls, percent: int, total: int, miss: float, longest_us: int) -> _Range:
        """Find the counts that decide."""
        share = (_WHOLE - percent) / _WHOLE
        few, many = most_below(total, share, miss), least_above(total, share, miss)
        return cls(share, few, many, high=longest_us if few < 0 else -1)

    def look(self, upto: int, bounds: Bounds, times: tuple[int, int]) -> None:
        """Look at times that so many requests took or exceeded."""
        low, high = bounds
        if self.high < 0 and (upto > self.few or high >= self.share):
            self.high = times[0]
        if upto < self.many or low <= self.share:
            self.low = None
        elif self.low is None:
            self.low = times[1]
