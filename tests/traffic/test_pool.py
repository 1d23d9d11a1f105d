from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from errno import EHOSTUNREACH

import pytest
from traffic.scripted_server import OK, ScriptedServer
from traffic.test_generator import closed_port

from gates.formats.load_response import Response
from gates.traffic.connection import Connection, Sent, Success
from gates.traffic.loops import exact_loop
from gates.traffic.pool import IDLE_S, Place, Pool, failure_of

SENT = Sent(
    message=b"GET / HTTP/1.1\r\n\r\n", index=0, second=0, moment=0, bodiless=False, keep=False
)


class Asking:
    """Owns a pool, and waits for the end of what is sent."""

    def __init__(self, port: int, *, limit: int = 10) -> None:
        place = Place(host="127.0.0.1", port=port, name="127.0.0.1")
        self.pool = Pool(place, self, self.refused, limit=limit)
        self.ends: asyncio.Queue[str] = asyncio.Queue()
        self.used: list[Connection] = []

    def answered(self, connection: Connection, sent: Sent, response: Response) -> None:
        del sent
        self.used.append(connection)
        self.pool.release(connection)
        self.ends.put_nowait(str(response.status))

    def broke(self, connection: Connection, sent: Sent, reason: str) -> None:
        del connection
        self.refused(sent, reason)

    def refused(self, sent: Sent, reason: str) -> None:
        del sent
        self.ends.put_nowait(reason)

    def spoilt(self, success: Success, reason: str) -> None:
        raise AssertionError(success, reason)

    def lost(self, connection: Connection) -> None:
        self.pool.lost(connection)

    async def end(self) -> str:
        return await asyncio.wait_for(self.ends.get(), 10)


def running(work: Callable[[Asking], Awaitable[None]], port: int, *, limit: int = 10) -> None:
    """Do something with a pool, and close it."""

    async def whole() -> None:
        asking = Asking(port, limit=limit)
        await work(asking)
        await asking.pool.close()
        await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=exact_loop) as runner:
        runner.run(whole())


def test_one_connection_serves_requests_that_come_one_by_one() -> None:
    async def work(asking: Asking) -> None:
        for _ in range(3):
            asking.pool.send(SENT)
            assert await asking.end() == "200"

    with ScriptedServer() as server:
        running(work, server.port)
    assert (server.connections, len(server.requests)) == (1, 3)


def test_requests_at_once_open_connections_up_to_the_limit() -> None:
    async def work(asking: Asking) -> None:
        for _ in range(9):
            asking.pool.send(SENT)
        assert [await asking.end() for _ in range(9)] == ["200"] * 9
        assert asking.pool.open == 4

    with ScriptedServer() as server:
        running(work, server.port, limit=4)
    assert server.connections == 4


def test_the_connection_that_was_used_last_comes_first() -> None:
    async def work(asking: Asking) -> None:
        await asking.pool.fill(3, within_s=10)
        for _ in range(3):
            asking.pool.send(SENT)
            await asking.end()
        assert len(set(asking.used)) == 1

    with ScriptedServer() as server:
        running(work, server.port)


def test_connections_that_are_held_are_used_in_turn() -> None:
    async def work(asking: Asking) -> None:
        asking.pool.wanted = 3
        await asking.pool.fill(3, within_s=10)
        for _ in range(3):
            asking.pool.send(SENT)
            await asking.end()
        assert len(set(asking.used)) == 3

    with ScriptedServer() as server:
        running(work, server.port)


def test_one_that_was_idle_for_long_is_not_used_again() -> None:
    async def work(asking: Asking) -> None:
        asking.pool.send(SENT)
        await asking.end()
        asking.used[0].freed -= IDLE_S
        asking.pool.send(SENT)
        await asking.end()
        assert asking.used[0] is not asking.used[1]

    with ScriptedServer() as server:
        running(work, server.port)
    assert server.connections == 2


def test_one_that_ended_while_it_was_free_is_passed_over() -> None:
    async def work(asking: Asking) -> None:
        asking.pool.send(SENT)
        await asking.end()
        asking.used[0].close()
        asking.pool.send(SENT)
        assert await asking.end() == "200"

    with ScriptedServer() as server:
        running(work, server.port)
    assert server.connections == 2


def test_a_request_that_waits_gets_a_connection_when_one_breaks() -> None:
    answers = iter([None, OK, OK])

    async def work(asking: Asking) -> None:
        for _ in range(3):
            asking.pool.send(SENT)
        ends = sorted([await asking.end() for _ in range(3)])
        assert ends[:2] == ["200", "200"]
        assert ends[2].startswith("connection")

    with ScriptedServer(lambda _: next(answers)) as server:
        running(work, server.port, limit=1)
    assert server.connections == 2


def test_more_than_are_wanted_are_closed() -> None:
    async def work(asking: Asking) -> None:
        asking.pool.wanted = 5
        asking.pool.grow()
        await asking.pool.fill(5, within_s=10)
        assert asking.pool.open == 5
        asking.pool.wanted = 2
        asking.pool.shrink()
        assert asking.pool.open == 2

    with ScriptedServer() as server:
        running(work, server.port)


def test_where_nobody_listens_each_request_is_refused() -> None:
    async def work(asking: Asking) -> None:
        await asking.pool.fill(5, within_s=10)
        assert asking.pool.open == 0
        for _ in range(3):
            asking.pool.send(SENT)
        assert [await asking.end() for _ in range(3)] == ["connection refused"] * 3
        assert asking.pool.failures["connection refused"] > 3

    running(work, closed_port())


def test_connections_that_fail_are_tried_again_until_all_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def work(asking: Asking) -> None:
        loop = asyncio.get_running_loop()
        real, calls = loop.create_connection, [0]

        async def sometimes(*given: object, **named: object) -> object:
            calls[0] += 1
            if calls[0] == 2:
                raise ConnectionRefusedError
            return await real(*given, **named)  # type: ignore[call-overload]

        monkeypatch.setattr(loop, "create_connection", sometimes)
        await asking.pool.fill(3, within_s=10)
        assert (asking.pool.open, calls[0]) == (3, 4)

    with ScriptedServer() as server:
        running(work, server.port)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(), "connection refused"),
        (TimeoutError(), "no connection within 10 s"),
        (ssl.SSLError(1, "WRONG_VERSION_NUMBER"), "TLS failed"),
        (OSError(EHOSTUNREACH, "No route to host"), "no connection: No route to host"),
        (OSError(), "no connection: OSError"),
    ],
)
def test_why_no_connection_was_opened_is_told_in_few_words(error: OSError, reason: str) -> None:
    assert failure_of(error) == reason


def test_a_certificate_that_is_refused_is_told_with_its_reason() -> None:
    error = ssl.SSLCertVerificationError()
    error.verify_message = "certificate has expired"
    assert failure_of(error) == "certificate refused: certificate has expired"
