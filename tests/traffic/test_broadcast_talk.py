from __future__ import annotations

import pytest
from websockets.frames import CloseCode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from gates.traffic.broadcast_talk import EventStreamTalk, WebSocketTalk, request

URL = "http://127.0.0.1:8000"


def websocket(**given: object) -> tuple[WebSocketTalk, ServerProtocol]:
    """A subscriber that was let in, and the other side."""
    talk = WebSocketTalk(URL, "/ws", (), str(given.get("subscribe", "")))
    server = ServerProtocol()
    server.receive_data(talk.hello())
    (asked,) = server.events_received()
    assert isinstance(asked, Request)
    server.send_response(server.accept(asked))
    assert talk.feed(sent(server)) == ()
    assert talk.is_open
    return talk, server


def sent(server: ServerProtocol) -> bytes:
    return b"".join(server.data_to_send())


def test_a_handshake_holds_the_given_headers() -> None:
    headers = (("Authorization", "Bearer x"), ("Host", "other"))
    hello = WebSocketTalk(URL, "/ws?a=1", headers, "").hello()
    first, *lines = hello.decode().split("\r\n")
    assert first == "GET /ws?a=1 HTTP/1.1"
    assert "Authorization: Bearer x" in lines
    assert [line for line in lines if line.startswith("Host")] == ["Host: other"]
    assert WebSocketTalk("https://a.example", "/", (), "").hello().count(b"Host: a.example\r\n")


def test_messages_come_whole_whatever_their_frames_and_pieces() -> None:
    talk, server = websocket()
    server.send_text(b"one")
    server.send_text("zw\u00f6".encode()[:3], fin=False)
    server.send_ping(b"p")
    server.send_continuation("zw\u00f6".encode()[3:], fin=True)
    server.send_binary(b"\xff")
    data = sent(server)
    messages = [text for at in range(len(data)) for text in talk.feed(data[at : at + 1])]
    assert messages == ["one", "zw\u00f6", "\ufffd"]
    # The ping was answered.
    server.receive_data(talk.outgoing())
    (pong,) = server.events_received()
    assert "PONG" in str(pong)


def test_it_says_what_it_wants_once_it_is_let_in() -> None:
    talk, server = websocket(subscribe="orders")
    server.receive_data(talk.outgoing())
    (frame,) = server.events_received()
    assert "orders" in str(frame)


def test_a_message_before_the_end_still_counts() -> None:
    talk, server = websocket()
    server.send_text(b"last")
    server.send_close(CloseCode.GOING_AWAY, "away")
    assert talk.feed(sent(server)) == ("last",)
    assert talk.ended == "the service closed it: 1001 (going away) away"
    assert talk.outgoing()


def test_one_that_is_not_let_in_is_told_why() -> None:
    talk = WebSocketTalk(URL, "/ws", (), "")
    talk.hello()
    assert talk.feed(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") == ()
    assert (talk.is_open, "HTTP 403" in talk.ended) == (False, True)


@pytest.mark.parametrize("data", [b"\x83\x00", b"\xc1\x00"])
def test_a_broken_frame_is_told(data: bytes) -> None:
    talk, _ = websocket()
    talk.feed(data)
    assert talk.ended.startswith("broke the protocol: ")


def stream(last_id: str = "") -> EventStreamTalk:
    return EventStreamTalk(URL, "/events", (("X-A", "1"), ("Accept", "x/y")), last_id)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n"


def test_events_are_asked_for() -> None:
    hello = stream().hello().decode().split("\r\n")
    assert hello[:2] == ["GET /events HTTP/1.1", "Host: 127.0.0.1:8000"]
    assert [line for line in hello if line.startswith("Accept:")] == ["Accept: x/y"]
    assert not any(line.startswith("Last-Event-ID") for line in hello)
    assert b"\r\nLast-Event-ID: 7\r\n" in stream("7").hello()


def test_events_come_as_they_are_sent() -> None:
    talk = stream("7")
    assert talk.feed(HEAD[:-2]) == ()
    assert not talk.is_open
    assert talk.feed(HEAD[-2:] + b"id: 8\ndata: a\n\ndata: b\n") == ("a",)
    assert (talk.is_open, talk.last_id, talk.ended, talk.outgoing()) == (True, "8", "", b"")
    assert talk.feed(b"\n") == ("b",)


def test_a_stream_that_ends_is_told_after_its_last_event() -> None:
    talk = stream()
    head = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Length: 9\r\n\r\n")
    assert talk.feed(head + b"data: a\n\n") == ("a",)
    assert talk.ended == "the service ended the stream"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP 404"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "its content type is ``, not `text/event-stream`"),
        (b"SMTP ready\r\n", "broke the protocol: it does not begin as an answer of HTTP/1.1"),
    ],
)
def test_what_is_no_stream_of_events_is_told(answer: bytes, why: str) -> None:
    talk = stream()
    assert talk.feed(answer) == ()
    assert (talk.is_open, talk.ended) == (False, why)


def test_a_request_holds_each_field_once() -> None:
    made = request("POST", "/a", {"Host": "h", "A": "1"}, (("a", "2"),), b"body")
    assert made == b"POST /a HTTP/1.1\r\nHost: h\r\na: 2\r\n\r\nbody"
