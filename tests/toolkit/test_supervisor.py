from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gates.toolkit import process_tree
from gates.toolkit.process_frames import Cause, Command, Ended, FrameBuffer, Over, send_ended
from gates.toolkit.process_logs import Logs
from gates.toolkit.subreaper import become_subreaper, wake_on_child
from gates.toolkit.supervisor import KILL, STOP, Watch, Wires, supervise

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the whole promise needs a subreaper"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


@dataclass
class Bed:
    """Runs what belongs into a supervisor in a fork, whose orphans go to a fork above it."""

    folder: Path
    control: int
    lifeline: int
    ask: int
    life: int
    open: set[int]

    def close(self, *descriptors: int) -> None:
        """Close some of the ends that a supervisor watches from the other side."""
        for descriptor in descriptors:
            os.close(descriptor)
            self.open -= {descriptor}

    def command(self, script: str, *, grace_s: float = 0.3, timeout_s: float = 5.0) -> Command:
        return Command(
            argv=("/bin/sh", "-c", script),
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            stdout=str(self.folder / "out"),
            stderr=str(self.folder / "err"),
            timeout_s=timeout_s,
            grace_s=grace_s,
        )

    def told(self, work: Callable[[Wires], Ended | None]) -> Ended:
        replies, reply = os.pipe()
        above = os.fork()
        if above == 0:
            status = 1
            try:
                become_subreaper()
                self.close(*(self.open & {self.ask, self.life}))
                status = self._below(work, reply)
            finally:
                os._exit(status)
        os.close(reply)
        buffer = FrameBuffer()
        frames = []
        while piece := os.read(replies, 4096):
            frames += list(buffer.feed(piece))
        os.close(replies)
        assert os.waitstatus_to_exitcode(os.waitpid(above, 0)[1]) == 0
        (over,) = (frame for frame in frames if isinstance(frame, Over))
        return over.ended

    def _below(self, work: Callable[[Wires], Ended | None], reply: int) -> int:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                ended = work(Wires(self.control, self.lifeline, reply))
                if ended is not None:
                    send_ended(reply, 1, ended)
                status = 0
            finally:
                os._exit(status)
        os.close(reply)
        code = 1
        while True:  # nothing may be left: else this never ends
            try:
                dead, status = os.waitpid(-1, 0)
            except ChildProcessError:
                return code
            if dead == pid:
                code = os.waitstatus_to_exitcode(status)

    def supervised(self, command: Command) -> Ended:
        def work(wires: Wires) -> None:
            assert supervise(1, command, wires) == 0

        return self.told(work)


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    control, ask = os.pipe()
    lifeline, life = os.pipe()
    made = Bed(tmp_path, control, lifeline, ask, life, {control, lifeline, ask, life})
    yield made
    made.close(*made.open)


def test_a_program_runs_to_its_end(bed: Bed) -> None:
    ended = bed.supervised(bed.command("echo here; exit 3"))

    assert (ended.cause, ended.exit_code) == (Cause.EXITED, 3)
    assert (bed.folder / "out").read_text() == "here\n"


DEAF = "trap '' TERM; "


@pytest.mark.parametrize(("word", "script"), [(STOP, ""), (KILL, DEAF)])
def test_the_reaper_may_ask_for_the_end(bed: Bed, word: bytes, script: str) -> None:
    os.write(bed.ask, word)
    began = time.monotonic()

    ended = bed.supervised(bed.command(f"{script} sleep 300 & sleep 300", grace_s=60.0))

    assert (ended.cause, ended.leaked) == (Cause.CANCELLED, ())
    assert time.monotonic() - began < 5


def test_without_a_reaper_everything_ends_and_is_lost(bed: Bed) -> None:
    bed.close(bed.ask)

    ended = bed.supervised(bed.command("sleep 300 & setsid sleep 300"))

    assert ended.cause is Cause.LOST
    assert ended.detail == "the process above its supervisor was ended"


def test_without_a_front_everything_ends(bed: Bed) -> None:
    bed.close(bed.life)

    assert bed.supervised(bed.command("sleep 300 & setsid sleep 300")).cause is Cause.CANCELLED


def test_the_first_reason_for_the_end_stands(bed: Bed) -> None:
    os.write(bed.ask, STOP)
    bed.close(bed.ask, bed.life)

    ended = bed.supervised(bed.command(f"{DEAF} while :; do sleep 0.05; done"))

    assert (ended.cause, ended.detail) == (Cause.CANCELLED, "")


def test_a_status_that_somebody_else_took_is_lost(bed: Bed) -> None:
    def work(wires: Wires) -> Ended:
        wake = wake_on_child()
        command = bed.command("exit 0")
        logs = Logs.create(command.stdout, command.stderr, 1)
        pid = os.posix_spawn("/bin/true", ("/bin/true",), {})
        os.waitpid(pid, 0)
        return Watch(command, wires, logs, pid, time.monotonic()).until_nothing_is_left(wake)

    ended = bed.told(work)

    assert (ended.cause, ended.exit_code) == (Cause.LOST, None)
    assert ended.detail == "somebody else took its exit status"


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ("sleep 300 & exit 0", Cause.EXITED),
        (f"({DEAF} while :; do sleep 0.1; done) & exit 0", Cause.EXITED),
        (f"{DEAF} while :; do sleep 0.1; done", Cause.TIMED_OUT),
    ],
)
def test_where_orphans_go_elsewhere_the_group_is_ended(bed: Bed, script: str, cause: Cause) -> None:
    """As on macOS: the one who watches is no subreaper here, and reaps for nobody."""
    group = bed.folder / "group"

    def work(wires: Wires) -> Ended:
        wake = wake_on_child()
        command = bed.command(script, timeout_s=0.3, grace_s=0.2)
        logs = Logs.create(command.stdout, command.stderr, 1)
        pid = os.posix_spawn("/bin/sh", command.argv, command.env, setpgroup=0)
        group.write_text(str(pid))
        watch = Watch(command, wires, logs, pid, time.monotonic(), by_group=True)
        return watch.until_nothing_is_left(wake)

    ended = bed.told(work)

    assert ended.cause is cause
    name = f"process group {group.read_text()}"
    assert ended.leaked == ((name,) if cause is Cause.EXITED else ())
    assert not process_tree.group_exists(int(group.read_text()))


def test_a_supervisor_does_not_die_of_a_front_that_is_gone(bed: Bed) -> None:
    def work(wires: Wires) -> Ended:
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        read_end, write_end = os.pipe()
        os.close(read_end)
        wires = Wires(wires.control, wires.lifeline, write_end)
        assert supervise(1, bed.command("exit 0"), wires) == 0
        return Ended(Cause.EXITED, 0)

    assert bed.told(work).exit_code == 0
