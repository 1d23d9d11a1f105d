"""The connections of subscribers: when bytes came is noted at once, what they say is read later.

A message to a thousand subscribers comes as a thousand small reads. Were each one parsed at once,
the last would look late by the time that all the others took. So a read only notes the time, and
parsing is done in small parts between reads, in their order.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable
from typing import cast

from gates.traffic.broadcast_talk import Talk

PART = 32
"""Reads that are parsed before the sockets are looked at again."""


def now_us() -> int:
    """Whole microseconds of the clock that all times of a run are taken from."""
    return time.perf_counter_ns() // 1000


def reason(error: OSError) -> str:
    """Why a connection failed, in a few words; asyncio tells the address in place of them."""
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno)
    return error.strerror or str(error)


class RefusedError(Exception):
    """The service did not let a subscriber in; the message says how."""


class Pump:
    """Parses what was read, a part at a time, while nothing is to be read.

    Attributes:
        is_empty: all that was read is parsed.
    """

    __slots__ = ("_is_due", "_waiting", "is_empty")

    def __init__(self) -> None:
        """Begin with nothing."""
        self._waiting: deque[tuple[Wire, bytes | None, int]] = deque()
        self._is_due = False
        self.is_empty = asyncio.Event()
        self.is_empty.set()

    def put(self, wire: Wire, data: bytes | None) -> None:
        """Keep what came now; None where the connection ended."""
        self._waiting.append((wire, data, now_us()))
        if not self._is_due:
            self._is_due = True
            self.is_empty.clear()
            asyncio.get_running_loop().call_soon(self._parse)

    def _parse(self) -> None:
        self._is_due = False
        for _ in range(min(PART, len(self._waiting))):
            wire, data, at_us = self._waiting.popleft()
            wire.digest(data, at_us)
        if self._waiting:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._parse)
        else:
            self.is_empty.set()


class Wire(asyncio.Protocol):
    """One connection.

    Attributes:
        joined: from when on messages must come, in microseconds; fails with a RefusedError.
        gone: when it ended, and why.
    """

    def __init__(
        self, talk: Talk, pump: Pump, hears: Callable[[str, int], None], confirmed: str
    ) -> None:
        """Prepare a connection.

        Args:
            talk: its protocol.
            pump: parses what it reads.
            hears: takes each message with the time of its receipt.
            confirmed: what the message holds that tells that it is subscribed; empty for none.
        """
        loop = asyncio.get_running_loop()
        self.talk = talk
        self.joined: asyncio.Future[int] = loop.create_future()
        self.gone: asyncio.Future[tuple[int, str]] = loop.create_future()
        self._pump = pump
        self._hears = hears
        self._confirmed = confirmed
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say hello."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self.talk.hello())

    def data_received(self, data: bytes) -> None:
        """Note the time."""
        self._pump.put(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end; what came before it is parsed first."""
        del exc
        self._pump.put(self, None)

    def drop(self) -> None:
        """End it at once, as a network that fails does."""
        if self._transport is not None:
            self._transport.abort()

    def digest(self, data: bytes | None, at_us: int) -> None:
        """Parse what was read at a time."""
        if data is None:
            self._end(at_us, "the service closed the connection")
            return
        if self.gone.done():
            return
        messages = self.talk.feed(data)
        self._answer()
        if self.talk.is_open and not self._confirmed:
            self._join(at_us)
        for message in messages:
            if self._confirmed and self._confirmed in message:
                self._join(at_us)
            self._hears(message, at_us)
        if self.talk.ended:
            self._end(at_us, self.talk.ended)

    def _answer(self) -> None:
        out = self.talk.outgoing()
        if out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(out)

    def _join(self, at_us: int) -> None:
        if not self.joined.done():
            self.joined.set_result(at_us)

    def _end(self, at_us: int, why: str) -> None:
        if not self.joined.done():
            self.joined.set_exception(RefusedError(why))
        if not self.gone.done():
            self.gone.set_result((at_us, why))
        self.drop()
