from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from samples import LINE, P95, condition

from gates.domain.allowance import MOST, NEEDED
from gates.domain.baseline import Past, counts, doubt, settled, worked_out
from gates.domain.condition import Condition, Role
from gates.domain.metric import Direction, MetricSpec, Unit
from gates.domain.status import Status

RATE = MetricSpec(name="rate", unit=Unit.PER_SECOND, direction=Direction.HIGHER, title="rate")
LATENCY = condition("p95 <= baseline + 10%", P95)


def past(*values: int, bottom: int = 1000) -> tuple[Past, ...]:
    """Runs that measured so many milliseconds, the newest first."""
    return tuple(
        Past(f"20260131T1200{len(values) - at:02}Z-abcdef", (value, bottom))
        for at, value in enumerate(values)
    )


def is_alarmed(condition: Condition, value: Decimal) -> bool:
    assert condition.known_limit is not None
    return not condition.operator.holds(value.as_integer_ratio(), condition.known_limit)


def test_the_limit_follows_from_the_newest_seven_runs() -> None:
    runs = past(100, 103, 97, 101, 99, 500, 102, 1, 1, 1)
    found = settled(LATENCY, runs)
    assert found.baseline is not None
    assert found.baseline.median == Decimal("0.101")
    assert found.baseline.runs == tuple(each.run for each in runs[:MOST])
    assert found.limit == Decimal("0.1111")
    assert found.shown_limit == "<= 111.1 ms, baseline 101 ms + 10 %"
    assert not doubt(found)


def test_of_a_ratio_the_allowance_is_in_points() -> None:
    found = settled(condition("line >= baseline - 1pt", LINE), past(90, 91, 92, 93, 94, bottom=100))
    assert found.limit == Decimal("0.91")
    assert found.shown_limit == ">= 91 %, baseline 92 % - 1 pt"


def test_a_rate_may_be_lower_by_its_allowance() -> None:
    found = settled(
        condition("rate >= baseline - 5%", RATE), past(400, 400, 400, 380, 390, bottom=1)
    )
    assert found.limit == 380


@pytest.mark.parametrize("many", range(NEEDED))
def test_too_few_runs_leave_the_limit_open(many: int) -> None:
    found = settled(LATENCY, past(*([100] * many)))
    assert found.known_limit is None
    assert doubt(found) == f"its baseline stands on {many} of 5 recorded runs"
    assert found.shown_limit == "<= baseline + 10 %"
    with pytest.raises(ValueError, match="NaN"):
        found.operator.holds((1, 1), found.limit)


def test_a_limit_that_admits_any_value_is_none() -> None:
    found = settled(condition("rate >= baseline - 5%", RATE), past(0, 0, 0, 0, 0))
    assert found.known_limit is None
    assert doubt(found) == "its baseline, 0 /s - 5 %, admits any value"
    low = settled(condition("line >= baseline - 1pt", LINE), past(5, 5, 5, 5, 5))
    assert low.known_limit is None


def test_a_limit_that_is_written_is_left_alone() -> None:
    written = condition("p95 < 100ms", P95)
    assert settled(written, past(1, 1, 1, 1, 1)) is written
    assert worked_out(written) is written
    assert not doubt(written)


def test_the_same_runs_give_the_same_limit_again() -> None:
    found = settled(LATENCY, past(100, 103, 97, 101, 99))
    assert worked_out(replace(found, limit=Decimal(9))) == found


@pytest.mark.parametrize(
    ("outcome", "holds", "is_counted"),
    [
        (Status.PASSED, True, True),
        (Status.INCONCLUSIVE, True, True),
        (Status.INCONCLUSIVE, False, False),
        (Status.FAILED, False, False),
        (Status.WAIVED, False, True),
    ],
)
def test_a_run_that_was_worse_than_its_baseline_stands_in_none(
    outcome: Status, *, holds: bool, is_counted: bool
) -> None:
    known = settled(LATENCY, past(100, 100, 100, 100, 100))
    assert counts(known, outcome, holds=holds) is is_counted


def test_a_run_without_a_baseline_of_its_own_stands_in_one() -> None:
    assert counts(LATENCY, Status.INCONCLUSIVE, holds=False)
    assert counts(condition("p95 < 100ms", P95), Status.FAILED, holds=False)
    told = replace(settled(LATENCY, past(100, 100, 100, 100, 100)), role=Role.WARN)
    assert counts(told, Status.FAILED, holds=False)


def simulated(random: Random, noise: float, factor: float) -> bool:
    """Whether a run is called worse than seven that vary by so much around 100 ms."""
    before = [round(random.gauss(100_000, 100_000 * noise)) for _ in range(MOST)]
    known = settled(LATENCY, past(*before, bottom=1_000_000))
    now = round(random.gauss(100_000 * factor, 100_000 * noise * factor))
    return is_alarmed(known, Decimal(now) / 1_000_000)


@pytest.mark.parametrize(
    ("noise", "factor", "least", "most"),
    [
        (0.0, 1.0, 0.0, 0.0),
        (0.0, 1.2, 1.0, 1.0),
        (0.03, 1.0, 0.0, 0.005),
        (0.03, 1.2, 0.98, 1.0),
        (0.05, 1.0, 0.0, 0.06),
        (0.05, 1.2, 0.92, 1.0),
    ],
)
def test_a_regression_is_found_and_noise_is_not_taken_for_one(
    noise: float, factor: float, least: float, most: float
) -> None:
    random = Random(20260131)  # noqa: S311 - a simulation has to repeat
    rounds = 1000
    alarms = sum(simulated(random, noise, factor) for _ in range(rounds))
    assert least <= alarms / rounds <= most


def test_a_regression_does_not_become_the_baseline_by_repeating_it() -> None:
    runs = past(100, 100, 100, 100, 100)
    for again in range(20):
        found = settled(LATENCY, runs)
        value = (130, 1000)
        assert found.known_limit is not None
        holds = found.operator.holds(value, found.known_limit)
        assert not holds
        if counts(found, Status.FAILED, holds=holds):
            runs = (Past(f"20260131T1300{again:02}Z-abcdef", value), *runs)
