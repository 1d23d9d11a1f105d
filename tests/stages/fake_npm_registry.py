"""A registry with npm's face on this machine, which can answer audits wrongly in known ways."""

from __future__ import annotations

import gzip
import json
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

BULK = "/-/npm/v1/security/advisories/bulk"

LODASH = {
    "id": 1673,
    "url": "https://registry.example/advisories/GHSA-35jh-r3h4-6jhm",
    "title": "Command injection",
    "severity": "high",
    "vulnerable_versions": "<4.17.21",
    "cwe": ["CWE-77", "CWE-94"],
    "cvss": {"score": 7.2, "vectorString": "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H"},
}
MINIMIST = {
    "id": 1179,
    "url": "https://registry.example/advisories/GHSA-vh95-rmgr-6w4m",
    "title": "Prototype pollution",
    "severity": "moderate",
    "vulnerable_versions": "<0.2.1 || >=1.0.0 <1.2.3",
    "cwe": ["CWE-1321"],
    "cvss": {"score": 5.6, "vectorString": "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L"},
}
KNOWN: dict[str, list[dict[str, object]]] = {"lodash": [LODASH], "minimist": [MINIMIST]}


class Mode(StrEnum):
    OK = "ok"
    EMPTY = "empty"  # {} to everything
    NOT_FOUND = "not-found"
    NOT_ALLOWED = "not-allowed"
    PAGE = "page"  # an HTML page with status 200


@dataclass
class FakeRegistry:
    """Answers audits from `known`; use it in a `with` statement."""

    known: dict[str, list[dict[str, object]]] = field(default_factory=lambda: dict(KNOWN))
    mode: Mode = Mode.OK
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    @property
    def configuration(self) -> str:
        """A `.npmrc` that names this registry, and asks it once."""
        assert self._server is not None
        address = f"http://127.0.0.1:{self._server.server_address[1]}/"
        return f"registry={address}\nfetch-retries=0\n"

    def __enter__(self) -> Self:
        fake: FakeRegistry = self

        class Handler(_Handler):
            registry = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def answer(self, request: dict[str, list[str]]) -> tuple[int, bytes]:
        """Status and body for one request."""
        self.asked.append(request)
        match self.mode:
            case Mode.OK:
                found = {name: of for name, of in self.known.items() if name in request}
                return 200, json.dumps(found).encode()
            case Mode.EMPTY:
                return 200, b"{}"
            case Mode.NOT_FOUND:
                return 404, b'{"error": "not found"}'
            case Mode.NOT_ALLOWED:
                return 405, b'{"error": "method not allowed"}'
            case Mode.PAGE:
                return 200, b"<html>sign in</html>"


class _Handler(BaseHTTPRequestHandler):
    registry: FakeRegistry

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        request = json.loads(body) if self.path == BULK else {}
        self._send(*self.registry.answer(request))

    def do_GET(self) -> None:
        """A package's own page, which the calculation of what depends on it asks for."""
        self._send(404, b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - given so
        """Keep quiet."""

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
