"""A service with the face of OSV on this machine, which can answer wrongly in known ways."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

_HANG_S = 30.0


class Mode(StrEnum):
    OK = "ok"
    EMPTY = "empty"  # {} to everything
    NOT_FOUND = "not-found"
    BUSY = "busy"
    BROKEN = "broken"
    BUSY_ONCE = "busy-once"
    PAGE = "page"  # an HTML page with status 200
    PAGED = "paged"  # an empty first page with a token, then the rest
    ENDLESS = "endless"  # a token for ever
    SCHEMA_2 = "schema-2"
    NO_AFFECTED = "no-affected"
    HANG = "hang"
    SHORT = "short"  # a batch without its last result
    STALL = "stall"  # half an answer, then silence
    NO_CONTENT = "no-content"
    CUT = "cut"  # less than the announced length
    NO_RECORDS = "no-records"  # names records that it does not have
    OTHER_RECORD = "other-record"
    MOVED = "moved"  # redirects to /new, once
    ELSEWHERE = "elsewhere"  # redirects to a host that is not this machine


@dataclass
class FakeOsv:
    """Serves `records` (OSV documents) and `files` by path; use it in a `with` statement."""

    records: list[dict[str, object]]
    mode: Mode = Mode.OK
    requests: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        fake: FakeOsv = self

        class Handler(_Handler):
            service = fake

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
        self._stopped.set()
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def hang(self) -> None:
        self._stopped.wait(_HANG_S)

    def matching(self, query: dict[str, object]) -> list[dict[str, object]]:
        """By listed versions alone: on purpose not the matching that is under test."""
        package = query["package"]
        assert isinstance(package, dict)
        name, version = str(package["name"]).lower(), query.get("version")
        return [
            record
            for record in self.records
            for entry in _list(record.get("affected"))
            if str(_of(entry, "package", "name")).lower() == name
            and (version is None or version in _list(entry.get("versions")))
        ]

    def batch(self, queries: list[dict[str, object]]) -> object:
        results: list[object] = []
        for query in queries:
            found = [{"id": of["id"], "modified": of["modified"]} for of in self.matching(query)]
            if self.mode is Mode.ENDLESS or (self.mode is Mode.PAGED and "page_token" not in query):
                results.append({"next_page_token": "2"})
            else:
                results.append({"vulns": found} if found else {})
        return {"results": results[:-1] if self.mode is Mode.SHORT else results}

    def query(self, query: dict[str, object]) -> object:
        if self.mode is Mode.PAGED and "page_token" not in query:
            return {"vulns": [], "next_page_token": "2"}
        found = [self.shown(record) for record in self.matching(query)]
        return {"vulns": found} if found else {}

    def shown(self, record: dict[str, object]) -> dict[str, object]:
        if self.mode is Mode.SCHEMA_2:
            return {**record, "schema_version": "2.0.0"}
        if self.mode is Mode.NO_AFFECTED:
            return {key: value for key, value in record.items() if key != "affected"}
        if self.mode is Mode.OTHER_RECORD:
            return {**record, "id": "XYZ-1", "aliases": []}
        return record


_PLAIN = {
    Mode.NOT_FOUND: (404, b'{"code": 5, "message": "not found"}'),
    Mode.BUSY: (429, b"slow down"),
    Mode.BROKEN: (500, b""),
    Mode.PAGE: (200, b"<html><body>Please sign in</body></html>"),
    Mode.EMPTY: (200, b"{}"),
    Mode.NO_CONTENT: (204, b""),
}


class _Handler(BaseHTTPRequestHandler):
    service: FakeOsv
    wbufsize = -1  # header and body leave together; apart, each request costs 40 ms

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def _answer(self, body: bytes) -> None:
        service = self.service
        service.requests.append(f"{self.command} {self.path}")
        mode = service.mode
        first = len(service.requests) == 1
        if mode in _PLAIN:
            self._send(*_PLAIN[mode])
        elif mode is Mode.BUSY_ONCE and first:
            self._send(503, b"")
        elif mode is Mode.HANG:
            service.hang()
        elif mode in {Mode.CUT, Mode.STALL}:
            self._send(200, b'{"results": [', announced=1000)
            if mode is Mode.STALL:
                self.wfile.flush()
                service.hang()
        elif mode is Mode.ELSEWHERE or (mode is Mode.MOVED and first):
            self.send_response(302)
            self.send_header("Location", "http://osv.example" if mode is Mode.ELSEWHERE else "/new")
            self.end_headers()
        else:
            self._honest(body)

    def _honest(self, body: bytes) -> None:
        service = self.service
        if self.path in service.files:
            self._send(200, service.files[self.path])
        elif self.path == "/v1/querybatch":
            self._json(service.batch(json.loads(body)["queries"]))
        elif self.path == "/v1/query":
            self._json(service.query(json.loads(body)))
        else:
            name = self.path.rpartition("/")[2]
            found = [of for of in service.records if of["id"] == name]
            if found and service.mode is not Mode.NO_RECORDS:
                self._json(service.shown(found[0]))
            else:
                self._send(404, b'{"code": 5, "message": "not found"}')

    def _json(self, document: object) -> None:
        self._send(200, json.dumps(document).encode())

    def _send(self, status: int, body: bytes, *, announced: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if announced is None else announced))
        self.end_headers()
        self.wfile.write(body)


def _list(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []


def _of(value: object, *keys: str) -> object:
    for key in keys:
        assert isinstance(value, dict)
        value = value[key]
    return value
