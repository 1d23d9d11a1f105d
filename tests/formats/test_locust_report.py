"""Records of our add-on; Locust's own reports are judged in the tests of the stage."""

from __future__ import annotations

from decimal import Decimal

import pytest
from formats.load_samples import endpoint, report
from formats.locust_records import record

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.metric import Metric
from gates.formats.locust_report import CLOSED, Statistics, parse


def metric(metrics: tuple[Metric, ...], name: str) -> Metric:
    (found,) = [each for each in metrics if each.name == name and not each.tags]
    return found


def test_a_record_tells_each_time_exactly() -> None:
    result = parse([("load.jsonl", record())], clean=str)

    assert metric(result.metrics, "p50").value == Decimal("0.020009")
    assert metric(result.metrics, "rate").value == 20
    assert (result.tool.name, result.tool.version) == ("locust", "2.47.0")
    assert result.examined.count == 400
    assert result.notes[-1] == CLOSED
    assert "alive" not in {each.name for each in result.metrics}
    assert "achieved" in {each.metric for each in result.not_applicable}


def test_options_reach_the_statistics() -> None:
    slow = Statistics(slow_s=Decimal("0.0200095"))

    result = parse([("load.jsonl", record())], clean=str, statistics=slow)

    assert metric(result.metrics, "over").fraction == (200, 400)


def test_records_of_two_generators_add_up() -> None:
    result = parse([("a", record()), ("b", record(each=10))], clean=str)

    assert metric(result.metrics, "requests").value == 600


def test_failures_have_no_times() -> None:
    result = parse([("a", record(failed={"status 500": 3, "unfinished": 1}))], clean=str)

    assert metric(result.metrics, "error_rate").fraction == (4, 404)


def test_names_are_made_fit_to_be_shown() -> None:
    result = parse([("a", record().replace(b"/orders", b"/o\\u001b"))], clean=ascii)

    assert all(text.isprintable() for each in result.metrics for _, text in each.tags)


def test_kinds_are_not_mixed() -> None:
    with pytest.raises(OutputUnreadable, match="several kinds"):
        parse([("a", record()), ("b", report(endpoint()))], clean=str)


def test_a_record_without_its_end_is_refused() -> None:
    cut = record().rpartition(b'{"end"')[0]

    with pytest.raises(StageError, match="no end"):
        parse([("a", cut)], clean=str)


def test_a_run_in_which_all_failed_is_refused() -> None:
    with pytest.raises(StageError, match="connection refused"):
        parse([("a", record(each=0, failed={"connection refused": 3}))], clean=str)
