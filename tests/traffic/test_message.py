from __future__ import annotations

import re

from gates import __version__
from gates.formats.load_plan import Request
from gates.traffic.message import Messages


def made(request: Request, url: str = "http://127.0.0.1:8000", **more: str) -> bytes:
    return Messages(url, seed=1, more=tuple(more.items())).maker(request)()


def test_a_request_is_a_message_of_http() -> None:
    assert (
        made(Request(name="x", path="/orders?a=1"))
        == (
            "GET /orders?a=1 HTTP/1.1\r\n"
            "Host: 127.0.0.1:8000\r\n"
            f"User-Agent: gates/{__version__}\r\n"
            "Accept: */*\r\n"
            "\r\n"
        ).encode()
    )


def test_a_body_has_a_length_in_bytes() -> None:
    message = made(Request(name="x", method="POST", body='{"a": "é"}'))
    head, _, body = message.partition(b"\r\n\r\n")
    assert b"Content-Length: 11" in head
    assert body == '{"a": "é"}'.encode()


def test_a_method_that_should_have_a_body_says_that_it_has_none() -> None:
    assert b"Content-Length: 0\r\n" in made(Request(name="x", method="PUT"))
    assert b"Content-Length" not in made(Request(name="x", method="DELETE"))


def test_fields_of_a_request_stand_in_place_of_others() -> None:
    request = Request(name="x", headers=(("accept", "text/html"), ("X-A", "1")))
    message = made(request, Authorization="Bearer t")
    assert b"accept: text/html\r\nX-A: 1\r\n\r\n" in message
    assert b"Accept: */*" not in message
    assert b"Authorization: Bearer t\r\n" in message


def test_a_path_of_the_service_comes_first_and_its_credentials_stay_here() -> None:
    message = made(Request(name="x", path="/orders"), url="https://ann:pw@staging.example/api/")
    assert message.startswith(b"GET /api/orders HTTP/1.1\r\nHost: staging.example\r\n")


def test_numbers_are_others_each_time_and_the_same_within_a_request() -> None:
    request = Request(
        name="x",
        method="POST",
        path="/a/{n}",
        headers=(("X-N", "{n}"),),
        body='{"n": {n}, "r": {random}, "other": {}}',
    )
    make = Messages("http://h", seed=1).maker(request)
    first, second = make(), make()
    assert first.startswith(b"POST /a/1 ")
    assert b"X-N: 1\r\n" in first
    assert second.startswith(b"POST /a/2 ")
    found = [
        re.search(rb'"n": (\d), "r": (\d+), "other": \{\}\}$', each) for each in (first, second)
    ]
    assert [each[1] for each in found if each] == [b"1", b"2"]
    assert len({each[2] for each in found if each}) == 2


def test_the_same_seed_gives_the_same_numbers() -> None:
    request = Request(name="x", path="/{random}")
    assert made(request) == made(request)
