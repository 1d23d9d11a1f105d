"""Expressions over two pages of metrics become metrics of a gate."""

from __future__ import annotations

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
    """A share; of counted things with the interval that their number leaves open."""
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
    return below
