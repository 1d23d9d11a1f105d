"""The open connections: taken when they are free, opened when there are too few.

Where connections are to be held open, each is used in its turn; otherwise the one that was used
last comes first, so that the load needs few. One that was idle for a second is not used again
then: servers close idle connections, and a request that crosses such an end fails for no fault of
the service (RFC 9112, section 9.5).
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from gates.traffic.connection import Connection, Owner, Sent

IDLE_S = 1.0
"""From when on an idle connection is not trusted."""

MAX_OPENING = 64
"""Connections that are opened at the same time: fewer than a short queue of a server takes."""

RETRY_S = 0.05
"""Seconds until a connection that could not be opened is tried again before the run."""

CONNECT_S = 10.0
"""Seconds in which a connection must be there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where connections lead.

    Attributes:
        host: address, already resolved.
        port: TCP port.
        name: the host's name, for TLS.
        tls: how TLS is spoken, or None where it is not.
    """

    host: str
    port: int
    name: str
    tls: ssl.SSLContext | None = None


class Pool:
    """Connections of one run, and the requests that wait for one."""

    def __init__(
        self, place: Place, owner: Owner, refused: Callable[[Sent, str], None], *, limit: int
    ) -> None:
        """Start without any.

        Args:
            place: where they lead.
            owner: is told what becomes of what is sent.
            refused: is told of a request whose connection could not be opened, and why.
            limit: how many may be open.
        """
        self.wanted = 0
        self.failures: dict[str, int] = {}
        self._place = place
        self._owner = owner
        self._refused = refused
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._free: deque[Connection] = deque()
        self._waiting: deque[Sent] = deque()
        self._all: set[Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> int:
        """How many are open."""
        return len(self._all)

    async def fill(self, count: int, *, within_s: float) -> None:
        """Open connections until so many are there, or none can be, or the time is up."""
        deadline = self._loop.time() + within_s
        count = min(count, self._limit)
        while len(self._all) < count and (left := deadline - self._loop.time()) > 0:
            failed = sum(self.failures.values())
            self._open(count - len(self._all) - len(self._opening))
            await asyncio.wait(self._opening, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if sum(self.failures.values()) > failed:
                if not self._all and not self._opening:
                    return  # nobody answers
                await asyncio.sleep(min(RETRY_S, left))

    def send(self, sent: Sent) -> None:
        """Send a request now, or as soon as a connection is free."""
        connection = self._take()
        if connection is not None:
            connection.send(sent)
            return
        self._waiting.append(sent)
        self.grow()

    def release(self, connection: Connection) -> None:
        """A connection is free again."""
        if not connection.is_usable:
            return
        if self._waiting:
            connection.send(self._waiting.popleft())
            return
        connection.freed = self._loop.time()
        self._free.append(connection)

    def lost(self, connection: Connection) -> None:
        """A connection is closed."""
        self._all.discard(connection)
        if self._waiting:
            self.grow()

    def grow(self) -> None:
        """Open as many as are wanted or waited for, within the limit."""
        have = len(self._all) + len(self._opening)
        missing = max(self.wanted - have, len(self._waiting) - len(self._opening))
        self._open(min(missing, self._limit - have))

    def shrink(self) -> None:
        """Close free ones that are more than are wanted."""
        while self._free and len(self._all) > self.wanted:
            connection = self._free.popleft()
            self._all.discard(connection)
            connection.close()

    async def close(self) -> None:
        """End all of them, and forget what waits."""
        self._waiting.clear()
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        for connection in tuple(self._all):
            connection.close()

    def _open(self, count: int) -> None:
        for _ in range(min(count, MAX_OPENING - len(self._opening))):
            task = self._loop.create_task(self._open_one())
            self._opening.add(task)
            task.add_done_callback(self._opened)

    def _take(self) -> Connection | None:
        now = self._loop.time()
        while self._free:
            connection = self._free.popleft() if self.wanted else self._free.pop()
            if not connection.is_usable:
                continue
            if self.wanted or now - connection.freed < IDLE_S:
                return connection
            connection.close()
        return None

    async def _open_one(self) -> None:
        place = self._place
        try:
            async with asyncio.timeout(CONNECT_S):
                _, connection = await self._loop.create_connection(
                    lambda: Connection(self._owner),
                    place.host,
                    place.port,
                    ssl=place.tls,
                    server_hostname=place.name if place.tls else None,
                )
        except OSError as error:
            reason = failure_of(error)
            self.failures[reason] = self.failures.get(reason, 0) + 1
            if self._waiting:
                self._refused(self._waiting.popleft(), reason)
            return
        self._all.add(connection)
        self.release(connection)

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._opening.discard(task)
        if self._waiting:
            self.grow()


def failure_of(error: OSError) -> str:
    """Why a connection could not be opened, in a few words."""
    match error:
        case ConnectionRefusedError():
            return "connection refused"
        case TimeoutError():
            return f"no connection within {CONNECT_S:.0f} s"
        case ssl.SSLCertVerificationError():
            return f"certificate refused: {error.verify_message}"
        case ssl.SSLError():
            return "TLS failed"
        case _:
            return f"no connection: {error.strerror or type(error).__name__}"
