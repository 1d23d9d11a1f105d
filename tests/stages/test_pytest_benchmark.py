from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from formats.load_samples import benchmark, benchmarks, saved
from stages.fake_context import fake_context

from gates.formats.latency import MAX_TAGGED
from gates.plugin import Metric, OutputUnreadable, StageError, StageResult
from gates.stages.pytest_benchmark import PytestBenchmark, PytestBenchmarkOptions

PAUSE = "test_bench.py::test_pause"
ADD = "test_bench.py::test_add"
FEW = "test_bench.py::test_few"


def judged(folder: Path, *reports: bytes) -> StageResult:
    ctx = fake_context(folder)
    for at, data in enumerate(reports):
        ctx.write(f"out/{at}.json", data)
    stage = PytestBenchmark(PytestBenchmarkOptions.from_plain({"report": ["out/*.json"]}))
    stage.check()
    return stage.measure(ctx)


def found(result: StageResult, **tags: str) -> dict[str, Metric]:
    return {metric.name: metric for metric in result.metrics if dict(metric.tags) == tags}


def told(result: StageResult, words: str) -> bool:
    return any(words in note for note in result.notes)


def test_what_pytest_benchmark_wrote_becomes_metrics(tmp_path: Path) -> None:
    result = judged(tmp_path, benchmarks("full.json"))

    whole, pause = found(result), found(result, benchmark=PAUSE)
    assert whole["p95"].value == Decimal("0.0021226690005278215")
    assert whole["p50"].value == pause["p50"].value
    assert whole["mean"].value == pause["mean"].value
    assert whole["benchmarks"].value == 2
    assert not {"p90", "p95", "p99"} & set(pause)
    assert (result.examined.count, result.examined.unit) == (2, "benchmarks")
    assert result.examined.details == (("rounds", 55),)
    assert (result.tool.name, result.tool.version) == ("pytest-benchmark", "5.3.1")
    assert [entry.metric for entry in result.inconclusive] == ["p90", "p95", "p99"]


def test_the_slowest_benchmark_counts(tmp_path: Path) -> None:
    slow = [1.0] * 19 + [3.0]
    other = benchmark("b", min=1.0, max=3.0, mean=1.1, total=22.0, data=slow)

    whole = found(judged(tmp_path, saved(benchmark("a"), other, benchmark("c"))))

    assert [whole[name].value for name in ("p95", "mean", "max")] == [1, Decimal("1.1"), 3]


def test_calls_that_were_timed_together_are_bounded_by_their_round(tmp_path: Path) -> None:
    result = judged(tmp_path, saved(benchmark(iterations=5)))

    whole = found(result)
    assert whole["p95"].value == Decimal("0.05")
    assert whole["p95"].interval == (Decimal(0), Decimal("0.15"))
    assert whole["max"].interval == (Decimal("0.03"), Decimal("0.15"))
    assert whole["mean"].value == Decimal("0.011")
    low, high = whole["mean"].interval or (0, 0)
    # 2.093 standard errors of 0.001 s to each side.
    assert Decimal("0.0089") < low < Decimal("0.00891") < Decimal("0.01309") < high
    assert told(result, "1 benchmarks time several calls in a round")


def test_without_saved_times_there_is_no_percentile(tmp_path: Path) -> None:
    result = judged(tmp_path, benchmarks("saved.json"))

    assert set(found(result)) == {"max", "mean", "benchmarks"}
    assert told(result, "`--benchmark-save` with `--benchmark-save-data`, keeps them")


def test_where_some_have_few_rounds_the_slowest_is_not_known(tmp_path: Path) -> None:
    result = judged(tmp_path, benchmarks("few.json"))

    assert "p50" not in found(result)
    assert "p50" not in found(result, benchmark=FEW)
    assert "p50" in found(result, benchmark=ADD)
    assert "p50" not in {entry.metric for entry in result.inconclusive}
    assert told(result, "3 benchmarks have fewer than 72 rounds: `--benchmark-min-rounds 72`")


def test_few_rounds_decide_nothing(tmp_path: Path) -> None:
    few = benchmark(rounds=5, data=[0.01] * 4 + [0.03], total=0.07, mean=0.014)

    result = judged(tmp_path, saved(few))

    assert [entry.metric for entry in result.inconclusive] == [
        "p50",
        "p90",
        "p95",
        "p99",
    ]
    assert found(result)["p95"].value == Decimal("0.03")


def test_reports_are_put_together(tmp_path: Path) -> None:
    result = judged(tmp_path, saved(benchmark("a")), saved(benchmark("b"), version="4.0.0"))

    assert found(result)["benchmarks"].value == 2
    assert result.tool.version == "4.0.0, 5.3.1"


def test_a_benchmark_that_stands_in_two_reports_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputUnreadable, match="stands in another report too"):
        judged(tmp_path, saved(benchmark("a")), saved(benchmark("a"), benchmark("b")))


def test_no_benchmark_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no benchmark was run"):
        judged(tmp_path, saved())


def test_not_every_benchmark_gets_metrics(tmp_path: Path) -> None:
    many = [benchmark(f"b{number}") for number in range(MAX_TAGGED + 1)]

    result = judged(tmp_path, saved(*many))

    assert len({metric.tags for metric in result.metrics if metric.tags}) == MAX_TAGGED
    assert told(result, f"of {MAX_TAGGED + 1} benchmarks {MAX_TAGGED} have")


def test_names_are_fit_to_be_shown(tmp_path: Path) -> None:
    result = judged(tmp_path, saved(benchmark("a\x1b[2J")))

    assert all(text.isprintable() for metric in result.metrics for _, text in metric.tags)


def test_a_gate_without_report_is_refused() -> None:
    with pytest.raises(ValueError, match="`report`"):
        PytestBenchmark(PytestBenchmarkOptions()).check()
