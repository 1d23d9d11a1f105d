"""What publishes a message: a request to the service, or a command."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.broadcast_plan import BroadcastPlan, name_of, token
from gates.formats.broadcast_record import Sent
from gates.formats.http_stream import HttpStream, NotHttpError
from gates.toolkit import broadcast_command
from gates.traffic.broadcast_talk import request
from gates.traffic.broadcast_wire import now_us, reason

PLACE = "{message}"
"""What stands for the token in a body, a target or a command."""

_PIECE = 65536
_SHOWN = 200
_MAX_ANSWER = 1024 * 1024
_GOOD = range(200, 300)


class NotPublishedError(Exception):
    """A message could not be published; the text says why."""


@dataclass(frozen=True, slots=True)
class Published:
    """A message that the service or the command took.

    Attributes:
        sent: its number and times.
        name: what the service names it by; empty where a token tells it.
    """

    sent: Sent
    name: str = ""


async def publish(
    plan: BroadcastPlan, number: int, headers: Sequence[tuple[str, str]], begun_us: int
) -> Published:
    """Publish a message.

    Its time begins where the first byte of the request is written, on a connection that stands
    already, or where the command is started.

    Args:
        plan: of the run.
        number: of the message.
        headers: of the request.
        begun_us: when the run began.

    Raises:
        NotPublishedError: the service or the command did not take it, or gave it no name.
    """
    name = ""
    words = token(plan.nonce, number)
    timeout_s = plan.connect_us / 1e6
    try:
        if plan.command:
            at_us = await _command(plan, words, timeout_s)
        else:
            async with asyncio.timeout(timeout_s):
                at_us, name = await _request(plan, words, headers)
    except TimeoutError:
        raise NotPublishedError(f"no answer within {timeout_s:g} s") from None
    except OSError as error:
        raise NotPublishedError(reason(error)) from None
    return Published(Sent(number, at_us - begun_us, now_us() - begun_us), name)


async def _command(plan: BroadcastPlan, words: str, timeout_s: float) -> int:
    at_us = now_us()
    command = tuple(word.replace(PLACE, words) for word in plan.command)
    code, output = await broadcast_command.run(command, timeout_s=timeout_s)
    if code:
        raise NotPublishedError(f"the command ended with exit code {code}: {output}")
    return at_us


async def _request(
    plan: BroadcastPlan, words: str, headers: Sequence[tuple[str, str]]
) -> tuple[int, str]:
    url = urlsplit(plan.target.replace(PLACE, words))
    secure = url.scheme == "https"
    reader, writer = await asyncio.open_connection(
        url.hostname,
        url.port or (443 if secure else 80),
        ssl=ssl.create_default_context() if secure else None,
    )
    body = plan.body.replace(PLACE, words).encode()
    ours = {"Host": url.netloc, "Connection": "close", "Accept-Encoding": "identity"}
    if body or plan.method not in {"GET", "DELETE"}:
        ours["Content-Length"] = str(len(body))
    if body:
        kind = "application/json" if body[:1] in b'{["' else "text/plain; charset=utf-8"
        ours["Content-Type"] = kind
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    try:
        at_us = now_us()
        writer.write(request(plan.method, path, ours, headers, body))
        answered = await _answer(reader, keep=_MAX_ANSWER if plan.answer else _SHOWN)
    finally:
        writer.close()
    return at_us, _name(answered, plan.answer) if plan.answer else ""


def _name(answered: bytes, pointer: str) -> str:
    try:
        return name_of(strict_json.loads(answered, what="the answer"), pointer)
    except OutputUnreadable as error:
        raise NotPublishedError(f"its answer does not name it: {error.problem.summary}") from None


async def _answer(reader: asyncio.StreamReader, *, keep: int) -> bytes:
    answer = HttpStream()
    body = b""
    try:
        while not answer.is_done:
            piece = await reader.read(_PIECE)
            if not piece:
                answer.close()
                break
            body += answer.feed(piece)[: keep - len(body)]
    except NotHttpError as error:
        raise NotPublishedError(str(error)) from None
    if answer.status not in _GOOD:
        shown = " ".join(body[:_SHOWN].decode("utf-8", "replace").split())
        raise NotPublishedError(f"HTTP {answer.status}{f': {shown}' if shown else ''}")
    return body
