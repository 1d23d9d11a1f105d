from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from gates.toolkit import process_tree
from gates.toolkit.process_tree import Seen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

NOBODY = 1 << 22  # above what pid_max may be set to


@contextmanager
def running(*argv: str) -> Iterator[int]:
    pid = os.posix_spawn(argv[0], argv, {}, setpgroup=0)
    try:
        yield pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def seen(pid: int) -> Seen:
    found = process_tree.look(pid)
    assert found is not None
    return found


def below_when(pid: int, count: int) -> tuple[Seen, ...]:
    until = time.monotonic() + 10
    while len(found := process_tree.below(pid)) != count:
        assert time.monotonic() < until
    return found


def test_a_process_is_seen_as_it_is() -> None:
    own = seen(os.getpid())

    assert (own.pid, own.parent) == (os.getpid(), os.getppid())
    assert own.session == os.getsid(0)
    assert own.is_alive
    assert own.threads >= 1
    assert str(own) == f"{os.getpid()} {own.name}"
    assert process_tree.look(NOBODY) is None


def test_an_odd_name_is_read_and_made_printable(tmp_path: Path) -> None:
    link = tmp_path / "a) R 1 (\n\x1b[ü"
    link.symlink_to("/bin/sleep")
    with running(str(link), "300") as pid:
        until = time.monotonic() + 10
        while seen(pid).name.startswith("py"):  # between fork and exec
            assert time.monotonic() < until
        assert seen(pid).name == "a) R 1 (??[ü"
        assert seen(pid).parent == os.getpid()


def test_parents_come_before_children_and_subtrees_can_be_left_out() -> None:
    with running("/bin/sh", "-c", "sh -c 'sleep 300 & wait' & sleep 300 & wait") as pid:
        found = below_when(pid, 3)
        names, deadline = ["sh", "sleep", "sleep"], time.monotonic() + 30
        # A child is there before it is the program that it becomes.
        while sorted(s.name for s in found) != names and time.monotonic() < deadline:
            time.sleep(0.01)
            found = process_tree.below(pid)

        assert sorted(s.name for s in found) == names
        inner = next(s for s in found if s.name == "sh")
        child = next(s for s in found if s.parent == inner.pid)
        assert found.index(inner) < found.index(child)
        rest = process_tree.below(pid, without=frozenset((inner.pid,)))
        assert [s.parent for s in rest] == [pid]
        assert pid in {s.pid for s in process_tree.below(os.getpid())}


def test_ancestors_are_recognised() -> None:
    with running("/bin/sleep", "300") as pid:
        assert process_tree.is_above(os.getpid(), pid)
        assert process_tree.is_above(pid, pid)
        assert process_tree.is_above(os.getppid(), pid)
        assert not process_tree.is_above(pid, os.getpid())
        assert not process_tree.is_above(NOBODY, pid)
        assert not process_tree.is_above(NOBODY - 1, NOBODY)


def test_only_the_process_that_was_seen_is_signalled() -> None:
    with running("/bin/sleep", "300") as pid:
        now = seen(pid)
        process_tree.signal_seen(replace(now, started=now.started - 1), signal.SIGKILL)
        assert os.waitpid(pid, os.WNOHANG) == (0, 0)

        process_tree.signal_seen(now, signal.SIGKILL)
        assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
        process_tree.signal_seen(now, signal.SIGKILL)  # gone: nothing happens


def test_the_dead_are_not_alive() -> None:
    with running("/bin/true") as pid:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

        dead = seen(pid)
        assert not dead.is_alive
        assert replace(dead, threads=2).is_alive  # its first thread ended before the others


def test_a_group_is_signalled_while_it_is_there() -> None:
    with running("/bin/sleep", "300") as pid:
        assert process_tree.group_exists(pid)

        process_tree.signal_group(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert not process_tree.group_exists(pid)
        process_tree.signal_group(pid, signal.SIGKILL)  # gone: nothing happens


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_process_of_another_user_is_passed_over() -> None:
    if os.getuid() != 0:
        pytest.skip("needs root, to become somebody else")
    victim = seen(os.getpid())
    pid = os.fork()
    if pid == 0:
        os.setresuid(65534, 65534, 0)
        process_tree.signal_seen(victim, signal.SIGKILL)
        os.seteuid(0)
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
