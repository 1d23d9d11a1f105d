"""The login before a load: one request, whose answer gives the others a header field."""

from __future__ import annotations

import asyncio

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.load_checks import failure, taken
from gates.formats.load_plan import LoadPlan, Login
from gates.formats.load_response import BadResponseError, Response, ResponseReader
from gates.traffic.message import Field, Messages
from gates.traffic.pool import Place

LIMIT_S = 30.0
"""Seconds in which the answer must be there."""

_PIECE = 65536


async def logged_in(plan: LoadPlan, place: Place) -> Field:
    """Log in; the field that each request shall carry.

    Raises:
        StageError: there is no answer, it is no success, or holds no token.
    """
    login = plan.login
    if login is None:
        raise StageError("no-login", "the plan names no login")
    try:
        async with asyncio.timeout(LIMIT_S):
            response = await _answer(plan, login, place)
    except (OSError, BadResponseError) as error:
        told = str(error) or f"no answer within {LIMIT_S:.0f} s"
        raise _failed(login, told) from None
    reason = failure(login.request, response)
    if reason:
        raise _failed(login, reason)
    try:
        token = taken(response.body, login.take)
    except OutputUnreadable as error:
        raise _failed(login, error.problem.summary) from None
    if not token.isprintable():
        raise _failed(login, "its token holds characters that no header field can")
    name, _, value = login.header.partition(":")
    return name.strip(), value.strip().replace("{token}", token)


async def _answer(plan: LoadPlan, login: Login, place: Place) -> Response:
    reader, writer = await asyncio.open_connection(
        place.host,
        place.port,
        ssl=place.tls,
        server_hostname=place.name if place.tls else None,
    )
    try:
        writer.write(Messages(plan.url, seed=plan.seed).maker(login.request)())
        answer = ResponseReader()
        answer.expect(keep=True)
        while True:
            data = await reader.read(_PIECE)
            found = answer.feed(data) if data else answer.close()
            if found is not None:
                return found
    finally:
        writer.close()


def _failed(login: Login, why: str) -> StageError:
    request = login.request
    return StageError(
        "login-failed",
        f"the login by {request.method} {request.path} failed: {why}",
        hint="look at `login:`: its path, its body, and where `take` points to",
    )
