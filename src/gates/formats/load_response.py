"""Answers of HTTP/1.1 (RFC 9112), read piece by piece as they come from a connection.

Only what a load generator must know is kept: the status, how long the body is, the body itself
where a check asks for it, and whether the connection can be used again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

MAX_HEAD = 64 * 1024
"""Bytes that the head of an answer, or its trailer, may have."""

MAX_KEPT = 8 * 1024 * 1024
"""Bytes of a body that can be checked."""

_LINE = b"\r\n"
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n]*)?")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;.*)?", re.DOTALL)
_BODILESS = frozenset({204, 304})
_SWITCH = 101
_FIRST_FINAL = 200
_MAX_CHUNK_LINE = 4096


class BadResponseError(Exception):
    """What came is no answer that can be understood; the message says why in a few words."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that came whole.

    Attributes:
        status: its status.
        size: bytes of its body, without the framing.
        body: the body where it was to be kept, else empty.
        reusable: the connection can carry another request.
        is_cut: the body was to be kept and is longer than what is kept.
    """

    status: int
    size: int
    body: bytes = b""
    reusable: bool = True
    is_cut: bool = False


class _State(Enum):
    IDLE = auto()
    HEAD = auto()
    LENGTH = auto()
    CHUNK_LINE = auto()
    CHUNK_DATA = auto()
    CHUNK_END = auto()
    TRAILER = auto()
    UNTIL_CLOSE = auto()


class ResponseReader:
    """Reads the answers of one connection, one after another."""

    __slots__ = (
        "_bodiless",
        "_buffer",
        "_keep",
        "_kept",
        "_left",
        "_reusable",
        "_size",
        "_state",
        "_status",
    )

    def __init__(self) -> None:
        """Expect nothing yet."""
        self._state = _State.IDLE
        self._buffer = b""
        self._bodiless = False
        self._keep = False
        self._kept = bytearray()
        self._left = 0
        self._reusable = True
        self._size = 0
        self._status = 0

    def expect(self, *, bodiless: bool = False, keep: bool = False) -> None:
        """A request was sent; its answer comes next.

        Args:
            bodiless: it was HEAD, whose answer has a length and no body.
            keep: keep the body.
        """
        self._state = _State.HEAD
        self._bodiless = bodiless
        self._keep = keep
        self._kept = bytearray()
        self._reusable = True
        self._size = 0

    def feed(self, data: bytes) -> Response | None:
        """Take what came; the answer where it is whole with this.

        Raises:
            BadResponseError: it cannot be understood, or came without a request.
        """
        if self._state is _State.IDLE:
            raise BadResponseError("bytes without a request")
        self._buffer = self._buffer + data if self._buffer else data
        while self._step():
            if self._is_whole():
                if self._buffer:
                    raise BadResponseError("bytes after the answer")
                return self._response()
        return None

    def close(self) -> Response:
        """The other side closed the connection; the answer that this ends.

        Raises:
            BadResponseError: the connection ended in the middle of an answer.
        """
        if self._state is _State.UNTIL_CLOSE:
            return self._response()
        if self._state is _State.HEAD and not self._buffer:
            raise BadResponseError("connection closed")
        raise BadResponseError("connection closed in the middle of an answer")

    def _step(self) -> bool:
        """Take one part out of the buffer; false where more must come first."""
        match self._state:
            case _State.HEAD:
                return self._read_head()
            case _State.LENGTH:
                return self._take(_State.IDLE)
            case _State.CHUNK_DATA:
                return self._take(_State.CHUNK_END)
            case _State.UNTIL_CLOSE:
                self._left = len(self._buffer)
                self._take(_State.UNTIL_CLOSE)
                return False
            case _:
                return self._read_line()

    def _read_head(self) -> bool:
        end = self._buffer.find(_LINE + _LINE)
        if end < 0 or end > MAX_HEAD:
            if max(len(self._buffer), end) > MAX_HEAD:
                raise BadResponseError("its head is too large")
            return False
        head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        status, _, fields = head.partition(_LINE)
        found = _STATUS.fullmatch(status)
        if found is None:
            raise BadResponseError("no HTTP/1.1")
        self._status = int(found[2])
        if self._status == _SWITCH:
            raise BadResponseError("another protocol")
        if self._status >= _FIRST_FINAL:  # others are only told on the way to the answer
            self._frame(fields, persistent=found[1] == b"1")
        return True

    def _frame(self, fields: bytes, *, persistent: bool) -> None:
        """Tell from the fields of the head where the body ends (RFC 9112, section 6.3)."""
        length: bytes | None = None
        coding = b""
        for name, value in _wanted(fields):
            if name == b"content-length":
                if length not in {None, value} or not _LENGTH.fullmatch(value):
                    raise BadResponseError("its Content-Length is no length")
                length = value
            elif name == b"transfer-encoding":
                coding = f"{coding.decode()},{value.decode('latin-1')}".encode("latin-1")
            else:
                options = {option.strip() for option in value.lower().split(b",")}
                persistent = (persistent or b"keep-alive" in options) and b"close" not in options
        self._reusable = persistent and not (coding and length)
        if self._bodiless or self._status in _BODILESS:
            self._state = _State.IDLE
        elif coding:
            self._state = _State.CHUNK_LINE if _is_chunked(coding) else _State.UNTIL_CLOSE
        elif length is None:
            self._state = _State.UNTIL_CLOSE
        else:
            self._left = int(length)
            self._state = _State.LENGTH if self._left else _State.IDLE
        if self._state is _State.UNTIL_CLOSE:
            self._reusable = False

    def _read_line(self) -> bool:
        """Read a line of the chunked coding: a chunk's size, its end, or the trailer."""
        end = self._buffer.find(_LINE)
        most = MAX_HEAD if self._state is _State.TRAILER else _MAX_CHUNK_LINE
        if max(end, len(self._buffer) if end < 0 else 0) > most:
            raise BadResponseError("a line of its chunks is too long")
        if end < 0:
            return False
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        if self._state is _State.CHUNK_END:
            if line:
                raise BadResponseError("a chunk is longer than it says")
            self._state = _State.CHUNK_LINE
        elif self._state is _State.TRAILER:
            self._state = _State.TRAILER if line else _State.IDLE
        else:
            found = _CHUNK.fullmatch(line)
            if found is None:
                raise BadResponseError("a chunk has no size")
            self._left = int(found[1], 16)
            self._state = _State.CHUNK_DATA if self._left else _State.TRAILER
        return True

    def _take(self, after: _State) -> bool:
        """Take what is left of a part of the body, as far as it is there; whether all was."""
        part, self._buffer = self._buffer[: self._left], self._buffer[self._left :]
        self._left -= len(part)
        self._size += len(part)
        if self._keep and len(self._kept) < MAX_KEPT:
            self._kept += part[: MAX_KEPT - len(self._kept)]
        if self._left:
            return False
        self._state = after
        return True

    def _is_whole(self) -> bool:
        return self._state is _State.IDLE

    def _response(self) -> Response:
        self._state = _State.IDLE
        return Response(
            status=self._status,
            size=self._size,
            body=bytes(self._kept),
            reusable=self._reusable,
            is_cut=self._keep and len(self._kept) < self._size,
        )


def _wanted(fields: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The fields that say where the body ends and whether the connection stays."""
    for line in fields.split(_LINE):
        name, colon, value = line.partition(b":")
        name = name.lower()
        if name in {b"content-length", b"transfer-encoding", b"connection"} and colon:
            yield name, value.strip(b" \t")


def _is_chunked(coding: bytes) -> bool:
    return coding.lower().rpartition(b",")[2].strip() == b"chunked"
