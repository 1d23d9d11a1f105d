"""Intervals for what a sample shows of a whole: exact ones for shares, Student's t for means.

A confidence of 95 % leaves a `miss` of 0.05: so often may the true value lie outside. Each interval
here has two sides, and half of the miss lies beyond each.

Sources: C. Clopper and E. Pearson, Biometrika 26 (1934), for the interval of a share; G. Hahn and
W. Meeker, Statistical Intervals (1991), section 5.2, for the ranks that bound a percentile; NIST
Digital Library of Mathematical Functions, 8.17.22 and 5.11.1, for the functions behind them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

_TINY = 1e-300
_PRECISION = 1e-16
_LAST_TERM = 10_000_000
"""Terms of a continued fraction; the square root of the sample is about what it takes."""

_STIRLING_FROM = 16
"""From here on four terms of Stirling's series are exact in double precision."""


def share_interval(count: int, total: int, miss: float) -> tuple[float, float]:
    """The exact interval of Clopper and Pearson for a share of which a sample shows some.

    Its lower end is the share at which so many or more would come with half of the miss as their
    probability, its upper end the same for so many or fewer.

    Args:
        count: how many of the sample have it.
        total: the sample, above 0.
        miss: how often the interval may miss the true share.
    """
    low, high = 0.0, 1.0
    if count > 0:
        low = _root(lambda share: at_least(count, total, share) - miss / 2, 0.0, 1.0)
    if count < total:
        high = _root(lambda share: at_most(count, total, share) - miss / 2, 0.0, 1.0)
    return low, high


def most_below(total: int, share: float, miss: float) -> int:
    """The largest count whose interval lies wholly below a share; -1 where none does.

    The upper end of `share_interval` is below the share where so many or fewer come with less than
    half of the miss as their probability.
    """
    if total == 0 or at_most(0, total, share) >= miss / 2:
        return -1
    return _last(0, total, lambda count: at_most(count, total, share) < miss / 2)


def least_above(total: int, share: float, miss: float) -> int:
    """The smallest count whose interval lies wholly above a share; total + 1 where none does."""
    if total == 0 or at_least(total, total, share) >= miss / 2:
        return total + 1
    return _last(0, total, lambda count: at_least(count, total, share) >= miss / 2) + 1


def at_most(count: int, total: int, share: float) -> float:
    """The probability that at most so many of a sample have what this share of the whole has."""
    if count < 0:
        return 0.0
    if count >= total:
        return 1.0
    return beta(total - count, count + 1, 1 - share, share)


def at_least(count: int, total: int, share: float) -> float:
    """The probability that at least so many of a sample have what this share of the whole has."""
    if count > total:
        return 0.0
    return beta(count, total - count + 1, share, 1 - share) if count > 0 else 1.0


def student(miss: float, degrees: int) -> float:
    """How many standard errors a two-sided t interval reaches to each side.

    Args:
        miss: how often the interval may miss the true mean.
        degrees: degrees of freedom, above 0.
    """

    def missed(errors: float) -> float:
        whole = degrees + errors * errors
        return beta(degrees / 2, 0.5, degrees / whole, errors * errors / whole)

    high = 1.0
    while missed(high) > miss:
        high *= 2
    return _root(lambda errors: missed(errors) - miss, 0.0, high)


def beta(first: float, second: float, share: float, rest: float) -> float:
    """The regularised incomplete beta function.

    Args:
        first: its first parameter, above 0.
        second: its second parameter, above 0.
        share: its argument, from 0 to 1.
        rest: what is missing from the argument to 1, which subtraction could only round.
    """
    if share <= 0 or rest <= 0:
        return 0.0 if share <= 0 else 1.0
    if share * (first + second + 2) > first + 1:
        return 1 - beta(second, first, rest, share)
    return _front(first, second, share, rest) / first / _fraction(first, second, share)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a monotone function changes its sign, by halving until two floats are neighbours."""
    rises = function(high) > function(low)
    while low < (middle := (low + high) / 2) < high:
        if (function(middle) > 0) == rises:
            high = middle
        else:
            low = middle
    return middle


def _last(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The last number from `low`, where a claim holds, to before `high`, for which it does."""
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low


def _front(first: float, second: float, share: float, rest: float) -> float:
    """The factor before the continued fraction: share**first * rest**second / B(first, second).

    Written by what is left of each power after Stirling's formula, so that large parameters lose
    no digits to the difference of large logarithms.
    """
    whole = first + second
    exponent = (
        first * math.log1p((share * second - rest * first) / first)
        + second * math.log1p((rest * first - share * second) / second)
        + _stirling_rest(whole)
        - _stirling_rest(first)
        - _stirling_rest(second)
    )
    return math.exp(exponent) * math.sqrt(first * second / (2 * math.pi * whole))


def _stirling_rest(number: float) -> float:
    """What Stirling's formula leaves of the logarithm of the gamma function (DLMF 5.11.1)."""
    if number < _STIRLING_FROM:
        formula = (number - 0.5) * math.log(number) - number + math.log(2 * math.pi) / 2
        return math.lgamma(number) - formula
    inverse = 1 / (number * number)
    series = 1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))
    return series / number


def _fraction(first: float, second: float, share: float) -> float:
    """The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz' method."""
    upper, lower, value = 1.0, 0.0, 1.0
    for number in range(1, _LAST_TERM):
        half = number // 2
        doubled = first + 2 * half
        if number % 2:
            term = -(first + half) * (first + second + half) / (doubled * (doubled + 1))
        else:
            term = half * (second - half) / ((doubled - 1) * doubled)
        lower = 1 / ((1 + term * share * lower) or _TINY)
        upper = (1 + term * share / upper) or _TINY
        change = upper * lower
        value *= change
        if abs(change - 1) < _PRECISION:
            break
    return value
