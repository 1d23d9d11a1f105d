"""The values of a stored run record: numbers that can be shown, words that are known, days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

from gates.domain.metric import Exact, Tags, tags_of
from gates.domain.plan import Extended
from gates.formats.strict_json import Value

T = TypeVar("T")

LARGEST = Decimal(10) ** 30
"""No number of a record is larger; beyond it floats and formats begin to fail."""

LONGEST_S = Decimal(10) ** 9
"""No run takes longer, in seconds."""


def bounded(entry: Value) -> Decimal:
    """A number of a size that can be shown.

    Raises:
        OutputUnreadable: for any other.
    """
    number = entry.number()
    # Not `abs`, which rounds.
    if number.copy_abs() > LARGEST:
        raise entry.unreadable("is larger than any number of a record")
    return number


def seconds(entry: Value) -> Decimal:
    """A duration.

    Raises:
        OutputUnreadable: where it is negative, or longer than any run.
    """
    number = entry.number()
    if not 0 <= number <= LONGEST_S:
        raise entry.unreadable("is no duration")
    return number


def tags(entry: Value) -> Tags:
    """Tags of a metric or a condition."""
    return tags_of({name: value.text() for name, value in entry.entries()})


def texts(entry: Value) -> tuple[str, ...]:
    """An array of strings."""
    return tuple(each.text() for each in entry.items())


def text(entry: Value, key: str) -> str | None:
    """A string that may be null."""
    return maybe(entry, key, Value.text)


def items(entry: Value, key: str) -> tuple[Value, ...]:
    """The items of an array that may be null."""
    return maybe(entry, key, lambda found: tuple(found.items())) or ()


def exact(entry: Value) -> Exact:
    """A number of a metric, an integer where it is whole."""
    number = bounded(entry)
    return int(number) if number == int(number) else number


def maybe(entry: Value, key: str, make: Callable[[Value], T]) -> T | None:
    """A member that may be null, but not absent: every field of a record is always written."""
    found = entry.member(key)
    return None if found.raw is None else make(found)


def later(entry: Value, key: str, make: Callable[[Value], T]) -> T | None:
    """A member that came to the schema later: it may be absent from an older record."""
    found = entry.find(key)
    return None if found is None or found.raw is None else make(found)


def moment(entry: Value) -> datetime:
    """A time in UTC, to the second.

    Raises:
        OutputUnreadable: where it is none.
    """
    try:
        return datetime.strptime(entry.text(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise entry.unreadable("is not a time in UTC") from None


def day(entry: Value) -> date:
    """A day.

    Raises:
        OutputUnreadable: where it is none.
    """
    try:
        return date.fromisoformat(entry.text())
    except ValueError:
        raise entry.unreadable("is not a day") from None


def one_of(kind: Callable[[str], T], entry: Value) -> T:
    """A word of an enumeration.

    Raises:
        OutputUnreadable: where it is none of them.
    """
    try:
        return kind(entry.text())
    except ValueError:
        raise entry.unreadable(f"is `{entry.text()}`, which is no known word") from None


def extended(entry: Value) -> tuple[Extended, ...]:
    """The policies that a policy extends."""
    return tuple(
        Extended(
            each.member("source").text(),
            each.member("sha256").text(),
            each.member("pinned").flag(),
        )
        for each in entry.items()
    )
