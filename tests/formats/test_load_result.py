from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from formats.load_records import record, with_beats
from samples import condition, gate

from gates.domain.condition import bind, parse
from gates.domain.errors import StageError
from gates.domain.metric import Metric
from gates.domain.plan import GatePlan
from gates.domain.proof import breach
from gates.domain.stage_result import StageResult, Tool
from gates.formats.latency import MAX_TAGGED
from gates.formats.load_model import LoadRecord
from gates.formats.load_result import DEFAULTS, LoadMeasured, measured, specs


def by_name(found: LoadMeasured) -> dict[str, Metric]:
    return {metric.name: metric for metric in found.metrics if not metric.tags}


def planned() -> GatePlan:
    found = {spec.name: spec for spec in specs()}
    asked = (bind(parse(text), found[text.split()[0]], {}) for text in DEFAULTS)
    return gate(*asked, condition("p95 < 100ms", found["p95"]), specs=specs())


def judged(found: LoadMeasured) -> StageResult:
    return StageResult(
        metrics=found.metrics,
        examined=found.examined,
        tool=Tool(name="load", version="1"),
        not_applicable=found.not_applicable,
        notes=found.notes,
    )


def test_all_that_is_measured_is_declared_and_all_that_is_declared_is_measured() -> None:
    found = measured(record())

    assert breach(planned(), judged(found)) is None
    assert set(by_name(found)) == {spec.name for spec in specs()}
    assert found.not_applicable == ()


def test_a_run_has_rates_and_a_generator() -> None:
    found = measured(with_beats({"asked": 125}))

    values = by_name(found)
    seconds = Decimal("12.02")
    assert values["rate"].value == 1200 / seconds
    assert values["asked_rate"].value == 1500 / seconds
    assert values["achieved"].fraction == (1200, 1500)
    assert values["generator_lag"].fraction == (0, 1200)
    assert values["generator_cpu"].value == Decimal("0.25")
    assert values["alive"].value == 1
    assert (found.examined.count, found.examined.unit) == (1200, "requests")
    assert found.notes[-1] == "each interval holds at 95 %"


def test_requests_that_the_rate_makes_and_nobody_asked_are_not_achieved() -> None:
    found = by_name(measured(record(12, rate=9000.0)))
    assert found["achieved"].fraction == (1200, 108_000)
    assert found["asked_rate"].value == 108_000 / Decimal("12.02")

    almost = by_name(measured(record(12, rate=100.09)))
    assert almost["achieved"].fraction == (1200, 1200)

    early = replace(record(12, rate=9000.0), seconds=Decimal("11.9"))
    assert by_name(measured(early))["achieved"].fraction == (1200, 1200)


def test_what_has_no_answer_is_not_achieved() -> None:
    values = by_name(measured(record(failed=lambda _: {"unfinished": 1, "status 500": 1})))

    assert values["achieved"].fraction == (1212, 1224)
    assert values["error_rate"].fraction == (24, 1224)


def test_users_that_wait_have_no_asked_rate() -> None:
    found = measured(with_beats({"asked": None}, generator="locust", rate=None))

    assert not {"achieved", "asked_rate"} & set(by_name(found))
    assert {entry.metric for entry in found.not_applicable} == {"achieved", "asked_rate"}
    assert breach(planned(), judged(found)) is None


def width(name: str, **how: object) -> Decimal:
    confidence, looks = how.get("confidence", "0.95"), how.get("looks", 1)
    assert isinstance(looks, int)
    found = measured(
        record(failed=lambda _: {"refused": 1}), confidence=Decimal(str(confidence)), looks=looks
    )
    low, high = by_name(found)[name].interval or (Decimal(0), Decimal(0))
    return high - low


def test_more_confidence_and_more_looks_leave_more_open() -> None:
    assert width("error_rate", confidence="0.99") > width("error_rate")
    assert width("error_rate", looks=5) == width("error_rate", confidence="0.99")
    assert measured(record(), looks=3).notes[-1] == "each interval holds at 95 %, shared by 3 looks"


def test_the_limit_of_slow_and_the_patience_are_those_of_the_stage() -> None:
    values = by_name(measured(record(2, lambda _: {50_000: 10}), slow_s=Decimal("0.04")))
    assert values["over"].fraction == (20, 20)

    short = measured(record(2, lambda _: {50_000: 10}), patience_s=Decimal(7))
    assert (by_name(short)["p95"].interval or (0, 0))[1] == Decimal("9.02")


@pytest.mark.parametrize(("confidence", "looks"), [("0", 1), ("1", 1), ("1.5", 1), ("0.9", 0)])
def test_a_confidence_that_is_none_is_refused(confidence: str, looks: int) -> None:
    with pytest.raises(ValueError, match="no confidence"):
        measured(record(), confidence=Decimal(confidence), looks=looks)


def refused() -> LoadRecord:
    return record(12, lambda _: {}, failed=lambda _: {"connection refused": 9, "reset": 1})


def test_where_every_request_fails_nothing_is_measured() -> None:
    with pytest.raises(StageError) as caught:
        measured(refused())

    problem = caught.value.problem
    assert problem.slug == "no-success"
    assert problem.summary == "none of 120 requests succeeded; 108 ended by: connection refused"


def test_a_service_that_died_under_load_has_failed() -> None:
    found = measured(replace(refused(), seconds=Decimal(3)), died="it ended with exit code 137")

    assert by_name(found)["alive"].value == 0
    assert by_name(found)["error_rate"].fraction == (120, 120)
    assert "p95" not in by_name(found)
    assert breach(planned(), judged(found)) is None
    assert "exit code 137" in found.notes[0]


@pytest.mark.parametrize("died", ["", "it ended"])
def test_a_run_without_any_request_measured_nothing(died: str) -> None:
    with pytest.raises(StageError) as caught:
        measured(record(12, lambda at: {5: 1} if at < 0 else {}), died=died)

    assert caught.value.problem.slug == "no-requests"


def test_preconditions_come_first() -> None:
    with pytest.raises(StageError, match="a core"):
        measured(with_beats({"cpu": 0.99}))
    with pytest.raises(StageError, match="1 of 2 workers"):
        measured(record(), workers=2)


def test_each_endpoint_has_metrics_of_its_own_up_to_a_limit() -> None:
    names = [f"GET /{number}" for number in range(MAX_TAGGED + 1)]
    one = record(1)
    cells = tuple(
        replace(cell, endpoint=number) for number in range(len(names)) for cell in one.measured
    )

    found = measured(replace(one, endpoints=tuple(names), cells=cells))

    tags = {metric.tags for metric in found.metrics if metric.tags}
    assert len(tags) == MAX_TAGGED
    assert {metric.name for metric in found.metrics if metric.tags} == {
        *("p50", "p90", "p95", "p99", "max", "mean"),
        *("over", "error_rate", "requests"),
    }
