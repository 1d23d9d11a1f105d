"""One answer of HTTP/1.1 (RFC 9112) whose body is handed on while it comes."""

from __future__ import annotations

import re
from enum import Enum, auto

MAX_HEAD = 64 * 1024
"""Bytes that the head of an answer, or its trailer, may have."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: .*)?")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;.*)?")
_MAX_CHUNK_LINE = 4096
_BODILESS = frozenset({204, 304})
_SWITCHING = 101
_FINAL = 200


class NotHttpError(Exception):
    """What came is no answer that can be understood; the message says why in a few words."""


class _Part(Enum):
    HEAD = auto()
    LENGTH = auto()
    CHUNK_LINE = auto()
    CHUNK = auto()
    CHUNK_END = auto()
    TRAILER = auto()
    UNTIL_CLOSE = auto()
    DONE = auto()


class HttpStream:
    """Reads one answer to a request that is no HEAD; interim answers are passed over.

    Attributes:
        status: its status; 0 until the head is there.
        headers: its fields by their names in small letters; repeated ones joined by commas.
    """

    __slots__ = ("_left", "_part", "_rest", "headers", "status")

    def __init__(self) -> None:
        """Wait for the first byte."""
        self.status = 0
        self.headers: dict[str, str] = {}
        self._part = _Part.HEAD
        self._rest = b""
        self._left = 0

    @property
    def is_done(self) -> bool:
        """Whether the whole answer came; bytes beyond it say nothing."""
        return self._part is _Part.DONE

    def feed(self, piece: bytes) -> bytes:
        """Take the next bytes; what they hold of the body, without its framing.

        Raises:
            NotHttpError: they are no part of an answer.
        """
        self._rest += piece
        body = bytearray()
        while self._step(body):
            pass
        return bytes(body)

    def close(self) -> None:
        """Say that nothing more comes.

        Raises:
            NotHttpError: the answer is not whole.
        """
        if self._part is _Part.UNTIL_CLOSE:
            self._part = _Part.DONE
        if not self.is_done:
            raise NotHttpError(
                "the answer was cut short" if self.status else "closed without an answer"
            )

    def _step(self, body: bytearray) -> bool:
        """Go one step on; whether there may be another with what has come."""
        match self._part:
            case _Part.HEAD:
                return self._head()
            case _Part.LENGTH | _Part.CHUNK:
                return self._counted(body)
            case _Part.CHUNK_LINE:
                return self._chunk_line()
            case _Part.CHUNK_END:
                return self._chunk_end()
            case _Part.TRAILER:
                return self._trailer()
            case _Part.UNTIL_CLOSE | _Part.DONE:
                if not self.is_done:
                    body += self._rest
                self._rest = b""
                return False

    def _line(self, limit: int) -> bytes | None:
        line, end, rest = self._rest.partition(b"\r\n")
        if len(line) > limit:
            raise NotHttpError(f"a line is longer than {limit} bytes")
        if not end:
            return None
        self._rest = rest
        return line

    def _head(self) -> bool:
        if b"HTTP/1."[: len(self._rest)] != self._rest[: len(b"HTTP/1.")]:
            raise NotHttpError("it does not begin as an answer of HTTP/1.1")
        head, end, rest = self._rest.partition(b"\r\n\r\n")
        if len(head) > MAX_HEAD:
            raise NotHttpError(f"its head is longer than {MAX_HEAD} bytes")
        if not end:
            return False
        self._rest = rest
        first, *lines = head.split(b"\r\n")
        found = _STATUS.fullmatch(first)
        if found is None:
            raise NotHttpError("its first line is no status line")
        status = int(found[1])
        if status == _SWITCHING:
            raise NotHttpError("it changes to another protocol")
        if status >= _FINAL:
            self.status = status
            self._fields(lines)
            self._begin_body()
        return True

    def _fields(self, lines: list[bytes]) -> None:
        for line in lines:
            found = _FIELD.fullmatch(line)
            if found is None:
                raise NotHttpError("a line of its head is no field")
            name, value = found[1].decode("ascii").lower(), found[2].decode("latin-1")
            self.headers[name] = f"{self.headers[name]}, {value}" if name in self.headers else value

    def _begin_body(self) -> None:
        coding, length = self.headers.get("transfer-encoding"), self.headers.get("content-length")
        if self.status in _BODILESS:
            self._part = _Part.DONE
        elif coding is not None:
            if coding.lower() != "chunked":
                raise NotHttpError(f"its transfer encoding `{coding[:40]}` is not known")
            self._part = _Part.CHUNK_LINE
        elif length is not None:
            if not (length.isascii() and length.isdigit() and len(length) < _DIGITS):
                raise NotHttpError("its length is no number")
            self._left = int(length)
            self._part = _Part.LENGTH if self._left else _Part.DONE
        else:
            self._part = _Part.UNTIL_CLOSE

    def _counted(self, body: bytearray) -> bool:
        taken = self._rest[: self._left]
        body += taken
        self._rest = self._rest[len(taken) :]
        self._left -= len(taken)
        if self._left:
            return False
        self._part = _Part.DONE if self._part is _Part.LENGTH else _Part.CHUNK_END
        return True

    def _chunk_line(self) -> bool:
        line = self._line(_MAX_CHUNK_LINE)
        if line is None:
            return False
        found = _CHUNK.fullmatch(line)
        if found is None:
            raise NotHttpError("a piece of its body has no length")
        self._left = int(found[1], 16)
        self._part = _Part.CHUNK if self._left else _Part.TRAILER
        return True

    def _chunk_end(self) -> bool:
        if len(self._rest) < len(b"\r\n"):
            return False
        if not self._rest.startswith(b"\r\n"):
            raise NotHttpError("a piece of its body is longer than it says")
        self._rest = self._rest[2:]
        self._part = _Part.CHUNK_LINE
        return True

    def _trailer(self) -> bool:
        line = self._line(MAX_HEAD)
        if line == b"":
            self._part = _Part.DONE
        return line is not None


_DIGITS = 18
