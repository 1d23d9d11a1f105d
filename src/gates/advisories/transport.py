"""HTTP for vulnerability data: bounded in time and size, encrypted or on this machine only."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from gates.domain.errors import StageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPMessage, HTTPResponse
    from typing import IO
    from urllib.request import HTTPRedirectHandler, Request

_CHUNK: Final = 1 << 16
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_AGENT: Final = "gates"
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
_NOT_THERE: Final = "it answered with status 404"
_HINT: Final = "try again later, or use a local database: `gates advisories update`"


class NotThere(StageError):
    """The address is not known there (404); for one record of many that is an answer."""


class Fetch(Protocol):
    """Sends one request and gives the whole body; the face that clients are written against."""

    def __call__(self, url: str, body: bytes | None = None) -> bytes:
        """Get `url`, or post `body` to it.

        Raises:
            NotThere: the other side does not know the address.
            StageError: `advisories-unreachable`.
        """


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost.

    Attributes:
        seconds: for a whole request, its retries included.
        silence_s: between two arrivals of data.
        max_bytes: of one body.
        attempts: in all; only for what may pass by itself (429, 5xx, a broken connection).
        pause_s: before the second attempt, doubled for each further one.
    """

    seconds: float = 60.0
    silence_s: float = 15.0
    max_bytes: int = 256 * 1024 * 1024
    attempts: int = 3
    pause_s: float = 0.5


@dataclass(frozen=True, slots=True)
class Http:
    """Requests by urllib under limits; proxies and certificates as the environment has them."""

    limits: Limits = Limits()

    def __call__(self, url: str, body: bytes | None = None) -> bytes:
        """Get `url`, or post `body` to it as JSON, and give the answer's body.

        Raises:
            StageError: `advisories-address`: neither https nor http on this machine.
                `advisories-unreachable`: no whole answer with status 200 came in time.
        """
        return b"".join(self.parts(url, body))

    def parts(self, url: str, body: bytes | None = None) -> Iterator[bytes]:
        """Give the body in parts, so that a large one need not be held.

        Raises:
            StageError: as above; once a first part was given, a break is not tried again.
        """
        check_address(url)
        ends = time.monotonic() + self.limits.seconds
        with self._opened(url, body, ends) as response:
            yield from self._body(response, url, ends)

    def _opened(self, url: str, body: bytes | None, ends: float) -> HTTPResponse:
        pause = self.limits.pause_s
        attempt = 1
        while True:
            response, why, may_pass = self._attempt(url, body, ends)
            if response is not None:
                return response
            late = time.monotonic() + pause >= ends
            if why == _NOT_THERE:
                raise NotThere(
                    "advisories-unreachable", _says(url, why), hint=_HINT, place=shown(url)
                )
            if not may_pass or late or attempt >= self.limits.attempts:
                raise _unreachable(url, f"{why} (attempt {attempt})" if attempt > 1 else why)
            time.sleep(pause)
            pause *= 2
            attempt += 1

    def _attempt(
        self, url: str, body: bytes | None, ends: float
    ) -> tuple[HTTPResponse | None, str, bool]:
        from http.client import HTTPException
        from urllib.error import HTTPError
        from urllib.request import Request, build_opener

        headers = {"User-Agent": _AGENT, "Accept": "application/json, application/zip"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = Request(url, data=body, headers=headers)  # noqa: S310 - scheme checked above
        wait = max(0.001, min(self.limits.silence_s, ends - time.monotonic()))
        try:
            response: HTTPResponse = build_opener(_same_rules()).open(request, timeout=wait)
        except HTTPError as error:
            with error:
                return None, f"it answered with status {error.code}", error.code in _PASSING
        except (OSError, HTTPException) as error:
            return None, _reason(error), True
        if response.status != 200:  # noqa: PLR2004 - HTTP's OK; 204 and 206 are no whole answer
            status = response.status
            response.close()
            return None, f"it answered with status {status}", False
        return response, "", False

    def _body(self, response: HTTPResponse, url: str, ends: float) -> Iterator[bytes]:
        from http.client import HTTPException

        declared = response.headers.get("Content-Length", "")
        size = 0
        while True:
            try:
                part = response.read1(_CHUNK)
            except (OSError, HTTPException) as error:
                raise _unreachable(url, _reason(error)) from error
            size += len(part)
            if size > self.limits.max_bytes:
                raise _unreachable(url, f"it sent more than {self.limits.max_bytes} bytes")
            if time.monotonic() > ends:
                raise _unreachable(url, f"no whole answer within {self.limits.seconds:g} s")
            if not part:
                break
            yield part
        if declared.isdecimal() and int(declared) != size:
            raise _unreachable(url, f"it broke off after {size} of {declared} bytes")


def check_address(url: str) -> None:
    """Refuse an address over which anybody could answer.

    Raises:
        StageError: `advisories-address`.
    """
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host, scheme = "", ""
    else:
        scheme = parts.scheme
    if host and (scheme == "https" or (scheme == "http" and host in _LOOPBACK)):
        return
    raise StageError(
        "advisories-address",
        f"`{shown(url)}` is neither an https address nor http on this machine",
        hint="vulnerability data is taken over https only",
    )


def shown(url: str) -> str:
    """The address as it may be shown: without user, password, query and fragment."""
    text = url.partition("?")[0].partition("#")[0]
    scheme, mark, rest = text.partition("://")
    if not mark:
        return text[:200]
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"[:200]


def _same_rules() -> HTTPRedirectHandler:
    from urllib.request import HTTPRedirectHandler

    class Redirects(HTTPRedirectHandler):
        """Holds a redirection to the same rule as the first address."""

        def redirect_request(  # noqa: PLR0917 - as urllib calls it
            self,
            req: Request,
            fp: IO[bytes],
            code: int,
            msg: str,
            headers: HTTPMessage,
            newurl: str,
        ) -> Request | None:
            try:
                check_address(newurl)
            except StageError:
                fp.close()
                raise
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    return Redirects()


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, TimeoutError):
        return "it did not answer in time"
    return f"{type(reason).__name__}: {reason}" if str(reason) else type(reason).__name__


def _unreachable(url: str, why: str) -> StageError:
    return StageError("advisories-unreachable", _says(url, why), hint=_HINT, place=shown(url))


def _says(url: str, why: str) -> str:
    return f"`{shown(url)}` gave no usable answer: {why}"
