"""`pytest-benchmark`: how long single operations take, by what pytest-benchmark wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gates.formats import pytest_benchmark_json
from gates.formats.latency import BENCH, MAX_TAGGED, PERCENTILES, least, scarce, specs, timed
from gates.formats.pytest_benchmark_json import Benchmark
from gates.plugin import (
    Context,
    Default,
    Direction,
    Examined,
    Inconclusive,
    Metric,
    MetricSpec,
    OutputUnreadable,
    Report,
    ReportOptions,
    ReportStage,
    Sample,
    StageError,
    StageResult,
    Tool,
    Unit,
    count,
    tags_of,
)

_TAG = "benchmark"
_ENOUGH = least(PERCENTILES["p95"])
_ROUNDS = f"`--benchmark-min-rounds {_ENOUGH}` lets each run often enough for p95"
_DATA = "`--benchmark-json`, or `--benchmark-save` with `--benchmark-save-data`, keeps them"
_Bounds = tuple[Decimal, Decimal, Decimal]
_REPORT = """\
{{"version": "5.3.1", "benchmarks": [{{"fullname": "bench/test_a.py::test_a", "stats": {{
 "min": {time}, "max": {time}, "mean": {time}, "total": {total}, "rounds": 72, "iterations": 1,
 "data": [{data}]}}}}]}}
"""


def _sample(milliseconds: int) -> str:
    time = f"{Decimal(milliseconds).scaleb(-3)}"
    total = f"{Decimal(milliseconds * _ENOUGH).scaleb(-3)}"
    return _REPORT.format(time=time, total=total, data=", ".join([time] * _ENOUGH))


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestBenchmarkOptions(ReportOptions):
    """Options of `pytest-benchmark`."""


class PytestBenchmark(ReportStage[PytestBenchmarkOptions]):
    """Percentiles and mean of the slowest benchmark, and of each one."""

    uses = "pytest-benchmark"
    title = "time of single operations, by pytest-benchmark"
    options_type = PytestBenchmarkOptions
    metrics = (
        *specs(_TAG),
        MetricSpec(
            name="benchmarks",
            unit=Unit.COUNT,
            direction=Direction.HIGHER,
            title="benchmarks that were run",
            noun="benchmarks",
        ),
    )
    defaults = tuple(Default(text=text) for text in BENCH)
    criteria = ("L1-BENCH",)
    examines = "benchmarks"
    errored_when = (
        "no benchmark was run",
        "a percentile is asked, and the times of rounds were not saved",
        "a percentile of all is asked, and only some benchmarks have rounds enough for it",
        "numbers of the report contradict each other, or it is of an unknown version",
        "a benchmark stands in more than one report",
    )
    tells_findings = False
    written_by = (
        "pytest --benchmark-only --benchmark-min-rounds=72 --benchmark-json=out/benchmark.json"
    )
    sample = Sample(
        files={"out/benchmark.json": _sample(20)},
        faulty={"out/benchmark.json": _sample(400)},
        options={"report": "out/benchmark.json"},
        reports=("out/benchmark.json",),
    )

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge the benchmarks of all reports as one whole."""
        return parse([(report.name, report.data) for report in reports], clean=ctx.clean)


def parse(reports: Sequence[tuple[str, bytes]], *, clean: Callable[[str], str]) -> StageResult:
    """Read reports that belong together.

    Args:
        reports: the name and the bytes of each.
        clean: makes foreign text fit to be shown.

    Raises:
        OutputUnreadable: a report is not pytest-benchmark's, or contradicts itself or another.
        StageError: no benchmark was run.
    """
    benchmarks: dict[str, Benchmark] = {}
    versions: set[str] = set()
    for what, data in reports:
        report = pytest_benchmark_json.read(data, what=what)
        versions.add(report.version)
        for benchmark in report.benchmarks:
            if benchmark.name in benchmarks:
                summary = f"`{benchmark.name}` stands in another report too"
                raise OutputUnreadable("benchmark-twice", summary, place=what)
            benchmarks[benchmark.name] = benchmark
    if not benchmarks:
        raise StageError(
            "no-benchmarks",
            "no benchmark was run, so nothing was measured",
            hint="see whether tests use the fixture `benchmark`, and none is disabled",
            place=reports[0][0],
        )
    found = tuple(benchmarks.values())
    return StageResult(
        metrics=(
            *_worst(found),
            count("benchmarks", len(found)),
            *(metric for each in found[:MAX_TAGGED] for metric in _times(each, clean(each.name))),
        ),
        examined=Examined(
            count=len(found),
            unit="benchmarks",
            details=(("rounds", sum(benchmark.rounds for benchmark in found)),),
        ),
        tool=Tool(
            name="pytest-benchmark",
            version=", ".join(sorted(versions)),
            how="told by the report",
        ),
        inconclusive=_scarce(found),
        notes=_notes(found),
    )


