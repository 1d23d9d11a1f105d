from __future__ import annotations

import asyncio

import pytest
from traffic.running import plan_of
from traffic.scripted_server import ScriptedServer

from gates.domain.errors import StageError
from gates.formats.load_plan import Login, Request
from gates.traffic.login import logged_in
from gates.traffic.pool import Place


def login(take: str = "/access_token", header: str = "Authorization: Bearer {token}") -> Login:
    request = Request(name="login", method="POST", path="/login", body='{"name": "ann"}')
    return Login(request=request, take=take, header=header)


def answered(answer: bytes | None, how: Login | None = None) -> tuple[str, str]:
    """The field that a login gives, where the service answers so."""
    with ScriptedServer(lambda _: answer) as server:
        field = asyncio.run(
            logged_in(
                plan_of(server.port, login=how or login()),
                Place(host="127.0.0.1", port=server.port, name="127.0.0.1"),
            )
        )
    assert server.requests[0].startswith(b"POST /login HTTP/1.1\r\n")
    assert server.requests[0].endswith(b'{"name": "ann"}')
    return field


def whole(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


def test_the_token_of_the_answer_becomes_a_field() -> None:
    assert answered(whole(b'{"access_token": "abc"}')) == ("Authorization", "Bearer abc")


def test_a_number_and_another_field_will_do() -> None:
    how = login("/data/0", "X-Session:{token}")
    assert answered(whole(b'{"data": [7]}'), how) == ("X-Session", "7")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (whole(b"{}", b"401 Unauthorized"), "status 401"),
        (whole(b"{}"), "no member `access_token`"),
        (whole(b'{"access_token": ""}'), "no text"),
        (whole(b'{"access_token": true}'), "no text"),
        (whole(b'{"access_token": "a\\nB: c"}'), "no header field can"),
        (whole(b"<html>"), "not JSON"),
        (None, "connection|Connection"),
        (b"SMTP\r\n\r\n", "no HTTP/1.1"),
    ],
)
def test_a_login_that_fails_ends_the_run(answer: bytes | None, why: str) -> None:
    with pytest.raises(StageError, match=why) as raised:
        answered(answer)
    assert raised.value.problem.slug == "login-failed"
    assert "POST /login" in raised.value.problem.summary


def test_a_plan_without_login_has_none() -> None:
    with pytest.raises(StageError, match="names no login"):
        asyncio.run(logged_in(plan_of(1), Place(host="127.0.0.1", port=1, name="")))
