"""What a process needs that takes in the orphans of others: descriptors, signals, one prctl.

Linux hands an orphan to its nearest ancestor that asked for it (`PR_SET_CHILD_SUBREAPER`), so that
`waitpid` saying ECHILD proves that nothing is left. macOS has no such thing: there the same code
runs, and a process that leaves its process group and its parent escapes.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import cache

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_FIRST_FREE_DESCRIPTOR = 3
_KEPT = frozenset(
    {
        signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV,
        signal.SIGSYS, signal.SIGTRAP, signal.SIGCHLD, signal.SIGCONT,
    }
)  # fmt: skip


def become_subreaper(*, wanted: bool = True) -> bool:
    """Ask the kernel for orphaned descendants, or no longer; answers whether it agreed.

    A forked child does not inherit this.
    """
    if sys.platform != "linux":
        return False
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    return bool(prctl(_PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0) == 0)


@cache
def tool_signals() -> frozenset[int]:
    """The signals that a tool is started with at their default: all that can be set."""
    return frozenset(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}


def ignore_signals() -> None:
    """Let no signal end or stop this process but a fault of its own, SIGKILL and SIGSTOP.

    A terminal's signals are for the front; a tool that signals its parent or everything around it
    must not end the process that clears up behind it, nor by that lose its own exit status.
    """
    for number in tool_signals() - _KEPT:
        signal.signal(number, signal.SIG_IGN)


def wake_on_child() -> int:
    """A descriptor that becomes readable when a child changes state."""
    read_end, write_end = safe_pipe()
    os.set_blocking(read_end, False)
    os.set_blocking(write_end, False)
    signal.signal(signal.SIGCHLD, _noted)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    return read_end


def safe_pipe() -> tuple[int, int]:
    """A pipe whose ends no tool inherits and that are above 2, even where 0, 1 or 2 are closed."""
    read_end, write_end = os.pipe()
    return _lifted(read_end), _lifted(write_end)


def close_all_but(kept: frozenset[int]) -> None:
    """Close every descriptor above 2 that is not in `kept`, and put /dev/null at 0, 1 and 2.

    The wake-up descriptor of the process that forked us is forgotten first: its number will soon
    mean something else.
    """
    signal.set_wakeup_fd(-1)
    with os.scandir("/dev/fd") as entries:
        descriptors = [int(entry.name) for entry in entries]
    for descriptor in descriptors:
        if descriptor >= _FIRST_FREE_DESCRIPTOR and descriptor not in kept:
            try:
                os.close(descriptor)
            except OSError:
                continue  # the one by which the folder was read
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(_FIRST_FREE_DESCRIPTOR):
        os.dup2(null, descriptor)
    if null >= _FIRST_FREE_DESCRIPTOR:
        os.close(null)


def _lifted(descriptor: int) -> int:
    if descriptor >= _FIRST_FREE_DESCRIPTOR:
        return descriptor
    import fcntl

    lifted = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE_DESCRIPTOR)
    os.close(descriptor)
    return lifted


def _noted(number: int, frame: object) -> None:
    """Do nothing: with a handler set, the interpreter writes to the wake-up descriptor."""
    del number, frame
