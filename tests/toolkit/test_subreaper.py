from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.toolkit import subreaper

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="needs a subreaper"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def in_fork(claim: Callable[[], bool]) -> bool:
    """Whether a claim is true in a fork, whose signals and descriptors may be changed."""
    pid = os.fork()
    if pid == 0:
        status = 2
        try:
            status = 0 if claim() else 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def orphan_comes_to_us() -> bool:
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        if os.fork() == 0:
            os.read(read_end, 1)
            os._exit(5)
        os._exit(0)
    os.waitpid(pid, 0)
    os.write(write_end, b"x")
    try:
        return os.waitstatus_to_exitcode(os.waitpid(-1, 0)[1]) == 5
    except ChildProcessError:
        return False


def test_orphans_come_to_a_subreaper_and_no_longer_when_it_gives_up() -> None:
    assert in_fork(lambda: subreaper.become_subreaper() and orphan_comes_to_us())
    assert not in_fork(
        lambda: (
            subreaper.become_subreaper()
            and subreaper.become_subreaper(wanted=False)
            and orphan_comes_to_us()
        )
    )


def test_signals_of_others_do_nothing() -> None:
    def claim() -> bool:
        subreaper.ignore_signals()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR2, signal.SIGRTMIN + 3):
            os.kill(os.getpid(), number)
        return signal.getsignal(signal.SIGSEGV) is not signal.SIG_IGN

    assert in_fork(claim)


def test_what_can_be_set_is_all_but_two() -> None:
    numbers = subreaper.tool_signals()

    assert {signal.SIGINT, signal.SIGPIPE, signal.SIGCHLD} < numbers
    assert not {signal.SIGKILL, signal.SIGSTOP} & numbers


def test_a_death_wakes() -> None:
    def claim() -> bool:
        wake = subreaper.wake_on_child()
        pid = os.posix_spawn("/bin/true", ("/bin/true",), {})
        woken, _, _ = select.select([wake], [], [], 10)
        return bool(woken) and bool(os.read(wake, 8)) and os.waitpid(pid, 0)[1] == 0

    assert in_fork(claim)


def test_a_pipe_avoids_the_standard_streams() -> None:
    def claim() -> bool:
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        ends = subreaper.safe_pipe()
        os.write(ends[1], b"x")
        is_free = not any(Path(f"/proc/self/fd/{n}").exists() for n in range(3))
        inherited = [os.get_inheritable(end) for end in ends]
        return min(ends) > 2 and os.read(ends[0], 1) == b"x" and is_free and not any(inherited)

    assert in_fork(claim)


@pytest.mark.parametrize("closed", [(), (0, 1, 2)])
def test_all_descriptors_but_the_kept_are_closed(closed: tuple[int, ...]) -> None:
    def claim() -> bool:
        kept = subreaper.safe_pipe()
        os.pipe()
        for descriptor in closed:
            os.close(descriptor)
        subreaper.close_all_but(frozenset(kept))
        entries = list(Path("/proc/self/fd").iterdir())
        # The one by which the folder was read is in it, and is gone by now.
        left = {int(e.name): str(e.readlink()) for e in entries if e.is_symlink()}
        streams = {left[n] for n in range(3)}
        return streams == {os.devnull} and left.keys() == {0, 1, 2, *kept}

    assert in_fork(claim)
