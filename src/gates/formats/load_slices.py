"""Slices of a run: how sure a share or a mean is when requests are not independent.

A service has good and bad minutes, so its requests do not dawdle or fail one by one. The run is cut
into six slices of equal length, and a t interval of what they show tells what that leaves open:

- Slices of different size are weighed as in a ratio estimate (W. Cochran, Sampling Techniques,
  1977, chapter 6).
- Where neighbouring slices resemble each other by a correlation of r, the variance is taken to be
  (1 + r) / (1 - r) times as large: that of the mean of a long autoregressive series of first order
  (T. Anderson, The Statistical Analysis of Time Series, 1971).
- The upper end of a share stands on the scale of its logarithm. In a run that happens to look good
  the slices happen to look alike too, and a plain t interval would believe it too easily.

Six slices cannot show what changes more slowly than the run lasts: `tests/bench/verdicts.py` tells
how long a run has to be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

SLICES = 6
"""Into how many slices a run is cut; one of fewer seconds has none."""

CLOSEST = 0.9
"""The highest correlation of neighbouring slices that is reckoned with."""

FARTHEST = 50.0
"""The largest exponent of an upper end; it is beyond every share."""

Bounds = tuple[float, float]


def slice_of(at: int, seconds: int) -> int:
    """The slice in which a second of the measured phase lies."""
    return min(at * SLICES // seconds, SLICES - 1)


class Sliced:
    """A sum over requests that is known of each slice, ready for an interval at any moment.

    Args:
        sizes: requests of each slice; all of them at least 1.
        reach: how many standard errors the interval reaches to each side.
    """

    def __init__(self, sizes: Sequence[int], reach: float) -> None:
        """Prepare what no addition changes."""
        self._sizes = (0, *sizes, 0)
        self._sums = [0] * len(self._sizes)
        self._reach = reach
        self._many = len(sizes)
        self._size = sum(sizes)
        self._size_squares = sum(size * size for size in sizes)
        self._size_neighbours = sum(a * b for a, b in pairwise(sizes))
        self._around = [0, *(a + b for a, b in zip(self._sizes, self._sizes[2:], strict=False)), 0]
        self.total = 0
        self._squares = self._mixed = self._neighbours = self._shared = 0

    def add(self, place: int, amount: int) -> None:
        """Add to the sum of one slice; the first has place 0."""
        at = place + 1
        sums = self._sums
        self._squares += (2 * sums[at] + amount) * amount
        self._neighbours += (sums[at - 1] + sums[at + 1]) * amount
        self._mixed += self._sizes[at] * amount
        self._shared += self._around[at] * amount
        sums[at] += amount
        self.total += amount

    @property
    def share(self) -> float:
        """The sum by request."""
        return self.total / self._size

    def error(self) -> float:
        """The standard error of the sum by request."""
        share = self.share
        squares = self._squares - share * (2 * self._mixed - share * self._size_squares)
        if squares <= 0:
            return 0.0
        products = self._neighbours - share * (self._shared - share * self._size_neighbours)
        # The slices differ from their own mean, which takes this much from their correlation.
        likeness = min(max(products / squares + 1 / self._many, 0.0), CLOSEST)
        wider = (1 + likeness) / (1 - likeness)
        return math.sqrt(wider * squares * self._many / (self._many - 1)) / self._size

    def mean(self) -> Bounds:
        """The t interval of the sum by request."""
        away = self._reach * self.error()
        return self.share - away, self.share + away

    def shares(self) -> Bounds:
        """The t interval of a share; its upper end on the scale of the logarithm."""
        share = self.share
        if not share:
            return 0.0, 0.0
        away = self._reach * self.error()
        return share - away, share * math.exp(min(away / share, FARTHEST))
