from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from gates.toolkit.process_frames import (
    CLEAN,
    Cause,
    Command,
    Ended,
    Frame,
    FrameBuffer,
    Over,
    Start,
    Started,
    Stop,
    send,
)
from gates.toolkit.reaper import serve

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the whole promise needs a subreaper"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


@dataclass
class Link:
    """A reaper, and the front's ends of its pipes."""

    folder: Path
    pid: int
    requests: int
    replies: int
    lifeline: int

    def start(self, number: int, script: str, *, grace_s: float = 0.3) -> None:
        command = Command(
            argv=("/bin/sh", "-c", script),
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            stdout=str(self.folder / f"{number}.out"),
            stderr=str(self.folder / f"{number}.err"),
            timeout_s=10.0,
            grace_s=grace_s,
        )
        send(self.requests, Start(number, command))

    def frames(self, count: int) -> list[Frame]:
        buffer = FrameBuffer()
        found: list[Frame] = []
        while len(found) < count:
            piece = os.read(self.replies, 4096)
            assert piece, f"the reaper ended after {found}"
            found += list(buffer.feed(piece))
        return found

    def exit_code(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def link(tmp_path: Path) -> Iterator[Link]:
    requests, ask = os.pipe()
    hear, replies = os.pipe()
    lifeline, life = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 99
        try:
            status = serve(requests, replies, lifeline)
        finally:
            os._exit(status)
    for descriptor in (requests, replies, lifeline):
        os.close(descriptor)
    made = Link(tmp_path, pid, ask, hear, life)
    yield made
    for descriptor in (ask, hear, life):
        with suppress(OSError):  # the test has closed it
            os.close(descriptor)
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)


def test_it_ends_clean_when_the_front_closes(link: Link) -> None:
    link.start(1, "exit 3")
    started, over = link.frames(2)

    assert isinstance(started, Started)
    assert isinstance(over, Over)
    assert (over.number, over.ended.exit_code) == (1, 3)
    os.close(link.requests)
    assert link.exit_code() == CLEAN


@pytest.mark.parametrize("end", ["requests", "lifeline"])
def test_either_end_of_the_front_is_the_end_of_all(link: Link, end: str) -> None:
    link.start(1, "trap '' TERM; sleep 300 & setsid sleep 300; sleep 300")
    link.start(2, "exec sleep 300", grace_s=60.0)
    assert {type(frame) for frame in link.frames(2)} == {Started}

    os.close(link.requests if end == "requests" else link.lifeline)

    causes = {f.number: f.ended.cause for f in link.frames(2) if isinstance(f, Over)}
    assert causes == {1: Cause.CANCELLED, 2: Cause.CANCELLED}
    assert link.exit_code() == CLEAN
    assert os.read(link.replies, 1) == b""


def test_it_ends_clean_where_a_supervisor_was_killed_last(link: Link) -> None:
    link.start(1, "trap '' TERM; setsid sleep 300 & sleep 0.2; kill -9 $PPID; sleep 300")
    assert {type(frame) for frame in link.frames(1)} == {Started}
    os.close(link.requests)

    (over,) = link.frames(1)

    assert isinstance(over, Over)
    assert over.ended.cause in {Cause.CANCELLED, Cause.LOST}
    assert link.exit_code() == CLEAN


def test_after_an_end_of_all_nothing_starts(link: Link) -> None:
    send(link.requests, Stop(None, kill_now=False))
    link.start(1, "exit 0")

    assert link.frames(1) == [Over(1, Ended(Cause.CANCELLED))]


def test_only_the_front_can_end_it(link: Link) -> None:
    link.start(1, "exit 0")
    link.frames(2)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        os.kill(link.pid, number)
    send(link.requests, Started(1, 1))  # a frame that is none of its business

    link.start(2, "exit 4")

    over = link.frames(2)[-1]
    assert isinstance(over, Over)
    assert over.ended.exit_code == 4


def test_a_supervisor_that_breaks_is_lost(link: Link) -> None:
    command = Command(argv=("/bin/true",), cwd="/", env={}, stdout="/o", stderr="/e", timeout_s=1.0)
    object.__setattr__(command, "cwd", 1.5)  # no path at all

    send(link.requests, Start(1, command))

    detail = "its supervisor ended with exit code 1"
    assert link.frames(1) == [Over(1, Ended(Cause.LOST, detail=detail))]
