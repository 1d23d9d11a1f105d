"""Whether an answer is a success: its status, its size, and what its JSON holds."""

from __future__ import annotations

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.json_pointer import resolve
from gates.formats.load_plan import Request
from gates.formats.load_response import Response

_LOWEST, _BEYOND = 200, 400
_REDIRECTS = frozenset({300, 301, 302, 303, 307, 308})


def failure(request: Request, response: Response) -> str:
    """Why an answer is no success, in a few words that many answers can share; empty for one."""
    status = response.status
    if status not in request.statuses if request.statuses else not _LOWEST <= status < _BEYOND:
        return f"status {status}"
    if response.size < request.min_bytes:
        return f"less than {request.min_bytes} bytes"
    if request.max_bytes is not None and response.size > request.max_bytes:
        return f"more than {request.max_bytes} bytes"
    return _content_failure(request, response) if request.reads_body else ""


def leads_elsewhere(request: Request, response: Response) -> bool:
    """Whether a success is a redirect that nobody asked for by naming its status."""
    return not request.statuses and response.status in _REDIRECTS


def taken(body: bytes, pointer: str) -> str:
    """The text or number that a pointer leads to in a body.

    Raises:
        OutputUnreadable: the body is no JSON, or nothing of the kind stands there.
    """
    found = resolve(strict_json.loads(body, what="the answer"), pointer, what="the answer")
    if isinstance(found, str) and found:
        return found
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    raise OutputUnreadable("no-token", f"`{pointer}` of the answer is no text", place="the answer")


def _content_failure(request: Request, response: Response) -> str:
    if response.is_cut:
        return "too large to be checked"
    try:
        document = strict_json.loads(response.body, what="the answer")
    except OutputUnreadable:
        return "no JSON"
    for pointer, wanted in request.equals:
        try:
            found = resolve(document, pointer)
        except OutputUnreadable:
            return f"no {pointer}"
        if not _same(found, strict_json.loads(wanted.encode(), what="the check")):
            return f"another {pointer}"
    for pointer in request.present:
        try:
            resolve(document, pointer)
        except OutputUnreadable:
            return f"no {pointer}"
    return ""


def _same(one: object, other: object) -> bool:
    """Whether two values of JSON are equal; `true` is not 1, and 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other
