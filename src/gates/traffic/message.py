"""Requests as bytes: HTTP/1.1 messages, made ready but for the numbers in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from urllib.parse import urlsplit

from gates import __version__
from gates.formats.load_plan import Request

VARIABLE = re.compile(r"\{(n|random)\}")
"""What stands for another number in each request: a counter, or a random one below 2**31."""

Field = tuple[str, str]

_LIMIT = 2**31


class Messages:
    """Makes the messages of one run."""

    def __init__(self, url: str, *, seed: int, more: Sequence[Field] = ()) -> None:
        """Prepare for a service.

        Args:
            url: its address; a path in it comes before each request's.
            seed: of the random numbers.
            more: fields that each request carries.
        """
        parts = urlsplit(url)
        self._prefix = parts.path.rstrip("/")
        self._fixed = (
            ("Host", parts.netloc.rpartition("@")[2]),
            ("User-Agent", f"gates/{__version__}"),
            ("Accept", "*/*"),
        )
        self._more = tuple(more)
        self._random = Random(seed)  # noqa: S311 - which numbers they are is no secret
        self._count = 0

    def maker(self, request: Request) -> Callable[[], bytes]:
        """What gives the message of a request, each time anew where numbers stand in it."""
        if not VARIABLE.search("\n".join((request.path, request.body, *_values(request)))):
            message = self._message(request, _as_it_is)
            return lambda: message
        return lambda: self._numbered(request)

    def _numbered(self, request: Request) -> bytes:
        self._count += 1
        values = {"n": str(self._count), "random": str(self._random.randrange(_LIMIT))}
        return self._message(
            request, lambda text: VARIABLE.sub(lambda found: values[found[1]], text)
        )

    def _message(self, request: Request, filled: Callable[[str], str]) -> bytes:
        body = filled(request.body).encode()
        own = [(name, filled(value)) for name, value in request.headers]
        given = {name.lower() for name, _ in own}
        fields = [field for field in (*self._fixed, *self._more) if field[0].lower() not in given]
        if body or request.method in {"POST", "PUT", "PATCH"}:
            fields.append(("Content-Length", str(len(body))))
        lines = [f"{request.method} {self._prefix}{filled(request.path)} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in (*fields, *own)]
        return "\r\n".join((*lines, "", "")).encode() + body


def _values(request: Request) -> tuple[str, ...]:
    return tuple(value for _, value in request.headers)


def _as_it_is(text: str) -> str:
    return text
