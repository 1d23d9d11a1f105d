from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.load_checks import failure, leads_elsewhere, taken
from gates.formats.load_plan import Request
from gates.formats.load_response import Response

BODY = b'{"state": "open", "total": 1.0, "items": [{"id": 7}], "none": null, "yes": true}'


def of(status: int = 200, body: bytes = BODY, *, is_cut: bool = False) -> Response:
    return Response(status=status, size=len(body), body=body, is_cut=is_cut)


@pytest.mark.parametrize(
    ("status", "wanted", "reason"),
    [
        (200, (), ""),
        (302, (), ""),
        (399, (), ""),
        (400, (), "status 400"),
        (503, (), "status 503"),
        (404, (200, 404), ""),
        (200, (201,), "status 200"),
    ],
)
def test_a_status_is_a_success_or_none(status: int, wanted: tuple[int, ...], reason: str) -> None:
    assert failure(Request(name="x", statuses=wanted), of(status)) == reason


@pytest.mark.parametrize(
    ("least", "most", "reason"),
    [(0, None, ""), (80, 80, ""), (81, None, "less than 81 bytes"), (0, 79, "more than 79 bytes")],
)
def test_a_body_has_a_size(least: int, most: int | None, reason: str) -> None:
    assert len(BODY) == 80
    assert failure(Request(name="x", min_bytes=least, max_bytes=most), of()) == reason


@pytest.mark.parametrize(
    ("pointer", "value", "reason"),
    [
        ("/state", '"open"', ""),
        ("/total", "1", ""),
        ("/items/0", '{"id": 7}', ""),
        ("/items", '[{"id": 7}]', ""),
        ("/none", "null", ""),
        ("/yes", "true", ""),
        ("/yes", "1", "another /yes"),
        ("/total", "true", "another /total"),
        ("/items", "[]", "another /items"),
        ("/items/0", '{"id": 8}', "another /items/0"),
        ("/items/0", '{"id": 7, "a": 1}', "another /items/0"),
        ("/state", '"closed"', "another /state"),
        ("/gone", '"x"', "no /gone"),
    ],
)
def test_json_holds_what_it_must(pointer: str, value: str, reason: str) -> None:
    assert failure(Request(name="x", equals=((pointer, value),)), of()) == reason


@pytest.mark.parametrize(("pointer", "reason"), [("/none", ""), ("/items/1", "no /items/1")])
def test_json_has_what_must_be_there(pointer: str, reason: str) -> None:
    assert failure(Request(name="x", present=(pointer,)), of()) == reason


def test_a_body_that_cannot_be_checked_is_no_success() -> None:
    request = Request(name="x", present=("/a",))
    assert failure(request, of(body=b"<html>")) == "no JSON"
    assert failure(request, of(is_cut=True)) == "too large to be checked"


def test_a_token_is_a_text_or_a_number() -> None:
    assert taken(b'{"a": {"b": "t"}}', "/a/b") == "t"
    assert taken(b'{"a": 12}', "/a") == "12"


@pytest.mark.parametrize("body", [b'{"a": ""}', b'{"a": null}', b'{"a": true}', b"{}", b"x"])
def test_nothing_else_is_a_token(body: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        taken(body, "/a")


def test_a_redirect_leads_elsewhere_unless_it_is_what_is_asked() -> None:
    plain = Request(name="a")
    found = [status for status in range(200, 400) if leads_elsewhere(plain, of(status))]
    assert found == [300, 301, 302, 303, 307, 308]
    assert not leads_elsewhere(Request(name="a", statuses=(302,)), of(302))
