"""Expressions over two pages of metrics become metrics of a gate."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext
from fractions import Fraction

from gates.domain.errors import StageError
from gates.domain.interval import share_interval
from gates.domain.metric import Metric, Tags, Unit
from gates.domain.stage_result import Inconclusive
from gates.formats import prometheus_histogram
from gates.formats.prometheus_query import (
    Expression,
    Increase,
    Quantile,
    Quotient,
    Rate,
    Sum,
    Total,
    named,
    selectors,
)
from gates.formats.prometheus_window import Window, is_counting

DIGITS = 34
"""Digits of a value that no decimal holds."""

NOTABLE = Fraction(1, 100)
"""A greater part of a growth, where it comes of fetching the page itself, is told."""


def measured(
    name: str, expression: Expression, window: Window, unit: Unit
) -> tuple[Metric, Inconclusive | None]:
    """What an expression is in between, and whether too little was observed to tell it.

    Args:
        name: the metric's.
        expression: what it is.
        window: the pages before and after.
        unit: the metric's.

    Raises:
        StageError: a series is not there, nothing was counted, or a share is above 1.
    """
    if isinstance(expression, Quantile):
        buckets = prometheus_histogram.read(window, expression.of)
        return prometheus_histogram.measured(name, buckets, expression.share)
    if isinstance(expression, Quotient) and unit is Unit.RATIO:
        return _share(name, expression, window), None
    return of_value(name, _value(expression, window, name), unit), None


def of_value(name: str, value: Fraction, unit: Unit, tags: Tags = ()) -> Metric:
    """A value as a metric of a unit.

    Raises:
        StageError: it cannot be of this unit: a share outside 0 to 1, a count that is not whole.
    """
    if unit is Unit.RATIO:
        if not 0 <= value <= 1:
            raise StageError(
                "no-share",
                f"`{name}` is {float(value):.6g}, and a share lies between 0 and 1",
                hint=f"where it is no share, say `unit: number` for `{name}`",
            )
        return Metric(
            name=name, numerator=value.numerator, denominator=value.denominator, tags=tags
        )
    if unit is Unit.COUNT and (value.denominator != 1 or value < 0):
        raise StageError("no-count", f"`{name}` is {float(value):.6g}, and counts something")
    return Metric(name=name, value=exact(value), tags=tags)


def exact(value: Fraction) -> int | Decimal:
    """A fraction as an integer or a decimal, the nearest of 34 digits where none is equal."""
    if value.denominator == 1:
        return value.numerator
    with localcontext() as context:
        context.prec = DIGITS
        return Decimal(value.numerator) / Decimal(value.denominator)


def matched(expression: Expression, window: Window) -> int:
    """How many series of the page it looks at."""
    return sum(len(window.found(selector)) for selector in selectors(expression))


def _share(name: str, expression: Quotient, window: Window) -> Metric:
    """A share; of counted things with the interval that their number leaves open.

    Raises:
        StageError: one part is what counters grew by, and another what gauges are.
    """
    _refuse_mixed(name, expression, window)
    top = _value(expression.top, window, name)
    bottom = _divisor(expression.bottom, window, name)
    metric = of_value(name, top / bottom, Unit.RATIO)
    is_counted = all(
        is_counting(window.after, each.name) and named(each.name) is Unit.NUMBER
        for each in selectors(expression)
    )
    if not is_counted or top.denominator != 1 or bottom.denominator != 1:
        return metric
    low, high = share_interval(int(top), int(bottom), prometheus_histogram.MISS)
    return Metric(
        name=name,
        numerator=int(top),
        denominator=int(bottom),
        interval=(Decimal(low), Decimal(high)),
    )


def _refuse_mixed(name: str, expression: Expression, window: Window) -> None:
    """Refuse a share of what was counted in between and of what is, whatever was before.

    What counters grow by a second is of the present too, as in `rate(busy_seconds_total) / cores`.
    """
    kinds: dict[bool, str] = {}
    for part in _parts(expression):
        is_growth = not isinstance(part, Rate) and is_counting(window.after, part.of.name)
        kinds.setdefault(is_growth, part.of.text)
    if len(kinds) > 1:
        raise StageError(
            "mixed-kinds",
            f"`{name}` would divide what `{kinds[True]}` grew by in between and what"
            f" `{kinds[False]}` is: that is no share",
            hint="take both from counters, or both from gauges",
        )


def _parts(expression: Expression) -> Iterator[Total | Increase | Rate | Quantile]:
    match expression:
        case Sum(one, other) | Quotient(one, other):
            yield from _parts(one)
            yield from _parts(other)
        case Total() | Increase() | Rate() | Quantile():
            yield expression


def _value(expression: Expression, window: Window, name: str) -> Fraction:
    match expression:
        case Total(of):
            return window.total(of)
        case Increase(of):
            return window.growth(of)
        case Rate(of):
            if window.seconds <= 0:
                raise StageError("no-time", f"`{name}`: no time lies between the pages")
            return window.growth(of) / window.seconds
        case Sum(left, right):
            return _value(left, window, name) + _value(right, window, name)
        case Quotient(top, bottom):
            return _value(top, window, name) / _divisor(bottom, window, name)
        case Quantile():
            raise ValueError("a quantile stands alone")


def _divisor(bottom: Expression, window: Window, name: str) -> Fraction:
    below = _value(bottom, window, name)
    if not below:
        what = " + ".join(f"`{selector.text}`" for selector in selectors(bottom))
        raise StageError(
            "nothing-counted",
            f"`{name}` has no value: {what} did not grow, so there is nothing to take a share of",
            hint="see whether the needed gate reaches what counts it",
        )
    _refuse_own(bottom, window, name)
    return below


def _refuse_own(bottom: Expression, window: Window, name: str) -> None:
    """Refuse a divisor that grew by no more than one fetch of the page lets it grow."""
    grown = [each for each in selectors(bottom) if is_counting(window.after, each.name)]
    if grown and all(0 < window.growth(each) <= window.by_fetch(each) for each in grown):
        what = " + ".join(f"`{each.text}`" for each in grown)
        raise StageError(
            "nothing-counted",
            f"`{name}` has no value: {what} grew by no more than a fetch of the page lets it grow",
            hint="see whether the needed gate reaches what counts it",
        )


def grown_by_fetch(expression: Expression, window: Window) -> Iterator[str]:
    """Words for each counter of which a good part may come of the fetches of the page itself."""
    for each in selectors(expression):
        if not is_counting(window.after, each.name):
            continue
        own = window.by_fetch(each)
        if own and own > window.growth(each) * NOTABLE:
            yield (
                f"`{each.text}` grows by {float(own):g} when the page itself is fetched, and that"
                " is in what was measured"
            )
