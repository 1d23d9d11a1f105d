"""A service for live tests of load: a tiny server in a thread that counts what it is asked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread

DELAY_S = 0.02
"""How long each answer takes at least."""


class Counting(ThreadingHTTPServer):
    """Answers `/status/500` with that status, `/never` not at all, all else with 200.

    Attributes:
        asked: when each request was read, by path, in seconds since the epoch.
        ending: set when the server is to be gone.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[tuple[str, float]] = []
        self.lock = Lock()
        self.ending = Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server_port

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing where a client did not wait for its answer."""

    def counts(self) -> Counter[str]:
        """How often each path was asked."""
        return Counter(path for path, _ in self.asked)


class Answer(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a GET, after a known delay."""
        server = self.server
        if not isinstance(server, Counting):  # pragma: no cover - there is no other
            return
        with server.lock:
            server.asked.append((self.path, time.time()))
        if self.path == "/never":
            server.ending.wait()
        server.ending.wait(DELAY_S)
        status = int(self.path[8:]) if self.path.startswith("/status/") else 200
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@contextmanager
def counting() -> Iterator[Counting]:
    """A server that is there for the block."""
    server = Counting()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        server.shutdown()
        thread.join()
        server.server_close()
