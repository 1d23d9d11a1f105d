from __future__ import annotations

from dataclasses import replace

import pytest
from formats.openapi_samples import answers, document, get, parameter, post
from formats.schemathesis_samples import CORE, case, events, failure
from stages.fake_context import metrics_of

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Finding, Severity
from gates.formats import schemathesis_events
from gates.formats.schemathesis_result import SEVERITIES, Measured
from gates.plugin import StageResult, Tool
from gates.toolkit.door import one_line

PATHS = {"/a": {**get(parameters=[parameter("q")]), **post({})}}
SCHEMA = """"{0}" is not of type "integer"

Validated against the response schema for status code 200.

Schema at /properties/{1}:

    {{}}
"""
GOOD = (
    case("GET /a"),
    case("GET /a", 400, mode="negative"),
    case("POST /a", 201),
    case("POST /a", 400, mode="negative"),
)


def measured(*cases: dict[str, object], **more: object) -> StageResult:
    whole = Measured(
        document=document(PATHS),
        path="api/openapi.json",
        excluded={},
        tool=Tool(name="schemathesis", version="?", path="/bin/schemathesis"),
        clean=one_line,
    )
    seen = schemathesis_events.read(events(*cases), what="a.ndjson")
    return replace(whole, **more).result(seen)  # type: ignore[arg-type]


def findings(*cases: dict[str, object]) -> tuple[Finding, ...]:
    return measured(*GOOD, *cases).findings


def test_a_service_that_keeps_its_contract() -> None:
    result = measured(*GOOD)
    assert metrics_of(result) == {
        "operations": (2, 2),
        "failures": 0,
        "accepts_invalid": 0,
        "server_errors": 0,
        "cases": 4,
    }
    assert (result.examined.count, result.examined.unit, result.examined.excluded) == (
        2,
        "operations",
        0,
    )
    assert result.examined.details == (("valid requests", 2), ("invalid requests", 2))
    assert (result.tool.version, result.findings, result.notes) == ("4.32.5", (), ())


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "of 1 answers 1 was 401; give credentials"),
        (403, "of 1 answers 1 was 403; give credentials"),
        (404, "of 1 answers 1 was 404; see that `servers`"),
        (405, "of 1 answers 1 was 405; see that `servers`"),
        (422, "of 1 answers 1 was 422; give examples"),
        (429, "of 1 answers 1 was 429; lift the rate limiter"),
        (503, "of 1 answers 1 was 503; see the log"),
    ],
)
def test_an_operation_counts_where_a_valid_request_succeeded(status: int, told: str) -> None:
    cases = (*GOOD[:2], case("POST /a", status), case("POST /a", 201, mode="negative"))
    result = measured(*cases)
    assert metrics_of(result)["operations"] == (1, 2)
    found = result.findings[0]
    assert (found.rule, found.severity, found.subject) == (
        "not-exercised",
        Severity.HIGH,
        "POST /a",
    )
    assert told in found.message
    assert found.path == "api/openapi.json"
    assert found.line == document(PATHS).line("/paths/~1a/post")
    with pytest.raises(StageError, match="none of 2 operations answered") as caught:
        measured(case("POST /a", status), case("GET /a", status))
    assert str(status) in caught.value.problem.summary
    assert caught.value.problem.hint


def test_an_operation_that_no_request_reached_does_not_count() -> None:
    result = measured(*GOOD[:2])
    assert metrics_of(result)["operations"] == (1, 2)
    assert "no request reached it" in result.findings[0].message
    with pytest.raises(StageError, match="no request reached it"):
        measured(case("TRACE /a", 200))


def test_a_failure_is_told_once_with_a_line_that_shows_it_again() -> None:
    one = failure(title="Undocumented status code")
    first, *others = findings(case(status=418, failures=[one]), case(status=418, failures=[one]))
    assert not others
    assert (first.rule, first.severity, first.subject) == ("ST103", Severity.MEDIUM, "GET /a")
    assert first.counts == ("failures",)
    assert first.message == (
        "Undocumented status code; Received: 418; Documented: 200 (status 418)"
    )
    assert first.fix == "see it again: curl -i http://127.0.0.1:80/a"


