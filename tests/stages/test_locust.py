from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from formats.load_samples import endpoint, failing, locust, report
from formats.locust_records import record
from stages.fake_context import fake_context

from gates.domain.condition import Role
from gates.formats.latency import LATENCY, MAX_TAGGED
from gates.plugin import Metric, OutputUnreadable, StageError, StageResult
from gates.stages.locust import Locust, LocustOptions

MS = Decimal("0.001")


def judged(folder: Path, **reports: bytes) -> StageResult:
    """What the stage makes of reports, by the end of their names."""
    ctx = fake_context(folder)
    for name, data in reports.items():
        ending = "json" if data.lstrip()[:1] == b"[" else "csv"
        ctx.write(f"out/{name}.{ending}", data)
    stage = Locust(LocustOptions.from_plain({"report": ["out/*"]}))
    stage.check()
    return stage.measure(ctx)


def of(result: StageResult, name: str, **tags: str) -> Metric:
    """The one metric with this name and these tags."""
    (found,) = [
        metric for metric in result.metrics if (metric.name, dict(metric.tags)) == (name, tags)
    ]
    return found


def names(result: StageResult, **tags: str) -> set[str]:
    return {metric.name for metric in result.metrics if dict(metric.tags) == tags}


def test_what_locust_wrote_becomes_percentiles_of_the_whole_and_of_each_endpoint(
    tmp_path: Path,
) -> None:
    result = judged(tmp_path, run=locust("sound.json"))

    # Locust printed 340 for the 95th of 575; that is rounded to 10 ms.
    low, high = of(result, "p95").interval or (0, 0)
    assert low <= 335 * MS < 345 * MS <= high
    assert of(result, "p95").value == 345 * MS
    assert of(result, "p95", endpoint="GET /orders").value == Decimal("0.0765")
    assert of(result, "error_rate").fraction == (0, 575)
    # 575 requests without a failure leave open whether one in 200 fails.
    fewest, most = of(result, "error_rate").interval or (0, 0)
    assert fewest == 0
    assert Decimal("0.006") < most < Decimal("0.007")
    assert of(result, "requests", endpoint="GET /slow").value == 92
    assert of(result, "max").value == Decimal("1.0382748519987217")
    rate = of(result, "rate").value
    assert rate is not None
    assert 81 < rate < 82
    assert (result.examined.count, result.examined.unit) == (575, "requests")
    assert result.inconclusive == ()
    assert any("Locust rounds response times" in note for note in result.notes)
    assert any("only a report was judged" in note for note in result.notes)


def test_an_endpoint_with_few_requests_has_no_p99(tmp_path: Path) -> None:
    result = judged(tmp_path, run=locust("sound.json"))

    assert "p99" not in names(result, endpoint="GET /slow")
    assert "p99" in names(result, endpoint="GET /orders")


def test_failed_requests_are_counted_and_their_times_bound_the_others(tmp_path: Path) -> None:
    result = judged(tmp_path, run=locust("flaky.json"))

    assert of(result, "error_rate").fraction == (24, 932)
    assert of(result, "error_rate", endpoint="GET /flaky").fraction == (24, 261)
    assert result.examined.details == (("failed", 24),)
    low, high = of(result, "p95").interval or (0, 0)
    assert low <= Decimal("0.0735") < Decimal("0.0785") <= high
    assert any(note.startswith("24 of 932 requests failed") for note in result.notes)


@pytest.mark.parametrize("name", ["refused.json", "refused_stats.csv"])
def test_how_fast_requests_are_refused_is_no_latency(name: str, tmp_path: Path) -> None:
    result = judged(tmp_path, run=locust(name))

    top, bottom = of(result, "error_rate").fraction
    assert top == bottom == result.examined.count
    assert names(result).isdisjoint(LATENCY)
    assert result.inconclusive == ()
    assert any("is no latency" in note for note in result.notes)


