from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gates.toolkit import readiness
from gates.toolkit.ports import free_port
from gates.toolkit.readiness import (
    LogSearch,
    Page,
    Place,
    fetch,
    last_lines,
    why_not_http,
    why_not_tcp,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers each caller with the same bytes, and keeps what was asked."""

    def __init__(self, answer: bytes) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.place = Place("127.0.0.1", self.socket.getsockname()[1])
        self.asked: list[bytes] = []
        self._answer = answer
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            caller, _ = self.socket.accept()
            with caller:
                asked = caller.recv(65536)
                if asked == b"end":
                    return
                self.asked.append(asked)
                caller.sendall(self._answer)

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.place.port)) as last:
            last.sendall(b"end")
        self.thread.join()
        self.socket.close()


@pytest.fixture
def server() -> Iterator[Callable[[bytes], Server]]:
    made: list[Server] = []

    def start(answer: bytes) -> Server:
        made.append(Server(answer))
        return made[-1]

    yield start
    for each in made:
        each.close()


def test_a_page_is_fetched_without_keep_alive(
    server: Callable[[bytes], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    here = server(OK)
    assert fetch(here.place, "/x?y") == Page(200, b"ok")
    assert here.asked[0].startswith(b"GET /x?y HTTP/1.1\r\n")
    assert b"Connection: close" in here.asked[0]


@pytest.mark.parametrize(
    ("status", "why"),
    [("200", ""), ("204", ""), ("302", ""), ("404", "`/` answered with status 404"),
     ("503", "`/` answered with status 503")],
)  # fmt: skip
def test_ready_by_http(server: Callable[[bytes], Server], status: str, why: str) -> None:
    answer = f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()
    assert why_not_http(server(answer).place, "/") == why


def test_what_is_no_http(server: Callable[[bytes], Server]) -> None:
    assert why_not_http(server(b"SSH-2.0-x\r\n").place, "/") == (
        "no answer of HTTP: BadStatusLine SSH-2.0-x"
    )
    assert "no answer of HTTP" in why_not_http(server(b"").place, "/")


def test_an_answer_of_http_that_breaks_off(server: Callable[[bytes], Server]) -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok"
    assert why_not_http(server(cut).place, "/") == "the page breaks off: 18 bytes are missing"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
    assert "IncompleteRead" in why_not_http(server(chunked).place, "/")


def test_a_page_that_is_too_large(
    server: Callable[[bytes], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "PAGE_LIMIT", 1)
    assert why_not_http(server(OK).place, "/") == "the page is larger than 16 MiB"


def test_nobody_there() -> None:
    nobody = Place("127.0.0.1", free_port())
    assert why_not_http(nobody, "/") == "no answer: Connection refused"
    assert why_not_tcp(nobody) == "no connection: Connection refused"


def test_one_that_does_not_speak_tls(server: Callable[[bytes], Server]) -> None:
    here = server(OK)
    assert why_not_http(Place("127.0.0.1", here.place.port, is_tls=True), "/").startswith(
        "no answer"
    )


def test_ready_by_tcp(server: Callable[[bytes], Server]) -> None:
    assert why_not_tcp(server(OK).place) == ""


def test_a_line_of_a_growing_log(tmp_path: Path) -> None:
    out, err = tmp_path / "out", tmp_path / "err"
    search = LogSearch(re.compile("^ready$"), (out, err))
    assert not search.is_found()
    out.write_bytes(b"not ready\n\xff\nrea")
    assert not search.is_found()
    with out.open("ab") as more:
        more.write(b"dy")
    assert not search.is_found()
    with out.open("ab") as more:
        more.write(b"\n")
    assert search.is_found()


def test_a_line_of_the_other_log(tmp_path: Path) -> None:
    out, err = tmp_path / "out", tmp_path / "err"
    err.write_text("ready now\n")
    assert LogSearch(re.compile("ready"), (out, err)).is_found()


def test_the_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert last_lines(log, 2) == ()
    log.write_bytes(b"one\n\n two \nthree\xff\n")
    assert last_lines(log, 2) == ("two", "three\N{REPLACEMENT CHARACTER}")
    log.write_bytes(b"x" * 100_000)
    assert len(last_lines(log, 1)[0]) == 65536
