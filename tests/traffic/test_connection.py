from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from gates.formats.load_response import Response
from gates.traffic.connection import Connection, Sent, Success

SENT = Sent(
    message=b"GET / HTTP/1.1\r\n\r\n", index=0, second=0, moment=0, bodiless=False, keep=False
)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class FakeTransport(asyncio.Transport):
    """Keeps what is written, and whether it was ended."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted


@dataclass
class Told:
    """What the owner was told, in order."""

    answers: list[Response] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    spoilt_ones: list[tuple[Success, str]] = field(default_factory=list)
    lost_ones: int = 0

    def answered(self, connection: Connection, sent: Sent, response: Response) -> None:
        assert (connection is not None, sent) == (True, SENT)
        self.answers.append(response)

    def broke(self, connection: Connection, sent: Sent, reason: str) -> None:
        assert (connection is not None, sent) == (True, SENT)
        self.reasons.append(reason)

    def spoilt(self, success: Success, reason: str) -> None:
        self.spoilt_ones.append((success, reason))

    def lost(self, connection: Connection) -> None:
        del connection
        self.lost_ones += 1


def opened() -> tuple[Connection, FakeTransport, Told]:
    told, transport = Told(), FakeTransport()
    connection = Connection(told)
    connection.connection_made(transport)
    return connection, transport, told


def test_a_request_is_written_and_its_answer_told() -> None:
    connection, transport, told = opened()
    connection.send(SENT)
    connection.data_received(OK[:9])
    connection.data_received(OK[9:])
    assert transport.written == SENT.message
    assert told.answers == [Response(status=200, size=2)]
    assert connection.is_usable


def test_a_connection_that_the_service_will_close_is_closed() -> None:
    connection, transport, told = opened()
    connection.send(SENT)
    connection.data_received(OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"))
    assert (len(told.answers), transport.aborted, connection.is_usable) == (1, True, False)


def test_an_answer_may_end_with_its_connection() -> None:
    connection, _, told = opened()
    connection.send(SENT)
    connection.data_received(b"HTTP/1.1 200 OK\r\n\r\nabc")
    assert connection.eof_received() is False
    connection.connection_lost(None)
    assert [answer.size for answer in told.answers] == [3]
    assert (told.reasons, told.lost_ones) == ([], 1)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (None, "connection closed"),
        (ConnectionResetError(), "connection reset"),
        (BrokenPipeError(), "connection closed"),
        (TimeoutError(), "connection broken by TimeoutError"),
    ],
)
def test_a_request_fails_with_its_connection(error: Exception | None, reason: str) -> None:
    connection, _, told = opened()
    connection.send(SENT)
    connection.connection_lost(error)
    assert (told.reasons, told.answers, told.lost_ones) == ([reason], [], 1)


def test_what_is_no_answer_breaks_the_connection() -> None:
    connection, transport, told = opened()
    connection.send(SENT)
    connection.data_received(b"SSH-2.0\r\n\r\n")
    connection.connection_lost(None)
    assert told.reasons == ["no HTTP/1.1"]
    assert transport.aborted


def test_bytes_that_nobody_asked_for_close_it_without_a_failure() -> None:
    connection, transport, told = opened()
    connection.data_received(b"hello")
    connection.connection_lost(None)
    assert (transport.aborted, told.reasons, told.lost_ones) == (True, [], 1)


def answered() -> tuple[Connection, FakeTransport, Told, Success]:
    connection, transport, told = opened()
    connection.send(SENT)
    connection.data_received(OK)
    connection.success = Success(0, 0, 0.25)
    return connection, transport, told, connection.success


def test_bytes_behind_an_answer_spoil_it() -> None:
    connection, transport, told, success = answered()
    connection.data_received(b"cut off")
    connection.data_received(b"and more")
    assert told.spoilt_ones == [(success, "bytes after the answer")]
    assert (transport.aborted, told.reasons) == (True, [])


def test_a_server_may_say_that_it_closes_an_idle_connection() -> None:
    connection, transport, told, _ = answered()
    connection.data_received(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    assert (transport.aborted, told.spoilt_ones) == (True, [])


def test_bytes_behind_the_next_request_break_that_one() -> None:
    connection, _, told, _ = answered()
    connection.send(SENT)
    connection.data_received(b"cut off\r\n\r\n")
    assert (told.reasons, told.spoilt_ones) == (["no HTTP/1.1"], [])


def test_one_that_was_never_made_is_not_usable() -> None:
    connection = Connection(Told())
    connection.connection_made(asyncio.BaseTransport())
    connection.close()
    assert not connection.is_usable
