from __future__ import annotations

from bisect import bisect_left
from decimal import Decimal
from fractions import Fraction

import pytest
from formats.metric_pages import between, histogram
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.domain.condition import Operator
from gates.domain.errors import StageError
from gates.formats.prometheus_histogram import Buckets, advice, measured, read
from gates.formats.prometheus_query import Selector
from gates.formats.prometheus_window import Window

P95 = Decimal("0.95")
SECONDS = Selector("t_seconds_bucket")


def page(fast: int, some: int, whole: int, total: float, labels: str = "") -> str:
    return histogram("t_seconds", {"0.005": fast, "0.05": some, "+Inf": whole}, total, labels)


def seen(fast: int, some: int, whole: int, total: float | None = None) -> Window:
    if total is None:
        total = fast * 0.004 + (some - fast) * 0.03 + (whole - some) * 0.2
    return between(page(1, 1, 1, 0.001), page(fast + 1, some + 1, whole + 1, total + 0.001))


def holds(interval: tuple[Decimal, Decimal] | None, operator: Operator, limit: str) -> set[bool]:
    assert interval is not None
    return {operator.holds(end.as_integer_ratio(), Decimal(limit)) for end in interval}


def test_a_limit_that_is_an_edge_is_decided_exactly_on_both_sides() -> None:
    below, _ = measured("p95", read(seen(500, 1900, 1950), SECONDS), P95)
    above, _ = measured("p95", read(seen(500, 1000, 1900, 500.0), SECONDS), P95)

    assert below.value == Decimal("0.05")
    assert holds(below.interval, Operator.LE, "0.05") == {True}
    assert holds(above.interval, Operator.LE, "0.05") == {False}
    assert holds(above.interval, Operator.LT, "0.05") == {False}


def test_an_edge_is_in_its_bucket_so_that_below_it_stays_open() -> None:
    metric, _ = measured("p95", read(seen(500, 1950, 1950), SECONDS), P95)

    assert holds(metric.interval, Operator.LT, "0.05") == {True, False}
    assert holds(metric.interval, Operator.LE, "0.02") == {True, False}


def test_a_share_near_the_limit_is_not_decided_by_luck() -> None:
    """1,902 of 2,000 within the edge is 95.1 %, and so is what 94.5 % would give now and then."""
    metric, _ = measured("p95", read(seen(500, 1902, 2000, 30), SECONDS), P95)

    assert metric.value == Decimal("0.05")
    assert holds(metric.interval, Operator.LE, "0.05") == {True, False}


def test_beyond_the_last_edge_the_sum_bounds() -> None:
    metric, _ = measured("p95", read(seen(0, 0, 1000, 90.0), SECONDS), P95)

    assert metric.interval is not None
    low, high = metric.interval
    assert low > Decimal("0.05")
    assert Decimal("1.7") < high < Decimal(3)


def test_beyond_the_last_edge_without_a_sum_is_errored() -> None:
    buckets = Buckets("t", (Decimal(1),), (10,), 100, None)

    with pytest.raises(StageError, match="beyond its last edge"):
        buckets.bounds(P95)


@pytest.mark.parametrize(("count", "is_scarce"), [(71, True), (72, False)])
def test_too_few_observations_tell_no_percentile(count: int, *, is_scarce: bool) -> None:
    metric, scarce = measured("p95", read(seen(count, count, count), SECONDS), P95)

    assert metric.value == Decimal("0.005")
    assert (scarce is not None) is is_scarce
    if scarce:
        assert scarce.reason == f"{count} observations are too few to tell p95"


def test_nothing_observed_in_between_is_errored() -> None:
    with pytest.raises(StageError, match="observed nothing in between"):
        read(seen(0, 0, 0, 0), SECONDS).bounds(P95)


