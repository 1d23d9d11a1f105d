"""What routes ask for by parameter: the parts of the service, the caller, the page."""

from typing import Annotated

from fastapi import Depends, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection, Request

from orders.container import Container
from orders.errors import NotAuthenticatedError
from orders.schemas import Problem
from orders.services.paging import CURSOR, read_cursor
from orders.tokens import Identity

Answers = dict[int | str, dict[str, object]]

_bearer = HTTPBearer(auto_error=False, description="A token from /auth/login.")


def get_container(connection: HTTPConnection) -> Container:
    """Return the parts of the application that serves this connection."""
    found: Container = connection.app.state.container
    return found


Parts = Annotated[Container, Depends(get_container)]


def get_identity(
    parts: Parts,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Identity:
    """Return who is calling."""
    if credentials is None:
        raise NotAuthenticatedError("a bearer token is required")
    return parts.signer.read(credentials.credentials)


Caller = Annotated[Identity, Depends(get_identity)]


def limit_requests(request: Request, parts: Parts) -> None:
    """Count this request against its caller's limit."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        identity = parts.signer.read(token)
        parts.limiter.take(f"user:{identity.user_id}", parts.settings.signed_in_limit)
        return
    address = request.client.host if request.client else "unknown"
    parts.limiter.take(f"address:{address}", parts.settings.anonymous_limit)


def get_position(
    cursor: Annotated[
        str | None, Query(pattern=CURSOR, description="The `next_cursor` of the page before.")
    ] = None,
) -> int | None:
    """Return where the requested page starts."""
    return None if cursor is None else read_cursor(cursor)


Position = Annotated[int | None, Depends(get_position)]
Limit = Annotated[int, Query(ge=1, le=100, description="How many items a page holds.")]


def refusals(*statuses: int) -> Answers:
    """Describe, for the OpenAPI document, the ways in which a route refuses."""
    meaning = {
        400: "Not readable",
        401: "Not signed in",
        403: "Not allowed",
        404: "Not found",
        409: "In conflict with the present state",
    }
    answers: Answers = {429: {"model": Problem, "description": "Too many requests"}}
    for status in statuses:
        answers[status] = {"model": Problem, "description": meaning[status]}
    return answers
