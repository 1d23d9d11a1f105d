from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.domain.condition import (
    UNKNOWN,
    ConditionError,
    Operator,
    bind,
    parse,
    parse_limit,
    subject,
)
from gates.domain.metric import Direction, MetricSpec, Unit


def spec(unit: Unit, tags: tuple[str, ...] = ()) -> MetricSpec:
    return MetricSpec(name="m", unit=unit, direction=Direction.LOWER, title="m", tags=tags)


@pytest.mark.parametrize(
    ("text", "unit", "limit"),
    [
        ("m >= 90%", Unit.RATIO, "0.90"),
        ("m < 0.1%", Unit.RATIO, "0.001"),
        ("m < 100ms", Unit.SECONDS, "0.1"),
        ("m < 100 ms", Unit.SECONDS, "0.1"),
        ("m < 2s", Unit.SECONDS, "2"),
        ("m < 5min", Unit.SECONDS, "300"),
        ("m < 24h", Unit.SECONDS, "86400"),
        ("m < 7d", Unit.SECONDS, "604800"),
        ("m >= 400/s", Unit.PER_SECOND, "400"),
        ("m <= 250MB", Unit.BYTES, "250000000"),
        ("m == 0", Unit.COUNT, "0"),
        ("m==1", Unit.FLAG, "1"),
        ("m >= 4.5", Unit.NUMBER, "4.5"),
    ],
)
def test_limit_is_bound_in_base_unit(text: str, unit: Unit, limit: str) -> None:
    assert bind(parse(text), spec(unit), {}).limit == Decimal(limit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m",
        "m >=",
        ">= 90%",
        "m => 90%",
        "m = 90%",
        "m != 0",
        "m >= 90% or true",
        "m >= 90 %%",
        "m >= 0x10",
        "m >= 010",
        "m >= 1e3",
        "m >= .5",
        "m >= 5.",
        "m >= nan",
        "m >= inf",
        "m >= 90\uff05",
        "m >= \uff19\uff10%",
        "M >= 90%",
        "m{} >= 90%",
        'm{a="1",a="2"} >= 90%',
        'm{a="1} >= 90%',
        "m >= target.",
        "m < 1 < 2",
        "m >= 90%\nn >= 0",
    ],
)
def test_what_is_not_in_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("m >= 90", Unit.RATIO),
        ("m >= 0.9", Unit.RATIO),
        ("m < 100", Unit.SECONDS),
        ("m < 100%", Unit.SECONDS),
        ("m < 100ms", Unit.COUNT),
        ("m < 100", Unit.BYTES),
        ("m < 100", Unit.PER_SECOND),
        ("m < 1s", Unit.PER_SECOND),
    ],
)
def test_a_unit_that_does_not_fit_is_refused(text: str, unit: Unit) -> None:
    with pytest.raises(ConditionError) as caught:
        bind(parse(text), spec(unit), {})
    assert caught.value.slug == "bad-unit"
    assert "write it as in" in caught.value.hint


def test_tags_are_parsed_sorted_and_checked() -> None:
    written = parse('p95{method="GET",endpoint="GET /orders"} < 50ms')
    assert written.tags == (("endpoint", "GET /orders"), ("method", "GET"))
    assert subject(written.metric, written.tags) == 'p95{endpoint="GET /orders",method="GET"}'
    with pytest.raises(ConditionError, match="no tag `endpoint`"):
        bind(written, spec(Unit.SECONDS, ("method",)), {})


def test_a_tag_value_may_stand_without_quotes() -> None:
    assert parse("critical{fix=yes} == 0").tags == (("fix", "yes"),)


def test_target_is_resolved_and_converted() -> None:
    targets = {"simple_query": parse_limit("50ms")}
    bound = bind(parse("m < target.simple_query"), spec(Unit.SECONDS), targets)
    assert bound.limit == Decimal("0.05")
    with pytest.raises(ConditionError, match="no target is named `other`"):
        bind(parse("m < target.other"), spec(Unit.SECONDS), targets)
    with pytest.raises(ConditionError, match="names another target"):
        parse_limit("target.simple_query")


