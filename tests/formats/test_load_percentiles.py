from __future__ import annotations

import random
from collections import Counter

import pytest
from bench.verdicts import Model, simulated
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.domain.interval import share_interval, student
from gates.formats import load_percentiles
from gates.formats.latency import PERCENTILES, rank
from gates.formats.load_percentiles import percentiles
from gates.formats.load_slices import SLICES, Sliced

LONGEST = 10**9
MISS = 0.05

REQUESTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), min_size=1, max_size=150)


def keyed(requests: list[tuple[int, int]]) -> dict[int, int]:
    return dict(Counter(time * SLICES + place for time, place in requests))


def over(requests: list[tuple[int, int]], limit: int) -> tuple[float, float]:
    """The exact interval of the share that takes a limit or longer."""
    return share_interval(sum(time >= limit for time, _ in requests), len(requests), MISS)


@settings(max_examples=25, deadline=None)
@given(REQUESTS)
def test_a_limit_is_decided_just_as_the_share_over_it(requests: list[tuple[int, int]]) -> None:
    found = percentiles(keyed(requests), miss=MISS, slices=None, longest_us=LONGEST)

    for limit in range(1, 33):
        low, high = over(requests, limit)
        for name, percent in PERCENTILES.items():
            share = (100 - percent) / 100
            assert (found[name].high < limit) == (high < share)
            assert (found[name].low >= limit) == (low > share)


def sizes_of(requests: list[tuple[int, int]]) -> list[int]:
    return [sum(place == each for _, place in requests) for each in range(SLICES)]


@settings(max_examples=25, deadline=None)
@given(REQUESTS)
def test_slices_widen_an_interval_to_the_outermost_limit_that_they_leave_open(
    requests: list[tuple[int, int]],
) -> None:
    requests = [*requests, *((1, place) for place in range(SLICES))]
    sizes, reach = sizes_of(requests), student(MISS, SLICES - 1)

    found = percentiles(keyed(requests), miss=MISS, slices=Sliced(sizes, reach), longest_us=LONGEST)

    def wider(limit: int) -> tuple[float, float]:
        sliced = Sliced(sizes, reach)
        for time, place in requests:
            if time >= limit:
                sliced.add(place, 1)
        exact, slices = over(requests, limit), sliced.shares()
        return min(exact[0], slices[0]), max(exact[1], slices[1])

    bounds = [wider(limit) for limit in range(33)]
    for name, percent in PERCENTILES.items():
        share = (100 - percent) / 100
        for limit in range(1, 32):
            is_below = all(high < share for _, high in bounds[limit:])
            is_above = all(low > share for low, _ in bounds[: limit + 1])
            assert (found[name].high < limit) == is_below
            assert (found[name].low >= limit) == is_above


@given(REQUESTS)
def test_the_value_is_the_nearest_rank_and_lies_within(requests: list[tuple[int, int]]) -> None:
    ordered = sorted(time for time, _ in requests)

    found = percentiles(keyed(requests), miss=MISS, slices=None, longest_us=LONGEST)

    for name, percent in PERCENTILES.items():
        each = found[name]
        assert each.value == ordered[rank(percent, len(ordered)) - 1]
        assert each.low <= each.value <= each.high


def test_so_few_that_they_tell_no_upper_end_leave_open_what_patience_does() -> None:
    few = percentiles({5 * SLICES: 71}, miss=MISS, slices=None, longest_us=LONGEST)
    enough = percentiles({5 * SLICES: 72}, miss=MISS, slices=None, longest_us=LONGEST)

    assert (few["p95"].high, enough["p95"].high) == (LONGEST, 5)
    assert few["p50"].high == 5
    # A few slow ones are enough to show that a percentile is exceeded.
    assert few["p95"].low == 5


def test_many_times_are_looked_at_in_steps_that_only_widen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(3)  # noqa: S311 - no secret
    times = Counter(
        int(chance.lognormvariate(10, 0.5)) * SLICES + number % SLICES for number in range(6000)
    )
    reach, sizes = student(MISS, SLICES - 1), [1000] * SLICES

    exact = percentiles(times, miss=MISS, slices=Sliced(sizes, reach), longest_us=LONGEST)
    monkeypatch.setattr(load_percentiles, "MAX_STEPS", 300)
    coarse = percentiles(times, miss=MISS, slices=Sliced(sizes, reach), longest_us=LONGEST)

    for name in PERCENTILES:
        assert coarse[name].low <= exact[name].low <= exact[name].high <= coarse[name].high
        assert coarse[name].value == exact[name].value
        assert coarse[name].high < 1.3 * exact[name].high


@pytest.mark.parametrize(
    "model", [Model(0.0, 0.0, 60), Model(0.12, 0.7, 60)], ids=["independent", "correlated"]
)
@pytest.mark.parametrize("p95", [99, 101])
def test_a_verdict_near_the_limit_is_seldom_wrong(model: Model, p95: int) -> None:
    tally = simulated(model, 10_000, p95, 300)

    # 5 % are promised, and three deviations of chance more are let through.
    assert tally.wrong(p95) <= 0.088


@pytest.mark.parametrize(("p95", "verdict"), [(80, "passed"), (120, "failed")])
def test_a_verdict_far_from_the_limit_is_reached(p95: int, verdict: str) -> None:
    tally = simulated(Model(0.0, 0.0, 60), 2_000, p95, 100)

    assert getattr(tally, verdict) >= 95
    assert tally.open <= 0.05
