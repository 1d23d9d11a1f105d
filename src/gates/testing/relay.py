"""What can befall a service, and a relay that lets it: whoever asks the service meets no other."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

from gates.executor.service_local import LocalService
from gates.toolkit.ports import LOOPBACK

PATIENCE_S = 10.0
"""Seconds that a caller has for its request, and that a program has to be gone."""

_POLL_S = 0.01
_PIECE = 65_536
_HEAD = b"\r\n\r\n"
_MOST_BYTES = 1 << 20


class Fault(StrEnum):
    """What befalls the service, in words that follow its name."""

    ABSENT = "is not there"
    ENDED = "ended before it was asked"
    DIES = "dies while it is asked"
    NOT_FOUND = "answers 404 to everything"
    BROKEN = "answers 500 to everything"
    HOLLOW = "answers `{}` to everything"
    SILENT = "hangs up on everybody"

    @property
    def is_relayed(self) -> bool:
        """Whether it befalls the service by way of a relay."""
        return self not in {Fault.ABSENT, Fault.ENDED}


_STATUS = {
    Fault.NOT_FOUND: b"404 Not Found",
    Fault.BROKEN: b"500 Internal Server Error",
    Fault.HOLLOW: b"200 OK",
}
_ANSWER = (
    b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    b"Connection: close\r\n\r\n{}"
)


class Relay:
    """Listens in the place of a service, and does to its callers what is to befall them.

    Args:
        fault: with `DIES` the service answers, and is ended with its first bytes; with all others
            it is not asked.
        place: host and port of the service.
        die: ends it; may be called more than once.
    """

    def __init__(self, fault: Fault, place: tuple[str, int], die: Callable[[], None]) -> None:
        self._fault, self._place, self._die = fault, place, die
        self._server = socket.create_server((LOOPBACK, 0))
        self._thread = threading.Thread(target=self._listen, name="relay", daemon=True)
        self._dying = threading.Lock()

    @property
    def port(self) -> int:
        """Where it listens."""
        found: tuple[str, int] = self._server.getsockname()
        return found[1]

    def open(self) -> None:
        """Take callers."""
        self._thread.start()

    def close(self) -> None:
        """Take no more callers."""
        # Closing alone does not wake who waits for a caller.
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with caller, suppress(OSError):
            caller.settimeout(PATIENCE_S)
            if self._fault is Fault.DIES:
                self._pass_on(caller)
            elif self._fault in _STATUS:
                _heard(caller)
                caller.sendall(_ANSWER % _STATUS[self._fault])

    def _pass_on(self, caller: socket.socket) -> None:
        with socket.create_connection(self._place, timeout=PATIENCE_S) as service:
            other = {caller: service, service: caller}
            while True:
                for one in select.select(list(other), [], [])[0]:
                    data = one.recv(_PIECE)
                    if not data:
                        return
                    if one is service:
                        # First of all: who has the answer may end before anybody looks.
                        with self._dying:
                            self._die()
                    other[one].sendall(data)


def end(service: LocalService) -> None:
    """End all processes of a service at once, and wait until that shows."""
    for pid in reversed(service.tree()):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + PATIENCE_S
    while not service.trouble() and time.monotonic() < until:
        time.sleep(_POLL_S)


def _heard(caller: socket.socket) -> None:
    """Read one request: who answers before would break the connection of who still sends."""
    data = b""
    while _HEAD not in data and len(data) < _MOST_BYTES:
        piece = caller.recv(_PIECE)
        if not piece:
            return
        data += piece
    head, _, body = data.partition(_HEAD)
    left = _length(head) - len(body)
    while left > 0 and (piece := caller.recv(_PIECE)):
        left -= len(piece)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return min(int(value), _MOST_BYTES)
    return 0