def test_the_shortest_request_shows_a_failure() -> None:
    bodies = ["eHh4eA==", "eA==", "eHg="]
    requests = [{"body": {"$base64": body}} for body in bodies]
    (one,) = findings(*(case(failures=[failure()], request=each) for each in requests))
    assert one.fix.endswith("--data-raw x http://127.0.0.1:80/a")


def test_the_identity_of_a_failure_does_not_hold_what_was_drawn() -> None:
    def wrong(value: str, field: str) -> dict[str, object]:
        return failure("ST108", SCHEMA.format(value, field), severity="high", title="Wrong")

    (one,) = findings(case(failures=[wrong("x", "id")]))
    (same,) = findings(case(failures=[wrong("is it", "id")]))
    (other,) = findings(case(failures=[wrong("x", "count")]))
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert '"x" is not of type "integer"; Schema at /properties/id' in one.message
    lost = [failure("ST108", f'"{name}" is a required property\n\nx') for name in ("a", "b")]
    assert len({found.fingerprint for found in findings(case(failures=lost))}) == 2
    bare = [failure("ST107", "", title=title) for title in ("a", "b", "a")]
    assert len(findings(case(failures=bare))) == 2
    (empty,) = findings(case(failures=[failure("ST108", "", title="a")]))
    assert empty.message.startswith("a (status 200)")


@pytest.mark.parametrize("code", ["ST201", "ST203"])
def test_invalid_input_that_was_accepted_is_counted(code: str) -> None:
    message = "Invalid data\nExpected: 400\nInvalid component: `q`"
    cases = [case(mode="negative", failures=[failure(code, message)]) for _ in range(2)]
    result = measured(*GOOD, *cases)
    assert metrics_of(result)["accepts_invalid"] == 1
    assert result.findings[0].counts == ("failures", "accepts_invalid")
    assert "Invalid data; Invalid component: `q`" in result.findings[0].message


def test_a_server_error_is_counted_once_for_an_operation() -> None:
    cases = [
        case("POST /a", 500, failures=[failure("ST101", "", operation="POST /a")]),
        case("POST /a", 502, failures=[failure("ST102", "", operation="POST /a")]),
    ]
    result = measured(*GOOD, *cases)
    assert (metrics_of(result)["server_errors"], metrics_of(result)["failures"]) == (1, 1)
    assert result.findings[0].counts == ("failures", "server_errors")


def test_a_server_error_that_the_settings_allow_is_found_all_the_same() -> None:
    result = measured(*GOOD, case("POST /a", 503))
    assert metrics_of(result)["server_errors"] == 1
    (found,) = result.findings
    assert found.message.startswith("Server error: of 1 answers 1 was 503")
    assert found.severity is Severity.CRITICAL
    told = measured(*GOOD, case("POST /a", 503, failures=[failure("ST101", operation="POST /a")]))
    assert [each.fingerprint for each in told.findings] == [found.fingerprint]


def test_a_check_that_matters_must_have_been_made_on_each_operation() -> None:
    for name in CORE:
        rest = [each for each in CORE if each != name]
        with pytest.raises(OutputUnreadable, match=f"`{name}` was not checked on POST /a"):
            measured(*GOOD[:2], case("POST /a", 201, checks=rest))


def test_invalid_input_must_have_been_sent() -> None:
    with pytest.raises(StageError, match="no invalid request was sent"):
        measured(case("GET /a"), case("POST /a", 201))
    result = measured(*GOOD[:3])
    assert result.notes == ("no invalid request could be made for `POST /a`",)
    plain = document({"/a": {"get": {"responses": answers()}}})
    assert measured(case("GET /a"), document=plain).notes == ()


