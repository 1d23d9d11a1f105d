from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from gates.formats import log_lines
from gates.formats.log_leaks import CARD, EMAIL, SECRET_KEY, Leaks
from gates.formats.log_lines import MAX_LINE_BYTES, Keys, Tally, is_time, is_utc, tally

KEYS = Keys(time=("time",), level=("level", "log.level"), message=("msg",), correlation=("id",))
SOUND: dict[str, object] = {
    "time": "2026-01-31T12:00:00.123Z",
    "level": "info",
    "msg": "ready",
    "id": "r1",
}


def seen(*lines: dict[str, object] | bytes, keys: Keys = KEYS) -> Tally:
    data = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in lines]
    return tally(b"\n".join(data) + b"\n", keys, Leaks())


def wrong(line: dict[str, object] | bytes) -> list[tuple[str, str]]:
    found = seen(SOUND, line)
    assert found.lines == 2
    return [(place.rule, place.pointer) for place in found.places.values()]


def test_sound_lines_are_structured_and_empty_ones_no_lines() -> None:
    found = seen(SOUND, b"", b"  \r", SOUND)

    assert (found.lines, found.structured, found.places) == (2, 2, {})


@pytest.mark.parametrize(
    ("change", "rule", "pointer"),
    [
        ({"time": None}, log_lines.NO_TIME, ""),
        ({"time": 1767225600}, log_lines.NO_TIME, "/time"),
        ({"time": "2026-02-30T12:00:00Z"}, log_lines.NO_TIME, "/time"),
        ({"time": "12:00"}, log_lines.NO_TIME, "/time"),
        ({"time": "2026-01-31T12:00:00"}, log_lines.NOT_UTC, "/time"),
        ({"time": "2026-01-31T12:00:00+01:00"}, log_lines.NOT_UTC, "/time"),
        ({"time": "2026-01-31T12:00:00-00:00"}, log_lines.NOT_UTC, "/time"),
        ({"level": " "}, log_lines.NO_LEVEL, ""),
        ({"level": True}, log_lines.NO_LEVEL, ""),
        ({"msg": None}, log_lines.NO_MESSAGE, ""),
        ({"id": ""}, log_lines.NO_CORRELATION, ""),
    ],
)
def test_each_thing_that_a_line_lacks(change: dict[str, object], rule: str, pointer: str) -> None:
    assert wrong({**SOUND, **change}) == [(rule, pointer)]


@pytest.mark.parametrize(
    "line", [b"INFO ready", b"[1]", b'{"a": 1, "a": 2}', b"\xff", b"{" + b" " * MAX_LINE_BYTES]
)
def test_a_line_that_is_no_object(line: bytes) -> None:
    assert wrong(line) == [(log_lines.NOT_JSON, "")]


def test_a_number_is_a_level_and_a_dot_leads_into_objects() -> None:
    inner = {"time": SOUND["time"], "msg": "x", "id": "1"}

    assert seen({**inner, "level": 30}, {**inner, "log": {"level": "info"}}).structured == 2
    assert wrong({**inner, "log": "info"}) == [(log_lines.NO_LEVEL, "")]


def test_no_correlation_is_asked_where_none_is_named() -> None:
    found = seen({**SOUND, "id": None}, keys=replace(KEYS, correlation=()))

    assert found.structured == 1


def test_leaks_are_told_by_place_once_a_line() -> None:
    leaky = {**SOUND, "user": [{"mail": "a.b@mail.example"}, {"mail": "c.d@mail.example"}]}

    found = seen(SOUND, leaky, leaky)

    (place,) = found.places.values()
    assert (place.rule, place.pointer) == (EMAIL, "/user/*/mail")
    assert (place.first, place.lines, place.shown) == (2, 2, "a.…")
    assert found.structured == 3


def test_names_of_members_and_plain_lines_are_looked_at_too() -> None:
    assert wrong({**SOUND, "carts": {"ann@mail.example": 3}}) == [(EMAIL, "/carts/*")]
    assert wrong({**SOUND, "a": {"api_key": 12345}}) == [(SECRET_KEY, "/a/api_key")]
    assert wrong(b"mail to ann@mail.example") == [(log_lines.NOT_JSON, ""), (EMAIL, "")]


def test_a_number_that_joins_lines_is_no_card() -> None:
    assert wrong({**SOUND, "id": "4539148803436467"}) == []
    assert wrong({**SOUND, "paid": "4539148803436467"}) == [(CARD, "/paid")]
    assert wrong({**SOUND, "id": "4539 1488 0343 6467"}) == [(CARD, "/id")]


def test_ids_that_join_nothing_are_told_apart() -> None:
    found = seen(SOUND, {**SOUND, "id": "-"}, {**SOUND, "id": "none", "msg": ""})

    assert (found.joined, found.unjoined, found.structured) == (1, [2], 2)


def test_levels_that_nobody_knows_and_other_days_are_told() -> None:
    lines = [{**SOUND, "level": level} for level in ("banana", "WARN", "30", "banana", "1000")]
    days = [{**SOUND, "time": f"{day}T12:00:00Z"} for day in ("1970-01-01", "2026-02-01")]
    data = b"\n".join(json.dumps(each).encode() for each in (*lines, *days))

    found = tally(data, KEYS, Leaks(), date(2026, 1, 31))

    assert (found.odd_levels, found.other_days) == ({"banana": 2, "1000": 1}, {"1970-01-01": 1})
    assert found.structured == 7


@pytest.mark.parametrize(
    ("text", "time", "utc"),
    [
        ("2026-01-31T12:00:00Z", True, True),
        ("2026-01-31 12:00:00,5+00:00", True, True),
        ("2026-01-31t12:00:00z", True, True),
        ("2026-01-31T12:00:00+0000", True, False),
        ("2026-01-31", False, False),
    ],
)
def test_times(text: str, *, time: bool, utc: bool) -> None:
    assert (is_time(text), is_utc(text)) == (time, utc)
