from __future__ import annotations

import json
from decimal import Decimal

import pytest
from formats.cuts import refuses_every_cut
from formats.load_samples import Json, endpoint, failing, locust, report

from gates.domain.errors import OutputUnreadable
from gates.formats.locust_json import Endpoint, merge, read, spread, whole

WHAT = "locust.json"


def found(data: bytes) -> tuple[Endpoint, ...]:
    return read(data, what=WHAT)


def test_what_locust_wrote_is_counted() -> None:
    orders, slow = found(locust("sound.json"))

    assert (orders.key, orders.requests, orders.failures) == ("GET /orders", 483, 0)
    assert (slow.key, slow.requests) == ("GET /slow", 92)
    assert sum(count for _, count in orders.histogram) == 483
    assert orders.histogram == tuple(sorted(orders.histogram))
    assert Decimal("7.0") < orders.last - orders.start < Decimal("7.2")


def test_failures_are_counted_by_locusts_own_word() -> None:
    flaky, orders = found(locust("flaky.json"))

    assert (flaky.failures, flaky.requests, orders.failures) == (24, 261, 0)


def test_a_run_without_a_request_is_empty() -> None:
    assert found(locust("idle.json")) == ()
    nothing = endpoint(
        num_requests=0,
        response_times={},
        num_reqs_per_sec={},
        last_request_timestamp=None,
        min_response_time=None,
    )
    assert found(report(nothing)) == ()


def test_a_report_that_was_cut_is_refused() -> None:
    refuses_every_cut(found, locust("flaky.json"))


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (b"", "json-empty"),
        (b"{}", "json-type"),
        (b"[1]", "json-type"),
        (b'[{"name": "a", "name": "b"}]', "json-duplicate-key"),
        (b"[" * 100_000, "json-depth"),
        (report(endpoint(total_response_time=float("nan"))), "json-number"),
        (report(endpoint(num_requests="100")), "json-type"),
        (report(endpoint(num_requests=-1)), "json-type"),
        (report(endpoint(method=None)), "json-type"),
    ],
)
def test_what_is_no_such_report_is_refused(data: bytes, slug: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        found(data)

    assert caught.value.problem.slug == slug
    assert caught.value.problem.place.startswith(WHAT)


@pytest.mark.parametrize(
    ("lying", "words"),
    [
        (endpoint(num_requests=101), "tells 101 in all, and 100 by `num_reqs_per_sec`"),
        (endpoint(num_failures=1), "tells 1 in all, and 0 by `num_fail_per_sec`"),
        (failing(101), "counts 101 failures of 100 requests"),
        (endpoint(num_none_requests=101), "counts 0 failures of 100 requests"),
        (endpoint(num_none_requests=1), "has response times of 100 requests, and 99 have one"),
        (endpoint(response_times={"10": 90}), "response times of 90 requests, and 100 have one"),
        (endpoint(min_response_time=1.0), "shortest or longest time of 1.0, not of 10"),
        (endpoint(max_response_time=50.0), "shortest or longest time of 50.0, not of 120"),
        (endpoint(total_response_time=900.0), "a sum of response times of 900.0"),
        (endpoint(total_response_time=3000.0), "a sum of response times of 3000.0"),
        (endpoint(last_request_timestamp=999.0), "ends before it begins"),
    ],
)
def test_a_report_that_contradicts_itself_is_refused(lying: Json, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words) as caught:
        found(report(lying))

    assert caught.value.problem.slug == "locust-contradiction"


@pytest.mark.parametrize("key", ["147", "10.5", "-10", "010", "1e2", "٣", "9" * 5000])
def test_times_that_locust_would_not_round_so_are_refused(key: str) -> None:
    data = report(endpoint(response_times={"10": 90, key: 10}))

    with pytest.raises(OutputUnreadable) as caught:
        found(data)
    assert caught.value.problem.slug == "locust-rounding"


def test_a_time_that_no_request_has_is_refused() -> None:
    with pytest.raises(OutputUnreadable, match="none has it"):
        found(report(endpoint(response_times={"10": 90, "120": 10, "200": 0})))


def test_an_endpoint_stands_once() -> None:
    with pytest.raises(OutputUnreadable, match="is `GET /orders` a second time"):
        found(report(endpoint(), endpoint()))


def test_reports_of_several_generators_add_up() -> None:
    one = found(report(endpoint()))
    other = found(report(failing(2, start_time=990.0, last_request_timestamp=1000.0)))

    (merged,) = merge([("a", one), ("b", other)])

    assert (merged.requests, merged.failures) == (200, 2)
    assert merged.histogram == ((10, 180), (120, 20))
    assert [merged.start, merged.last, merged.total] == [990, 1010, 4200]


def test_a_run_that_stands_in_two_reports_is_refused() -> None:
    one = found(report(endpoint()))
    again = found(json.dumps([endpoint()], indent=2).encode())

    with pytest.raises(OutputUnreadable, match="in another report") as caught:
        merge([("a.json", one), ("b.json", again)])
    assert caught.value.problem.place == "b.json"


def test_the_whole_is_all_endpoints() -> None:
    untimed = endpoint(
        name="/events",
        num_none_requests=100,
        response_times={},
        total_response_time=0,
        min_response_time=None,
        max_response_time=0,
    )

    endpoints = found(report(endpoint(), untimed))
    all_of_them = whole(endpoints)

    assert (all_of_them.requests, all_of_them.untimed) == (200, 100)
    assert [all_of_them.fastest, all_of_them.slowest] == [10, 120]
    assert whole(endpoints[1:]).fastest == 0


def test_the_last_step_ends_at_the_last_request() -> None:
    steps = spread(found(report(endpoint()))[0]).steps

    assert [step.upto for step in steps] == [90, 100]
    assert [steps[-1].low, steps[-1].high] == [115, 125]
