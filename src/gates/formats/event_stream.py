"""Server-sent events, read piece by piece: https://html.spec.whatwg.org/#parsing-an-event-stream."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_PENDING = 16 * 1024 * 1024
"""Bytes of one event that are kept while its end has not come."""

_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event.

    Attributes:
        type: as its field `event` says; `message` where it has none.
        data: its fields `data`, joined by newlines.
        id: the last event id when it came.
    """

    type: str
    data: str
    id: str


class EventStream:
    """Reads events out of the bytes of one answer; an event without its empty line is none.

    Attributes:
        last_id: what a client that comes again sends as `Last-Event-ID`; empty where none came.
        retry_ms: how long a client is asked to wait until it comes again; None where unsaid.
    """

    __slots__ = ("_begun", "_data", "_follows_cr", "_id", "_rest", "_type", "last_id", "retry_ms")

    def __init__(self, last_id: str = "") -> None:
        """Begin a stream.

        Args:
            last_id: what the client knew before.
        """
        self.last_id = last_id
        self.retry_ms: int | None = None
        self._begun = False
        self._rest = b""
        self._follows_cr = False
        self._data: list[str] = []
        self._type = ""
        self._id = last_id

    def feed(self, piece: bytes) -> tuple[StreamEvent, ...]:
        """Take the next bytes; the events that they complete, in order.

        Raises:
            ValueError: an event grows beyond `MAX_PENDING`.
        """
        events = []
        for line in self._lines(piece):
            event = self._take(line)
            if event is not None:
                events.append(event)
        if len(self._rest) + sum(map(len, self._data)) > MAX_PENDING:
            raise ValueError(f"an event is longer than {MAX_PENDING} bytes")
        return tuple(events)

    def _lines(self, piece: bytes) -> list[bytes]:
        """The lines that are complete now; CR, LF and both together end one."""
        if self._follows_cr and piece:
            piece = piece.removeprefix(b"\n")
            self._follows_cr = False
        text = self._rest + piece
        if not self._begun:
            if len(text) < len(_BOM) and _BOM.startswith(text):
                self._rest = text
                return []
            self._begun = True
            text = text.removeprefix(_BOM)
        *lines, self._rest = _END.split(text)
        # The LF that may belong to this CR is still on its way.
        self._follows_cr = piece.endswith(b"\r")
        return lines

    def _take(self, line: bytes) -> StreamEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        self._field(name, value.removeprefix(" "))
        return None

    def _field(self, name: str, value: str) -> None:
        """Take a field; unknown ones and comments, whose name is empty, say nothing."""
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit() and len(value) < len(_LONGEST):
            self.retry_ms = int(value)

    def _dispatch(self) -> StreamEvent | None:
        self.last_id = self._id
        lines, self._data = self._data, []
        kind, self._type = self._type, ""
        if not lines:
            return None
        return StreamEvent(kind or "message", "\n".join(lines), self.last_id)


_LONGEST = "9" * 12
