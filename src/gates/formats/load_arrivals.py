"""When requests start: moments of an open-loop load, fixed before it begins.

The service never sets the pace. A rate gives a whole number of requests to each second; they start
at random moments of it (a Poisson process, given its counts), as independent users do, or after
equal gaps. Random is the default: equal gaps can fall into step with what a service does regularly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

from gates.domain.errors import StageError
from gates.formats.load_plan import LoadPlan, Slope

_SLACK = 1e-9  # of a request: what rounding takes from a sum that is whole


def arrivals(plan: LoadPlan) -> Iterator[float]:
    """The moments, ascending, in seconds since the measured phase began; warm-up below 0."""
    # Another order of the same kind of moments, and no one's secret.
    random = None if plan.even else Random(plan.seed)  # noqa: S311
    if plan.warmup_s:
        first = opening_rate(plan.rates)
        warm = ((first, first, plan.warmup_s),)
        yield from _phase(warm, -plan.warmup_s, random)
    yield from _phase(plan.rates, 0.0, random)


def numbers(plan: LoadPlan) -> tuple[int, int]:
    """How many moments the warm-up and the measured phase have."""
    first = opening_rate(plan.rates)
    warmup = math.floor(first * plan.warmup_s + _SLACK)
    return warmup, math.floor(total(plan.rates, plan.duration_s) + _SLACK)


def refuse_too_few(plan: LoadPlan) -> None:
    """Refuse a run that cannot ask all that it is to ask.

    Raises:
        StageError: it has fewer requests than endpoints, or none at all.
    """
    _, requests = numbers(plan)
    endpoints = len(plan.endpoints)
    if requests >= endpoints:
        return
    what = "1 endpoint" if endpoints == 1 else f"{endpoints:,} endpoints"
    raise StageError(
        "too-few-requests",
        f"rate times duration makes {requests:,} requests, and {what} must be asked",
        hint="raise `rate`, or `duration` and with it `max_duration`",
    )


def opening_rate(rates: tuple[Slope, ...]) -> float:
    """The rate of the warm-up: that at the start, or where it starts at 0, its first goal."""
    return rates[0][0] or rates[0][1]


def total(slopes: tuple[Slope, ...], until: float) -> float:
    """How much slopes add up to, from their beginning until a moment."""
    amount = 0.0
    for start, end, seconds in slopes:
        part = min(until, seconds)
        if part <= 0:
            break
        amount += start * part + (end - start) * part * part / (2 * seconds)
        until -= seconds
    return amount


def _phase(slopes: tuple[Slope, ...], shift: float, random: Random | None) -> Iterator[float]:
    """The moments of one phase, each second's drawn when the one before is used up."""
    duration = sum(seconds for _, _, seconds in slopes)
    # Seconds are those of the record, so that each holds just as many as its rate asks for.
    edge = math.floor(shift) - shift
    done = 0
    while edge < duration:
        low, high = max(edge, 0.0), min(edge + 1.0, duration)
        due = math.floor(total(slopes, high) + _SLACK)
        if random is None:
            yield from (shift + _reached(slopes, number) for number in range(done, due))
        else:
            width = high - low
            yield from sorted(shift + low + width * random.random() for _ in range(due - done))
        done = due
        edge += 1.0


def _reached(slopes: tuple[Slope, ...], number: int) -> float:
    """When slopes have added up to a number of requests."""
    left, began, which = float(number), 0.0, 0
    while left >= (amount := _amount(slopes[which])) and which < len(slopes) - 1:
        left -= amount
        began += slopes[which][2]
        which += 1
    start, end, seconds = slopes[which]
    return began + _within(start, (end - start) / seconds, left)


def _amount(slope: Slope) -> float:
    start, end, seconds = slope
    return (start + end) / 2 * seconds


def _within(start: float, growth: float, amount: float) -> float:
    """When `start * t + growth * t**2 / 2` is an amount; without growth a division."""
    root = math.sqrt(max(start * start + 2 * growth * amount, 0.0))
    # This form of the solution stays exact where the growth is next to nothing.
    return 2 * amount / (start + root) if amount else 0.0
