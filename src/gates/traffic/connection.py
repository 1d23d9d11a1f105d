"""One connection to the service: a request at a time, and what becomes of it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Protocol

from gates.formats.load_response import BadResponseError, Response, ResponseReader

_IDLE_END = re.compile(rb"HTTP/1\.[01] 408 ")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that is to be sent.

    Attributes:
        message: its bytes.
        index: which of the plan's requests it is.
        second: the second in which it was to start.
        moment: when it was to start.
        bodiless: it is HEAD.
        keep: its answer's body is looked into.
    """

    message: bytes
    index: int
    second: int
    moment: float
    bodiless: bool
    keep: bool


@dataclass(frozen=True, slots=True)
class Success:
    """A request that did not fail, as it was counted.

    Attributes:
        second: the second in which it was to start.
        endpoint: the place of its endpoint.
        seconds: how long it took from its moment.
        led_elsewhere: its answer is a redirect.
    """

    second: int
    endpoint: int
    seconds: float
    led_elsewhere: bool = False


class Owner(Protocol):
    """Who is told what becomes of connections."""

    def answered(self, connection: Connection, sent: Sent, response: Response) -> None:
        """An answer came whole; the connection is free."""

    def broke(self, connection: Connection, sent: Sent, reason: str) -> None:
        """No answer will come to a request."""

    def spoilt(self, success: Success, reason: str) -> None:
        """More came behind an answer that was a success: it is none."""

    def lost(self, connection: Connection) -> None:
        """The connection is closed."""


class Connection(asyncio.Protocol):
    """Writes requests and reads their answers.

    Attributes:
        freed: when it became free, by the loop's clock.
        success: what the last answer was counted as, where it was no failure.
    """

    __slots__ = ("_owner", "_reader", "_sent", "_transport", "freed", "success")

    def __init__(self, owner: Owner) -> None:
        self.freed = 0.0
        self.success: Success | None = None
        self._owner = owner
        self._reader = ResponseReader()
        self._sent: Sent | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def send(self, sent: Sent) -> None:
        """Send a request; the owner hears of its end."""
        self._sent = sent
        self.success = None
        self._reader.expect(bodiless=sent.bodiless, keep=sent.keep)
        if self._transport is not None:
            self._transport.write(sent.message)

    def data_received(self, data: bytes) -> None:
        """Read an answer; what cannot be understood ends the connection."""
        try:
            response = self._reader.feed(data)
        except BadResponseError as error:
            if self._sent is None:
                self._spoil(data)
            self._break(str(error))
            self.close()
            return
        if response is not None:
            self._done(response)

    def eof_received(self) -> bool:
        """The other side sends no more: the transport closes, and `connection_lost` tells why."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the owner; a request that waits for its answer has failed, unless this ends it."""
        if exc is not None:
            self._break(_reason(exc))
        elif self._sent is not None:
            self._end()
        self._owner.lost(self)

    @property
    def is_usable(self) -> bool:
        """Whether a request can be sent on it."""
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.abort()

    def _done(self, response: Response) -> None:
        sent, self._sent = self._sent, None
        if sent is not None:
            if not response.reusable:
                self.close()
            self._owner.answered(self, sent, response)

    def _spoil(self, data: bytes) -> None:
        """Bytes that nobody asked for stand behind the last answer: it was longer than it said.

        A server may say by a 408 that it closes an idle connection (RFC 9110, section 15.5.9).
        """
        success, self.success = self.success, None
        if success is not None and not _IDLE_END.match(data):
            self._owner.spoilt(success, "bytes after the answer")

    def _end(self) -> None:
        try:
            response = self._reader.close()
        except BadResponseError as error:
            self._break(str(error))
        else:
            self._done(response)

    def _break(self, reason: str) -> None:
        sent, self._sent = self._sent, None
        if sent is not None:
            self._owner.broke(self, sent, reason)


def _reason(error: Exception) -> str:
    match error:
        case ConnectionResetError():
            return "connection reset"
        case BrokenPipeError():
            return "connection closed"
        case _:
            return f"connection broken by {type(error).__name__}"
