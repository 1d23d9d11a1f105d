from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from gates.traffic.broadcast_wire import PART, Pump, RefusedError, Wire


@dataclass(slots=True)
class FakeTalk:
    """Takes each read for a message; `!` ends, and `open` opens it."""

    is_open: bool = False
    ended: str = ""
    last_id: str = ""
    fed: list[bytes] = field(default_factory=list)
    out: bytes = b""

    def hello(self) -> bytes:
        return b"hello"

    def feed(self, data: bytes) -> tuple[str, ...]:
        self.fed.append(data)
        if data == b"open":
            self.is_open = True
            self.out = b"thanks"
            return ()
        if data == b"!":
            self.ended = "said so"
        return (data.decode(),)

    def outgoing(self) -> bytes:
        out, self.out = self.out, b""
        return out


class FakeTransport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview[int]) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


@dataclass(slots=True)
class Scene:
    """A wire with all that it meets."""

    talk: FakeTalk
    pump: Pump
    wire: Wire
    transport: FakeTransport
    heard: list[str]


def play(act: Callable[[Scene], Awaitable[None]], confirmed: str = "") -> Scene:
    scenes = []

    async def main() -> None:
        heard: list[str] = []
        talk, pump, transport = FakeTalk(), Pump(), FakeTransport()
        wire = Wire(talk, pump, lambda text, _: heard.append(text), confirmed)
        wire.connection_made(transport)
        scenes.append(Scene(talk, pump, wire, transport, heard))
        await act(scenes[0])
        await pump.is_empty.wait()

    asyncio.run(main())
    return scenes[0]


def test_it_joins_once_it_is_open_and_hears() -> None:
    async def act(scene: Scene) -> None:
        scene.wire.data_received(b"open")
        scene.wire.data_received(b"a")
        assert scene.heard == []  # a read only notes the time
        assert await scene.wire.joined > 0

    scene = play(act)
    assert scene.heard == ["a"]
    assert scene.transport.written == [b"hello", b"thanks"]


def test_it_joins_at_the_confirmation() -> None:
    async def act(scene: Scene) -> None:
        scene.wire.data_received(b"open")
        await scene.pump.is_empty.wait()
        assert not scene.wire.joined.done()
        scene.wire.data_received(b"you are in")
        await scene.wire.joined

    assert play(act, confirmed="are in").heard == ["you are in"]


def test_reads_are_parsed_in_parts_between_which_others_come_in() -> None:
    turns: list[int] = []

    async def act(scene: Scene) -> None:
        for number in range(PART * 2 + 1):
            scene.wire.data_received(b"%d" % number)
        while not scene.pump.is_empty.is_set():
            await asyncio.sleep(0)
            turns.append(len(scene.heard))

    scene = play(act)
    assert scene.heard == [str(number) for number in range(PART * 2 + 1)]
    assert turns == [PART, PART * 2, PART * 2 + 1]


def test_what_came_before_the_end_is_heard() -> None:
    async def act(scene: Scene) -> None:
        scene.wire.data_received(b"open")
        scene.wire.data_received(b"last")
        scene.wire.connection_lost(None)
        _, why = await scene.wire.gone
        assert why == "the service closed the connection"
        scene.wire.connection_lost(None)

    assert play(act).heard == ["last"]


def test_what_comes_after_the_end_is_not_heard() -> None:
    async def act(scene: Scene) -> None:
        scene.wire.data_received(b"open")
        scene.wire.data_received(b"!")
        scene.wire.data_received(b"more")
        _, why = await scene.wire.gone
        assert why == "said so"

    scene = play(act)
    assert scene.heard == ["!"]
    assert scene.transport.aborted


def test_one_that_is_not_let_in_is_refused() -> None:
    async def act(scene: Scene) -> None:
        scene.wire.connection_lost(None)
        with pytest.raises(RefusedError, match="closed the connection"):
            await scene.wire.joined

    play(act)


def test_nothing_is_sent_on_a_connection_that_ends() -> None:
    async def act(scene: Scene) -> None:
        scene.wire.drop()
        scene.wire.data_received(b"open")
        await scene.pump.is_empty.wait()

    assert play(act).transport.written == [b"hello"]


def test_one_that_never_stood_can_be_dropped() -> None:
    async def main() -> None:
        Wire(FakeTalk(), Pump(), lambda _text, _at: None, "").drop()

    asyncio.run(main())
