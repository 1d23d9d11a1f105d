"""TCP ports of this machine: a free one, who listens on one, and on which ones a tree listens.

Who listens is read from /proc, which only Linux has: `/proc/net/tcp` and `/proc/net/tcp6` name the
socket behind each port (state 0A), `/proc/PID/fd` the processes that hold it. Elsewhere, and for
processes of other users, nothing can be told.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gates.toolkit import process_tree

LOOPBACK = "127.0.0.1"
"""Never `localhost`, which may be `::1`, where another program may listen on the same port."""

UNSEEN = "a process that cannot be seen"
"""What stands for a process of another user, or of another container."""

_LISTENING = "0A"
_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_MAPPED = "::ffff:"
_FIELDS = 10


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that waits for connections.

    Attributes:
        address: on which it waits, as text.
        port: on which it waits.
        inode: the kernel's number of the socket.
    """

    address: str
    port: int
    inode: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Who listens on a port, as a connection to 127.0.0.1 would meet it.

    Attributes:
        sockets: the kernel's numbers of the sockets; none where nobody listens.
        strangers: processes outside the tree that hold one, as `pid name`; `UNSEEN` where no
            process can be seen that does.
        is_known: whether this system tells who listens.
    """

    sockets: frozenset[int] = frozenset()
    strangers: tuple[str, ...] = ()
    is_known: bool = True


def free_port() -> int:
    """A port on which nobody listens now; somebody else may take it in the next moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as asking:
        asking.bind((LOOPBACK, 0))
        port: int = asking.getsockname()[1]
        return port


def is_taken(port: int, *, host: str = LOOPBACK, timeout_s: float = 1.0) -> bool:
    """Whether somebody takes connections on a port."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False


def listeners() -> tuple[Listener, ...] | None:
    """All sockets that wait for connections; None where the system does not tell."""
    found: list[Listener] = []
    for table in _TABLES:
        try:
            with table.open(encoding="ascii") as file:
                found += _listed(file)
        except FileNotFoundError:
            if table == _TABLES[0]:
                return None
        except OSError:
            return None
    return tuple(found)


def owner(port: int, tree: Iterable[int]) -> Owner:
    """Who listens on a port of 127.0.0.1.

    Args:
        port: the port.
        tree: the processes that may.
    """
    waiting = listeners()
    if waiting is None:
        return Owner(is_known=False)
    sockets = frozenset(each.inode for each in _nearest(waiting, port))
    members = tuple(tree)
    own, is_whole = _sockets_of(members)
    foreign = sockets - own
    if not foreign:
        return Owner(sockets)
    strangers = _holders(foreign, frozenset(members))
    if not strangers and not is_whole:
        # A process of the tree that we may not look into may hold it.
        return Owner(sockets, is_known=False)
    return Owner(sockets, strangers or (UNSEEN,))


def ports_of(tree: Iterable[int]) -> tuple[int, ...]:
    """The ports on which processes listen, ascending."""
    own, _ = _sockets_of(tree)
    return tuple(sorted({each.port for each in listeners() or () if each.inode in own}))


def _nearest(waiting: Iterable[Listener], port: int) -> list[Listener]:
    """The listeners that a connection to 127.0.0.1 would meet: the nearest address wins."""
    there = [each for each in waiting if each.port == port]
    for address in (LOOPBACK, "0.0.0.0", "::"):  # noqa: S104 - read, not bound  # nosec B104
        found = [each for each in there if each.address == address]
        if found:
            return found
    return []


def _listed(lines: Iterable[str]) -> Iterator[Listener]:
    for line in lines:
        fields = line.split()
        if len(fields) >= _FIELDS and fields[3] == _LISTENING:
            address, _, port = fields[1].partition(":")
            yield Listener(_address(address), int(port, 16), int(fields[9]))


def _address(text: str) -> str:
    """An address as the kernel prints it: words of four bytes in the byte order of the machine."""
    raw = b"".join(
        int(text[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(text), 8)
    )
    if len(raw) == 4:  # noqa: PLR2004 - bytes of an IPv4 address
        return socket.inet_ntop(socket.AF_INET, raw)
    return socket.inet_ntop(socket.AF_INET6, raw).removeprefix(_MAPPED)


def _sockets_of(tree: Iterable[int]) -> tuple[frozenset[int], bool]:
    """The sockets that processes hold, and whether all of them could be looked into."""
    found: set[int] = set()
    is_whole = True
    for pid in tree:
        try:
            found |= set(_sockets(pid))
        except PermissionError:
            is_whole = False
        except OSError:
            continue  # it has ended
    return frozenset(found), is_whole


def _sockets(pid: int) -> Iterator[int]:
    with os.scandir(f"/proc/{pid}/fd") as entries:
        for entry in entries:
            try:
                target = os.readlink(entry.path)  # noqa: PTH115 - thousands a second
            except OSError:
                continue  # closed meanwhile
            if target.startswith("socket:["):
                yield int(target[8:-1])


def _holders(sockets: frozenset[int], without: frozenset[int]) -> tuple[str, ...]:
    """The processes that hold one of these sockets, as `pid name`."""
    found = []
    with os.scandir("/proc") as entries:
        numbers = sorted(int(entry.name) for entry in entries if entry.name.isdecimal())
    for pid in numbers:
        if pid not in without and sockets & _sockets_of((pid,))[0]:
            seen = process_tree.look(pid)
            found.append(str(seen) if seen is not None else f"{pid}")
    return tuple(found)
