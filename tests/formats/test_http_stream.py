from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gates.formats.http_stream import MAX_HEAD, HttpStream, NotHttpError

CHUNKED = (
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\nx-a: 2\r\n\r\n"
    b"5\r\nhello\r\n6 ;name=value\r\n world\r\n0\r\nTrailer: x\r\n\r\n"
)


def read(*pieces: bytes) -> tuple[HttpStream, bytes]:
    stream = HttpStream()
    return stream, b"".join([stream.feed(piece) for piece in pieces])


@given(st.lists(st.integers(1, 9), max_size=len(CHUNKED)))
@example([1] * len(CHUNKED))
def test_a_chunked_body_comes_in_pieces_of_any_size(sizes: list[int]) -> None:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(CHUNKED[at : at + size])
        at += size
    stream, body = read(*pieces, CHUNKED[at:])
    assert (stream.status, body, stream.is_done) == (200, b"hello world", True)
    assert stream.headers == {"transfer-encoding": "chunked", "x-a": "1, 2"}
    stream.close()


def test_a_body_that_is_not_chunked_is_handed_on_as_it_comes() -> None:
    stream = HttpStream()
    assert stream.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab") == b"ab"
    with pytest.raises(NotHttpError, match="cut short"):
        stream.close()
    assert stream.feed(b"cdef") == b"cd"
    assert stream.is_done
    assert stream.feed(b"more") == b""


def test_a_body_without_length_ends_with_the_connection() -> None:
    stream, body = read(b"HTTP/1.0 200 OK\r\n\r\na", b"b")
    assert (body, stream.is_done) == (b"ab", False)
    stream.close()
    assert stream.is_done


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_an_answer_without_a_body_is_whole_at_once(answer: bytes) -> None:
    stream, body = read(answer)
    assert (stream.is_done, body) == (True, b"")


def test_what_comes_after_the_end_says_nothing() -> None:
    stream = HttpStream()
    assert stream.feed(b"HTTP/1.1 200 OK\r\n\r\n") == b""
    stream.close()
    assert stream.feed(b"junk") == b""


def test_a_connection_that_ends_without_an_answer_is_told() -> None:
    with pytest.raises(NotHttpError, match="closed without an answer"):
        HttpStream().close()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"SSH-2.0-x\r\n", "does not begin"),
        (b"HTTP/1.1 20 OK\r\n\r\n", "no status line"),
        (b"HTTP/1.1 101 Switching\r\n\r\n", "another protocol"),
        (b"HTTP/1.1 200 OK\r\nno field\r\n\r\n", "no field"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "not known"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "no number"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n", "no number"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "no length"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", "longer than it says"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 5000,
            "longer than 4096",
        ),
        (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * MAX_HEAD, "head is longer"),
    ],
)
def test_what_is_no_answer_is_refused(answer: bytes, why: str) -> None:
    with pytest.raises(NotHttpError, match=why):
        read(answer)
