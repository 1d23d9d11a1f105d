from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats.load_response import (
    MAX_HEAD,
    MAX_KEPT,
    BadResponseError,
    Response,
    ResponseReader,
)

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n4;x=1\r\nabcd\r\n3\r\nefg\r\n0\r\nT: 1\r\n\r\n"
SIZED = OK + b"content-length: 7\r\n\r\nabcdefg"


def read(*pieces: bytes, bodiless: bool = False, keep: bool = True) -> Response | None:
    """What the last of the pieces gives."""
    reader = ResponseReader()
    reader.expect(bodiless=bodiless, keep=keep)
    found = None
    for piece in pieces:
        assert found is None
        found = reader.feed(piece)
    return found


@pytest.mark.parametrize("data", [SIZED, CHUNKED])
def test_a_body_is_read_by_its_framing(data: bytes) -> None:
    assert read(data) == Response(status=200, size=7, body=b"abcdefg")
    assert read(data, keep=False) == Response(status=200, size=7)


@given(st.sampled_from([SIZED, CHUNKED]), st.lists(st.integers(1, 90), max_size=6))
def test_it_does_not_matter_how_an_answer_is_cut(data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted({cut for cut in cuts if cut < len(data)}), len(data)]
    pieces = [data[a:b] for a, b in pairwise(edges)]
    assert read(*pieces) == Response(status=200, size=7, body=b"abcdefg")


@pytest.mark.parametrize(
    ("data", "size", "reusable"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 0, True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 0, True),
        (OK + b"Content-Length: 0\r\n\r\n", 0, True),
        (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok", 2, True),
        (OK + b"Connection: Keep-Alive, Close\r\nContent-Length: 2\r\n\r\nok", 2, False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 2, False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 2, True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n" + SIZED, 7, True),
        # Both framings: the chunks count, and the connection is not trusted any more.
        (CHUNKED.replace(b"\r\n\r\n4;", b"\r\nContent-Length: 4\r\n\r\n4;"), 7, False),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok".replace(b"200", b"200 "), 2, True),
    ],
)
def test_what_the_head_says_decides(data: bytes, size: int, *, reusable: bool) -> None:
    found = read(data)
    assert found is not None
    assert (found.size, found.reusable) == (size, reusable)


def test_the_answer_to_head_has_no_body() -> None:
    assert read(OK + b"Content-Length: 9\r\n\r\n", bodiless=True) == Response(status=200, size=0)


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    reader = ResponseReader()
    reader.expect(keep=True)
    assert reader.feed(OK + b"\r\nab") is None
    assert reader.feed(b"cd") is None
    assert reader.close() == Response(status=200, size=4, body=b"abcd", reusable=False)


def test_a_coding_that_is_not_chunked_ends_with_the_connection() -> None:
    reader = ResponseReader()
    reader.expect(keep=True)
    assert reader.feed(OK + b"Transfer-Encoding: gzip\r\n\r\nab") is None
    assert reader.close().body == b"ab"


def test_one_connection_carries_one_answer_after_another() -> None:
    reader = ResponseReader()
    for _ in range(2):
        reader.expect(keep=True)
        assert reader.feed(CHUNKED) == Response(status=200, size=7, body=b"abcdefg")


def test_of_a_long_body_only_a_part_is_kept() -> None:
    size = MAX_KEPT + 5
    found = read(OK + b"Content-Length: %d\r\n\r\n" % size, b"x" * (size - 1), b"x")
    assert found is not None
    assert (found.size, len(found.body), found.is_cut) == (size, MAX_KEPT, True)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "no HTTP/1.1"),
        (b"HTTP/2 200\r\n\r\n", "no HTTP/1.1"),
        (b"HTTP/1.1 99 Odd\r\n\r\n", "no HTTP/1.1"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "another protocol"),
        (OK + b"Content-Length: -1\r\n\r\n", "Content-Length"),
        (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "Content-Length"),
        (OK + b"Content-Length: 1\r\n\r\nab", "after the answer"),
        (OK + b"A: " + b"x" * MAX_HEAD, "head is too large"),
        (OK + b"A: " + b"x" * MAX_HEAD + b"\r\n\r\n", "head is too large"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "no size"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "longer than it says"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 5000, "too long"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"T" * (MAX_HEAD + 1), "too long"),
    ],
)
def test_what_is_no_answer_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadResponseError, match=reason):
        read(data)


def test_bytes_that_nobody_asked_for_are_refused() -> None:
    with pytest.raises(BadResponseError, match="without a request"):
        ResponseReader().feed(b"x")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "^connection closed$"),
        (OK[:4], "in the middle"),
        (SIZED[:-1], "in the middle"),
        (CHUNKED[:-4], "in the middle"),
    ],
)
def test_an_answer_that_breaks_off_is_none(data: bytes, reason: str) -> None:
    reader = ResponseReader()
    reader.expect()
    if data:
        assert reader.feed(data) is None
    with pytest.raises(BadResponseError, match=reason):
        reader.close()
