from __future__ import annotations

import os
import select

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.toolkit.process_frames import (
    Cause,
    Command,
    Ended,
    Frame,
    FrameBuffer,
    Over,
    Start,
    Started,
    Stop,
    _encoded,
    send,
    send_ended,
)

COMMAND = Command(
    argv=("/bin/tool", "odd \udcff name", "a\0b", ""),
    cwd="/",
    env={"A": "ä\n"},
    stdout="/o",
    stderr="/e",
    timeout_s=1.5,
    log_limit_bytes=7,
    grace_s=0.25,
)
ENDED = Ended(Cause.SIGNALLED, None, 9, 1.5, 0.25, 1 << 40, ("1 a", "2 b"), "why")
FRAMES: list[Frame] = [
    Start(1, COMMAND),
    Stop(None, kill_now=True),
    Stop(3, kill_now=False),
    Started(4, 4711),
    Over(5, ENDED),
]


@given(st.lists(st.integers(1, 200), max_size=30))
def test_frames_survive_being_cut_anywhere(pieces: list[int]) -> None:
    data = b"".join(_encoded(frame) for frame in FRAMES)
    buffer, got, at = FrameBuffer(), [], 0
    for size in (*pieces, len(data)):
        got += list(buffer.feed(data[at : at + size]))
        at += size

    assert got == FRAMES


def test_a_frame_of_no_known_kind_is_refused() -> None:
    data = _encoded(Stop(None, kill_now=True)).replace(b"stop", b"stab")

    with pytest.raises(ValueError, match="unknown frame 'stab'"):
        list(FrameBuffer().feed(data))


def test_a_frame_larger_than_a_pipe_arrives_whole() -> None:
    read_end, write_end = os.pipe()
    large = Start(1, Command(**{**FIELDS, "env": {"A": "x" * 50_000}}))  # type: ignore[arg-type]
    send(write_end, large)
    os.close(write_end)

    assert list(FrameBuffer().feed(os.read(read_end, 1 << 20))) == [large]
    os.close(read_end)


FIELDS: dict[str, object] = {
    "argv": ("/bin/tool",),
    "cwd": "/",
    "stdout": "/o",
    "stderr": "/e",
    "timeout_s": 1.0,
}


@pytest.mark.parametrize("name", ["x", "ü" * 500, "\N{SNOWMAN}" * 5000])
@pytest.mark.parametrize("count", [0, 1, 40, 41, 3000])
def test_the_end_is_told_in_one_atomic_write(name: str, count: int) -> None:
    read_end, write_end = os.pipe()
    leaked = tuple(f"{number} {name}" for number in range(count))
    send_ended(write_end, 1, Ended(Cause.EXITED, 0, leaked=leaked, detail=name))
    os.close(write_end)
    data = os.read(read_end, 1 << 20)
    os.close(read_end)

    assert len(data) <= select.PIPE_BUF
    (told,) = FrameBuffer().feed(data)
    assert isinstance(told, Over)
    assert told.ended.exit_code == 0
    whole = [text for text in told.ended.leaked if text in leaked]
    rest = [text for text in told.ended.leaked if text not in leaked]
    assert rest == ([f"and {count - len(whole)} more"] if len(whole) < count else [])
    assert told.ended.detail == name[:160]


def test_nobody_listening_is_no_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)

    send_ended(write_end, 1, ENDED)

    with pytest.raises(BrokenPipeError):
        send(write_end, Started(1, 2))
    os.close(write_end)


@pytest.mark.parametrize("argv", [(), ("tool",), ("./tool",), ("",)])
def test_a_program_is_given_by_its_absolute_path(argv: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="absolute path"):
        Command(argv=argv, cwd="/", env={}, stdout="/o", stderr="/e", timeout_s=1)
