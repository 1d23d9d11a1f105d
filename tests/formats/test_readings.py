from __future__ import annotations

import re
from decimal import Decimal

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.pattern_search import Match
from gates.formats.readings import (
    MAX_PATTERN_BYTES,
    Output,
    Where,
    metric,
    refuse_long,
    whole,
)

PATTERN = Where(pointer=None, pattern=r"^(?P<value>\S+) ms$")


def output(text: bytes, *patterns: str) -> Output:
    matches: dict[str, Match] = {}
    for pattern in patterns:
        found = [m["value"] for m in re.finditer(pattern, text.decode(), re.MULTILINE)]
        matches[pattern] = Match(times=len(found), first=(found or [""])[0] or "")
    return Output(text, what="x", matches=matches)


def at(pointer: str) -> Where:
    return Where(pointer=pointer, pattern="")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12 ms", "12"), ("a\n-1.5e3 ms\nb", "-1500"), ("+0.25 ms", "0.25")],
)
def test_a_pattern_finds_one_number(text: str, expected: str) -> None:
    assert output(text.encode(), PATTERN.pattern).number(PATTERN, name="t") == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "0 times"),
        ("1 ms\n2 ms", "2 times"),
        ("1,000 ms", "not a number"),
        ("nan ms", "not a number"),
        ("\u0663 ms", "not a number"),
        (f"{'9' * 31} ms", "not a number"),
    ],
)
def test_what_is_not_one_number_is_unreadable(text: str, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words):
        output(text.encode(), PATTERN.pattern).number(PATTERN, name="t")


def test_a_group_that_takes_no_part_is_unreadable() -> None:
    place = Where(pointer=None, pattern="a(?P<value>b)?")

    with pytest.raises(OutputUnreadable, match="not a number"):
        output(b"a", place.pattern).number(place, name="t")


def test_patterns_are_not_run_on_long_output() -> None:
    refuse_long(b"x" * MAX_PATTERN_BYTES, what="x")
    with pytest.raises(OutputUnreadable, match="more than 1 MiB"):
        refuse_long(b"x" * (MAX_PATTERN_BYTES + 1), what="x")


def test_pointers_reach_numbers_and_lists() -> None:
    written = output(b'{"a": {"b": 1.5}, "c": [1, 2], "d": 7}')

    assert [written.number(at(place), name="t") for place in ("/a/b", "/c", "/d", "/c/0")] == [
        Decimal("1.5"),
        2,
        7,
        1,
    ]


@pytest.mark.parametrize("pointer", ["/x", "/t", "/n", "/s", ""])
def test_what_is_no_number_is_unreadable(pointer: str) -> None:
    with pytest.raises(OutputUnreadable):
        output(b'{"t": true, "n": null, "s": "1"}').number(at(pointer), name="t")


@pytest.mark.parametrize(
    ("number", "unit", "fraction"),
    [
        ("89.5", "%", (895, 1000)),
        ("3", "count", (3, 1)),
        ("1500", "ms", (3, 2)),
        ("2", "min", (120, 1)),
        ("4.5", "number", (9, 2)),
        ("12", "/s", (12, 1)),
        ("7", "B", (7, 1)),
        ("1.5", "MB", (1_500_000, 1)),
        ("0." + "1" * 29, "ms", (int("1" * 29), 10**32)),
    ],
)
def test_numbers_are_kept_exact_in_the_base_unit(
    number: str, unit: str, fraction: tuple[int, int]
) -> None:
    top, bottom = metric("m", Decimal(number), unit).fraction

    assert top * fraction[1] == fraction[0] * bottom


@pytest.mark.parametrize("number", ["-1", "1.5"])
def test_a_count_is_whole(number: str) -> None:
    with pytest.raises(OutputUnreadable, match="no count"):
        whole(Decimal(number), name="files")
    with pytest.raises(OutputUnreadable, match="no count"):
        metric("m", Decimal(number), "count")