@pytest.mark.parametrize(
    ("operator", "value", "limit", "holds"),
    [
        (Operator.GE, (179, 200), "0.9", False),
        (Operator.GE, (180, 200), "0.9", True),
        (Operator.GT, (180, 200), "0.9", False),
        (Operator.LT, (1, 1000), "0.001", False),
        (Operator.LE, (1, 1000), "0.001", True),
        (Operator.EQ, (1, 3), "0.3333333333333333333333333333", False),
        (Operator.EQ, (0, 7), "0", True),
        (Operator.GE, (17999, 20000), "0.9", False),
    ],
)
def test_comparison_is_exact(
    operator: Operator, value: tuple[int, int], limit: str, *, holds: bool
) -> None:
    assert operator.holds(value, Decimal(limit)) is holds


@given(st.integers(0, 10**12), st.integers(1, 10**12), st.integers(0, 10**6))
def test_comparison_agrees_with_integer_arithmetic(top: int, bottom: int, limit: int) -> None:
    percent = Decimal(limit) / 10_000
    assert Operator.GE.holds((top, bottom), percent) == (top * 10_000 >= limit * bottom)


def test_text_is_kept_with_single_spaces() -> None:
    assert parse("  line   >=90%  ").text == "line >= 90%"


def test_shown_limit_speaks_the_unit() -> None:
    assert bind(parse("m<0.1s"), spec(Unit.SECONDS), {}).shown_limit == "< 100 ms"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("m >= 0", Unit.COUNT),
        ("m >= -1", Unit.COUNT),
        ("m > -1", Unit.COUNT),
        ("m < 0", Unit.COUNT),
        ("m <= -1", Unit.COUNT),
        ("m <= 100%", Unit.RATIO),
        ("m > 100%", Unit.RATIO),
        ("m >= 0%", Unit.RATIO),
        ("m >= 0", Unit.FLAG),
        ("m <= 1", Unit.FLAG),
        ("m >= 0s", Unit.SECONDS),
    ],
)
def test_a_condition_that_decides_nothing_is_refused(text: str, unit: Unit) -> None:
    with pytest.raises(ConditionError) as caught:
        bind(parse(text), spec(unit), {})
    assert caught.value.slug == "decided"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("m > 0", Unit.COUNT),
        ("m <= 0", Unit.COUNT),
        ("m == 0", Unit.COUNT),
        ("m >= 100%", Unit.RATIO),
        ("m < 100%", Unit.RATIO),
        ("m >= 1", Unit.FLAG),
        ("m >= -5", Unit.NUMBER),
    ],
)
def test_a_condition_that_can_go_either_way_is_kept(text: str, unit: Unit) -> None:
    assert bind(parse(text), spec(unit), {}).operator.holds((1, 1), Decimal(1)) in {True, False}


def test_a_baseline_is_bound_with_its_allowance_and_without_a_limit() -> None:
    bound = bind(parse("m  <=baseline+ 10 %"), spec(Unit.SECONDS), {})
    assert bound.text == "m <= baseline + 10%"
    assert bound.baseline is not None
    assert bound.baseline.allowance == Decimal("0.1")
    assert bound.limit is UNKNOWN
    assert bound.known_limit is None
    assert bound.shown_limit == "<= baseline + 10 %"


def test_a_limit_that_is_not_known_compares_with_nothing() -> None:
    for operator in Operator:
        with pytest.raises(ValueError, match="NaN"):
            operator.holds((0, 1), UNKNOWN)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("m >= baseline", "bad-direction"),
        ("m == baseline", "bad-direction"),
        ("m <= baseline - 10%", "bad-allowance"),
        ("m <= baseline + 1pt", "bad-allowance"),
        ("m <= baseline + 10", "bad-limit"),
        ("m <= baseline * 2", "bad-limit"),
    ],
)
def test_a_baseline_that_cannot_be_kept_is_refused(text: str, slug: str) -> None:
    with pytest.raises(ConditionError) as caught:
        bind(parse(text), spec(Unit.SECONDS), {})
    assert caught.value.slug == slug
    assert caught.value.hint


def test_a_target_is_a_number_and_no_baseline() -> None:
    with pytest.raises(ConditionError, match="cannot be read"):
        parse_limit("baseline + 10%")
