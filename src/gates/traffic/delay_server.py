"""A server with known delays: what a generator says of it can be held against the truth.

It answers every request after a delay of its own choice, and writes down how long each one truly
took, from the moment at which it was read until its answer was written.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from math import log
from random import Random
from types import TracebackType
from typing import Self, cast

from gates.traffic.loops import exact_loop

ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
    b"Connection: keep-alive\r\n\r\nok"  # said to clients of HTTP/1.0, which would wait for the end
)

STALL_S = 2.0
"""How long `stall` stands still."""

_END = b"\r\n\r\n"
_MEDIAN_S, _P95_S = 0.040, 0.098
_SIGMA = log(_P95_S / _MEDIAN_S) / 1.6449  # the normal distribution's 95th percentile
_START_S = 10.0

Delay = Callable[[float], float]
"""How long a request takes that comes so many seconds after the first one."""


def fixed(seconds: float = 0.020) -> Delay:
    """Always the same."""
    return lambda _: seconds


def lognormal(seed: int = 1) -> Delay:
    """As web services are: p50 40 ms, p95 98 ms, a long tail."""
    random = Random(seed)  # noqa: S311 - delays are no secret
    return lambda _: random.lognormvariate(log(_MEDIAN_S), _SIGMA)


def bimodal(seed: int = 1) -> Delay:
    """Nine of ten around 95 ms and one around 105: p95 lies in a gap that rounding would hide."""
    random = Random(seed)  # noqa: S311
    centres = (0.095,) * 9 + (0.105,)
    return lambda _: max(random.gauss(random.choice(centres), 0.001), 0.001)


def stall(at_s: float, *, stall_s: float = STALL_S, seconds: float = 0.020) -> Delay:
    """Always the same, but for one stall in which nothing is answered."""
    until_s = at_s + stall_s
    return lambda now: seconds + (until_s - now if at_s <= now < until_s else 0.0)


class DelayServer:
    """Listens on 127.0.0.1 in a thread of its own.

    Attributes:
        port: where it listens.
        times_us: how long each request truly took, in the order in which they came; 0 for one
            that has no answer yet.
    """

    def __init__(self, delay: Delay) -> None:
        self.port = 0
        self.times_us: list[int] = []
        self.delay = delay
        self.first: float | None = None
        self._loop = exact_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="delay server", daemon=True)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Start it.

        Raises:
            TimeoutError: it did not start.
        """
        self._thread.start()
        if not self._ready.wait(_START_S):
            raise TimeoutError("the server with known delays did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_S)

    def _serve(self) -> None:
        answering: set[asyncio.Transport] = set()
        server = self._loop.run_until_complete(
            self._loop.create_server(
                lambda: _Answering(self, answering), "127.0.0.1", 0, backlog=1024
            )
        )
        self.port = int(server.sockets[0].getsockname()[1])
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(_ended(server, answering))
        self._loop.close()


class _Answering(asyncio.Protocol):
    """One connection; requests on it come one after another."""

    _transport: asyncio.Transport

    def __init__(self, server: DelayServer, all_of_them: set[asyncio.Transport]) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._all = all_of_them
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # TCP has no other
        self._all.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._all.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while _END in self._buffer:
            _, _, self._buffer = self._buffer.partition(_END)
            self._take(self._loop.time())

    def _take(self, now: float) -> None:
        server = self._server
        server.first = now if server.first is None else server.first
        number = len(server.times_us)
        server.times_us.append(0)
        self._loop.call_at(now + server.delay(now - server.first), self._answer, number, now)

    def _answer(self, number: int, began: float) -> None:
        if not self._transport.is_closing():
            self._transport.write(ANSWER)
            self._server.times_us[number] = round((self._loop.time() - began) * 1e6)


async def _ended(server: asyncio.Server, answering: set[asyncio.Transport]) -> None:
    server.close()
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)  # what was accepted becomes a connection first
    for transport in tuple(answering):
        transport.abort()
    await server.wait_closed()
    await asyncio.sleep(0)
