from __future__ import annotations

from decimal import Decimal

import pytest
from samples import ERRORS, LINE, P95, condition

from gates.domain.baseline import settled
from gates.domain.condition import Condition
from gates.domain.judge import Checked, Reading
from gates.domain.metric import Metric, MetricSpec, count, ratio
from gates.domain.status import Status
from gates.reports.page_bars import WIDTH, Bar, bar


def checked(asked: Condition, metric: Metric | None, spec: MetricSpec) -> Checked:
    reading = Reading(metric=metric, unit=spec.unit) if metric is not None else None
    return Checked(condition=asked, status=Status.PASSED, reason="", reading=reading)


def time(text: str, ends: tuple[str, str] | None = None) -> Metric:
    interval = (Decimal(ends[0]), Decimal(ends[1])) if ends else None
    return Metric(name="p95", value=Decimal(text), interval=interval)


def test_a_large_share_is_shown_on_the_whole() -> None:
    made = bar(checked(condition("line >= 90%", LINE), ratio("line", 179, 200), LINE))
    assert made == Bar(value=107.4, limit=108.0)


def test_a_small_share_is_shown_beside_its_limit() -> None:
    made = bar(checked(condition("line < 0.1%", LINE), ratio("line", 5, 10_000), LINE))
    assert made == Bar(value=48.0, limit=96.0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.05", Bar(value=48.0, limit=96.0)),
        ("0.1", Bar(value=96.0, limit=96.0)),
        ("0.2", Bar(value=96.0, limit=48.0)),
        ("0", Bar(value=0.0, limit=96.0)),
    ],
)
def test_a_time_and_its_limit_both_have_room(value: str, expected: Bar) -> None:
    assert bar(checked(condition("p95 < 100ms", P95), time(value), P95)) == expected


def test_an_estimate_shows_its_interval() -> None:
    made = bar(checked(condition("p95 < 100ms", P95), time("0.09", ("0.08", "0.16")), P95))
    assert made == Bar(value=54.0, limit=60.0, low=48.0, spread=48.0)
    assert made.low is not None
    assert made.low + made.spread <= WIDTH


@pytest.mark.parametrize(
    ("asked", "metric", "spec"),
    [
        (condition("errors == 0", ERRORS), count("errors", 3), ERRORS),
        (condition("errors <= 5", ERRORS), count("errors", 3), ERRORS),
        (condition("line == 100%", LINE), ratio("line", 1, 2), LINE),
        (condition("line > 0%", LINE), ratio("line", 1, 2), LINE),
        (condition("p95 < 100ms", P95), None, P95),
        (condition("p95 < 100ms", P95), time("-0.1"), P95),
        (settled(condition("p95 <= baseline + 10%", P95), ()), time("0.1"), P95),
    ],
)
def test_where_a_bar_says_nothing_there_is_none(
    asked: Condition, metric: Metric | None, spec: MetricSpec
) -> None:
    assert bar(checked(asked, metric, spec)) is None
