from __future__ import annotations

import math
import statistics
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.formats.load_slices import CLOSEST, SLICES, Sliced, slice_of


def filled(sizes: list[int], sums: list[int], reach: float = 2.0) -> Sliced:
    sliced = Sliced(sizes, reach)
    for place, amount in enumerate(sums):
        sliced.add(place, amount)
    return sliced


def plainly(sizes: list[int], sums: list[int]) -> float:
    """The standard error as the text books write it."""
    share = sum(sums) / sum(sizes)
    off = [amount - share * size for amount, size in zip(sums, sizes, strict=True)]
    squares = sum(each * each for each in off)
    if squares < 1e-9:
        return 0.0
    likeness = sum(a * b for a, b in pairwise(off)) / squares + 1 / len(off)
    likeness = min(max(likeness, 0.0), CLOSEST)
    variance = squares / (len(off) - 1) * (1 + likeness) / (1 - likeness)
    return math.sqrt(variance * len(off)) / sum(sizes)


SAMPLES = st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500)), min_size=2, max_size=8)


@given(SAMPLES)
def test_the_error_kept_on_the_way_is_that_of_the_whole(sample: list[tuple[int, int]]) -> None:
    sizes, sums = [size for size, _ in sample], [amount for _, amount in sample]

    assert filled(sizes, sums).error() == pytest.approx(plainly(sizes, sums), rel=1e-5, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(SAMPLES, st.randoms())
def test_the_order_of_counting_changes_nothing(
    sample: list[tuple[int, int]], order: object
) -> None:
    sizes, sums = [size for size, _ in sample], [amount for _, amount in sample]
    ones = [place for place, amount in enumerate(sums) for _ in range(amount)]
    assert hasattr(order, "shuffle")
    order.shuffle(ones)
    one_by_one = Sliced(sizes, 2.0)
    for place in ones:
        one_by_one.add(place, 1)

    assert one_by_one.error() == filled(sizes, sums).error()
    assert one_by_one.total == sum(sums)


def test_slices_of_one_size_that_alternate_have_the_error_of_their_mean() -> None:
    sums = [10, 20, 10, 20, 10, 20]
    plain = statistics.stdev(sums) / math.sqrt(SLICES) / 100

    sliced = filled([100] * SLICES, sums)

    assert sliced.error() == pytest.approx(plain)
    assert sliced.mean() == pytest.approx((0.15 - 2 * plain, 0.15 + 2 * plain))
    low, high = sliced.shares()
    assert low == pytest.approx(0.15 - 2 * plain)
    assert high == pytest.approx(0.15 * math.exp(2 * plain / 0.15))


def test_slices_that_drift_are_believed_less_than_slices_that_alternate() -> None:
    drifting = filled([100] * SLICES, [10, 12, 14, 16, 18, 20]).error()
    mixed = filled([100] * SLICES, [10, 20, 12, 18, 14, 16]).error()

    assert drifting > 1.5 * mixed


def test_slices_that_agree_leave_nothing_open() -> None:
    assert filled([100, 200], [5, 10]).shares() == (0.05, 0.05)
    assert filled([100, 200], [0, 0]).shares() == (0.0, 0.0)


def test_an_upper_end_beyond_every_share_stays_finite() -> None:
    assert math.isfinite(filled([1000, 1], [0, 1], reach=1e6).shares()[1])


@pytest.mark.parametrize(
    ("seconds", "sizes"), [(6, [1] * 6), (12, [2] * 6), (13, [3, 2, 2, 2, 2, 2]), (60, [10] * 6)]
)
def test_a_run_is_cut_into_slices_of_one_length(seconds: int, sizes: list[int]) -> None:
    places = [slice_of(at, seconds) for at in range(seconds)]

    assert [places.count(place) for place in range(SLICES)] == sizes
    assert places == sorted(places)
