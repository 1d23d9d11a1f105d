"""A server on this machine that answers from a list, for tests of what asks over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(slots=True)
class Small:
    """What it was asked, and where it is.

    Attributes:
        port: where it listens.
        asked: path of each request, in order.
        headers: of each request.
    """

    port: int
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


Answer = tuple[int, bytes]


@contextmanager
def serving(
    answer: Callable[[str, int], Answer], *, length: Callable[[bytes], int] = len
) -> Iterator[Small]:
    """Serve what a function answers to a path and the number of requests before it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            before = len(small.asked)
            small.asked.append(self.path)
            small.headers.append(dict(self.headers.items()))
            status, body = answer(self.path, before)
            self.send_response(status)
            self.send_header("Content-Length", str(length(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    small = Small(server.server_address[1])
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield small
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
