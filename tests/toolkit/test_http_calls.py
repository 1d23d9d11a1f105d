"""Requests to one service: what is sent, what comes back, and what is no answer."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from stages.shop_service import Shop, certificate, served

from gates.domain.errors import StageError
from gates.toolkit.http_calls import Call, HttpCalls, Limits, Reply

HEALTH = Call(method="GET", target="/health")


@contextmanager
def answering(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that talks so with its one client."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
            except OSError:  # closed, and nobody came
                return
            with connection:
                talk(connection)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        # A closed socket's number is soon another's, on which the thread would go on.
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


def request_of(call: Call) -> bytes:
    """What is sent for a call."""
    sent: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        sent.append(connection.recv(65536))
        while not sent[-1].endswith(call.body or b"\r\n\r\n"):
            sent.append(sent.pop() + connection.recv(65536))
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with answering(talk) as url:
        assert HttpCalls(url=url)(call).status == 204
    return sent[0]


def refusal(url: str, call: Call = HEALTH, **options: object) -> StageError:
    limits = options.get("limits", Limits())
    assert isinstance(limits, Limits)
    with pytest.raises(StageError) as caught:
        HttpCalls(url=url, limits=limits)(call)
    assert caught.value.problem.hint
    return caught.value


def test_an_answer() -> None:
    with served(Shop()) as port:
        reply = HttpCalls.for_seconds(f"http://127.0.0.1:{port}", 60)(HEALTH)

    assert (reply.status, reply.body) == (200, b'{"status": "ok"}')
    assert reply.header("content-TYPE") == "application/json"
    assert reply.header("Lost") is None
    assert 0 < reply.seconds < 10


def test_several_values_of_one_header() -> None:
    reply = Reply(status=200, headers=(("Vary", "Origin"), ("VARY", "Accept")))
    assert reply.header("vary") == "Origin, Accept"


def test_what_is_sent() -> None:
    head = request_of(Call(method="GET", target="/a?b=c", headers=(("X-One", "1"),)))

    lines = head.decode().split("\r\n")
    assert lines[0] == "GET /a?b=c HTTP/1.1"
    assert "Accept: */*" in lines
    assert "User-Agent: gates" in lines
    assert "Connection: close" in lines
    assert "X-One: 1" in lines
    assert not any(line.startswith(("Content-Length", "Accept-Encoding")) for line in lines)


def test_a_body_and_headers_of_the_callers_own() -> None:
    headers = (("Host", "shop.example"), ("Accept", "text/plain"))
    sent = request_of(Call(method="POST", target="/", headers=headers, body=b"abc"))

    lines = sent.decode().split("\r\n")
    assert [line for line in lines if line.startswith("Host")] == ["Host: shop.example"]
    assert [line for line in lines if line.startswith("Accept")] == ["Accept: text/plain"]
    assert "Content-Length: 3" in lines
    assert lines[-1] == "abc"


def test_a_post_without_a_body_says_that_it_has_none() -> None:
    assert b"Content-Length: 0\r\n" in request_of(Call(method="POST", target="/"))


def test_no_redirect_is_followed() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")

    with answering(talk) as url:
        assert HttpCalls(url=url)(HEALTH).status == 302


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "end closed connection without response"),
        (b"SSH-2.0-x\r\n", "SSH"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b"x" * 99, "more than 20 bytes"),
    ],
)
def test_what_is_no_whole_answer(answer: bytes, why: str) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    with answering(talk) as url:
        error = refusal(url, limits=Limits(max_bytes=20))
    assert error.problem.slug == "no-answer"
    assert why in error.problem.summary


def test_a_server_that_drips() -> None:
    """Each byte comes in time, and the whole does not."""

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        ends = time.monotonic() + 10
        while time.monotonic() < ends:
            try:
                connection.sendall(b"x")
            except OSError:
                return
            connection.settimeout(0.05)
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    with answering(talk) as url:
        started = time.monotonic()
        error = refusal(url, limits=Limits(seconds=0.3))
    assert "no whole answer within 0.3 s" in error.problem.summary
    assert time.monotonic() - started < 5


def test_a_server_that_says_nothing() -> None:
    with answering(lambda connection: void(connection.recv(65536), connection.recv(1))) as url:
        assert "within 0.2 s" in refusal(url, limits=Limits(seconds=0.2)).problem.summary


def void(*_: object) -> None:
    """Nothing comes of it."""


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = refusal(f"http://127.0.0.1:{port}")
    assert error.problem.summary == "GET /health has no answer: Connection refused"


def test_the_time_of_the_gate_is_up() -> None:
    with pytest.raises(StageError, match="the time of the gate is up"):
        HttpCalls.for_seconds("http://127.0.0.1:1", 0)(HEALTH)


@pytest.mark.parametrize(
    "call",
    [
        Call(method="GET", target="http://other.example/"),
        Call(method="GET", target="/a b"),
        Call(method="GET", target="/", headers=(("X-Key", "hidden\nX-Other: 1"),)),
    ],
)
def test_what_cannot_be_sent_is_told_without_its_values(call: Call) -> None:
    with served(Shop()) as port:
        error = refusal(f"http://127.0.0.1:{port}", call)
    assert error.problem.slug == "bad-request"
    assert "hidden" not in error.problem.summary


def test_encrypted(tmp_path: Path) -> None:
    both = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    with served(Shop(), tls=context) as port:
        url = f"https://127.0.0.1:{port}"
        trusted = HttpCalls(url=url, ca=str(tmp_path / "cert.pem"))(HEALTH)
        stranger = refusal(url)
        with pytest.raises(StageError, match="certificates to trust cannot be read"):
            HttpCalls(url=url, ca=str(tmp_path / "lost.pem"))(HEALTH)

    assert trusted.status == 200
    assert "certificate verify failed" in stranger.problem.summary.lower()
