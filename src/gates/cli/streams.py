"""The standard streams: always there, and a write that fails is an error with its own exit code.

Python itself would end with 1 or 120 where standard output cannot be written; 1 is "failed".
"""

from __future__ import annotations

import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from gates.domain.errors import GatesError, Problem
from gates.toolkit.ci_door import LineDoor, is_ci

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STREAMS = 3
"""Standard input, output and error are the first three file descriptors."""


class ReaderGone(Exception):
    """Who read our output went away."""


class OutputUnwritten(GatesError):
    """Standard output cannot be written."""


class StandardOutput(FileIO):
    """Standard output, below its buffer."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write bytes.

        Raises:
            ReaderGone: where nobody reads them any more.
            OutputUnwritten: where they cannot be written.
        """
        try:
            return super().write(data)
        except BrokenPipeError as error:
            raise ReaderGone from error
        except OSError as error:
            summary = f"standard output could not be written: {error.strerror}"
            raise OutputUnwritten(Problem("output-unwritten", summary)) from error


class StandardError(FileIO):
    """Standard error, below its buffer; where it cannot be written, the exit code still tells."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write bytes, or lose them."""
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


class DoorStream(TextIOWrapper):
    """A stream that a CI system reads: no line of it is a command, but those that are meant."""

    def __init__(self, raw: FileIO, like: TextIOWrapper) -> None:
        super().__init__(
            BufferedWriter(raw),
            encoding=like.encoding,
            errors="backslashreplace",
            line_buffering=like.line_buffering,
            write_through=like.write_through,
        )
        self._door = LineDoor()

    def write(self, text: str, /) -> int:
        """Write foreign text and our own; what would be a command is broken."""
        super().write(self._door.passed(text))
        return len(text)

    def write_commands(self, text: str) -> None:
        """Write lines that are commands, each made by us."""
        self.write("" if self._door.is_at_start else "\n")
        super().write(text)


def write_commands(text: str) -> None:
    """Write lines that are commands for a CI system to standard output."""
    if isinstance(sys.stdout, DoorStream):
        sys.stdout.write_commands(text)
    else:
        sys.stdout.write(text)


def guard() -> None:
    """Make sure of the standard streams; called once, before anything opens a file."""
    _fill()
    sys.stdout = guarded(sys.stdout, StandardOutput, 1)
    sys.stderr = guarded(sys.stderr, StandardError, 2)


def guarded(stream: TextIO | None, kind: type[FileIO], number: int) -> TextIO:
    """A stream whose failing writes become errors of ours; any but Python's own stays as it is."""
    if stream is None:
        raw = kind(os.open(os.devnull, os.O_WRONLY), "w")
        return TextIOWrapper(BufferedWriter(raw), encoding="utf-8", errors="backslashreplace")
    if not isinstance(stream, TextIOWrapper):
        return stream
    if type(stream) is not TextIOWrapper or stream.fileno() != number:
        stream.reconfigure(errors="backslashreplace")
        return stream
    # A terminal that cannot show a character must not cost a verdict.
    if is_ci(os.environ):
        return DoorStream(kind(number, "w", closefd=False), stream)
    return TextIOWrapper(
        BufferedWriter(kind(number, "w", closefd=False)),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def finish() -> None:
    """Write what is still held back.

    Raises:
        ReaderGone: where nobody reads it any more.
        OutputUnwritten: where it cannot be written.
    """
    sys.stdout.flush()


def silence() -> None:
    """Drop what standard output still holds: Python would try again at exit, and end with 120."""
    void = os.open(os.devnull, os.O_WRONLY)
    os.dup2(void, sys.stdout.fileno())
    os.close(void)


def _fill() -> None:
    """Open standard streams that were closed: the next file would become one of them."""
    while (number := os.open(os.devnull, os.O_RDWR)) < STREAMS:
        os.set_inheritable(number, True)
    os.close(number)
