from __future__ import annotations

import asyncio
import socket

from gates.traffic.loops import ExactSelector, exact_loop


def test_a_loop_runs_timers_and_connections() -> None:
    async def both() -> tuple[str, bytes]:
        server = await asyncio.start_server(_echo, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello")
        data = await reader.readexactly(5)
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()
        return await asyncio.sleep(0.001, "slept"), data

    with asyncio.Runner(loop_factory=exact_loop) as runner:
        assert runner.run(both()) == ("slept", b"hello")


def test_a_short_wait_ends_without_anything_ready() -> None:
    with ExactSelector() as selector:
        assert selector.select(0.0002) == []
        assert selector.select(0) == []


def test_what_is_ready_ends_a_wait() -> None:
    one, other = socket.socketpair()
    with one, other, ExactSelector() as selector:
        key = selector.register(one, 1, "data")
        other.send(b"x")
        assert selector.select(30) == [(key, 1)]
        assert selector.select() == [(key, 1)]


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.readexactly(5))
    await writer.drain()
    writer.close()
