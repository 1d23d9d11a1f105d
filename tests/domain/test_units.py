from decimal import Decimal

import pytest

from gates.domain.metric import Metric, Unit, ratio
from gates.domain.units import EXAMPLES, SUFFIXES, show, show_interval, show_metric, to_base


def test_every_unit_has_an_example_that_converts() -> None:
    from gates.domain.condition import parse_limit

    for unit in Unit:
        written = parse_limit(EXAMPLES[unit])
        assert written.number is not None
        assert to_base(written.number, written.suffix, unit) is not None


def test_a_suffix_converts_only_within_its_dimension() -> None:
    for suffix, (unit, size) in SUFFIXES.items():
        assert to_base(Decimal(2), suffix, unit) == 2 * size
        assert all(to_base(Decimal(2), suffix, other) is None for other in Unit if other != unit)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("0", Unit.COUNT, "0"),
        ("0.90", Unit.RATIO, "90 %"),
        ("0.001", Unit.RATIO, "0.1 %"),
        ("0.05", Unit.SECONDS, "50 ms"),
        ("90", Unit.SECONDS, "1.5 min"),
        ("100", Unit.SECONDS, "100 s"),
        ("90061", Unit.SECONDS, "90061 s"),
        ("1500000", Unit.BYTES, "1.5 MB"),
        ("604800", Unit.SECONDS, "7 d"),
        ("400", Unit.PER_SECOND, "400 /s"),
        ("250000000", Unit.BYTES, "250 MB"),
        ("12", Unit.BYTES, "12 B"),
        ("1", Unit.FLAG, "1"),
        ("4.50", Unit.NUMBER, "4.5"),
    ],
)
def test_limits_are_shown_exactly(value: str, unit: Unit, text: str) -> None:
    assert show(Decimal(value), unit) == text


@pytest.mark.parametrize(
    ("top", "bottom", "text"),
    [
        (179, 200, "89.5 %"),
        (17999, 20000, "89.99 %"),
        (899999, 1000000, "89.99 %"),
        (999999, 1000000, "99.99 %"),
        (1, 1, "100 %"),
        (2, 3, "66.66 %"),
        (0, 5, "0 %"),
    ],
)
def test_a_ratio_is_cut_and_never_rounded_up(top: int, bottom: int, text: str) -> None:
    assert show_metric(ratio("line", top, bottom), Unit.RATIO) == text


def test_a_time_is_shown_to_three_digits() -> None:
    assert show_metric(Metric(name="p95", value=Decimal(90061)), Unit.SECONDS) == "1.04 d"
    metric = Metric(name="p95", value=Decimal("0.0987654321"))
    assert show_metric(metric, Unit.SECONDS) == "98.8 ms"
    assert show_metric(Metric(name="p95", value=Decimal(0)), Unit.SECONDS) == "0 ms"
    assert show_metric(Metric(name="p95", value=Decimal(1234)), Unit.SECONDS).endswith("min")


@pytest.mark.parametrize(
    ("value", "limit", "unit", "text"),
    [
        ("0.09996", "0.1", Unit.SECONDS, "99.96 ms"),
        ("0.1", "0.1", Unit.SECONDS, "100 ms"),
        ("0.10000001", "0.1", Unit.SECONDS, "100.00001 ms"),
        ("0.001009", "0.001", Unit.RATIO, "0.1009 %"),
        ("0.001", "0.001", Unit.RATIO, "0.1 %"),
        ("0.8999999", "0.9", Unit.RATIO, "89.99 %"),
    ],
)
def test_a_value_is_shown_on_its_own_side_of_the_limit(
    value: str, limit: str, unit: Unit, text: str
) -> None:
    top, bottom = Decimal(value).as_integer_ratio()
    whole = Metric(name="m", value=Decimal(value))
    metric = ratio("m", top, bottom) if unit is Unit.RATIO else whole
    assert show_metric(metric, unit, Decimal(limit)) == text


def test_an_interval_shows_both_ends_on_their_side_of_the_limit() -> None:
    ends = (Decimal("0.0932"), Decimal("0.10004"))
    metric = Metric(name="p95", value=Decimal("0.1"), interval=ends)

    shown = show_interval(metric, Unit.SECONDS, Decimal("0.1"))

    assert shown == "between 93.2 ms and 100.04 ms"
    assert show_interval(metric, Unit.SECONDS) == "between 93.2 ms and 100 ms"


def test_the_interval_of_a_ratio_is_shown_in_percent() -> None:
    ends = (Decimal(0), Decimal("0.0018423"))
    metric = Metric(name="error_rate", numerator=0, denominator=2000, interval=ends)

    assert show_interval(metric, Unit.RATIO, Decimal("0.001")) == "between 0 % and 0.18 %"


def test_a_metric_without_an_interval_has_none_to_show() -> None:
    with pytest.raises(ValueError, match="`p95` has no interval"):
        show_interval(Metric(name="p95", value=1), Unit.SECONDS)
