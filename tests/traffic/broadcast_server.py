"""A service on this machine that broadcasts what it is sent, with a fault that a test chooses.

It listens on a free port of 127.0.0.1 in a thread: WebSocket at `/ws`, server-sent events at `/sse`
(`Last-Event-ID` is made up for), and `POST /broadcast` publishes its body.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field

from websockets.http11 import Request
from websockets.server import ServerProtocol

Sends = Callable[[bytes], None]


@dataclass(slots=True)
class Faults:
    """What it does wrong.

    Attributes:
        deaf: that many of the last subscribers get nothing.
        repeat: messages, by their number, that the first subscriber gets twice.
        swap: the first subscriber gets messages 1 and 2 in the other order.
        delay_s: each message waits so long before it is sent.
        close_at: before this message the first subscriber is closed.
        close_after: once so many are published and a moment has passed, it is closed too.
        again_s: the first subscriber gets each message again so much later; 0 for never.
        full: so many subscribers are let in, and no more.
        status: of the answer to the request that publishes.
        forgets: what is missed while one is away is not made up for.
        repeats_all: one that comes again gets all from the beginning.
        chatter: a foreign message is sent before each.
        greeting: sent to each new subscriber once it has said something (WebSocket).
        names: what is published is a number of the service's own, told in its answer, afterwards.
        same_name: that number is always the same.
        token: what a login is answered with; then everybody must show it.
    """

    deaf: int = 0
    repeat: frozenset[int] = frozenset()
    swap: bool = False
    delay_s: float = 0.0
    close_at: int = -1
    close_after: int = -1
    again_s: float = 0.0
    full: int = 10**6
    status: str = "204 No Content"
    forgets: bool = False
    repeats_all: bool = False
    chatter: bool = False
    greeting: str = ""
    names: bool = False
    same_name: bool = False
    token: str = ""


@dataclass(slots=True)
class Guest:
    """A subscriber, as the service sees it."""

    writer: asyncio.StreamWriter
    sends: Sends


@dataclass(slots=True)
class Broadcaster:
    """The service."""

    faults: Faults
    guests: list[Guest] = field(default_factory=list)
    published: list[bytes] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    held: bytes = b""
    port: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one connection."""
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError
        ):
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            fields = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
            method, path, _ = first.split(" ")
            self.requests.append((f"{method} {path}", fields))
            if path == "/login":
                await reader.readexactly(int(fields["content-length"]))
                told = b'{"token": "%s"}' % self.faults.token.encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(told) + told)
            elif self.faults.token and fields.get("authorization") != self.faults.token:
                writer.write(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")
            elif method == "POST":
                await self._publish(await reader.readexactly(int(fields["content-length"])), writer)
            elif len(self.guests) >= self.faults.full or path.startswith("/none"):
                writer.write(b"HTTP/1.1 503 Full\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            elif "upgrade" in fields:
                await self._websocket(head, reader, writer)
            else:
                await self._stream(fields, reader, writer)
        writer.close()

    async def _publish(self, body: bytes, writer: asyncio.StreamWriter) -> None:
        faults = self.faults
        number = len(self.published)
        answer = b""
        if faults.names:
            name = 7 if faults.same_name else 100 + number
            body, answer = b'{"order_id": %d}' % name, b'{"id": %d}' % name
        self.published.append(body)
        if faults.status.startswith("2"):
            if faults.delay_s:
                asyncio.get_running_loop().call_later(faults.delay_s, self._send, number, body)
            else:
                self._send(number, body)
        writer.write(f"HTTP/1.1 {faults.status}\r\nConnection: close\r\n\r\n".encode() + answer)
        await writer.drain()

    def _send(self, number: int, body: bytes) -> None:
        faults = self.faults
        if number == faults.close_at:
            self.guests.pop(0).writer.close()
        if number == faults.close_after - 1:
            asyncio.get_running_loop().call_later(0.2, self.guests[0].writer.close)
        if faults.again_s:
            first = self.guests[0]
            asyncio.get_running_loop().call_later(faults.again_s, first.sends, body)
        for place, guest in enumerate(self.guests[: len(self.guests) - faults.deaf]):
            if faults.chatter:
                guest.sends(b'{"beat":1}')
            if place == 0 and faults.swap and number == 1:
                self.held = body
                continue
            guest.sends(body)
            if place == 0 and self.held:
                guest.sends(self.held)
                self.held = b""
            if place == 0 and number in faults.repeat:
                guest.sends(body)

    async def _stay(self, guest: Guest, pieces: AsyncIterator[bytes]) -> None:
        self.guests.append(guest)
        try:
            async for _ in pieces:
                pass
        finally:
            if guest in self.guests:
                self.guests.remove(guest)

    async def _websocket(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        protocol = ServerProtocol()
        protocol.receive_data(head)
        (request,) = protocol.events_received()
        assert isinstance(request, Request)
        protocol.send_response(protocol.accept(request))

        def flush() -> None:
            writer.write(b"".join(protocol.data_to_send()))

        def sends(body: bytes) -> None:
            protocol.send_text(body)
            flush()

        async def pieces() -> AsyncIterator[bytes]:
            while data := await reader.read(65536):
                protocol.receive_data(data)
                if protocol.events_received() and self.faults.greeting:
                    sends(self.faults.greeting.encode())
                flush()
                yield data

        flush()
        await self._stay(Guest(writer, sends), pieces())

    async def _stream(
        self, fields: Mapping[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        def sends(body: bytes) -> None:
            at = self.published.index(body)
            event = b"id: %d\r\ndata: %s\r\n\r\n" % (at, body)
            writer.write(b"%x\r\n%s\r\n" % (len(event), event))

        async def pieces() -> AsyncIterator[bytes]:
            while data := await reader.read(65536):
                yield data

        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        last = fields.get("last-event-id")
        if last is not None and not self.faults.forgets:
            missed = self.published[0 if self.faults.repeats_all else int(last) + 1 :]
            for body in missed:
                sends(body)
        await self._stay(Guest(writer, sends), pieces())


@contextlib.contextmanager
def broadcaster(faults: Faults | None = None) -> Iterator[Broadcaster]:
    """The service, in a thread of its own, while the block lasts."""
    service = Broadcaster(faults or Faults())
    ready = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []
    stops: list[asyncio.Event] = []

    async def main() -> None:
        server = await asyncio.start_server(service.serve, "127.0.0.1", 0, backlog=2048)
        service.port = server.sockets[0].getsockname()[1]
        loops.append(asyncio.get_running_loop())
        stops.append(asyncio.Event())
        ready.set()
        await stops[0].wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield service
    finally:
        loops[0].call_soon_threadsafe(stops[0].set)
        thread.join(10)
        assert not thread.is_alive()
