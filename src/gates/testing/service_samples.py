"""The samples of the stages that ask a running service: each brings a small one of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from gates.plugin import Sample

_SERVER: Final = "server.py"

_BEGINNING: Final = """\
import glob
import json
import queue
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def answer(self, status, body=b"", kind="application/json", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    def log_message(self, *_):
        return

    def told(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

"""

_END: Final = """

Handler.disable_nagle_algorithm = True
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
server.serve_forever()
"""

_BROADCAST: Final = """\
    def do_GET(self):
        mine = queue.SimpleQueue()
        listeners.append(mine)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.flush()
        while True:
            self.wfile.write(b"data: " + mine.get() + bytes((10, 10)))

    def do_POST(self):
        said = self.told()
        for mine in listeners[LOST:]:
            mine.put(said)
        self.answer(202)


LOST = 0
listeners = []
"""

_PRICES: Final = """\
    def do_GET(self):
        price = PRICES.get(self.path)
        self.answer(404 if price is None else 200, json.dumps({"price": price}).encode())


PRICES = {"/one": 1, "/two": 2}
"""

_PROBES: Final = """\
requests:
  - {request: GET /one, expect: {status: 200, json: {/price: 1}}}
  - {request: GET /two, expect: {status: 200, json: {/price: 2}}}
"""

_LOGGED: Final = """\
    def do_GET(self):
        for line in LINES:
            print(line, flush=True)
        self.answer(200, b"{}")


LINES = [line.rstrip() for name in glob.glob("lines.txt") for line in open(name)]
"""

_LINE: Final = {
    "time": "2026-05-01T10:00:00Z",
    "level": "info",
    "message": "asked",
    "request_id": "one",
}

_POOL: Final = """\
    def do_GET(self):
        if self.path != "/metrics":
            ASKED.append(self.path)
        active = ACTIVE if ASKED else IDLE
        page = "# TYPE db_pool_active gauge" + chr(10) + "db_pool_active " + active + chr(10)
        self.answer(200, page.encode(), "text/plain; version=0.0.4")


ACTIVE = "30"
IDLE = "20"
ASKED = []
"""

_ASKING: Final = """\
import sys
import time
from urllib.request import urlopen

until = time.monotonic() + float(sys.argv[2])
while True:
    with urlopen(sys.argv[1], timeout=5) as answer:
        answer.read()
    if time.monotonic() > until:
        break
    time.sleep(0.05)
"""

_ASK: Final = """\
#!/bin/sh
exec python -S -c '
import os, urllib.request
urllib.request.urlopen(os.environ["GATES_SERVICE_URL"], timeout=5).read()'
"""

_CONTRACT: Final = """\
    def ask(self):
        said = self.told()
        if self.path.partition("?")[0] != "/orders":
            self.answer(404, WRONG)
        elif self.command != "POST":
            self.answer(405, WRONG, Allow="POST")
        elif self.headers.get_content_type() == "application/json" and fits(said):
            self.answer(201, TAKEN)
        else:
            self.answer(400, WRONG)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = ask
    do_OPTIONS = do_HEAD = do_TRACE = do_QUERY = ask


def fits(said):
    try:
        order = json.loads(said)
    except ValueError:
        return False
    if not isinstance(order, dict) or order.keys() != {"item"}:
        return False
    return isinstance(order["item"], str) and 1 <= len(order["item"]) <= 20


TAKEN = b'{"id": 1}'
WRONG = b'{"error": "no"}'
"""


def _answers(member: str, kind: str) -> object:
    schema = {"type": "object", "required": [member], "properties": {member: {"type": kind}}}
    return {"description": "an answer", "content": {"application/json": {"schema": schema}}}


_DOCUMENT: Final = json.dumps(
    {
        "openapi": "3.1.0",
        "info": {"title": "sample", "version": "1"},
        "paths": {
            "/orders": {
                "post": {
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "additionalProperties": False,
                                    "required": ["item"],
                                    "properties": {
                                        "item": {"type": "string", "minLength": 1, "maxLength": 20}
                                    },
                                }
                            }
                        },
                    },
                    "responses": {
                        "201": _answers("id", "integer"),
                        "400": _answers("error", "string"),
                    },
                }
            }
        },
    }
)

_SERVICES: Final = {"api": {"run": f"python -S {_SERVER} {{port}}", "ready": "tcp", "grace": "1s"}}


def _server(handler: str, **changed: str) -> str:
    """A server whose handler answers so; what is named is put in place of what stands there."""
    text = _BEGINNING + handler + _END
    for name, value in changed.items():
        lines = (
            f"{name} = {value}" if line.startswith(f"{name} = ") else line
            for line in text.splitlines()
        )
        text = "\n".join(lines) + "\n"
    return text


SERVICE_SAMPLES: Final[Mapping[str, Sample]] = {
    "broadcast": Sample(
        files={_SERVER: _server(_BROADCAST)},
        faulty={_SERVER: _server(_BROADCAST, LOST="1")},
        options={
            "path": "/events",
            "protocol": "sse",
            "subscribers": 2,
            "messages": 2,
            "trigger": "POST /say",
            "body": '{"text": "{message}"}',
            "deadline": "2s",
            "connect_timeout": "2s",
            "settle": "20ms",
            "listen": "20ms",
            "pause": "10ms",
        },
        services=_SERVICES,
        vital=(_SERVER,),
    ),
    "http": Sample(
        files={_SERVER: _server(_PRICES), "probe.yaml": _PROBES},
        faulty={_SERVER: _server(_PRICES, PRICES='{"/one": 2, "/two": 1}')},
        options={"plan": "probe.yaml"},
        services=_SERVICES,
        vital=("probe.yaml",),
    ),
    "logs": Sample(
        files={
            _SERVER: _server(_LOGGED),
            "ask": _ASK,
            "lines.txt": f"{json.dumps(_LINE)}\n{json.dumps(_LINE)}\n",
        },
        faulty={
            "lines.txt": f"{json.dumps({**_LINE, 'level': ''})}\nasked\n",
        },
        options={"gate": "asking"},
        needs={
            "asking": {
                "uses": "command",
                "service": "api",
                "with": {"run": "./ask", "examined": "exit-status"},
                "require": ["exit_status == 0"],
            }
        },
        services=_SERVICES,
        vital=("lines.txt",),
    ),
    "pool": Sample(
        files={_SERVER: _server(_POOL), "ask.py": _ASKING},
        faulty={_SERVER: _server(_POOL, ACTIVE='"10"', IDLE='"9"')},
        options={
            "run": "python -S ask.py {url} 3",
            "gauge": "db_pool_active",
            "warmup": 0,
        },
        services=_SERVICES,
        vital=("ask.py",),
    ),
    "schemathesis": Sample(
        files={_SERVER: _server(_CONTRACT), "openapi.json": _DOCUMENT},
        faulty={_SERVER: _server(_CONTRACT, TAKEN='b\'{"id": "1"}\'')},
        options={"openapi": "openapi.json", "phases": ["coverage"], "examples": 1},
        services=_SERVICES,
        vital=("openapi.json",),
    ),
}
