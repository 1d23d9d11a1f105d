"""A service for tests of probes that need no socket: answers by method and path."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gates.formats.probe_model import Identity
from gates.formats.probe_session import Session
from gates.toolkit.http_calls import Call, Reply

URL = "http://127.0.0.1:8000"


@dataclass(slots=True)
class Answers:
    """Gives each request its answer, and keeps the request.

    Attributes:
        given: answers by `METHOD /path`; several are given one after the other, the last one stays.
        calls: what was asked.
    """

    given: dict[str, list[Reply]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def __call__(self, call: Call) -> Reply:
        self.calls.append(call)
        replies = self.given.get(f"{call.method} {call.target}", [Reply(status=404)])
        return replies.pop(0) if len(replies) > 1 else replies[0]


def reply(status: int = 200, document: object = None, **headers: str) -> Reply:
    """An answer with a body of JSON."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    body = b"" if document is None else json.dumps(document).encode()
    return Reply(status=status, headers=named, body=body, seconds=0.001)


def session(
    answers: Callable[[Call], Reply],
    *,
    identities: Mapping[str, Identity] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Session:
    """A conversation with these answers, in a run called `0a`."""
    known = settings or {}
    return Session(
        send=answers,
        setting=lambda name: known.get(name, ""),
        url=URL,
        identities=identities or {},
        values={"run": "0a"},
    )
