"""Numbers of a record that a JSON number cannot hold: each digit of them, as texts beside it.

A JSON number is read as a binary fraction by most programs, with some 15 digits. Where a measured
value has more, what is judged again from the record must not be judged by less.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from gates.domain.metric import Exact, Metric
from gates.formats.strict_json import Value

LENGTH = 200
"""No number is written with more characters."""


def written(metric: Metric) -> list[str] | None:
    """The value and the ends of the interval with all digits; None where JSON numbers hold them."""
    if metric.value is None:
        return None
    numbers = [Decimal(metric.value), *map(Decimal, metric.interval or ())]
    if all(number == Decimal(repr(float(number))) for number in numbers):
        return None
    return [str(number) for number in numbers]


def read(entry: Value, told: tuple[Exact, ...]) -> tuple[Exact, ...]:
    """The numbers of a metric with all digits, where its record has them.

    Args:
        entry: the metric.
        told: its value and the ends of its interval, as JSON numbers.

    Raises:
        OutputUnreadable: the texts are no numbers, or others than those beside them.
    """
    found = entry.find("exact")
    if found is None:
        return told
    texts = [each.text() for each in found.items()]
    try:
        numbers = tuple(Decimal(text) for text in texts if len(text) <= LENGTH)
    except InvalidOperation:
        raise found.unreadable("holds a text that is no number") from None
    if not all(number.is_finite() for number in numbers) or [float(n) for n in numbers] != [
        float(n) for n in told
    ]:
        raise found.unreadable("is not the value beside it", slug="record-contradiction")
    return numbers