@pytest.mark.parametrize(("refused", "limited"), [(0, 1), (0, 9), (1, 2), (3, 4)])
def test_a_limiter_that_answers_invalid_requests_shows_no_validation(
    refused: int, limited: int
) -> None:
    answered = [case("POST /a", 422, mode="negative")] * refused
    held = [case("POST /a", 429, mode="negative")] * limited
    with pytest.raises(StageError) as caught:
        measured(*GOOD[:3], *answered, *held)
    problem = caught.value.problem
    assert problem.slug == "invalid-input-not-judged"
    assert f"{limited} of {refused + limited} invalid requests to POST /a" in problem.summary
    assert "`env:`" in problem.hint


def test_some_answers_of_a_limiter_among_judged_ones_are_borne() -> None:
    limited = [case("POST /a", 429, mode="negative")]
    assert metrics_of(measured(*GOOD, *limited))["operations"] == (2, 2)


def test_a_limiter_says_nothing_of_an_operation_without_input() -> None:
    plain = document({"/a": {"get": {"responses": answers()}}})
    limited = case("GET /a", 429, mode="negative")
    assert metrics_of(measured(GOOD[0], limited, document=plain))["operations"] == (1, 1)


UNLISTED = "`Allow: POST` does not match the schema. Missing documented methods: GET"
EXTRA = "`Allow: GET, PUT` does not match the schema. Undocumented methods advertised: PUT"


def test_methods_that_a_framework_does_not_list_are_told_and_not_counted() -> None:
    one = failure("ST205", UNLISTED, title="Allow header mismatch")
    result = measured(*GOOD, case(failures=[one]))
    assert metrics_of(result)["failures"] == 0
    ((found,), (note,)) = (result.findings, result.notes)
    assert (found.rule, found.counts) == ("ST205", ())
    assert "`GET /a`" in note
    assert "`exclude_checks: [allow_header_conformance]`" in note


def test_a_method_that_only_the_header_lists_is_counted() -> None:
    shown = [failure("ST205", text, title="Allow header mismatch") for text in (UNLISTED, EXTRA)]
    result = measured(*GOOD, case(failures=shown))
    assert metrics_of(result)["failures"] == 1
    assert [each.counts for each in result.findings] == [(), ("failures",)]


def test_what_is_left_out_is_told_and_not_counted() -> None:
    result = measured(*GOOD[:2], excluded={"POST /a": "calls\nthe bank"})
    assert metrics_of(result)["operations"] == (1, 1)
    assert result.examined.excluded == 1
    assert len(result.notes) == 1
    assert result.notes[0].startswith("left out: POST /a (calls")
    assert "\n" not in result.notes[0]
    with pytest.raises(StageError, match="documents no operation that is to be tested"):
        measured(excluded={"POST /a": "x", "GET /a": "y"})


def test_many_answers_of_a_rate_limiter_are_told() -> None:
    limited = [case("GET /a", 429)] * 2
    assert measured(*GOOD, *limited).notes == (
        "2 of 6 answers were 429: lift the rate limiter for this gate with `env:`",
    )
    assert measured(*GOOD, *[case()] * 20, limited[0]).notes == ()


def test_a_document_of_the_service_has_no_line() -> None:
    (found,) = measured(*GOOD[:2], path="").findings
    assert (found.path, found.line, found.place) == ("", 0, "POST /a")


def test_a_method_that_is_not_documented_stands_at_the_paths() -> None:
    one = failure("ST204", operation="TRACE /a", title="Wrong response")
    (found,) = findings(case("TRACE /a", 200, mode="negative", failures=[one]))
    assert (found.subject, found.line) == ("TRACE /a", document(PATHS).line("/paths"))


@pytest.mark.parametrize(("word", "severity"), list(SEVERITIES.items()))
def test_each_severity_of_schemathesis_has_one_of_ours(word: str, severity: Severity) -> None:
    (found,) = findings(case(failures=[failure(severity=word)]))
    assert found.severity is severity


def test_a_severity_that_is_not_known_is_refused() -> None:
    with pytest.raises(OutputUnreadable, match="severity `dire` of `ST103` is not known"):
        findings(case(failures=[failure(severity="dire")]))