def test_histograms_are_added_bucket_by_bucket() -> None:
    before = page(0, 0, 0, 0, 'op="get"')
    both = page(10, 20, 30, 1, 'op="get"') + histogram(
        "t_seconds", {"0.005": 1, "0.05": 2, "+Inf": 3}, 1, 'op="put"', typed=False
    )

    buckets = read(between(before, both), SECONDS)

    assert buckets == Buckets(
        "t_seconds", (Decimal("0.005"), Decimal("0.05")), (11, 22), 33, Fraction(2)
    )


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (
            page(1, 1, 1, 1, 'op="a"')
            + histogram("t_seconds", {"1": 2, "+Inf": 3}, 1, 'op="b"', typed=False),
            "different buckets",
        ),
        (histogram("t_seconds", {"-1": 2, "+Inf": 3}, 1), "it holds no times"),
        (histogram("t_seconds", {"1": 2, "+Inf": 3}, 1).replace("} 2", "} 2.5"), "holds 2.5"),
        ("# TYPE t_seconds_bucket counter\nt_seconds_bucket 1\n", "has no `le`"),
    ],
)
def test_a_histogram_that_cannot_be_read(after: str, why: str) -> None:
    with pytest.raises(StageError, match=why):
        read(between("x 1\n", after + "x 1\n"), SECONDS)


def test_buckets_that_grew_out_of_step_are_refused() -> None:
    with pytest.raises(StageError, match="grew by more than the next one"):
        read(between(page(0, 5, 5, 1), page(4, 6, 6, 1)), SECONDS)


@pytest.mark.parametrize(
    ("buckets", "total", "why"),
    [
        ((0, 1000, 1000), 5000, "grew by 5000, and by its buckets it is at most 50"),
        ((0, 1000, 1000), 1, "grew by 1, and by its buckets it is at least 5"),
        ((0, 0, 1000), 20, "it is at least 50"),
    ],
)
def test_a_sum_that_the_buckets_do_not_allow_is_refused(
    buckets: tuple[int, int, int], total: float, why: str
) -> None:
    with pytest.raises(StageError, match=why) as caught:
        read(seen(*buckets, total), SECONDS)
    assert caught.value.problem.slug == "contradiction"


@pytest.mark.parametrize(
    ("buckets", "total"),
    [((0, 1000, 1000), 50.04), ((0, 1000, 1000), 4.98), ((0, 0, 1000), 9999), ((9, 9, 9), 0.09)],
)
def test_a_sum_may_tell_of_an_observation_more(buckets: tuple[int, int, int], total: float) -> None:
    assert read(seen(*buckets, total), SECONDS).total is not None


def test_a_histogram_without_a_sum_has_no_total() -> None:
    text = '# TYPE t_seconds histogram\nt_seconds_bucket{{le="+Inf"}} {}\n# EOF\n'

    assert read(between(text.format(1), text.format(2)), SECONDS).total is None


def test_the_advice_names_the_edges() -> None:
    metric, _ = measured("p95", read(seen(500, 1950, 1950), SECONDS), P95)

    text = advice("p95 < 20ms", "t_seconds_bucket", metric)

    assert "`p95 < 20ms` stays open" in text
    assert "above 0.005 and not above 0.05" in text
    assert "`t_seconds`" in text


@settings(max_examples=150, deadline=None)
@given(
    times=st.lists(st.integers(1, 1500).map(lambda ms: Decimal(ms).scaleb(-3)), min_size=80),
    share=st.sampled_from([Decimal("0.5"), Decimal("0.9"), P95]),
)
def test_the_true_quantile_lies_within_its_bounds(times: list[Decimal], share: Decimal) -> None:
    edges = tuple(Decimal(text) for text in ("0.005", "0.05", "0.1", "0.5", "1"))
    ordered = sorted(times)
    counts = tuple(bisect_left(ordered, edge + Decimal("1e-9")) for edge in edges)
    buckets = Buckets("t", edges, counts, len(ordered), Fraction(sum(times)))

    value, low, high = buckets.bounds(share)

    true = ordered[-(-len(ordered) * int(share * 100) // 100) - 1]
    assert low <= true <= value <= high
