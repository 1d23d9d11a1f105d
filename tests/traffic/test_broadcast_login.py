from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from traffic.broadcast_server import Broadcaster, Faults, broadcaster

from gates.domain.errors import StageError
from gates.formats.broadcast_plan import BroadcastLogin, BroadcastPlan, BroadcastProtocol
from gates.traffic.broadcast_login import signed_in

LOGIN = BroadcastLogin(
    method="POST",
    path="/login",
    kind="application/json",
    body='{"user": "ada"}',
    take="/token",
    header="X-Token: it is {token}",
)


def told(service: Broadcaster, login: BroadcastLogin = LOGIN) -> tuple[tuple[str, str], str]:
    plan = BroadcastPlan(
        nonce="n",
        url=service.url,
        protocol=BroadcastProtocol.WEBSOCKET,
        path="/ws",
        subscribers=1,
        messages=1,
        subscribe='{"token": "{token}"}',
    )
    return asyncio.run(signed_in(plan, login))


def test_the_token_goes_into_the_header_and_the_subscription() -> None:
    with broadcaster(Faults(token="made-up")) as service:
        assert told(service) == (("X-Token", "it is made-up"), '{"token": "made-up"}')
        ((line, fields),) = service.requests
    assert line == "POST /login"
    assert fields["content-type"] == "application/json"


def test_a_login_that_fails_is_told() -> None:
    with broadcaster() as service, pytest.raises(StageError, match="no member") as caught:
        told(service, replace(LOGIN, take="/none"))
    assert caught.value.problem.slug == "login-failed"


def test_an_encrypted_service_is_asked_so(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    async def logged_in(plan: object, place: object) -> tuple[str, str]:
        asked.extend((plan, place))
        return "Token", "t"

    monkeypatch.setattr("gates.traffic.broadcast_login.logged_in", logged_in)
    service = Broadcaster(Faults())
    monkeypatch.setattr(Broadcaster, "url", "https://shop.example")
    assert told(service)[0] == ("X-Token", "it is t")
    place = asked[1]
    assert (getattr(place, "host", ""), getattr(place, "port", 0)) == ("shop.example", 443)
    assert getattr(place, "tls", None) is not None
