from __future__ import annotations

import base64

import pytest
from formats.cuts import refuses_every_cut
from formats.schemathesis_samples import CORE, case, events, failure

from gates.domain.errors import OutputUnreadable
from gates.formats.schemathesis_events import Events, read

WHAT = "a.ndjson"


def found(data: bytes) -> Events:
    return read(data, what=WHAT)


def test_each_answer_is_counted_with_the_operation_that_it_belongs_to() -> None:
    seen = found(
        events(
            case(status=200),
            case(status=404),
            case(status=400, mode="negative"),
            case("POST /a", None),
        )
    )
    assert (seen.version, seen.stop_reason, seen.cases) == ("4.32.5", "completed", 4)
    assert seen.seen["GET /a"].valid == {200: 1, 404: 1}
    assert seen.seen["GET /a"].invalid == {400: 1}
    assert seen.seen["GET /a"].checks == set(CORE)
    assert seen.seen["POST /a"].all == {0: 1}
    assert not seen.failures
    assert not seen.errors


def test_a_failure_holds_the_request_that_shows_it() -> None:
    body = base64.b64encode(b"\0x").decode()
    request = {"headers": {"X-A": ["1", "2"]}, "body": {"$base64": body}}
    (one,) = found(events(case("POST /a", 418, failures=[failure()], request=request))).failures
    assert (one.code, one.check, one.operation, one.status) == (
        "ST103",
        "status_code_conformance",
        "GET /a",
        418,
    )
    assert one.request.method == "POST"
    assert one.request.url == "http://127.0.0.1:80/a"
    assert one.request.headers == (("X-A", "1"), ("X-A", "2"))
    assert one.request.body == b"\0x"


def test_what_is_not_told_of_a_failure_is_taken_from_its_case() -> None:
    one = case("POST /a", None, failures=[failure(operation=None)])
    del one["interaction"]
    (told,) = found(events({**one, "interaction": None})).failures
    assert (told.operation, told.status) == ("POST /a", 0)
    assert (told.request.method, told.request.url, told.request.body) == ("POST", "/a", None)


def test_an_answer_without_a_check_is_lost_but_for_a_second_look() -> None:
    seen = found(events(case(checks=()), case(checks=(), parent="c0"), case()))
    assert (seen.unchecked, seen.lost) == (2, 1)


def test_a_case_of_which_nothing_is_told_is_not_valid() -> None:
    one = case()
    held = one["case"]
    assert isinstance(held, dict)
    del held["value"]["meta"]
    assert found(events(one)).seen["GET /a"].invalid == {200: 1}


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (
            {"NonFatalError": {"label": "GET /a", "value": {"message": "no answer\nat all"}}},
            "NonFatalError at GET /a: no answer",
        ),
        ({"FatalError": {"exception": {"message": "lost"}}}, "FatalError: lost"),
        ({"FatalError": {"exception": "lost"}}, "FatalError"),
        ({"Interrupted": {}}, "Interrupted"),
    ],
)
def test_what_schemathesis_could_not_do_is_told(event: dict[str, object], told: str) -> None:
    assert found(events(case(), more=[event])).errors == [told]


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (b"", "no-end"),
        (b"{}\n", "json-content"),
        (b"[]\n", "json-type"),
        (events(case()).replace(b'"Initialize"', b'"Begun"'), "no-start"),
        (events(case()) + b'{"PhaseStarted": {}}\n', "after-the-end"),
        (events(case(), more=[{"Initialize": {}}]), "no-start"),
        (events(case(), more=[{"ScenarioStarted": {}}]), "contradiction"),
        (events(case()).replace(b'"success"', b'"maybe"'), "json-content"),
        (
            events(
                case(failures=[failure()], request={"body": {"$base64": "?"}}),
            ),
            "json-content",
        ),
    ],
)
def test_what_is_no_whole_record_is_refused(data: bytes, slug: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        found(data)
    assert caught.value.problem.slug == slug
    assert caught.value.problem.place.startswith(WHAT)


def test_a_skipped_check_is_no_failure() -> None:
    data = events(case()).replace(b'"status": "success"', b'"status": "skip"')
    assert not found(data).failures


def test_a_record_that_was_cut_off_is_refused() -> None:
    refuses_every_cut(found, events(case(failures=[failure()])))