@pytest.mark.parametrize("data", [locust("idle.json"), locust("idle_stats.csv"), report()])
def test_no_request_is_no_result(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(StageError) as caught:
        judged(tmp_path, run=data)

    assert caught.value.problem.slug == "no-requests"
    assert "`--host`" in caught.value.problem.hint


def test_few_requests_decide_nothing(tmp_path: Path) -> None:
    few = endpoint(
        num_requests=19,
        response_times={"10": 19},
        num_reqs_per_sec={"1000": 19},
        total_response_time=190.0,
        max_response_time=10.0,
    )

    result = judged(tmp_path, run=report(few))

    reasons = {entry.metric: entry.reason for entry in result.inconclusive}
    assert {"p95", "p99"} <= reasons.keys()
    assert reasons["p95"].startswith("19 completed requests do not tell p95")
    assert of(result, "p95").value == 10 * MS


def test_only_completed_requests_make_a_sample(tmp_path: Path) -> None:
    result = judged(tmp_path, run=report(failing(81)))

    assert {"p95", "p99"} <= {entry.metric for entry in result.inconclusive}
    assert of(result, "p95").value == 120 * MS


def test_requests_without_a_time_leave_no_latency(tmp_path: Path) -> None:
    part = endpoint(num_none_requests=10, response_times={"10": 80, "120": 10})
    part["total_response_time"] = 2000.0

    result = judged(tmp_path, run=report(part))

    assert names(result) == {"error_rate", "rate", "requests"}
    assert any("no response time" in note for note in result.notes)


def test_generators_add_up(tmp_path: Path) -> None:
    other = failing(1, start_time=1001.0)

    result = judged(tmp_path, one=report(endpoint()), two=report(other))

    assert of(result, "error_rate").fraction == (1, 200)
    assert of(result, "rate").value == 20
    assert of(result, "requests", endpoint="GET /orders").value == 200


def test_a_run_that_took_no_time_has_no_rate(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="took no time"):
        judged(tmp_path, run=report(endpoint(last_request_timestamp=1000.0)))


def test_csv_is_judged_and_said_to_lack_its_end(tmp_path: Path) -> None:
    result = judged(tmp_path, stats=locust("sound_stats.csv"))

    assert of(result, "p95").interval == (335 * MS, 345 * MS)
    assert of(result, "requests").value == 555
    assert of(result, "requests", endpoint="GET /slow").value == 88
    assert "the end of the run is missing" in result.notes[0]


def test_tables_of_one_run_stand_by_each_other(tmp_path: Path) -> None:
    result = judged(
        tmp_path,
        stats=locust("flaky_stats.csv"),
        failures=locust("flaky_failures.csv"),
        history=locust("flaky_stats_history.csv"),
    )

    assert of(result, "error_rate").fraction == (24, 836)
    assert any(note.startswith("most failures, 24, are: HTTPError") for note in result.notes)


def test_json_and_csv_are_not_mixed(tmp_path: Path) -> None:
    with pytest.raises(OutputUnreadable, match="stand beside each other"):
        judged(tmp_path, one=locust("sound.json"), two=locust("sound_stats.csv"))


def test_not_every_address_gets_metrics(tmp_path: Path) -> None:
    many = [endpoint(name=f"/orders/{number}") for number in range(MAX_TAGGED + 1)]

    result = judged(tmp_path, run=report(*many))

    tagged = {metric.tags for metric in result.metrics if metric.tags}
    assert len(tagged) == MAX_TAGGED
    assert any(f"of {MAX_TAGGED + 1} endpoints {MAX_TAGGED} have" in note for note in result.notes)
    assert of(result, "requests").value == 100 * (MAX_TAGGED + 1)


def test_names_of_endpoints_are_fit_to_be_shown(tmp_path: Path) -> None:
    result = judged(tmp_path, run=report(endpoint(name="/a\x1b[2J")))

    assert all(text.isprintable() for metric in result.metrics for _, text in metric.tags)


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    ctx.write("out/a.json", b"\xef\xbb\xbf " + report(endpoint()))

    result = Locust(LocustOptions(report=("out/a.json",))).measure(ctx)

    assert of(result, "requests").value == 100


def test_a_record_of_our_add_on_is_judged_too(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    ctx.write("out/load.jsonl", record())
    stage = Locust(LocustOptions(report=("out/load.jsonl",)))

    result = stage.measure(ctx)

    assert of(result, "requests").value == 400
    assert "alive" not in names(result) | {spec.name for spec in stage.specs()}
    assert any("send nothing" in note for note in result.notes)


@pytest.mark.parametrize(
    ("level", "required"),
    [
        (1, ["p95 < 100ms", "mean < 200ms", "error_rate < 5%"]),
        (2, ["p95 < 100ms", "error_rate < 0.1%"]),
        (3, ["p95 < 100ms", "error_rate < 0.1%"]),
    ],
)
def test_each_level_has_its_documented_conditions(level: int, required: list[str]) -> None:
    run, judged = Locust(LocustOptions(users=1)), Locust(LocustOptions(report=("a",)))
    standing = [each for each in run.conditions() if each.from_level <= level <= each.to_level]
    alive = [each for each in run.conditions() if each not in judged.conditions()]

    required = [*required, "alive == 1"]
    assert [each.text for each in standing if each.role is Role.REQUIRE] == required
    assert [each.text for each in alive] == ["alive == 1"]
    warned = [each.text for each in standing if each.role is Role.WARN]
    assert warned == (["error_rate < 0.1%"] if level == 1 else [])
