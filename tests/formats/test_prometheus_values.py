from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from formats.metric_pages import between, counters, gauges, histogram

from gates.domain.errors import StageError
from gates.domain.metric import Metric, Unit
from gates.formats.prometheus_query import parse, unit
from gates.formats.prometheus_values import exact, grown_by_fetch, matched, measured, of_value
from gates.formats.prometheus_window import Window, window

SEEN = between(
    counters(hits_total=10, lookups_total=100, busy_seconds_total=1, still_total=4)
    + gauges(used=1, size=10),
    counters(hits_total=910, lookups_total=1100, busy_seconds_total=3.5, still_total=4)
    + gauges(used=3, size=10),
    seconds=20,
)


def value(text: str) -> Metric:
    expression = parse(text)
    metric, scarce = measured("m", expression, SEEN, unit(expression))
    assert scarce is None
    return metric


def test_a_share_is_kept_as_counts_with_the_interval_they_leave_open() -> None:
    metric = value("hits_total / lookups_total")

    assert (metric.numerator, metric.denominator) == (900, 1000)
    assert metric.interval is not None
    low, high = metric.interval
    assert Decimal("0.879") < low < Decimal("0.9") < high < Decimal("0.918")


def test_a_share_of_gauges_has_no_interval() -> None:
    metric = value("used / size")

    assert (metric.fraction, metric.interval) == ((3, 10), None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("rate(lookups_total)", 50),
        ("increase(hits_total)", 900),
        ("hits_total + lookups_total", 1900),
        ("busy_seconds_total / lookups_total", Decimal("0.0025")),
        ("rate(busy_seconds_total)", Decimal("0.125")),
        ("used", 3),
    ],
)
def test_values(text: str, found: Decimal) -> None:
    assert value(text).value == found


def test_a_share_of_nothing_is_errored() -> None:
    with pytest.raises(StageError) as caught:
        value("hits_total / still_total")
    assert caught.value.problem.slug == "nothing-counted"
    assert "`still_total` did not grow" in caught.value.problem.summary


@pytest.mark.parametrize(
    "text", ["hits_total / size", "used / lookups_total", "increase(hits_total) / (used + size)"]
)
def test_a_share_of_what_was_counted_and_what_is_is_none(text: str) -> None:
    with pytest.raises(StageError, match="that is no share") as caught:
        value(text)
    assert caught.value.problem.slug == "mixed-kinds"


def test_a_share_of_what_is_counted_a_second_and_what_is() -> None:
    expression = parse("rate(busy_seconds_total) / size")
    metric, _ = measured("m", expression, SEEN, Unit.RATIO)
    assert metric.fraction == (1, 80)


def by_fetches(first: int, second: int, after: int) -> Window:
    pages = [counters(hits_total=n, lookups_total=n).encode() for n in (first, second)]
    later = counters(hits_total=after, lookups_total=after).encode()
    return window(pages, [later], Fraction(1))


def test_a_divisor_that_only_fetches_of_the_page_let_grow_is_nothing() -> None:
    expression = parse("hits_total / lookups_total")
    with pytest.raises(StageError, match="no more than a fetch of the page lets it grow"):
        measured("m", expression, by_fetches(100, 200, 300), Unit.RATIO)


def test_a_good_part_that_comes_of_fetches_is_told() -> None:
    expression = parse("(hits_total + used) / lookups_total")
    assert list(grown_by_fetch(parse("hits_total"), by_fetches(1, 2, 1000))) == []
    assert list(grown_by_fetch(expression, SEEN)) == []
    (told, _) = grown_by_fetch(parse("hits_total / lookups_total"), by_fetches(1, 2, 50))
    assert "`hits_total` grows by 1 when the page itself is fetched" in told


def test_more_than_the_whole_is_no_share() -> None:
    with pytest.raises(StageError, match="a share lies between 0 and 1") as caught:
        value("lookups_total / hits_total")
    assert "unit: number" in caught.value.problem.hint

    metric, _ = measured("m", parse("lookups_total / hits_total"), SEEN, Unit.NUMBER)
    assert metric.value == Decimal(10) / 9 or str(metric.value).startswith("1.1111111")


def test_a_rate_needs_time() -> None:
    page = counters(a_total=1)
    with pytest.raises(StageError, match="no time lies between"):
        measured("m", parse("rate(a_total)"), between(page, page, 0), Unit.PER_SECOND)


def test_a_quantile_comes_from_the_histogram() -> None:
    window = between(
        histogram("t_seconds", {"1": 0, "+Inf": 0}, 0),
        histogram("t_seconds", {"1": 500, "+Inf": 500}, 9),
    )
    metric, _ = measured("p", parse("quantile(0.95, t_seconds_bucket)"), window, Unit.SECONDS)

    assert metric.value == 1


def test_a_quantile_in_a_sum_is_a_mistake_of_the_caller() -> None:
    from gates.formats.prometheus_query import Quantile, Selector, Sum, Total

    odd = Sum(Total(Selector("used")), Quantile(Decimal("0.5"), Selector("t_bucket")))
    with pytest.raises(ValueError, match="stands alone"):
        measured("m", odd, SEEN, Unit.NUMBER)


def test_a_count_is_whole_and_not_negative() -> None:
    assert of_value("m", Fraction(3), Unit.COUNT).value == 3
    for odd in (Fraction(1, 2), Fraction(-1)):
        with pytest.raises(StageError, match="counts something"):
            of_value("m", odd, Unit.COUNT)


def test_a_fraction_is_the_nearest_decimal() -> None:
    assert exact(Fraction(4)) == 4
    assert exact(Fraction(1, 8)) == Decimal("0.125")
    assert str(exact(Fraction(1, 3))) == "0." + "3" * 34


def test_series_are_counted() -> None:
    assert matched(parse("(hits_total + lookups_total) / size"), SEEN) == 3
