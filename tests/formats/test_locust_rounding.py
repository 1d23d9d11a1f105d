from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats.locust_rounding import edges, rounded


def by_locust(milliseconds: float) -> int:
    """The rule of Locust 2.47.0, in floating numbers as it computes."""
    digits = 0 if milliseconds < 100 else -1 if milliseconds < 1000 else -2
    return int(round(milliseconds, digits if milliseconds < 10_000 else -3))


@given(st.floats(0, 10_000_000))
def test_times_are_rounded_as_locust_does(milliseconds: float) -> None:
    assert rounded(Decimal(milliseconds)) == by_locust(milliseconds)


@given(st.decimals(0, 10_000_000, places=6))
def test_a_time_lies_within_what_its_rounding_leaves_open(milliseconds: Decimal) -> None:
    found = edges(rounded(milliseconds))

    assert found is not None
    assert found[0] <= milliseconds <= found[1]


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        (0, "0", "0.5"),
        (43, "42.5", "43.5"),
        (100, "99.5", "105"),
        (110, "105", "115"),
        (1000, "995", "1050"),
        (10_000, "9950", "10500"),
        (11_000, "10500", "11500"),
    ],
)
def test_steps_grow(key: int, low: str, high: str) -> None:
    assert edges(key) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize("key", [-1, 101, 1010, 10_100])
def test_other_numbers_come_of_another_rounding(key: int) -> None:
    assert edges(key) is None
