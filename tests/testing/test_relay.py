from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gates.domain.service import ServicePlan
from gates.executor.service_local import LocalService
from gates.testing.relay import Fault, Relay, end
from gates.toolkit import ports
from gates.toolkit.clock import SystemClock
from gates.toolkit.processes import Command, Processes

Asked = Callable[[Fault, bytes], bytes]

POST = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n" + b"x" * 70_000


def nothing() -> None:
    pass


@pytest.fixture
def deaths() -> list[str]:
    return []


@pytest.fixture
def echo(deaths: list[str]) -> Iterator[int]:
    """A service that sends back what it hears until it died."""

    def serve() -> None:
        while True:
            try:
                caller, _ = server.accept()
            except OSError:  # closed, and nobody came
                return
            with caller:
                while not deaths and (data := caller.recv(65_536)):
                    caller.sendall(data.upper())
                if data == b"":
                    continue
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        # A closed socket's number is soon another's, on which the thread would go on.
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def ask(echo: int, deaths: list[str]) -> Asked:
    def asked(fault: Fault, request: bytes) -> bytes:
        relay = Relay(fault, ("127.0.0.1", echo), lambda: deaths.append("dead"))
        relay.open()
        try:
            with socket.create_connection(("127.0.0.1", relay.port), timeout=10) as caller:
                caller.sendall(request)
                data = b""
                while piece := caller.recv(65_536):
                    data += piece
                    if fault is Fault.DIES:
                        break
                return data
        finally:
            relay.close()

    return asked


@pytest.mark.parametrize("request_", [b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", POST])
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.NOT_FOUND, b"HTTP/1.1 404 Not Found"),
        (Fault.BROKEN, b"HTTP/1.1 500 Internal Server Error"),
        (Fault.HOLLOW, b"HTTP/1.1 200 OK"),
    ],
)
def test_everything_gets_the_same_answer(
    ask: Asked, deaths: list[str], fault: Fault, status: bytes, request_: bytes
) -> None:
    answer = ask(fault, request_)
    assert answer.startswith(status + b"\r\n")
    assert answer.endswith(b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    assert deaths == []


def test_one_that_hangs_up_says_nothing(ask: Asked) -> None:
    assert ask(Fault.SILENT, b"") == b""


def test_one_that_dies_does_so_with_its_first_answer(ask: Asked, deaths: list[str]) -> None:
    assert ask(Fault.DIES, b"hello") == b"HELLO"
    assert deaths == ["dead"]


def test_who_calls_and_says_nothing_is_let_go() -> None:
    relay = Relay(Fault.NOT_FOUND, ("127.0.0.1", 1), nothing)
    port = relay.port
    relay.open()
    with socket.create_connection(("127.0.0.1", relay.port), timeout=10) as caller:
        caller.shutdown(socket.SHUT_WR)
        assert caller.recv(100).startswith(b"HTTP/1.1 404")
    relay.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)


def test_a_service_that_is_gone_is_a_connection_that_is_cut() -> None:
    relay = Relay(Fault.DIES, ("127.0.0.1", ports.free_port()), nothing)
    relay.open()
    with socket.create_connection(("127.0.0.1", relay.port), timeout=10) as caller:
        assert caller.recv(100) == b""
    relay.close()


def test_what_needs_no_relay() -> None:
    assert {fault for fault in Fault if not fault.is_relayed} == {Fault.ABSENT, Fault.ENDED}


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_all_processes_of_a_service_are_ended_at_once(tmp_path: Path) -> None:
    command = Command(
        argv=("/bin/sh", "-c", "trap '' TERM; sleep 60 & wait"),
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        stdout=str(tmp_path / "out"),
        stderr=str(tmp_path / "err"),
        timeout_s=60,
    )
    with Processes() as processes:
        running = processes.start(command)
        while running.pid is None:
            assert running.ended is None
        service = LocalService(
            plan=ServicePlan(name="api"),
            port=ports.free_port(),
            url="http://127.0.0.1:1",
            folder=tmp_path,
            running=running,
            logs=(),
            values={},
            clock=SystemClock(),
        )
        end(service)
        assert service.trouble() == "it was ended by signal 9"
        assert service.tree() == ()
