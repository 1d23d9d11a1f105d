from __future__ import annotations

from decimal import Decimal

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.statement_times import Statement, measured, read

END = b"-1,0,0,0\n"
P95 = Decimal("0.95")


def statement(calls: int, fastest: str, slowest: str) -> Statement:
    return Statement(calls, Decimal(fastest), Decimal(slowest), Decimal(slowest) * calls)


def test_rows_become_statements_in_seconds() -> None:
    assert read(b"10,0.5,2.25,9\n1,3e-05,3e-05,3e-05\n" + END, what="r") == (
        Statement(10, Decimal("0.0005"), Decimal("0.00225"), Decimal("0.009")),
        Statement(1, Decimal("3e-8"), Decimal("3e-8"), Decimal("3e-8")),
    )


def test_what_postgresql_15_told_of_a_hundred_fast_queries_and_a_slow_one() -> None:
    rows = (
        b"100,0.000451,0.014993000000000001,0.18473100000000006\n1,60.142015,60.142015,60.142015\n"
    )

    metric, scarce = measured("p95", read(rows + END, what="r"), P95)

    assert (metric.value, scarce) == (Decimal("0.000014993000000000001"), None)
    assert metric.interval == (Decimal("4.51e-7"), Decimal("0.060142015"))


@pytest.mark.parametrize(
    "data",
    [
        b"10,0.5,2.25,9\n",
        b"x\n" + END,
        b"0,1,1,1\n" + END,
        b"10,3,2,9\n" + END,
        b"10,1,20,9\n" + END,
        b"-2,1,1,1\n" + END,
        b"10,NaN,2,9\n" + END,
        END + END,
    ],
)
def test_other_rows_are_refused(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        read(data, what="r")


def test_nothing_ran_or_something_was_thrown_out() -> None:
    with pytest.raises(StageError, match="no statement ran"):
        read(END, what="r")
    with pytest.raises(StageError, match="threw statements out"):
        read(b"1,1,1,1\n-1,3,0,0\n", what="r")


def test_a_percentile_is_bounded_by_the_fastest_and_the_slowest_calls() -> None:
    metric, scarce = measured(
        "p95", (statement(1900, "0.001", "0.04"), statement(100, "0.01", "0.2")), P95
    )

    assert scarce is None
    assert metric.value == Decimal("0.04")
    assert metric.interval == (Decimal("0.001"), Decimal("0.2"))


def test_it_is_decided_where_all_that_matter_stay_below() -> None:
    metric, _ = measured("p95", (statement(1990, "0.001", "0.04"), statement(10, "1", "2")), P95)

    assert metric.interval == (Decimal("0.001"), Decimal("0.04"))


def test_a_single_time_has_no_interval_and_few_calls_tell_nothing() -> None:
    metric, scarce = measured("p95", (statement(71, "0.001", "0.001"),), P95)

    assert (metric.value, metric.interval) == (Decimal("0.001"), None)
    assert scarce is not None
    assert "71 statements are too few" in scarce.reason
