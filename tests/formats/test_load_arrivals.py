from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import pytest

from gates.domain.errors import StageError
from gates.formats.load_arrivals import arrivals, numbers, opening_rate, refuse_too_few, total
from gates.formats.load_plan import LoadPlan, Request, Slope


def plan(*rates: Slope, warmup_s: float = 0.0, even: bool = False, seed: int = 1) -> LoadPlan:
    return LoadPlan(
        url="http://h",
        rates=rates,
        warmup_s=warmup_s,
        requests=(Request(name="GET /"),),
        even=even,
        seed=seed,
    )


def by_second(moments: list[float]) -> dict[int, int]:
    return dict(Counter(math.floor(moment) for moment in moments))


@pytest.mark.parametrize("even", [True, False])
def test_each_second_holds_what_its_rate_asks_for(*, even: bool) -> None:
    moments = list(arrivals(plan((50.0, 50.0, 3.0), warmup_s=2.0, even=even)))
    assert by_second(moments) == {-2: 50, -1: 50, 0: 50, 1: 50, 2: 50}
    assert moments == sorted(moments)


def test_parts_of_seconds_count_as_parts() -> None:
    moments = list(arrivals(plan((10.0, 10.0, 1.5), warmup_s=0.5)))
    assert by_second(moments) == {-1: 5, 0: 10, 1: 5}
    assert min(moments) >= -0.5
    assert max(moments) < 1.5


@pytest.mark.parametrize("even", [True, False])
def test_less_than_one_request_a_second_adds_up(*, even: bool) -> None:
    moments = list(arrivals(plan((0.4, 0.4, 10.0), even=even)))
    assert len(moments) == 4


def test_equal_gaps_are_equal() -> None:
    moments = list(arrivals(plan((40.0, 40.0, 2.0), even=True)))
    assert [round(b - a, 9) for a, b in pairwise(moments)] == [0.025] * 79
    assert moments[0] == 0


def test_random_moments_vary_as_those_of_independent_users_do() -> None:
    gaps = [b - a for a, b in pairwise(arrivals(plan((200.0, 200.0, 50.0))))]
    mean = sum(gaps) / len(gaps)
    deviation = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps))
    assert 0.9 < deviation / mean < 1.1  # 1 for an exponential distribution, 0 for equal gaps


def test_the_same_seed_gives_the_same_moments() -> None:
    slope = (20.0, 20.0, 2.0)
    assert list(arrivals(plan(slope, seed=3))) == list(arrivals(plan(slope, seed=3)))
    assert list(arrivals(plan(slope, seed=3))) != list(arrivals(plan(slope, seed=4)))


@pytest.mark.parametrize("even", [True, False])
def test_a_ramp_gets_denser_and_thinner(*, even: bool) -> None:
    slopes = ((0.0, 100.0, 10.0), (100.0, 100.0, 5.0), (100.0, 0.0, 10.0))
    counts = by_second(list(arrivals(plan(*slopes, even=even))))
    assert sum(counts.values()) == 1500
    assert (counts[0], counts[9], counts[12], counts[24]) == (5, 95, 100, 5)


def test_even_moments_of_a_ramp_are_where_its_sum_is_whole() -> None:
    slopes = ((0.0, 8.0, 4.0), (8.0, 2.0, 3.0))
    for number, moment in enumerate(arrivals(plan(*slopes, even=True))):
        assert total(slopes, moment) == pytest.approx(number, abs=1e-6)


def test_the_warm_up_of_a_ramp_runs_at_its_first_goal() -> None:
    assert opening_rate(((0.0, 30.0, 5.0),)) == 30
    assert opening_rate(((10.0, 30.0, 5.0),)) == 10
    moments = list(arrivals(plan((0.0, 30.0, 2.0), warmup_s=1.0)))
    assert by_second(moments)[-1] == 30


def test_a_sum_ends_where_the_slopes_do() -> None:
    assert total(((10.0, 10.0, 2.0),), 99) == 20
    assert total(((10.0, 10.0, 2.0), (0.0, 10.0, 2.0)), 4) == 30
    assert total(((10.0, 10.0, 2.0), (0.0, 10.0, 2.0)), 1) == 10


@pytest.mark.parametrize(
    "given",
    [
        plan((50.0, 50.0, 3.0), warmup_s=2.0),
        plan((0.4, 0.4, 10.0), warmup_s=0.5),
        plan((0.0, 100.0, 2.5), (100.0, 0.0, 1.0), warmup_s=1.5),
        plan((10 / 3, 10 / 3, 3.0)),
    ],
)
def test_how_many_moments_there_are_is_known_beforehand(given: LoadPlan) -> None:
    moments = list(arrivals(given))
    warmup = sum(moment < 0 for moment in moments)
    assert numbers(given) == (warmup, len(moments) - warmup)


def test_a_run_with_fewer_requests_than_endpoints_is_refused() -> None:
    with pytest.raises(StageError, match="makes 0 requests, and 1 endpoint must be asked"):
        refuse_too_few(plan((0.1, 0.1, 1.0), warmup_s=60.0))
    refuse_too_few(plan((1.0, 1.0, 1.0)))
