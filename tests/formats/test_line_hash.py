from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats.line_hash import WINDOW, line_hashes

ONE = ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]
TWO = [
    "8b7cf3e952e7aeb2:1", "b1ae1287ec4718d9:1", "bff680108adb0fcc:1", "c6805c5e1288b612:1",
    "b86d3392aea1be30:1", "e6ceba753e1a442:1",
]  # fmt: skip


def hashes(data: bytes) -> list[str]:
    return list(line_hashes(data, range(1, 100)).values())


@pytest.mark.parametrize(
    ("data", "due"),
    [
        (b"", ["c129715d7a2bc9a3:1"]),
        (b" a\nb\n  \t\tc\n d", ONE),
        (b"a\rb\rc\rd", ONE),
        (b" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End", TWO),
        (b" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End", TWO),
    ],
)
def test_the_hashes_are_those_of_code_scanning(data: bytes, due: list[str]) -> None:
    assert hashes(data) == due


def test_lines_that_go_on_alike_are_counted() -> None:
    alike = b"x = 1\n" * 60
    found = line_hashes(alike, range(1, 50))
    assert [text.rpartition(":")[2] for text in found.values()][:3] == ["1", "2", "3"]
    assert len({text.rpartition(":")[0] for text in list(found.values())[:30]}) == 1


def test_a_hash_covers_just_its_window() -> None:
    start = b"a" * (WINDOW - 1)
    assert hashes(start + b"bc") == hashes(start + b"bd")
    assert hashes(start + b"b") != hashes(start + b"c")


@given(st.binary(max_size=300), st.integers(1, 20))
def test_it_moves_with_its_line(data: bytes, number: int) -> None:
    before = {text.partition(":")[0] for text in hashes(data)}
    after = {text.partition(":")[0] for text in hashes(b"first line\n" * number + data)}
    assert before <= after


def test_a_line_that_is_not_there_has_none() -> None:
    assert line_hashes(b"a\n", [0, -1, 3, 10**9]) == {}
    assert list(line_hashes(b"a\n", [2])) == [2]  # the end of the file is a line of its own
