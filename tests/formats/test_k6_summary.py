"""k6 is not installed here: all summaries are made after its documentation."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from formats.cuts import refuses_every_cut
from formats.load_samples import (
    STATS,
    k6_export,
    k6_handled,
    k6_machine,
    machine_metric,
)

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.k6_summary import Form, Summary, read

WHAT = "k6.json"
RATE = {"type": "rate", "contains": "default"}


def found(data: bytes) -> Summary:
    return read(data, what=WHAT)


def edited(data: bytes, old: str, new: str) -> bytes:
    assert data.decode().count(old) == 1
    return data.decode().replace(old, new).encode()


@pytest.mark.parametrize(
    ("data", "form", "version"),
    [
        (k6_export(3), Form.EXPORT, ""),
        (k6_handled(3), Form.HANDLED, ""),
        (k6_machine(3), Form.MACHINE, "v2.2.0"),
    ],
)
def test_each_form_tells_the_same(data: bytes, form: Form, version: str) -> None:
    summary = found(data)

    assert (summary.form, summary.version) == (form, version)
    assert (summary.requests, summary.failures) == (2000, 3)
    assert summary.rate == 100
    assert summary.trend is None


@pytest.mark.parametrize("data", [k6_export(), k6_handled(), k6_machine()])
def test_numbers_are_read_and_thresholds_are_not(data: bytes) -> None:
    trend = found(data).trend

    assert trend is not None
    assert trend.mean == 20
    assert trend.slowest == 300
    assert trend.percentiles == {50: 15, 90: 40, 95: 60}


def test_p99_is_read_where_it_was_asked_for() -> None:
    summary = found(k6_export(http_req_duration={**STATS, "p(99)": 250.5, "count": 2000}))

    assert summary.trend is not None
    assert summary.trend.percentiles[99] == Decimal("250.5")
    assert summary.trend.slowest == 300


def test_of_failed_requests_only_the_others_times_count() -> None:
    fast = {**STATS, "avg": 2.0, "med": 2.0, "p(90)": 3.0, "p(95)": 4.0}

    trend = found(k6_export(500, http_req_duration=fast, expected=STATS)).trend

    assert trend is not None
    assert trend.percentiles[95] == 60


def test_where_all_failed_no_time_counts() -> None:
    nothing = dict.fromkeys(STATS, 0)

    assert found(k6_export(2000, expected=nothing)).trend is None


def test_dropped_iterations_and_failed_checks_are_told() -> None:
    checks = {"passes": 5, "fails": 2, "value": 0.7}
    summary = found(k6_export(dropped_iterations={"count": 337, "rate": 16.0}, checks=checks))
    handled = found(k6_handled(checks={**RATE, "values": {"rate": 0.5, "passes": 1, "fails": 1}}))
    listed = {"metrics": [], "results": [{"name": "ok", "passes": 1, "fails": 4}]}

    assert (summary.dropped, summary.failed_checks) == (337, 2)
    assert (handled.dropped, handled.failed_checks) == (0, 1)
    assert (found(k6_machine(checks=listed)).failed_checks, summary.checks) == (4, 7)
    assert (found(k6_machine(checks=listed)).checks, handled.checks) == (5, 2)
    assert found(k6_machine(checks={})).failed_checks == 0
    assert found(k6_machine()).failed_checks == 0


@pytest.mark.parametrize("data", [k6_export(3), k6_handled(3), k6_machine(3)])
def test_a_summary_that_was_cut_is_refused(data: bytes) -> None:
    refuses_every_cut(found, data)


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (b"", "json-empty"),
        (b"[]", "json-type"),
        (b"{}", "json-missing"),
        (b'{"metrics": {"http_reqs": {}, "http_reqs": {}}}', "json-duplicate-key"),
        (b'{"a":' * 100_000, "json-depth"),
        (edited(k6_export(), '"avg": 20.0', '"avg": NaN'), "json-number"),
        (edited(k6_export(), '"avg": 20.0', '"avg": "20"'), "json-type"),
        (k6_machine(version="2.0.0"), "k6-version"),
        (b'{"results": {"metrics": []}}', "json-missing"),
    ],
)
def test_what_is_no_such_summary_is_refused(data: bytes, slug: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        found(data)

    assert caught.value.problem.slug == slug


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            k6_export(http_reqs={"count": 1999, "rate": 1}),
            "of 2000 requests, and `http_reqs` of 19",
        ),
        (edited(k6_export(3), '"value": 0.0015', '"value": 0'), "is 0, which is not 3 of 2000"),
        (k6_export(http_reqs={"count": 2000, "rate": 0}), "is 0, and there were requests"),
        (k6_export(http_req_duration={**STATS, "med": 70}), "percentiles that do not rise"),
        (k6_export(http_req_duration={**STATS, "min": -1}), "percentiles that do not rise"),
        (k6_export(http_req_duration={**STATS, "avg": 400}), "a mean outside"),
        (k6_export(http_req_duration={**STATS, "count": 5}), "is 5, and there are 2000"),
        (k6_export(http_req_duration={"values": STATS}), "holds metrics of two forms"),
        (edited(k6_machine(), '"total": 2000', '"total": 1'), "tells of 1 requests"),
        (edited(k6_machine(), '"matches": 0', '"matches": 2001'), "tells of 2000 requests"),
    ],
)
def test_a_summary_that_contradicts_itself_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words) as caught:
        found(data)

    assert caught.value.problem.slug == "k6-contradiction"


def test_a_metric_stands_once() -> None:
    document = json.loads(k6_machine())
    document["results"]["metrics"].append(machine_metric("http_reqs", {"count": 1, "rate": 1}))

    with pytest.raises(OutputUnreadable, match="is the metric `http_reqs` a second time"):
        found(json.dumps(document).encode())


def without(name: str) -> bytes:
    document = json.loads(k6_export())
    del document["metrics"][name]
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (without("http_reqs"), "no-requests"),
        (k6_export(http_reqs={"count": 0, "rate": 0}), "no-requests"),
        (without("http_req_failed"), "failures-untold"),
        (without("http_req_duration"), "k6-contradiction"),
    ],
)
def test_what_was_not_measured_is_no_result(data: bytes, slug: str) -> None:
    with pytest.raises(StageError) as caught:
        found(data)

    assert caught.value.problem.slug == slug
    assert caught.value.problem.place == WHAT


@pytest.mark.parametrize("name", sorted(STATS))
def test_a_usual_number_that_is_not_printed_is_asked_for(name: str) -> None:
    stats = {key: value for key, value in STATS.items() if key != name}

    with pytest.raises(OutputUnreadable) as caught:
        found(k6_export(http_req_duration=stats))
    assert f"does not tell `{name}`" in caught.value.problem.summary
    assert '--summary-trend-stats "avg,min,med,max,p(90),p(95),p(99)"' in caught.value.problem.hint
