"""Tiny servers for tests of services: sockets alone, so that one starts in a few milliseconds."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from gates.domain.service import Ready, ReadyBy, ServicePlan

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"

SERVE = """
import os, signal, socket, sys, time
port = int(sys.argv[1])
folder = sys.argv[2]
open(folder + "/pid", "w").write(str(os.getpid()))
def serve(port, host="127.0.0.1", family=socket.AF_INET, dual=False):
    server = socket.create_server((host, port), family=family, dualstack_ipv6=dual)
    print("listening", flush=True)
    while True:
        try:
            caller, _ = server.accept()
            path = caller.recv(65536).split(b" ")[1:2]
            body = b"%d %s\\n" % (os.getpid(), (path or [b""])[0])
            print("asked", body.decode().strip(), flush=True)
            status = b"404 Not Found" if path == [b"/gone"] else b"200 OK"
            head = b"HTTP/1.1 %s\\r\\nContent-Length: %d\\r\\n\\r\\n" % (status, len(body))
            caller.sendall(head + body)
            caller.close()
        except OSError:
            pass
"""
"""What each server begins with; its arguments are `{port}` and `{dir}`."""

HTTP = Ready(by=ReadyBy.HTTP, value="/", timeout_s=10)


def serving(script: str = "serve(port)", *, name: str = "api", **fields: object) -> ServicePlan:
    """A service that runs a script behind `SERVE`."""
    run = (sys.executable, "-I", "-S", "-c", SERVE + script, "{port}", "{dir}")
    made = ServicePlan(name=name, run=run, ready=HTTP, grace_s=2)
    return replace(made, **fields)  # type: ignore[arg-type]


@contextmanager
def stranger(port: int = 0, *, is_listening: bool = True) -> Iterator[socket.socket]:
    """A server of this very process, which answers each request with `ok`."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        if is_listening:
            server.listen()
        thread = threading.Thread(target=_answer, args=(server,), daemon=True)
        thread.start()
        yield server
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
    thread.join()


def _answer(server: socket.socket) -> None:
    while server.fileno() >= 0:
        try:
            caller, _ = server.accept()
        except OSError:
            if not server.fileno() >= 0 or _is_down(server):
                return
            continue
        with caller, suppress(OSError):
            caller.recv(65536)
            caller.sendall(ANSWER)


def _is_down(server: socket.socket) -> bool:
    try:
        return not server.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError:
        return True
