"""One page over HTTP: a fresh connection, no redirect, no proxy, bounded in time and size."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gates.domain.errors import StageError

if TYPE_CHECKING:
    from http.client import HTTPConnection, HTTPResponse
    from urllib.parse import SplitResult

MAX_BYTES = 32 * 1024 * 1024
TIMEOUT_S = 15.0
_CHUNK = 1 << 16
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Page:
    """An answer.

    Attributes:
        status: of HTTP.
        body: the whole body.
    """

    status: int
    body: bytes


def get(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
    max_bytes: int = MAX_BYTES,
) -> Page:
    """Fetch a page over a connection of its own.

    Args:
        url: its address, http or https.
        headers: of the request, besides the usual ones.
        timeout_s: for the whole of it.
        max_bytes: of the body.

    Raises:
        StageError: `page-unreachable`: no whole answer came in time. `page-address`: no address.
    """
    from http.client import HTTPException

    parts = _parts(url)
    ends = time.monotonic() + timeout_s
    connection = _connection(parts, timeout_s)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        sent = {"User-Agent": "gates", "Connection": "close", **(headers or {})}
        connection.request("GET", path, headers=sent)
        with connection.getresponse() as response:
            return Page(response.status, _body(response, url, ends, max_bytes))
    except TimeoutError as error:
        raise _unreachable(url, f"no whole answer within {timeout_s:g} s") from error
    except (OSError, HTTPException) as error:
        raise _unreachable(url, f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def check_address(url: str) -> None:
    """Refuse an address over which anybody could answer.

    Raises:
        StageError: `page-address`: neither https nor http on this machine.
    """
    parts = _parts(url)
    if parts.scheme == "https" or parts.hostname in _LOOPBACK:
        return
    raise StageError(
        "page-address",
        f"`{shown(url)}` is neither an https address nor http on this machine",
        hint="over http anybody on the way could write the numbers",
    )


def shown(url: str) -> str:
    """The address as it may be shown: without user, password, query and fragment."""
    scheme, mark, rest = url.partition("?")[0].partition("#")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"[:200]


def _parts(url: str) -> SplitResult:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        is_usable = parts.port != 0 and bool(parts.hostname)
    except ValueError:
        is_usable, parts = False, urlsplit("")
    if not is_usable or parts.scheme not in {"http", "https"}:
        raise StageError(
            "page-address", f"`{shown(url)}` is no address", hint="begin with https:// or http://"
        )
    return parts


def _connection(parts: SplitResult, timeout_s: float) -> HTTPConnection:
    from http.client import HTTPConnection, HTTPSConnection

    host = parts.hostname or ""
    if parts.scheme == "https":
        return HTTPSConnection(host, parts.port, timeout=timeout_s)
    return HTTPConnection(host, parts.port, timeout=timeout_s)


def _body(response: HTTPResponse, url: str, ends: float, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := response.read1(_CHUNK):
        size += len(part)
        if size > max_bytes:
            raise _unreachable(url, f"it sent more than {max_bytes} bytes")
        if time.monotonic() > ends:
            raise TimeoutError
        parts.append(part)
    # `read1` ends quietly where the other side breaks off; what it announced tells.
    if response.length:
        raise _unreachable(url, f"it broke off {response.length} bytes before its end")
    return b"".join(parts)


def _unreachable(url: str, why: str) -> StageError:
    return StageError(
        "page-unreachable",
        f"`{shown(url)}` gave no usable answer: {why}",
        hint="see whether the address is right, and whether it is reached from here",
        place=shown(url),
    )
