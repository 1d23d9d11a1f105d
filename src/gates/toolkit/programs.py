"""Short questions to other programs (git above all), without a shell and without `subprocess`.

`subprocess` answers exit code 0 when a child's status was lost (somebody else reaped it, or SIGCHLD
is ignored) and costs 9 ms to import. Here the status is read once, by pid; a lost one is an error.
Stages do not run here: they run under the supervisor, which also ends what they leave behind.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import ToolCrashed, ToolTimedOut

_CHUNK_BYTES = 1 << 16
_FIRST_FREE_DESCRIPTOR = 3


@dataclass(frozen=True, slots=True)
class ProgramOutput:
    """How a program ended and what it wrote.

    Attributes:
        exit_code: what it exited with; minus the signal's number when a signal ended it.
        stdout: everything it wrote there.
        stderr: everything it wrote there.
    """

    exit_code: int
    stdout: bytes
    stderr: bytes


def reset_sigchld() -> None:
    """Set SIGCHLD to its default; whatever started us may have left it ignored.

    With SIGCHLD ignored the kernel throws exit statuses away, and every failing program looks like
    one that was never there. To be called in the main thread, before the first program starts.
    """
    import signal

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def find_program(name: str, search_path: str, *, outside: Path) -> str | None:
    """The absolute path of the first executable `name` on `search_path` that is not in `outside`.

    Relative and empty entries of the path mean the current folder, which is the checkout, so they
    are passed over, as is whatever resolves into `outside`.
    """
    forbidden = os.path.realpath(outside)
    for folder in search_path.split(os.pathsep):
        if not folder.startswith("/"):
            continue
        candidate = f"{folder.rstrip('/')}/{name}"
        if is_program(candidate) and not is_below(os.path.realpath(candidate), forbidden):
            return candidate
    return None


def is_program(path: str) -> bool:
    """Whether the path is, or links to, a regular file that we may execute."""
    try:
        return stat.S_ISREG(Path(path).stat().st_mode) and os.access(path, os.X_OK)
    except OSError:
        return False


def is_below(path: str, folder: str) -> bool:
    """Whether the path is the folder or lies in it; both absolute and already resolved."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def run_program(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    timeout_s: float = 60.0,
    limit_bytes: int = 256 << 20,
) -> ProgramOutput:
    """Run a program with nothing on its input, and return its exit code and output.

    Args:
        argv: the program by absolute path, and its arguments.
        env: the whole environment; nothing is inherited.
        timeout_s: after so many seconds the program is killed.
        limit_bytes: of both outputs together.

    Raises:
        ToolCrashed: it could not be started, wrote too much, or its exit status was lost.
        ToolTimedOut: its time was up.
    """
    pid, pipes = _start(argv, env)
    try:
        outputs = _read_all(pipes, time.monotonic() + timeout_s, limit_bytes, argv[0])
    except BaseException:
        _end(pid)
        raise
    finally:
        for descriptor in pipes:
            os.close(descriptor)
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError as error:
        raise ToolCrashed(
            "status-lost",
            f"the exit status of `{argv[0]}` was lost, so nothing is known about its result",
            hint="something else in this process reaps children, or SIGCHLD is ignored",
            place=argv[0],
        ) from error
    return ProgramOutput(os.waitstatus_to_exitcode(status), outputs[0], outputs[1])


def _start(argv: Sequence[str], env: Mapping[str, str]) -> tuple[int, tuple[int, int]]:
    import signal

    out_read, out_write = _pipe()
    err_read, err_write = _pipe()
    try:
        pid = os.posix_spawn(
            argv[0],
            list(argv),
            env,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, out_write, 1),
                (os.POSIX_SPAWN_DUP2, err_write, 2),
            ],
            setpgroup=0,  # so that a timeout also reaches what the program started
            setsigmask=(),
            setsigdef=(signal.SIGCHLD, signal.SIGPIPE, signal.SIGINT, signal.SIGTERM),
        )
    except (OSError, ValueError) as error:
        os.close(out_read)
        os.close(err_read)
        raise ToolCrashed(
            "tool-not-started", f"`{argv[0]}` could not be started: {error}", place=argv[0]
        ) from error
    finally:
        os.close(out_write)
        os.close(err_write)
    return pid, (out_read, err_read)


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are above 2, even where our own standard streams are closed."""
    read_end, write_end = os.pipe()
    return _lifted(read_end), _lifted(write_end)


def _lifted(descriptor: int) -> int:
    if descriptor >= _FIRST_FREE_DESCRIPTOR:
        return descriptor
    import fcntl

    lifted = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE_DESCRIPTOR)
    os.close(descriptor)
    return lifted


def _read_all(
    pipes: tuple[int, int], deadline: float, limit_bytes: int, name: str
) -> tuple[bytes, bytes]:
    import select

    poller = select.poll()
    chunks: dict[int, list[bytes]] = {descriptor: [] for descriptor in pipes}
    for descriptor in pipes:
        poller.register(descriptor, select.POLLIN)
    open_pipes = set(pipes)
    total = 0
    while open_pipes:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise ToolTimedOut("tool-timed-out", f"`{name}` did not end in time", place=name)
        for descriptor, _event in poller.poll(left_s * 1000):
            chunk = os.read(descriptor, _CHUNK_BYTES)
            if not chunk:
                poller.unregister(descriptor)
                open_pipes.discard(descriptor)
            chunks[descriptor].append(chunk)
            total += len(chunk)
        if total > limit_bytes:
            raise ToolCrashed(
                "output-too-large", f"`{name}` wrote more than {limit_bytes} bytes", place=name
            )
    return b"".join(chunks[pipes[0]]), b"".join(chunks[pipes[1]])


def _end(pid: int) -> None:
    import contextlib
    import signal

    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
