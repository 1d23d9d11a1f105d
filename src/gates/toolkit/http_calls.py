"""Requests over HTTP/1.1 to one service: bounded in time and size, straight, and as written.

No proxy stands in between, no redirect is followed, no cookie is kept, and each request has a
connection of its own: what comes back is what the service itself answers to that one request.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from gates.domain.errors import StageError

if TYPE_CHECKING:
    from http.client import HTTPConnection, HTTPResponse
    from socket import socket

AGENT: Final = "gates"
_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request.

    Attributes:
        method: `GET`.
        target: path and query, begins with `/`.
        headers: names with their values, sent in this order.
        body: what is sent, or None for no body.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One whole answer.

    Attributes:
        status: its status code.
        headers: names as they came, with their values.
        body: what came, with its content encoding.
        seconds: from before the connection was opened until the last byte came.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0

    def header(self, name: str) -> str | None:
        """The value of a header, those of several joined by commas; None where it is absent."""
        wanted = name.lower()
        found = [value for key, value in self.headers if key.lower() == wanted]
        return ", ".join(found) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may cost.

    Attributes:
        seconds: from the first byte to the last.
        max_bytes: of a body.
    """

    seconds: float = 10.0
    max_bytes: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCalls:
    """Sends requests to one address.

    Attributes:
        url: scheme, host and port of the service.
        limits: what one request may cost.
        ca: a file with the certificates to trust besides none other; empty for the system's own.
        ends: by the monotonic clock, when no further request may be under way.
    """

    url: str
    limits: Limits = Limits()
    ca: str = ""
    ends: float = float("inf")

    @classmethod
    def for_seconds(cls, url: str, seconds: float, *, ca: str = "") -> Self:
        """Requests to one address for so many seconds from now."""
        return cls(url=url, ca=ca, ends=time.monotonic() + seconds)

    def __call__(self, call: Call) -> Reply:
        """Send a request and wait for the whole answer.

        Raises:
            StageError: `no-answer`: none came, or not whole, in time, or it was too large.
                `bad-request`: the request cannot be written. `timed-out`: the time is up.
        """
        from http.client import HTTPException, InvalidURL
        from threading import Timer

        if not call.target.startswith("/"):
            path = call.target.partition("?")[0]
            summary = f"{call.method} `{path}` is asked of another place"
            hint = "only paths of the service are asked: begin with `/`"
            raise StageError("bad-request", summary, hint=hint)
        started = time.monotonic()
        left = min(self.limits.seconds, self.ends - started)
        if left <= 0:
            hint = "give the gate more time with `timeout:`"
            raise StageError("timed-out", "the time of the gate is up", hint=hint)
        connection = self._connection(left)
        timers: list[Timer] = []
        try:
            connection.connect()
            # A socket's own time limit is for one wait; a server that drips could go on for ever.
            timers.append(Timer(left, _cut, (connection.sock,)))
            timers[0].start()
            _send(connection, call)
            with connection.getresponse() as response:
                body = self._body(response, call)
                headers = tuple(response.getheaders())
                status = response.status
        except InvalidURL:
            raise _unfit(call) from None
        except (OSError, HTTPException) as error:
            late = time.monotonic() - started >= left
            why = f"no whole answer within {left:.3g} s" if late else _reason(error)
            raise _unanswered(call, why) from error
        except ValueError:
            raise _unfit(call) from None
        finally:
            for timer in timers:
                timer.cancel()
            connection.close()
        return Reply(status=status, headers=headers, body=body, seconds=time.monotonic() - started)

    def _connection(self, seconds: float) -> HTTPConnection:
        from http.client import HTTPConnection, HTTPSConnection
        from urllib.parse import urlsplit

        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme != "https":
            return HTTPConnection(host, parts.port or 80, timeout=seconds)
        import ssl

        try:
            context = ssl.create_default_context(cafile=self.ca or None)
        except OSError as error:
            summary = f"the certificates to trust cannot be read: {error.strerror or error}"
            hint = "it is a file in PEM form"
            raise StageError("no-certificates", summary, hint=hint, place=self.ca) from error
        return HTTPSConnection(host, parts.port or 443, timeout=seconds, context=context)

    def _body(self, response: HTTPResponse, call: Call) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := response.read1(_CHUNK):
            parts.append(part)
            size += len(part)
            if size > self.limits.max_bytes:
                raise OSError(f"it sent more than {self.limits.max_bytes} bytes")
        declared = response.headers.get("Content-Length", "")
        has_body = call.method != "HEAD" and response.status not in {204, 304}
        if has_body and declared.isdecimal() and int(declared) != size:
            raise OSError(f"it broke off after {size} of {declared} bytes")
        return b"".join(parts)


def _send(connection: HTTPConnection, call: Call) -> None:
    given = {name.lower() for name, _ in call.headers}
    connection.putrequest(
        call.method, call.target, skip_host="host" in given, skip_accept_encoding=True
    )
    own = (("User-Agent", AGENT), ("Accept", "*/*"), ("Connection", "close"))
    for name, value in own:
        if name.lower() not in given:
            connection.putheader(name, value)
    for name, value in call.headers:
        connection.putheader(name, value)
    if call.body is not None or call.method in {"POST", "PUT", "PATCH"}:
        connection.putheader("Content-Length", str(len(call.body or b"")))
    connection.endheaders(call.body)


def _cut(connection: socket) -> None:
    """End a connection under whoever reads from it."""
    from contextlib import suppress
    from socket import SHUT_RDWR

    with suppress(OSError):  # it may have ended meanwhile
        connection.shutdown(SHUT_RDWR)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{error}" or type(error).__name__


def _unanswered(call: Call, why: str) -> StageError:
    path = call.target.partition("?")[0]
    return StageError(
        "no-answer",
        f"{call.method} {path} has no answer: {why}",
        hint="see the log of the service; `ready:` must hold before it can be asked",
    )


def _unfit(call: Call) -> StageError:
    # The library's own words hold the value that is wrong, which may be a secret.
    path = call.target.partition("?")[0]
    return StageError(
        "bad-request",
        f"{call.method} {path} cannot be sent: a part of it is not fit for HTTP",
        hint="a path, a name or a value holds a blank, a line break or a control character",
    )
