"""How a subscriber talks: WebSocket (by the library `websockets`) or server-sent events.

Both take bytes and give messages; neither reads a clock or a socket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from gates.formats.event_stream import EventStream
from gates.formats.http_stream import HttpStream, NotHttpError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from websockets.frames import Frame

MAX_MESSAGE = 16 * 1024 * 1024
"""Bytes that one message may have."""

_OK = 200


class Talk(Protocol):
    """One connection of a subscriber."""

    @property
    def is_open(self) -> bool:
        """Whether the service let it in."""

    @property
    def ended(self) -> str:
        """Why the service ended it, or how it broke the protocol; empty while it lives."""

    @property
    def last_id(self) -> str:
        """What the next connection sends as `Last-Event-ID`; empty where there is none."""

    def hello(self) -> bytes:
        """What is sent first."""

    def feed(self, data: bytes) -> tuple[str, ...]:
        """Take what came; the messages that it completes."""

    def outgoing(self) -> bytes:
        """What is to be sent now."""


class WebSocketTalk:
    """RFC 6455, without extensions."""

    def __init__(
        self, url: str, path: str, headers: Iterable[tuple[str, str]], subscribe: str
    ) -> None:
        """Prepare a connection.

        Args:
            url: the service, `http://` or `https://`.
            path: where subscribers connect.
            headers: sent with the handshake, in place of ours of the same name.
            subscribe: sent once it is open; empty for nothing.
        """
        from websockets.client import ClientProtocol
        from websockets.uri import parse_uri

        uri = parse_uri(f"ws{url.removeprefix('http')}{path}")
        self._protocol = ClientProtocol(uri, max_size=MAX_MESSAGE)
        self._headers = tuple(headers)
        self._subscribe = subscribe
        self._parts: list[bytes] = []
        self.is_open = False
        self.ended = ""
        self.last_id = ""

    def hello(self) -> bytes:
        """The handshake."""
        request = self._protocol.connect()
        for name, value in self._headers:
            request.headers.pop(name, None)
            request.headers[name] = value
        self._protocol.send_request(request)
        return self.outgoing()

    def outgoing(self) -> bytes:
        """Pongs, and the answer to an end."""
        return b"".join(self._protocol.data_to_send())

    def feed(self, data: bytes) -> tuple[str, ...]:
        """Take frames."""
        from websockets.frames import Frame

        self._protocol.receive_data(data)
        messages = []
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                messages += self._frame(event)
            elif self._protocol.handshake_exc is None:
                self.is_open = True
                if self._subscribe:
                    self._protocol.send_text(self._subscribe.encode())
        self.ended = self._end()
        return tuple(messages)

    def _frame(self, frame: Frame) -> list[str]:
        from websockets.frames import Opcode

        if frame.opcode not in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
            return []
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return []
        parts, self._parts = self._parts, []
        return [b"".join(parts).decode("utf-8", "replace")]

    def _end(self) -> str:
        protocol = self._protocol
        if protocol.handshake_exc is not None:
            return _one_line(protocol.handshake_exc)
        if protocol.parser_exc is not None:
            return f"broke the protocol: {_one_line(protocol.parser_exc)}"
        if protocol.close_rcvd is not None:
            return f"the service closed it: {protocol.close_rcvd}"
        return ""


class EventStreamTalk:
    """A streamed GET with `Accept: text/event-stream`."""

    def __init__(
        self, url: str, path: str, headers: Iterable[tuple[str, str]], last_id: str
    ) -> None:
        """Prepare a connection.

        Args:
            url: the service.
            path: where subscribers connect.
            headers: sent with the request, in place of ours of the same name.
            last_id: the last event that was seen; empty where none was.
        """
        ours = {
            "Host": urlsplit(url).netloc,
            "Accept": "text/event-stream",
            "Cache-Control": "no-store",
            "Accept-Encoding": "identity",
        }
        if last_id:
            ours["Last-Event-ID"] = last_id
        self._hello = request("GET", path, ours, headers)
        self._answer = HttpStream()
        self._events = EventStream(last_id)
        self.is_open = False
        self.ended = ""

    @property
    def last_id(self) -> str:
        """The last event that was seen."""
        return self._events.last_id

    def hello(self) -> bytes:
        """The request."""
        return self._hello

    def outgoing(self) -> bytes:
        """Nothing: only the service talks."""
        return b""

    def feed(self, data: bytes) -> tuple[str, ...]:
        """Take a part of the stream."""
        try:
            body = self._answer.feed(data)
            if self._answer.status and not self.is_open:
                self.ended = self._begin()
            if not self.is_open:
                return ()
            messages = tuple(event.data for event in self._events.feed(body))
        except (NotHttpError, ValueError) as error:
            self.ended = f"broke the protocol: {error}"
            return ()
        if self._answer.is_done:
            self.ended = "the service ended the stream"
        return messages

    def _begin(self) -> str:
        """Why the answer is no stream of events; empty where it is one, which begins."""
        if self._answer.status != _OK:
            return f"HTTP {self._answer.status}"
        kind = self._answer.headers.get("content-type", "")
        if kind.partition(";")[0].strip().lower() != "text/event-stream":
            return f"its content type is `{kind[:60]}`, not `text/event-stream`"
        self.is_open = True
        return ""


def request(
    method: str,
    path: str,
    ours: dict[str, str],
    theirs: Iterable[tuple[str, str]],
    body: bytes = b"",
) -> bytes:
    """A request of HTTP/1.1.

    Args:
        method: of the request.
        path: with its query.
        ours: fields that each request has.
        theirs: fields that are added, or stand in place of ours of the same name.
        body: what is sent after the head.
    """
    given = tuple(theirs)
    names = {name.lower() for name, _ in given}
    fields = [*((name, value) for name, value in ours.items() if name.lower() not in names), *given]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
