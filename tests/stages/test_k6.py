"""k6 is not installed here: all summaries are made after its documentation."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from formats.load_samples import STATS, k6_export, k6_handled, k6_machine
from stages.fake_context import fake_context, metrics_of

from gates.domain.condition import Role
from gates.formats.latency import LATENCY
from gates.plugin import OutputUnreadable, StageError, StageResult
from gates.stages.k6 import K6, K6Options, parse


def judged(folder: Path, *reports: bytes) -> StageResult:
    ctx = fake_context(folder)
    for at, data in enumerate(reports):
        ctx.write(f"out/{at}.json", data)
    stage = K6(K6Options.from_plain({"report": ["out/*.json"]}))
    stage.check()
    return stage.measure(ctx)


def told(result: StageResult, words: str) -> bool:
    return any(words in note for note in result.notes)


@pytest.mark.parametrize("data", [k6_export(), k6_handled(), k6_machine()])
def test_each_form_becomes_metrics(data: bytes, tmp_path: Path) -> None:
    result = judged(tmp_path, data)

    values = {metric.name: metric.value for metric in result.metrics}
    assert values == {
        "p50": Decimal("0.015"),
        "p90": Decimal("0.04"),
        "p95": Decimal("0.06"),
        "max": Decimal("0.3"),
        "mean": Decimal("0.02"),
        "error_rate": None,
        "rate": 100,
        "requests": 2000,
    }
    assert (result.examined.count, result.examined.unit) == (2000, "requests")
    assert told(result, "decided on the percentiles that k6 printed")
    assert told(result, "k6's own thresholds are not used")


def test_the_version_is_told_where_it_is_known(tmp_path: Path) -> None:
    assert judged(tmp_path, k6_machine()).tool.version == "v2.2.0"


def test_a_threshold_that_k6_calls_crossed_or_kept_decides_nothing(tmp_path: Path) -> None:
    crossed = {**STATS, "thresholds": {"p(95)<100": True}}

    result = parse(k6_export(http_req_duration=crossed), what="k6.json")

    assert metrics_of(result) == metrics_of(judged(tmp_path, k6_export()))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (k6_export(), 'p99 is not told: `k6 run --summary-trend-stats "avg,min,med,max'),
        (k6_machine(), "p99 is not told: this form never has it"),
    ],
)
def test_how_p99_is_printed_is_told(data: bytes, words: str, tmp_path: Path) -> None:
    result = judged(tmp_path, data)

    assert told(result, words)
    assert "p99" not in {metric.name for metric in result.metrics}


def test_p99_is_measured_where_it_is_printed(tmp_path: Path) -> None:
    result = judged(tmp_path, k6_export(http_req_duration={**STATS, "p(99)": 199}))

    assert {metric.name: metric.value for metric in result.metrics}["p99"] == Decimal("0.199")
    assert not told(result, "p99")


def test_only_times_of_requests_that_did_not_fail_count(tmp_path: Path) -> None:
    result = judged(tmp_path, k6_export(500, expected={**STATS, "p(95)": 90}))

    values = {metric.name: metric for metric in result.metrics}
    assert values["p95"].value == Decimal("0.09")
    assert values["error_rate"].fraction == (500, 2000)
    low, high = values["error_rate"].interval or (0, 0)
    assert Decimal("0.23") < low < Decimal("0.25") < high < Decimal("0.27")
    assert result.examined.details == (("failed", 500),)


@pytest.mark.parametrize(
    ("failed", "words"), [(2000, "is no latency"), (1, "the times of the others are not told")]
)
def test_without_such_times_there_is_no_latency(failed: int, words: str, tmp_path: Path) -> None:
    result = judged(tmp_path, k6_export(failed))

    assert {metric.name for metric in result.metrics}.isdisjoint(LATENCY)
    assert told(result, words)
    assert result.inconclusive == ()


def test_few_requests_decide_nothing(tmp_path: Path) -> None:
    result = judged(tmp_path, k6_export(requests=71))

    assert [entry.metric for entry in result.inconclusive] == ["p95", "p99"]


def test_what_k6_did_not_send_or_found_wrong_is_told(tmp_path: Path) -> None:
    checks = {"passes": 5, "fails": 2, "value": 0.7}

    result = judged(tmp_path, k6_export(dropped_iterations={"count": 337}, checks=checks))

    assert told(result, "337 iterations were dropped")
    assert told(result, "2 of 7 checks of the script did not hold")


def test_checks_that_do_not_hold_and_iterations_that_were_dropped_are_measured(
    tmp_path: Path,
) -> None:
    checks = {"passes": 0, "fails": 20_000, "value": 0}

    result = judged(tmp_path, k6_export(dropped_iterations={"count": 900_000}, checks=checks))

    found = metrics_of(result)
    assert found["checks"] == (0, 20_000)
    assert found["achieved"] == (0, 900_000)
    assert result.not_applicable == ()


def test_iterations_that_were_all_made_are_achieved(tmp_path: Path) -> None:
    found = metrics_of(judged(tmp_path, k6_export(iterations={"count": 500, "rate": 25.0})))

    assert found["achieved"] == (500, 500)


def test_what_a_summary_does_not_tell_is_not_applicable(tmp_path: Path) -> None:
    result = judged(tmp_path, k6_export())

    # That `achieved` is asked by default makes a summary without iterations errored.
    assert [entry.metric for entry in result.not_applicable] == ["checks"]
    assert {"achieved", "checks"}.isdisjoint(metrics_of(result))
    assert told(result, "no iteration came to an end")


def test_no_request_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="nothing was measured"):
        judged(tmp_path, k6_export(http_reqs={"count": 0, "rate": 0}))


def test_summaries_cannot_be_put_together(tmp_path: Path) -> None:
    with pytest.raises(OutputUnreadable, match="2 summaries cannot be put together"):
        judged(tmp_path, k6_export(), k6_export(requests=20))


def test_a_gate_without_report_is_refused() -> None:
    with pytest.raises(ValueError, match="`report`"):
        K6(K6Options()).check()


@pytest.mark.parametrize(
    ("level", "required"),
    [
        (1, ["p95 < 100ms", "mean < 200ms", "error_rate < 5%", "checks > 95%"]),
        (2, ["p95 < 100ms", "error_rate < 0.1%", "checks > 99.9%"]),
    ],
)
def test_each_level_has_its_documented_conditions(level: int, required: list[str]) -> None:
    standing = [each for each in K6.defaults if each.from_level <= level <= each.to_level]

    assert [each.text for each in standing if each.role is Role.REQUIRE] == [
        *required,
        "achieved >= 95%",
    ]
