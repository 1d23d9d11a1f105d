from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gates.plugin import Needed, ServiceTrace
from gates.testing.seen import seen_of, shown_again
from gates.testing.tape import Seen


@pytest.fixture
def needed(tmp_path: Path) -> dict[str, Needed]:
    log = tmp_path / "measured.stdout"
    log.write_bytes(b"one\n")
    trace = ServiceTrace(
        name="api",
        logs=(log,),
        before={"/metrics": (b"a", b"b")},
        after={"/metrics": (b"c",), "/gone": ()},
        seconds=2.5,
    )
    return {
        "load": Needed(name="load", result=None, out=tmp_path, started_ns=1, service=trace),
        "lint": Needed(name="lint", result=None, out=tmp_path, started_ns=1),
    }


SEEN = (
    Seen("load", "log", "measured.stdout", (b"one\n",)),
    Seen("load", "before", "/metrics", (b"a", b"b")),
    Seen("load", "after", "/metrics", (b"c",)),
    Seen("load", "after", "/gone", ()),
)


def test_what_was_seen_is_told_piece_by_piece(needed: dict[str, Needed]) -> None:
    assert seen_of(needed.values()) == SEEN


def test_what_was_seen_is_shown_again(needed: dict[str, Needed]) -> None:
    trace = needed["load"].service
    assert trace is not None
    trace.logs[0].unlink()
    again = shown_again(needed, SEEN)
    assert again["lint"] == needed["lint"]
    assert again["load"].service == replace(trace, after={"/metrics": (b"c",)})
    assert trace.logs[0].read_bytes() == b"one\n"


def test_what_is_not_seen_any_more_is_gone(needed: dict[str, Needed]) -> None:
    trace = shown_again(needed, [])["load"].service
    assert trace is not None
    assert (trace.before, trace.after, trace.seconds) == ({}, {}, 2.5)
    assert not trace.logs[0].exists()
