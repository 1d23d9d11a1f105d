"""The login before a broadcast: one request, whose answer holds a token for all that follows."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from gates.formats.broadcast_plan import BroadcastLogin, BroadcastPlan
from gates.formats.load_plan import LoadPlan, Login, Request
from gates.traffic.login import logged_in
from gates.traffic.pool import Place

PLACE = "{token}"
"""What stands for the token in a header and in what subscribers send."""


async def signed_in(plan: BroadcastPlan, login: BroadcastLogin) -> tuple[tuple[str, str], str]:
    """Log in; a header field for all requests, and what a subscriber sends.

    Args:
        plan: of the run.
        login: what is sent first.

    Raises:
        StageError: there is no answer, it is no success, or holds no token.
    """
    request = Request(
        name=f"{login.method} {login.path}",
        method=login.method,
        path=login.path,
        headers=(("Content-Type", login.kind),),
        body=login.body,
    )
    asked = LoadPlan(
        url=plan.url,
        rates=(),
        warmup_s=0.0,
        requests=(),
        login=Login(request=request, take=login.take, header=f"Token: {PLACE}"),
    )
    _, token = await logged_in(asked, _place(plan.url))
    name, _, value = login.header.partition(":")
    field = (name.strip(), value.strip().replace(PLACE, token))
    return field, plan.subscribe.replace(PLACE, token)


def _place(address: str) -> Place:
    url = urlsplit(address)
    secure = url.scheme == "https"
    name = url.hostname or ""
    tls = ssl.create_default_context() if secure else None
    return Place(name, url.port or (443 if secure else 80), name, tls)
