"""A server on this machine that answers as a test says: each request as a whole, byte by byte."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Answer = Callable[[bytes], "bytes | None"]
"""What is sent for a request; None closes the connection, and empty says nothing."""


class ScriptedServer:
    """Answers in a thread of its own, at a port that the kernel chooses.

    Attributes:
        requests: all that was asked, in order.
        connections: how many were opened.
    """

    def __init__(
        self, answer: Answer = lambda _: OK, *, close_after: bool = False, later: bytes = b""
    ) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.port = 0
        self._answer = answer
        self._close_after = close_after
        self._later = later  # sent once an answer was surely read by itself
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._open: set[asyncio.Transport] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Answering(self), "127.0.0.1", 0)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._end(server))
        self._loop.close()

    async def _end(self, server: asyncio.Server) -> None:
        """Let what was accepted become connections, and end those."""
        server.close()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
        for transport in tuple(self._open):
            transport.abort()
        await server.wait_closed()
        await asyncio.sleep(0)


class _Answering(asyncio.Protocol):
    def __init__(self, server: ScriptedServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.connections += 1
        self._server._open.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._transport is not None:
            self._server._open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            size = 0
            if b"content-length:" in head:
                size = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            if len(self._buffer) < end + 4 + size:
                return
            request, self._buffer = self._buffer[: end + 4 + size], self._buffer[end + 4 + size :]
            self._reply(request)

    def _reply(self, request: bytes) -> None:
        assert self._transport is not None
        self._server.requests.append(request)
        answer = self._server._answer(request)
        if answer is None:
            self._transport.abort()
            return
        self._transport.write(answer)
        if self._server._later:
            self._server._loop.call_later(0.005, self._transport.write, self._server._later)
        if self._server._close_after:
            self._transport.close()
