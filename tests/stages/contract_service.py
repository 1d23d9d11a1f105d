"""A small service with an OpenAPI document, which keeps it unless it is told to break it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import urlsplit

from formats.openapi_samples import JSON, raw

ORDER = {
    "type": "object",
    "required": ["id", "item"],
    "properties": {"id": {"type": "integer"}, "item": {"type": "string"}},
}
NEW = {
    "type": "object",
    "additionalProperties": False,
    "required": ["item"],
    "properties": {"item": {"type": "string", "minLength": 1, "maxLength": 20}},
}
FAULT = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}


def _answer(schema: object) -> dict[str, object]:
    return {"description": "an answer", "content": {JSON: {"schema": schema}}}


DOCUMENT = raw(
    {
        "/orders": {
            "post": {
                "requestBody": {"required": True, "content": {JSON: {"schema": NEW}}},
                "responses": {
                    "201": _answer(ORDER),
                    "400": _answer(FAULT),
                    "401": _answer(FAULT),
                },
            }
        },
        "/orders/{order_id}": {
            "get": {
                "parameters": [
                    {
                        "name": "order_id",
                        "in": "path",
                        "required": True,
                        "example": 1,
                        "schema": {"type": "integer", "minimum": 1, "maximum": 3},
                    }
                ],
                "responses": {
                    "200": _answer(ORDER),
                    "400": _answer(FAULT),
                    "401": _answer(FAULT),
                },
            }
        },
    }
)


class Orders(BaseHTTPRequestHandler):
    """Answers as `fault` says: empty, `refuse`, `lax`, `wrong` or `crash`."""

    fault: ClassVar[str] = ""
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        if path == "/openapi.json":
            self._send(200, DOCUMENT)
        elif path == "/orders":
            self._take(body)
        elif re.fullmatch("/orders/[^/]*", path):
            self._give(path.rpartition("/")[2])
        else:
            self._send(404, {"error": "nothing"})

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815
    do_OPTIONS = do_HEAD = do_TRACE = do_QUERY = _answer  # noqa: N815

    def _take(self, body: bytes) -> None:
        if self.command != "POST":
            self._send(405, {"error": "method"}, Allow="POST")
        elif self.fault == "refuse":
            self._send(401, {"error": "who"})
        elif self.fault != "lax" and not self._fits(body):
            self._send(400, {"error": "body"})
        elif self.fault == "wrong":
            self._send(201, {"id": "2"})
        else:
            self._send(201, {"id": 2, "item": "taken"})

    def _fits(self, body: bytes) -> bool:
        try:
            found: object = json.loads(body)
        except ValueError:
            return False
        if not isinstance(found, dict) or found.keys() != {"item"}:
            return False
        item = found["item"]
        is_json = self.headers.get_content_type() == JSON
        return is_json and isinstance(item, str) and 1 <= len(item) <= 20

    def _give(self, number: str) -> None:
        if self.command != "GET":
            self._send(405, {"error": "method"}, Allow="GET")
        elif self.fault == "refuse":
            self._send(401, {"error": "who"})
        elif not re.fullmatch("[1-3]", number):
            self._send(400, {"error": "id"})
        elif self.fault == "crash":
            self._send(500, {"error": "crash"})
        else:
            self._send(200, {"id": int(number), "item": "one"})

    def _send(self, status: int, value: object, **headers: str) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": JSON, **headers}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data if self.command != "HEAD" else b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def contract_service(fault: str = "") -> Iterator[int]:
    """The service on a port of this machine, until the block ends."""
    handler = type("Handler", (Orders,), {"fault": fault, "disable_nagle_algorithm": True})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
