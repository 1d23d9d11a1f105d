"""Whether a service can be asked: by HTTP, by TCP, or by a line of its log."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

PROBE_S = 2.0
"""Seconds that one try may take."""

PAGE_LIMIT = 16 * 1024 * 1024
"""Bytes of a page that are read."""

_READ_BYTES = 1 << 20
_LINE_BYTES = 1 << 16
_FAIR = range(200, 400)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is asked.

    Attributes:
        host: its host.
        port: its port.
        is_tls: whether it speaks TLS.
    """

    host: str
    port: int
    is_tls: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What a service answered.

    Attributes:
        status: of HTTP.
        body: its bytes.
    """

    status: int
    body: bytes


def fetch(place: Place, path: str, *, timeout_s: float = PROBE_S) -> Page:
    """Fetch a page on a connection of its own, without any proxy.

    Raises:
        OSError: nobody answered, or not in time.
        ValueError: what came back is no answer of HTTP, or is larger than 16 MiB.
    """
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    kind = HTTPSConnection if place.is_tls else HTTPConnection
    connection = kind(place.host, place.port, timeout=timeout_s)
    try:
        connection.request("GET", path, headers={"Connection": "close", "User-Agent": "gates"})
        answer = connection.getresponse()
        body = answer.read(PAGE_LIMIT + 1)
    except HTTPException as error:
        raise ValueError(f"no answer of HTTP: {type(error).__name__} {error}".rstrip()) from error
    finally:
        connection.close()
    if len(body) > PAGE_LIMIT:
        raise ValueError("the page is larger than 16 MiB")
    if answer.length:
        # A read of at most so many bytes does not tell that the other end closed too early.
        raise ValueError(f"the page breaks off: {answer.length} bytes are missing")
    return Page(answer.status, body)


def why_not_http(place: Place, path: str) -> str:
    """Why a page cannot be had, or empty where it answers with a 2xx or 3xx status."""
    try:
        page = fetch(place, path)
    except OSError as error:
        return f"no answer: {error.strerror or error}"
    except ValueError as error:
        return f"{error}"
    return "" if page.status in _FAIR else f"`{path}` answered with status {page.status}"


def why_not_tcp(place: Place) -> str:
    """Why no connection can be had, or empty where it is taken."""
    try:
        with socket.create_connection((place.host, place.port), timeout=PROBE_S):
            return ""
    except OSError as error:
        return f"no connection: {error.strerror or error}"


@dataclass(slots=True)
class LogSearch:
    """Looks in growing logs for a line that matches.

    Attributes:
        pattern: what is searched in each line.
        logs: the files, which need not be there yet.
    """

    pattern: re.Pattern[str]
    logs: tuple[Path, ...]
    _read: dict[Path, int] = field(default_factory=dict)
    _rest: dict[Path, bytes] = field(default_factory=dict)

    def is_found(self) -> bool:
        """Whether a whole line that was written so far matches."""
        return any(self._is_in(log) for log in self.logs)

    def _is_in(self, log: Path) -> bool:
        try:
            with log.open("rb") as file:
                file.seek(self._read.get(log, 0))
                data = file.read(_READ_BYTES)
        except FileNotFoundError:
            return False
        self._read[log] = self._read.get(log, 0) + len(data)
        *lines, rest = (self._rest.get(log, b"") + data).split(b"\n")
        self._rest[log] = rest[:_LINE_BYTES]
        return any(
            self.pattern.search(line[:_LINE_BYTES].decode("utf-8", "replace")) for line in lines
        )


def last_lines(log: Path, count: int) -> tuple[str, ...]:
    """The last lines of a log that hold more than blanks, oldest first."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - _LINE_BYTES, 0))
            text = file.read(_LINE_BYTES).decode("utf-8", "replace")
    except OSError:
        return ()
    return tuple(line.strip() for line in text.splitlines() if line.strip())[-count:]
