from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gates.domain.errors import OutputUnreadable
from gates.domain.status import Status
from gates.formats.strict_json import Value
from gates.reports.stored_values import (
    LARGEST,
    LONGEST_S,
    bounded,
    day,
    exact,
    items,
    maybe,
    moment,
    one_of,
    seconds,
    tags,
    text,
    texts,
)


def value(raw: object) -> Value:
    return Value(raw, "run.json")


def test_values_are_read() -> None:
    assert bounded(value(int(LARGEST))) == LARGEST
    assert seconds(value(int(LONGEST_S))) == LONGEST_S
    assert tags(value({"b": "2", "a": "1"})) == (("a", "1"), ("b", "2"))
    assert texts(value(["b", "a"])) == ("b", "a")
    assert exact(value(Decimal("2.5"))) == Decimal("2.5")
    assert isinstance(exact(value(Decimal("2.0"))), int)
    assert moment(value("2026-01-31T12:00:00Z")) == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert day(value("2026-01-31")) == date(2026, 1, 31)
    assert one_of(Status, value("passed")) is Status.PASSED


def test_null_is_not_absent() -> None:
    top = value({"a": None, "b": "text", "c": [1, 2]})
    assert (text(top, "a"), text(top, "b")) == (None, "text")
    assert maybe(top, "a", Value.count) is None
    assert [each.raw for each in items(top, "c")] == [1, 2]
    assert items(top, "a") == ()
    with pytest.raises(OutputUnreadable, match="has no member `d`"):
        text(top, "d")


@pytest.mark.parametrize(
    ("reader", "raw"),
    [
        (bounded, int(LARGEST) + 1),
        (bounded, -int(LARGEST) - 1),
        (seconds, -1),
        (seconds, int(LONGEST_S) + 1),
        (exact, "2"),
        (moment, "2026-01-31 12:00:00"),
        (day, "31.01.2026"),
        (texts, ["a", 1]),
        (tags, {"a": 1}),
        (lambda entry: one_of(Status, entry), "fine"),
    ],
)
def test_other_values_are_unreadable(reader: Callable[[Value], object], raw: object) -> None:
    with pytest.raises(OutputUnreadable):
        reader(value(raw))
