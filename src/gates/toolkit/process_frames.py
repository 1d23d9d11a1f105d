"""What the front, the reaper and the supervisors say to each other, and how it travels.

A frame is a list of plain values, marshalled, behind its length in four bytes. Both ends are forks
of one program, so marshal's lack of a stable format does not matter; it needs no import.
Several supervisors write to one pipe: their frames are kept below `PIPE_BUF`, so that the kernel
writes each of them whole.
"""

from __future__ import annotations

import marshal
import os
import select
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

LOG_LIMIT_BYTES = 256 << 20
GRACE_S = 5.0
UNENDABLE_S = 5.0
"""How long after SIGKILL a process may still be there before it is given up."""
OVERDUE_S = UNENDABLE_S + 5.0
"""How long after its command's time and grace a supervisor may take before it is killed itself."""
CLEAN, LEFT_SOMETHING = 0, 1
"""Exit codes of the reaper: nothing was left, which the kernel confirmed; or not so."""

_LENGTH_BYTES = 4
_DETAIL_CHARACTERS = 160
_NAMES = 40


class Cause(Enum):
    """Why a command ended. Only `EXITED` may become a result."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    TIMED_OUT = "timed out"
    CANCELLED = "cancelled"
    LOG_OVERFLOW = "log overflow"
    LOST = "lost"
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program to run, with everything it is given.

    Attributes:
        argv: the program by absolute path, and its arguments.
        cwd: the folder in which it starts.
        env: its whole environment; nothing is inherited.
        stdout: a file that must not exist yet, for its standard output; created 0600.
        stderr: another such file, for its standard error.
        timeout_s: after so many seconds it is ended.
        log_limit_bytes: of both files together; a command that writes more is ended.
        grace_s: between SIGTERM and SIGKILL.

    Raises:
        ValueError: the program is not given by an absolute path.
    """

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]
    stdout: str
    stderr: str
    timeout_s: float
    log_limit_bytes: int = LOG_LIMIT_BYTES
    grace_s: float = GRACE_S

    def __post_init__(self) -> None:
        if not self.argv or not self.argv[0].startswith("/"):
            raise ValueError(f"a command needs a program by absolute path, not {self.argv[:1]}")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended; when this is told, nothing of it is running any more.

    Attributes:
        cause: why it ended.
        exit_code: what the program exited with; None unless the cause is `EXITED`.
        signal: the number of the signal that ended it; None unless the cause is `SIGNALLED`.
        seconds: wall time of the program itself, without the clearing up behind it.
        cpu_s: user and system time of all its processes that could be counted.
        rss_max_bytes: the largest resident size of one of them; never below that of a supervisor
            (some 15 MB), which the kernel counts in.
        leaked: processes that outlived the program and had to be ended, as `pid name`.
        detail: more words for a person, or empty.
    """

    cause: Cause
    exit_code: int | None = None
    signal: int | None = None
    seconds: float = 0.0
    cpu_s: float = 0.0
    rss_max_bytes: int = 0
    leaked: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """From the front: start a command, which is called by this number from here on."""

    number: int
    command: Command


@dataclass(frozen=True, slots=True)
class Stop:
    """From the front: end one command, or all of them and every later one.

    Attributes:
        number: the command, or None for all.
        kill_now: without the grace between SIGTERM and SIGKILL.
    """

    number: int | None
    kill_now: bool


@dataclass(frozen=True, slots=True)
class Started:
    """From a supervisor: the program runs."""

    number: int
    pid: int


@dataclass(frozen=True, slots=True)
class Over:
    """From a supervisor, or from the reaper in its place: the command ended."""

    number: int
    ended: Ended


Frame = Start | Stop | Started | Over


def send(descriptor: int, frame: Frame) -> None:
    """Write a frame whole.

    Raises:
        OSError: nobody is left to read it.
    """
    data = memoryview(_encoded(frame))
    while data:
        data = data[os.write(descriptor, data) :]


def send_ended(descriptor: int, number: int, ended: Ended) -> None:
    """Tell the front that a command ended, if the front is still there.

    Names of leaked processes that would not fit into one atomic write are counted instead.
    """
    names = ended.leaked[:_NAMES]
    while True:
        left_out = len(ended.leaked) - len(names)
        told = (*names, f"and {left_out} more") if left_out else names
        fitting = Ended(
            cause=ended.cause,
            exit_code=ended.exit_code,
            signal=ended.signal,
            seconds=ended.seconds,
            cpu_s=ended.cpu_s,
            rss_max_bytes=ended.rss_max_bytes,
            leaked=told,
            detail=ended.detail[:_DETAIL_CHARACTERS],
        )
        data = _encoded(Over(number, fitting))
        if len(data) <= select.PIPE_BUF or not names:
            break
        names = names[: len(names) // 2]
    try:
        os.write(descriptor, data)
    except OSError:
        return  # the front is gone, and with it whoever wanted to know


class FrameBuffer:
    """Puts frames together again from the pieces in which a pipe hands them over."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, piece: bytes) -> Iterator[Frame]:
        """Take in a piece, and hand out the frames that are complete with it."""
        self._data += piece
        while len(self._data) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(self._data[:_LENGTH_BYTES], "big")
            if len(self._data) < end:
                return
            body = bytes(self._data[_LENGTH_BYTES:end])
            del self._data[:end]
            yield _decoded(body)


def _encoded(frame: Frame) -> bytes:
    body = marshal.dumps(_plain(frame))
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


def _plain(frame: Frame) -> list[object]:
    match frame:
        case Start(number, command):
            return ["start", number, *_command_fields(command)]
        case Stop(number, kill_now):
            return ["stop", number, kill_now]
        case Started(number, pid):
            return ["started", number, pid]
        case Over(number, ended):
            return ["over", number, *_ended_fields(ended)]


def _command_fields(command: Command) -> tuple[object, ...]:
    return (
        tuple(command.argv),
        command.cwd,
        dict(command.env),
        command.stdout,
        command.stderr,
        command.timeout_s,
        command.log_limit_bytes,
        command.grace_s,
    )


def _ended_fields(ended: Ended) -> tuple[object, ...]:
    return (
        ended.cause.value,
        ended.exit_code,
        ended.signal,
        ended.seconds,
        ended.cpu_s,
        ended.rss_max_bytes,
        ended.leaked,
        ended.detail,
    )


def _decoded(body: bytes) -> Frame:
    # Written by another fork of this program, and read from a pipe that its forks alone hold.
    kind, number, *fields = marshal.loads(body)  # noqa: S302 # nosec B302
    match kind:
        case "start":
            argv, cwd, env, stdout, stderr, timeout_s, log_limit_bytes, grace_s = fields
            command = Command(
                argv=argv,
                cwd=cwd,
                env=env,
                stdout=stdout,
                stderr=stderr,
                timeout_s=timeout_s,
                log_limit_bytes=log_limit_bytes,
                grace_s=grace_s,
            )
            return Start(number, command)
        case "stop":
            return Stop(number, *fields)
        case "started":
            return Started(number, *fields)
        case "over":
            cause, *rest = fields
            return Over(number, Ended(Cause(cause), *rest))
        case _:
            raise ValueError(f"unknown frame {kind!r}")
