from __future__ import annotations

from decimal import Decimal

import pytest
from formats.cuts import refuses_every_cut
from formats.load_samples import Json, benchmark, benchmarks, saved

from gates.domain.errors import OutputUnreadable
from gates.formats.pytest_benchmark_json import Benchmarks, read

WHAT = "benchmark.json"


def found(data: bytes) -> Benchmarks:
    return read(data, what=WHAT)


def test_what_pytest_benchmark_wrote_is_read() -> None:
    report = found(benchmarks("full.json"))

    pause, add = report.benchmarks
    assert report.version == "5.3.1"
    assert (pause.name, pause.rounds, pause.iterations) == ("test_bench.py::test_pause", 25, 1)
    assert (add.rounds, add.iterations) == (30, 100)
    assert pause.times is not None
    # Of 25 times the lower end of p95 is the 21st, and none is its upper end.
    ordered = sorted(pause.times)
    assert pause.at(95) == (ordered[20], ordered[23], pause.slowest)
    low, mean, high = pause.average()
    assert low < mean == pause.mean < high < pause.slowest
    assert pause.times[-1] == pause.slowest
    assert Decimal("0.002") < pause.mean < Decimal("0.003")


def test_times_that_were_not_saved_have_no_percentile() -> None:
    report = found(benchmarks("saved.json"))

    assert [each.times for each in report.benchmarks] == [None, None]
    assert report.benchmarks[0].at(95) is None
    assert set(report.benchmarks[0].average()) == {report.benchmarks[0].mean}
    assert report.benchmarks[0].rounds == 25


def test_no_benchmark_is_told() -> None:
    assert found(saved()).benchmarks == ()


@pytest.mark.parametrize("name", ["full.json", "saved.json"])
def test_a_report_that_was_cut_is_refused(name: str) -> None:
    refuses_every_cut(found, benchmarks(name))


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (b"", "json-empty"),
        (b"[]", "json-type"),
        (b"{}", "json-missing"),
        (b'{"version": "5.0", "version": "5.1"}', "json-duplicate-key"),
        (b'{"version":' * 100_000, "json-depth"),
        (saved(version="3.4.1"), "benchmark-version"),
        (saved(version="50.1"), "benchmark-version"),
        (saved(benchmark(mean=float("nan"))), "json-number"),
        (saved(benchmark(rounds=20.0)), "json-type"),
    ],
)
def test_what_is_no_such_report_is_refused(data: bytes, slug: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        found(data)

    assert caught.value.problem.slug == slug


@pytest.mark.parametrize(
    ("lying", "words"),
    [
        (benchmark(rounds=0), "has 0 rounds of 1 calls"),
        (benchmark(iterations=0), "has 20 rounds of 0 calls"),
        (benchmark(mean=0.04), "a mean outside its shortest and longest time"),
        (benchmark(min=-0.01), "a mean outside its shortest and longest time"),
        (benchmark(total=0.5), "has a mean of 0.011, and 0.5 in 20 rounds"),
        (benchmark(data=[0.01] * 19), "holds 19 times of 20 rounds"),
        (benchmark(max=0.02), "other times than the statistics"),
        (benchmark(min=0.005), "other times than the statistics"),
        (benchmark(mean=0.012, total=0.24), "other times than the statistics"),
    ],
)
def test_a_report_that_contradicts_itself_is_refused(lying: Json, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words) as caught:
        found(saved(lying))

    assert caught.value.problem.slug == "benchmark-contradiction"


def test_a_benchmark_stands_once() -> None:
    with pytest.raises(OutputUnreadable, match="a second time"):
        found(saved(benchmark(), benchmark()))
