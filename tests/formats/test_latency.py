from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.domain.metric import Metric, Unit
from gates.formats.latency import (
    LATENCY,
    PERCENTILES,
    Spread,
    Step,
    errors,
    least,
    load_specs,
    rank,
    ranks,
    rounded_out,
    scarce,
    specs,
    timed,
)
from gates.formats.locust_rounding import edges, rounded


@pytest.mark.parametrize(
    ("percent", "count", "place"),
    [(95, 20, 19), (95, 100, 95), (95, 101, 96), (50, 1, 1), (99, 100, 99), (99, 101, 100)],
)
def test_a_percentile_is_the_nearest_rank(percent: int, count: int, place: int) -> None:
    assert rank(percent, count) == place


@given(st.integers(1, 10**9), st.sampled_from(sorted(PERCENTILES.values())))
def test_the_rank_is_the_smallest_that_so_many_do_not_exceed(count: int, percent: int) -> None:
    place = rank(percent, count)

    assert place * 100 >= count * percent
    assert (place - 1) * 100 < count * percent


@pytest.mark.parametrize(("percent", "needed"), [(50, 6), (90, 36), (95, 72), (99, 368)])
def test_a_percentile_takes_times_beyond_both_ends_of_its_interval(
    percent: int, needed: int
) -> None:
    assert least(percent) == needed
    low, high = ranks(percent, needed)
    assert 1 <= low < high <= needed
    low, high = ranks(percent, needed - 1)
    assert low < 1 or high > needed - 1


@pytest.mark.parametrize(
    ("percent", "count", "ends"), [(95, 500, (465, 485)), (95, 2000, (1880, 1920)), (50, 5, (0, 6))]
)
def test_ranks_leave_five_of_a_hundred_samples_outside(
    percent: int, count: int, ends: tuple[int, int]
) -> None:
    assert ranks(percent, count) == ends


def test_failures_have_an_exact_interval() -> None:
    metric = errors(0, 3688)

    assert metric.interval is not None
    assert metric.interval[0] == 0
    assert metric.interval[1] < Decimal("0.001")
    low, high = errors(3, 1000).interval or (0, 0)
    assert low < Decimal("0.003") < high


def test_an_interval_is_rounded_outwards_and_holds_its_value() -> None:
    assert set(rounded_out(Decimal(1), 1.0, 1.0)) == {Decimal(1)}
    low, high = rounded_out(Decimal("0.1"), 0.3, 0.2)
    assert low <= Decimal("0.1") <= Decimal("0.2") <= high


def test_what_so_few_do_not_tell_is_named() -> None:
    assert [entry.metric for entry in scarce(71, "requests")] == ["p95", "p99"]
    assert scarce(71, "requests")[0].reason == "71 requests do not tell p95, which takes 72"
    assert scarce(368, "requests") == ()


def test_all_metrics_of_times_are_in_seconds_and_may_be_left_out() -> None:
    assert [spec.name for spec in specs("endpoint")] == list(LATENCY)
    assert {spec.unit for spec in specs("")} == {Unit.SECONDS}
    assert all(spec.optional and spec.tags == ("endpoint",) for spec in specs("endpoint"))
    others = {spec.name: spec.tags for spec in load_specs("endpoint")[len(LATENCY) :]}
    assert others == {"error_rate": ("endpoint",), "rate": (), "requests": ("endpoint",)}
    assert not any(spec.tags for spec in load_specs(""))


def test_an_exact_time_has_no_interval() -> None:
    assert timed("p95", Decimal(1), Decimal(1)).interval is None
    assert timed("p95", Decimal(1), Decimal(2)).interval == (Decimal(1), Decimal(2))


def spread(times: list[int], failures: int = 0) -> Spread:
    """Times in milliseconds as Locust would have counted them."""
    ordered = sorted(times)
    steps = []
    for place, time in enumerate(ordered, start=1):
        found = edges(rounded(Decimal(time)))
        assert found is not None
        steps.append(Step(place, *found))
    return Spread(
        requests=len(ordered),
        failures=failures,
        total=Decimal(sum(ordered)),
        fastest=Decimal(ordered[0]),
        slowest=Decimal(ordered[-1]),
        steps=tuple(steps),
    )


def by_name(metrics: tuple[Metric, ...]) -> dict[str, Metric]:
    return {metric.name: metric for metric in metrics}


def test_the_value_is_the_upper_end_of_what_rounding_leaves_open() -> None:
    found = by_name(spread([10] * 90 + [147] * 10).metrics())

    assert found["p50"].interval == (Decimal("0.01"), Decimal("0.0105"))
    assert found["p95"].value == Decimal("0.147")
    assert found["p95"].interval == (Decimal("0.010"), Decimal("0.147"))
    assert (found["max"].value, found["max"].interval) == (Decimal("0.147"), None)
    assert (found["mean"].value, found["mean"].interval) == (Decimal("0.0237"), None)


def test_what_is_only_printed_is_taken_as_it_stands() -> None:
    printed = replace(spread([10] * 90 + [147] * 10), is_counted=False)

    found = by_name(printed.metrics())

    assert found["p95"].interval == (Decimal("0.145"), Decimal("0.147"))
    assert (found["p50"].value, found["p50"].interval) == (
        Decimal("0.0105"),
        (Decimal("0.01"), Decimal("0.0105")),
    )


def test_the_interval_reaches_to_the_ranks_that_bound_a_percentile() -> None:
    found = by_name(spread(list(range(1, 101))).metrics())

    # Of 100 times the 90th and the slowest bound p95.
    low, high = found["p95"].interval or (0, 0)
    assert ranks(95, 100) == (90, 100)
    assert (low, high) == (Decimal("0.0895"), Decimal("0.100"))
    assert found["p95"].value == Decimal("0.0955")


def test_where_all_failed_there_is_no_time() -> None:
    assert spread([3] * 50, failures=50).metrics() == ()


def test_percentiles_that_do_not_exist_are_left_out_where_that_is_asked() -> None:
    names = [metric.name for metric in spread([10] * 72).metrics(exists_only=True)]

    assert names == ["p50", "p90", "p95", "max", "mean"]
    assert len(spread([10] * 72).metrics()) == len(LATENCY)


@given(
    st.lists(st.tuples(st.integers(0, 20_000), st.booleans()), min_size=1, max_size=60),
)
def test_bounds_hold_whichever_requests_failed(requests: list[tuple[int, bool]]) -> None:
    good = sorted(time for time, failed in requests if not failed)
    found = by_name(spread([time for time, _ in requests], len(requests) - len(good)).metrics())

    truth = {
        name: good[math.ceil(len(good) * percent / 100) - 1]
        for name, percent in PERCENTILES.items()
        if good
    }
    truth |= {"max": good[-1]} if good else {}
    assert bool(found) == bool(good)
    for name, true in truth.items():
        metric = found[name]
        assert metric.value is not None
        low, high = metric.interval or (metric.value, metric.value)
        assert low <= Decimal(true) / 1000 <= metric.value <= high
    if good:
        mean = found["mean"]
        assert mean.value is not None
        near = Decimal("1e-12")
        assert mean.value + near >= Decimal(sum(good)) / len(good) / 1000
        low = mean.interval[0] if mean.interval else mean.value
        assert low - near <= Decimal(sum(good)) / len(good) / 1000
