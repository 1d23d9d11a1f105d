"""Which versions of TLS a server takes, asked of servers that take known ones."""

from __future__ import annotations

import socket
import ssl
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from stages.shop_service import certificate

from gates.domain.errors import StageError
from gates.toolkit.tls_offers import OLD, TLS12, hello, takes, takes_tls13

ALL = (*OLD.values(), TLS12)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("certificate"))


@contextmanager
def listening(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that talks so with each client."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    connection.settimeout(5)
                    talk(connection)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


def speaking(both: Path, lowest: str, highest: str) -> Callable[[socket.socket], None]:
    """A server of real TLS that takes these versions."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = getattr(ssl.TLSVersion, lowest)
        context.maximum_version = getattr(ssl.TLSVersion, highest)

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)

    return talk


@pytest.mark.parametrize(
    ("lowest", "highest", "taken"),
    [
        ("TLSv1_2", "TLSv1_3", {TLS12}),
        ("TLSv1_3", "TLSv1_3", set()),
        ("TLSv1", "TLSv1_2", {OLD["TLS 1.0"], OLD["TLS 1.1"], TLS12}),
        ("TLSv1_1", "TLSv1_1", {OLD["TLS 1.1"]}),
    ],
)
def test_servers_of_known_versions(both: Path, lowest: str, highest: str, taken: set[int]) -> None:
    with listening(speaking(both, lowest, highest)) as port:
        found = {version for version in ALL if takes("127.0.0.1", port, version)}
        offers = takes_tls13("127.0.0.1", port)

    assert found == taken
    assert offers is (highest == "TLSv1_3")


def test_a_server_that_answers_in_a_lower_version() -> None:
    answer = bytes.fromhex("16030100300200002c0301") + bytes(40)
    with listening(lambda connection: connection.sendall(answer)) as port:
        assert takes("127.0.0.1", port, OLD["TLS 1.0"])
        assert not takes("127.0.0.1", port, TLS12)


@pytest.mark.parametrize("answer", [b"", bytes.fromhex("15030100020246")])
def test_a_server_that_refuses(answer: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    with listening(talk) as port:
        assert not takes("127.0.0.1", port, OLD["TLS 1.1"])


def test_a_server_that_resets() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with listening(talk) as port:
        assert not takes("127.0.0.1", port, OLD["TLS 1.1"])


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x16\x03"])
def test_what_is_no_tls_shows_nothing(answer: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    with listening(talk) as port, pytest.raises(StageError, match="what it sends is no TLS"):
        takes("127.0.0.1", port, OLD["TLS 1.1"])


@pytest.mark.parametrize("ask", [lambda port: takes("127.0.0.1", port, TLS12), None])
def test_nobody_is_there(ask: Callable[[int], bool] | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(StageError, match="could not be asked"):
        ask(port) if ask else takes_tls13("127.0.0.1", port)


def test_a_server_that_is_silent_shows_nothing() -> None:
    def talk(connection: socket.socket) -> None:
        while connection.recv(4096):
            pass

    with listening(talk) as port:
        with pytest.raises(StageError, match="does not answer a hello in time"):
            takes_tls13("127.0.0.1", port, timeout_s=0.1)
        with pytest.raises(StageError, match="timed out"):
            takes("127.0.0.1", port, TLS12, timeout_s=0.1)


def test_a_name_is_told_and_an_address_is_not() -> None:
    assert b"shop.example" in hello("shop.example", TLS12)
    assert b"127.0.0.1" not in hello("127.0.0.1", TLS12)
    # SSL 3.0 knows no extensions.
    assert b"shop.example" not in hello("shop.example", OLD["SSL 3.0"])
