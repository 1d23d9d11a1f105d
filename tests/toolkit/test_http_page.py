from __future__ import annotations

import socket
from http.client import HTTPSConnection

import pytest
from toolkit.small_server import serving

from gates.domain.errors import StageError
from gates.toolkit.http_page import _connection, _parts, check_address, get, shown


def refused(url: str, *, max_bytes: int = 1000, timeout_s: float = 5.0) -> str:
    with pytest.raises(StageError) as caught:
        get(url, max_bytes=max_bytes, timeout_s=timeout_s)
    return f"{caught.value.problem.slug}: {caught.value.problem.summary}"


def test_a_page_comes_with_its_status_over_a_connection_of_its_own() -> None:
    with serving(lambda path, _: (404, path.encode())) as server:
        page = get(f"{server.url}/a/b?q=1", headers={"Accept": "text/plain"})

    assert (page.status, page.body) == (404, b"/a/b?q=1")
    assert (server.headers[0]["Connection"], server.headers[0]["Accept"]) == ("close", "text/plain")


def test_an_empty_path_is_the_top_and_no_redirect_is_followed() -> None:
    with serving(lambda _path, _: (302, b"")) as server:
        assert get(server.url).status == 302
    assert server.asked == ["/"]


def test_a_page_that_is_too_long_or_broke_off_is_none() -> None:
    with serving(lambda _path, _: (200, b"x" * 2000)) as server:
        assert "it sent more than 1000 bytes" in refused(server.url)
    with serving(lambda _path, _: (200, b"x"), length=lambda _body: 9) as server:
        assert "it broke off 8 bytes before its end" in refused(server.url)


def test_nobody_there_and_no_answer_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        assert "no whole answer within 0.05 s" in refused(url, timeout_s=0.05)
    assert "page-unreachable" in refused(url)
    with serving(lambda _path, _: (200, b"slow")) as server:
        assert "no whole answer within" in refused(server.url, timeout_s=1e-9)


@pytest.mark.parametrize("url", ["", "ftp://a/", "http://", "http://a:x/", "http://a:0/", "a/b"])
def test_what_is_no_address(url: str) -> None:
    assert refused(url).startswith("page-address")


def test_only_https_or_this_machine_is_believed() -> None:
    for url in ("https://prometheus.example", "http://127.0.0.1:9090", "http://localhost/x"):
        check_address(url)
    with pytest.raises(StageError, match="neither an https address nor http on this machine"):
        check_address("http://prometheus.example/api")


def test_https_is_spoken_to_https() -> None:
    connection = _connection(_parts("https://a.example:8443/x"), 1.0)
    assert isinstance(connection, HTTPSConnection)
    assert (connection.host, connection.port) == ("a.example", 8443)


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert shown("https://u:p@a.example/x?token=1#y") == "https://a.example/x"
    assert shown("text") == "text"
