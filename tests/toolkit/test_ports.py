from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from gates.toolkit import ports

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")


class Listen(Protocol):
    def __call__(self, host: str = "127.0.0.1", port: int = 0, *, dual: bool = False) -> int: ...


ME = os.getpid()


@pytest.fixture
def listen() -> Iterator[Listen]:
    with ExitStack() as stack:

        def listening(host: str = "127.0.0.1", port: int = 0, *, dual: bool = False) -> int:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            server = stack.enter_context(
                socket.create_server((host, port), family=family, dualstack_ipv6=dual)
            )
            found: int = server.getsockname()[1]
            return found

        yield listening


def test_a_free_port_is_free() -> None:
    port = ports.free_port()
    assert 1024 < port < 65536
    assert not ports.is_taken(port)
    assert ports.owner(port, (ME,)) == ports.Owner()


@pytest.mark.parametrize(
    ("host", "shown", "dual"),
    [
        ("127.0.0.1", "127.0.0.1", False),
        ("0.0.0.0", "0.0.0.0", False),  # noqa: S104 - all of them, for a moment
        ("::", "::", True),
        ("::1", "::1", False),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
    ],
)
def test_who_listens_is_seen_on_any_address(
    listen: Listen,
    host: str,
    shown: str,
    dual: bool,  # noqa: FBT001
) -> None:
    port = listen(host, dual=dual)
    (found,) = [each for each in ports.listeners() or () if each.port == port]
    assert found.address == shown
    owner = ports.owner(port, (ME,))
    if host == "::1":
        assert owner.sockets == frozenset()
    else:
        assert owner == ports.Owner(frozenset({found.inode}))
        assert ports.is_taken(port)


def test_a_stranger_is_named(listen: Listen) -> None:
    port = listen()
    owner = ports.owner(port, ())
    name = Path("/proc/self/comm").read_text().strip()
    assert owner.strangers == (f"{ME} {name}",)
    assert owner.is_known


def test_the_nearest_address_wins(listen: Listen) -> None:
    port = listen("127.0.0.1")
    listen("::", port)
    owner = ports.owner(port, (ME,))
    assert len(owner.sockets) == 1
    assert owner.strangers == ()


def test_ports_of_a_tree(listen: Listen) -> None:
    found = {listen(), listen("::1")}
    assert found <= set(ports.ports_of((ME, 2**22 + 1)))
    assert ports.ports_of(()) == ()


def test_a_system_that_does_not_tell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, listen: Listen
) -> None:
    port = listen()
    monkeypatch.setattr(ports, "_TABLES", (tmp_path / "none", tmp_path / "none6"))
    assert ports.listeners() is None
    assert ports.owner(port, (ME,)) == ports.Owner(is_known=False)
    assert ports.ports_of((ME,)) == ()


def test_a_system_without_ipv6(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ports, "_TABLES", (Path("/proc/net/tcp"), tmp_path / "none6"))
    assert ports.listeners() is not None


def test_a_table_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ports, "_TABLES", (tmp_path,))
    assert ports.listeners() is None


def test_a_member_that_may_not_be_looked_into(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = listen()
    real = os.scandir

    def refuse(path: str = ".") -> object:
        if str(path).endswith("/fd"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    owner = ports.owner(port, (ME,))
    assert (owner.is_known, owner.strangers) == (False, ())
    assert ports.owner(port, ()).strangers == (ports.UNSEEN,)


def test_a_descriptor_that_is_closed_meanwhile(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen()
    monkeypatch.setattr(os, "readlink", _gone)
    assert ports.ports_of((ME,)) == ()


def _gone(path: str) -> str:
    raise FileNotFoundError(path)


def test_a_stranger_that_ends_while_it_is_named(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gates.toolkit.process_tree.look", lambda _: None)
    assert ports.owner(listen(), ()).strangers == (f"{ME}",)
