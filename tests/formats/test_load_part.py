from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

import pytest
from formats.load_records import beat, cell, end, head, record, written

from gates.domain.interval import share_interval
from gates.domain.metric import Metric
from gates.formats.load_model import LoadRecord
from gates.formats.load_part import Part, parts_of
from gates.formats.load_record import read

MISS = 0.05


def metrics(part: Part, **changes: int) -> dict[str, Metric]:
    limits = {"slow_us": 100_000, "longest_us": 60_000_000, **changes}
    found = part.metrics(miss=MISS, slow_us=limits["slow_us"], longest_us=limits["longest_us"])
    return {metric.name: metric for metric in found}


def ends(metric: Metric) -> tuple[float, float]:
    assert metric.interval is not None
    return float(metric.interval[0]), float(metric.interval[1])


def test_what_is_counted_becomes_metrics() -> None:
    whole, (orders,) = parts_of(
        record(12, lambda _: {20_000: 90, 100_000: 5, 100_001: 5}, failed=lambda _: {"x": 1})
    )

    found = metrics(whole)

    assert found["p50"].value == found["p90"].value == Decimal("0.02")
    assert found["p95"].value == Decimal("0.1")
    assert found["p99"].value == found["max"].value == Decimal("0.100001")
    assert found["mean"].value == Decimal("0.028000") + Decimal("5e-8")
    assert found["over"].fraction == (60, 1200)
    assert found["error_rate"].fraction == (12, 1212)
    assert found["requests"].value == 1212
    assert found["p95"].tags == ()
    tagged = metrics(orders)
    assert {metric.tags for metric in tagged.values()} == {(("endpoint", "GET /orders"),)}
    assert tagged["p95"].interval == found["p95"].interval


def test_without_an_answer_a_request_is_failed_and_did_not_come_to_an_end() -> None:
    whole, _ = parts_of(record(2, lambda _: {5: 3}, failed=lambda _: {"unfinished": 1, "x": 1}))

    found = metrics(whole)

    assert found["error_rate"].fraction == (4, 10)
    assert found["requests"].value == 8


def test_where_slices_agree_the_exact_interval_stands() -> None:
    whole, _ = parts_of(record(12, failed=lambda _: {"refused": 1}))

    assert ends(metrics(whole)["error_rate"]) == pytest.approx(
        share_interval(12, 1212, MISS), abs=1e-11
    )


def test_failures_in_a_burst_are_less_sure_than_failures_here_and_there() -> None:
    burst, _ = parts_of(record(12, failed=lambda at: {"refused": 6} if at in {4, 5} else {}))
    spread, _ = parts_of(record(12, failed=lambda _: {"refused": 1}))

    assert ends(metrics(burst)["error_rate"])[1] > 2 * ends(metrics(spread)["error_rate"])[1]
    assert ends(metrics(burst)["error_rate"])[0] == 0


def test_slow_minutes_widen_percentiles_and_mean() -> None:
    def even(_: int) -> Mapping[int, int]:
        return {20_000: 90, 80_000: 10}

    def uneven(at: int) -> Mapping[int, int]:
        return {20_000: 80, 80_000: 20} if at < 6 else {20_000: 99, 80_000: 1}

    calm, wild = (metrics(parts_of(record(12, times))[0]) for times in (even, uneven))

    assert ends(calm["p90"]) == (0.02, 0.08)
    assert ends(wild["p95"]) == (0.02, 0.08)
    assert ends(calm["p95"]) == (0.08, 0.08)
    assert ends(wild["mean"])[1] - ends(wild["mean"])[0] > 3 * (
        ends(calm["mean"])[1] - ends(calm["mean"])[0]
    )


def test_the_mean_of_independent_requests_is_as_sure_as_their_number_makes_it() -> None:
    chance = random.Random(1)  # noqa: S311 - no secret

    def times(_: int) -> Counter[int]:
        return Counter(int(chance.gauss(50_000, 10_000)) for _ in range(200))

    low, high = ends(metrics(parts_of(record(20, times))[0])["mean"])

    # 1.96 standard errors of 10 ms / sqrt(4,000) are 0.31 ms; six slices may make it some wider.
    assert 0.00058 < high - low < 0.0035
    assert low < 0.05 < high


def test_one_request_has_no_interval_of_its_mean() -> None:
    lines = [head(1), cell(0, {5_000: 1}), beat(0)]
    whole, _ = parts_of(read(written([*lines, end(lines, 1)])))

    found = metrics(whole, longest_us=7_000_000)

    assert (found["mean"].value, found["mean"].interval) == (Decimal("0.005"), None)
    assert found["p95"].interval == (Decimal(0), Decimal(7))


def two_endpoints() -> LoadRecord:
    lines = [head(12, endpoints=["GET /orders", "POST /orders", "GET /never"])]
    for at in range(12):
        lines += [cell(at, {20_000: 50}), beat(at)]
        if at in {3, 9}:
            lines.append(cell(at, {30_000 + at: 10}, endpoint=1))
        if at == 5:
            lines.append(cell(at, {}, endpoint=2, failed={"refused": 4}))
    return read(written([*lines, end(lines, 12)]))


def test_an_endpoint_that_is_seldom_asked_is_cut_where_it_was_asked() -> None:
    whole, (orders, posted, never) = parts_of(two_endpoints())

    assert (whole.requests, orders.requests, posted.requests) == (624, 600, 20)
    found = metrics(posted)
    assert found["p50"].value == Decimal("0.030003")
    assert ends(found["p50"]) == (0.030003, 0.030009)
    assert ends(found["error_rate"]) == pytest.approx(share_interval(0, 20, MISS), abs=1e-11)
    assert set(metrics(never)) == {"error_rate", "requests"}
    assert metrics(never)["error_rate"].fraction == (4, 4)


def test_an_endpoint_that_nobody_asked_has_no_part() -> None:
    lines = [head(1, endpoints=["GET /a", "GET /b"]), cell(0, {5: 1}), beat(0)]

    _, parts = parts_of(read(written([*lines, end(lines, 1)])))

    assert [part.endpoint for part in parts] == ["GET /a"]
