from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gates.formats.event_stream import MAX_PENDING, EventStream, StreamEvent

STREAM = (
    b"\xef\xbb\xbf: a comment\r\n"
    b"retry: 2500\n"
    b"id: 7\nevent: order\ndata: first\ndata:second\n\n"
    b"data\r\n\r\n"
    b"id: bad\0id\rdata: third\r\r"
    b"unknown: x\nretry: soon\ndata:  two spaces\n\n"
    b"event: lonely\n\n"
    b"id\ndata: without id\n\n"
    b"data: \xc3\xa4\n\n"
    b"data: never ended\n"
)
EVENTS = (
    StreamEvent("order", "first\nsecond", "7"),
    StreamEvent("message", "", "7"),
    StreamEvent("message", "third", "7"),
    StreamEvent("message", " two spaces", "7"),
    StreamEvent("message", "without id", ""),
    StreamEvent("message", "ä", ""),
)


def test_a_stream_is_read_as_the_standard_says() -> None:
    stream = EventStream()
    assert stream.feed(STREAM) == EVENTS
    assert (stream.last_id, stream.retry_ms) == ("", 2500)


@given(st.lists(st.integers(1, 9), max_size=len(STREAM)))
@example([1] * len(STREAM))
def test_how_it_is_cut_into_pieces_changes_nothing(sizes: list[int]) -> None:
    stream, at = EventStream(), 0
    events: list[StreamEvent] = []
    for size in sizes:
        events += stream.feed(STREAM[at : at + size])
        at += size
    events += stream.feed(STREAM[at:])
    assert tuple(events) == EVENTS


def test_the_last_id_stays_and_counts_from_the_event_on() -> None:
    stream = EventStream("5")
    assert stream.feed(b"data: a\n\n") == (StreamEvent("message", "a", "5"),)
    assert stream.feed(b"id: 6\ndata: b\n") == ()
    assert stream.last_id == "5"
    assert stream.feed(b"\n") == (StreamEvent("message", "b", "6"),)
    assert stream.last_id == "6"


def test_an_event_without_end_is_refused() -> None:
    stream = EventStream()
    piece = b"data: " + b"x" * (MAX_PENDING // 2) + b"\n"
    assert stream.feed(piece) == ()
    with pytest.raises(ValueError, match="longer than"):
        stream.feed(piece + piece)
