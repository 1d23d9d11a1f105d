"""Which database is used where everything in it may be dropped: one that is this gate's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gates.domain.errors import StageError

SCHEMES = frozenset({"postgresql", "postgres", "mysql", "mariadb"})
"""Addresses of services that are databases; a driver may follow behind a plus."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SQLITE = "sqlite"


def chosen(given: str, services: Mapping[str, str], *, own: Path) -> str:
    """The address of the database.

    Args:
        given: an address that gates.yaml names, or empty.
        services: the hosts of the gate's services by their address, the gate's own first.
        own: a file in a private folder, used where neither is there.

    Raises:
        StageError: it is on a host where no service of the gate is, or none of them is a database.
    """
    if given:
        return _refused_elsewhere(given, frozenset(services.values()))
    if not services:
        return f"sqlite:///{own}"
    for url in services:
        if scheme(url) in SCHEMES:
            return url
    raise StageError(
        "no-database",
        "none of the gate's services is a database",
        hint="name one that is, or `url` under `with:`",
    )


def scheme(url: str) -> str:
    """The kind of database that an address names."""
    return url.partition(":")[0].partition("+")[0]


def _refused_elsewhere(url: str, hosts: frozenset[str]) -> str:
    from urllib.parse import urlsplit

    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    if scheme(url) == _SQLITE:
        return url
    if "://" not in url or not host:
        raise StageError(
            "database-address",
            "`url` is no address of a database",
            hint="write postgresql://USER@HOST:PORT/NAME, or `{db.url}` of a service",
        )
    if host not in _LOOPBACK | hosts:
        raise StageError(
            "database-elsewhere",
            f"the database is on `{host}`, where no service of this gate is",
            hint="all that it holds is dropped: name one that is started for the gate",
        )
    return url
