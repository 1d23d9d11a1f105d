from __future__ import annotations

import random
from decimal import Decimal

import pytest

from gates.domain.errors import StageError
from gates.domain.metric import Metric
from gates.executor.service_usage import metrics
from gates.plugin import Usage

MB = 1_000_000


def samples(
    slope: float,
    *,
    seconds: float = 60,
    noise: float = 0.0,
    step: float = 0.5,
    start: int = 100 * MB,
) -> tuple[Usage, ...]:
    """Memory that grows by `slope` bytes a second, looked at twice a second."""
    random.seed(1)
    count = int(seconds / step) + 1
    return tuple(
        Usage(at * step, int(start + slope * at * step + random.gauss(0, noise)), at * step / 4, 2)
        for at in range(count)
    )


def slope_of(usage: tuple[Usage, ...]) -> Metric:
    (found,) = metrics(("rss_slope",), usage)
    return found


def test_the_largest_memory_and_the_cores_on_average() -> None:
    usage = (Usage(1.0, 5, 10.0, 1), Usage(2.0, 9, 10.5, 1), Usage(5.0, 7, 11.0, 1))
    memory, cores = metrics(("rss_max", "cpu"), usage)
    assert memory == Metric(name="rss_max", value=9)
    assert cores == Metric(name="cpu", value=Decimal("0.250"))


def test_processor_time_of_processes_that_went_away_is_not_negative() -> None:
    usage = (Usage(1.0, 5, 10.0, 2), Usage(2.0, 5, 4.0, 1))
    assert metrics(("cpu",), usage)[0].value == 0


def test_growth_is_told_by_the_hour() -> None:
    found = slope_of(samples(1000.0))
    assert found.value == pytest.approx(3_600_000, rel=1e-3)
    assert found.interval is not None
    assert found.interval[0] <= found.value <= found.interval[1]
    assert found.interval[1] - found.interval[0] < 4000


def test_noise_widens_the_interval() -> None:
    found = slope_of(samples(0.0, noise=MB))
    assert found.interval is not None
    low, high = found.interval
    assert low < 0 < high
    assert high - low > 10 * MB


def test_a_fall_is_negative() -> None:
    assert (slope_of(samples(-1000.0)).value or 0) < -3_500_000


def test_what_is_taken_in_the_beginning_is_no_growth() -> None:
    rise = tuple(Usage(at * 0.5, min(at, 10) * MB, 0.0, 1) for at in range(121))
    assert slope_of(rise).value == 0


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    generator, hits, runs = random.Random(7), 0, 400  # noqa: S311 - noise
    for _ in range(runs):
        usage = tuple(
            Usage(at * 0.5, int(100 * MB + 500 * at + generator.gauss(0, MB)), 0.0, 1)
            for at in range(121)
        )
        interval = slope_of(usage).interval
        assert interval is not None
        hits += interval[0] <= 3_600_000 <= interval[1]
    assert 0.91 <= hits / runs <= 0.99


def test_a_slope_takes_its_time() -> None:
    with pytest.raises(StageError, match="takes 30 s of measuring at least, and it took 20 s"):
        slope_of(samples(0.0, seconds=20))
    with pytest.raises(StageError, match="takes 30 s"):
        slope_of(samples(0.0, seconds=60, step=5))


def test_a_slice_without_a_sample_is_no_proof() -> None:
    whole = samples(0.0)
    gap = tuple(each for each in whole if not 20 <= each.at_s <= 40)
    with pytest.raises(StageError, match="too few samples"):
        slope_of(gap)


@pytest.mark.parametrize("usage", [(), (Usage(1.0, 5, 1.0, 1),), (Usage(1.0, 5, 1.0, 1),) * 2])
def test_what_was_not_seen_is_not_measured(usage: tuple[Usage, ...]) -> None:
    with pytest.raises(StageError, match="could not be seen"):
        metrics(("rss_max",), usage)