def _worst(benchmarks: Sequence[Benchmark]) -> tuple[Metric, ...]:
    """What the slowest benchmark needs, of what is told of every one.

    Where some have rounds enough for a percentile and others have not, the slowest is not known.
    """
    found = [_bounds(benchmark) for benchmark in benchmarks]
    names = ["max", "mean"]
    for name, percent in PERCENTILES.items():
        enough = {benchmark.rounds >= least(percent) for benchmark in benchmarks}
        if len(enough) == 1 and all(name in each for each in found):
            names.append(name)
    return tuple(_slowest(name, [each[name] for each in found]) for name in names)


def _slowest(name: str, bounds: Sequence[_Bounds]) -> Metric:
    low, value, high = (max(ends) for ends in zip(*bounds, strict=True))
    return timed(name, low, high, value=value)


def _times(benchmark: Benchmark, name: str) -> tuple[Metric, ...]:
    """What one benchmark needs, of what its rounds can tell."""
    return tuple(
        timed(metric, low, high, tags_of({_TAG: name}), value=value)
        for metric, (low, value, high) in _bounds(benchmark).items()
        if metric not in PERCENTILES or benchmark.rounds >= least(PERCENTILES[metric])
    )


def _bounds(benchmark: Benchmark) -> dict[str, _Bounds]:
    """Lower end, value and upper end of each time of a call.

    A round of several calls tells only their mean. No call took longer than its whole round, so a
    percentile of the calls is not above that of the rounds' whole times.
    """
    calls = benchmark.iterations
    longest = benchmark.slowest * calls
    bounds = {"mean": benchmark.average(), "max": (benchmark.slowest, longest, longest)}
    for name, percent in PERCENTILES.items():
        found = benchmark.at(percent)
        if found is not None:
            low, value, high = found
            bounds[name] = (low if calls == 1 else Decimal(0), value * calls, high * calls)
    return bounds


def _scarce(benchmarks: Sequence[Benchmark]) -> tuple[Inconclusive, ...]:
    """The percentiles for which no benchmark has rounds enough."""
    return scarce(max(benchmark.rounds for benchmark in benchmarks), "rounds of a benchmark")


def _notes(benchmarks: Sequence[Benchmark]) -> tuple[str, ...]:
    unsaved = sum(benchmark.times is None for benchmark in benchmarks)
    few = sum(benchmark.rounds < _ENOUGH for benchmark in benchmarks)
    several = sum(benchmark.iterations > 1 for benchmark in benchmarks)
    told = (
        (
            unsaved,
            f"{unsaved} benchmarks have no times of rounds, so no percentile of all: {_DATA}",
        ),
        (few, f"{few} benchmarks have fewer than {_ENOUGH} rounds: {_ROUNDS}"),
        (
            several,
            (
                f"{several} benchmarks time several calls in a round: a percentile and the maximum"
                " stand at the time of a whole round, which no call exceeds"
            ),
        ),
        (
            len(benchmarks) > MAX_TAGGED,
            f"of {len(benchmarks)} benchmarks {MAX_TAGGED} have metrics of their own",
        ),
    )
    return (
        *(text for holds, text in told if holds),
        "each interval holds at 95 %, and takes the rounds to be independent of each other",
        "only a report was judged: whether the run behind it ended early is not known",
    )
