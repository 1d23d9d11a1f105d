from __future__ import annotations

from decimal import Decimal

import pytest

from gates.domain.metric import Unit
from gates.formats.prometheus_query import (
    Increase,
    Quantile,
    Quotient,
    Rate,
    Selector,
    Sum,
    Total,
    added,
    other_unit,
    parse,
    selectors,
    series,
    unit,
)


def test_each_form_is_read() -> None:
    assert parse("up") == Total(Selector("up"))
    assert parse('a{x="1\\"\\\\",b="2"}') == Total(Selector("a", (("b", "2"), ("x", '1"\\'))))
    assert parse("rate(a_total)") == Rate(Selector("a_total"))
    assert parse(" increase( a_total ) ") == Increase(Selector("a_total"))
    assert parse("quantile(0.95, a_bucket)") == Quantile(Decimal("0.95"), Selector("a_bucket"))
    assert parse("a / (b + c)") == Quotient(
        Total(Selector("a")), Sum(Total(Selector("b")), Total(Selector("c")))
    )
    assert parse("a_seconds + b_seconds / c") == Sum(
        Total(Selector("a_seconds")), Quotient(Total(Selector("b_seconds")), Total(Selector("c")))
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cache_hits_total / cache_lookups_total", Unit.RATIO),
        ("cpu_seconds_total / wall_seconds_total", Unit.RATIO),
        ("a_seconds_sum / a_seconds_count", Unit.SECONDS),
        ("a_bytes_total / a_total", Unit.BYTES),
        ("a_total / a_seconds_total", Unit.NUMBER),
        ("rate(orders_total)", Unit.PER_SECOND),
        ("rate(cpu_seconds_total)", Unit.NUMBER),
        ("increase(orders_total)", Unit.NUMBER),
        ("queue_bytes", Unit.BYTES),
        ("quantile(0.5, a_seconds_bucket)", Unit.SECONDS),
        ("quantile(0.5, size_bucket)", Unit.NUMBER),
        ("a_seconds_total + b_seconds_total", Unit.SECONDS),
        ("rate(a) / rate(b)", Unit.RATIO),
    ],
)
def test_the_unit_is_told_by_the_form(text: str, found: Unit) -> None:
    assert unit(parse(text)) is found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "ends too early"),
        ("a +", "ends too early"),
        ("a b", "cannot be read at `b`"),
        ("a - b", "cannot be read from `- b`"),
        ("a / b / c", "divides twice"),
        ("(a", "`)` is missing"),
        ("0.5", "stands where a series must be named"),
        ("sum(a)", "`sum` is no function"),
        ("rate(rate(a))", "cannot be read at"),
        ("a{}", "names no label"),
        ("a{x=1}", "cannot be read"),
        ('a{x="1",x="2"}', "each label once"),
        ('a{x="1" y="2"}', "`,` is missing"),
        ('a{x~"1"}', "cannot be read from"),
        ("quantile(1, a_bucket)", "above 0 and below 1"),
        ("quantile(a, a_bucket)", "above 0 and below 1"),
        ("quantile(0.5, a)", "`a_bucket`"),
        ('quantile(0.5, a_bucket{le="1"})', "leave `le` out"),
        ("quantile(0.5, a_bucket) + b", "stands alone"),
        ("b / quantile(0.5, a_bucket)", "stands alone"),
        ("a_seconds_total + b_total", "s and number cannot be added"),
        ("(" * 30 + "a" + ")" * 30, "nested too deep"),
    ],
)
def test_what_is_no_expression_is_told_in_words(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"`|rackets|added") as caught:
        parse(text)
    assert why in str(caught.value)


def test_a_series_alone() -> None:
    assert series("a").text == "a"
    assert series('a{x="1"}').text == 'a{x="1"}'
    with pytest.raises(ValueError, match="must be a series"):
        series("rate(a)")


def test_series_that_are_added_up() -> None:
    assert [each.text for each in added('a + b{x="1"} + c')] == ["a", 'b{x="1"}', "c"]
    for text in ("a / b", "a + increase(b)"):
        with pytest.raises(ValueError, match="or a sum of such"):
            added(text)


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("db_minutes", "minutes"),
        ("db_ms_bucket", "ms"),
        ("share_ratio", "ratio"),
        ("db_time_milliseconds_count", "milliseconds"),
        ("db_seconds", ""),
        ("db_query_duration", ""),
        ("ms", ""),
        ("params", ""),
    ],
)
def test_names_that_tell_another_unit_than_seconds(name: str, ending: str) -> None:
    assert other_unit(name) == ending


def test_selectors_are_named_in_order() -> None:
    found = selectors(parse("(a + increase(b)) / rate(c)"))
    assert [each.name for each in found] == ["a", "b", "c"]
    assert [each.name for each in selectors(parse("quantile(0.5, d_bucket)"))] == ["d_bucket"]
