from __future__ import annotations

import pytest

from gates.formats.openapi_answers import is_success, media_types, plain, statuses
from gates.formats.openapi_change import Way


@pytest.mark.parametrize(
    ("status", "before", "after", "expected"),
    [
        ("200", "200", "200 404", "200"),
        ("200", "200", "2XX", "2XX"),
        ("200", "200 default", "default", ""),
        ("204", "204 default", "default 200", ""),
        ("302", "302", "default", ""),
        ("2XX", "2XX", "default", ""),
        ("404", "404", "default", "default"),
        ("404", "404", "4XX default", "4XX"),
        ("4XX", "4XX", "404 409 default", "default 404 409"),
        ("2XX", "2XX", "200 404", "200"),
        ("2XX", "2XX", "2XX 201", "2XX 201"),
        ("2XX", "2XX 201", "2XX 201", "2XX"),
        ("404", "404", "410", ""),
        ("default", "default", "200 default 404", "default 200"),
        ("default", "200 default", "200 201 404 default", "default 404"),
        ("default", "200 4XX default", "200 404 4XX 500 default", "default 500"),
        ("default", "200 default", "200", ""),
    ],
)
def test_what_stands_for_an_answer(status: str, before: str, after: str, expected: str) -> None:
    assert statuses(status, before.split(), after.split()) == tuple(expected.split())


def test_which_answers_tell_of_success() -> None:
    assert [each for each in ("200", "2XX", "304", "404", "default") if is_success(each)] == [
        "200",
        "2XX",
        "304",
    ]


JSON, UTF8 = "application/json", "Application/JSON; charset=UTF-8"


@pytest.mark.parametrize(
    ("name", "before", "after", "in_request", "in_answer"),
    [
        (JSON, [JSON], [JSON, "*/*"], [JSON], [JSON]),
        (JSON, [JSON], [UTF8], [UTF8], [UTF8]),
        (UTF8, [JSON, UTF8], [JSON], [JSON], [JSON]),
        (JSON, [JSON], ["*/*"], ["*/*"], []),
        (JSON, [JSON], ["application/*"], ["application/*"], []),
        (JSON, [JSON], ["text/*", f"{JSON}; version=2"], [], []),
        ("*/*", ["*/*"], [JSON, "text/csv"], [], [JSON, "text/csv"]),
        ("text/*", ["text/*"], ["*/*"], ["*/*"], []),
        ("text/*", ["text/*"], ["text/*", "text/csv"], ["text/*", "text/csv"], None),
        ("text/*", ["text/*", "text/csv"], ["text/*", "text/csv"], ["text/*"], None),
    ],
)
def test_what_stands_for_a_media_type(
    name: str,
    before: list[str],
    after: list[str],
    in_request: list[str],
    in_answer: list[str] | None,
) -> None:
    assert media_types(name, before, after, Way.REQUEST) == tuple(in_request)
    expected = tuple(in_request if in_answer is None else in_answer)
    assert media_types(name, before, after, Way.RESPONSE) == expected


def test_a_media_type_has_one_writing() -> None:
    assert plain(UTF8) == JSON
    assert plain('text/csv;charset = "utf-8" ; Header=present;') == "text/csv;header=present"
    assert plain("text/csv; charset=latin-1") == "text/csv;charset=latin-1"
