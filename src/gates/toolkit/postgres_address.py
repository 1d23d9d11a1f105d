"""The address of a PostgreSQL database as the variables that its programs read."""

from __future__ import annotations

from collections.abc import Mapping

from gates.domain.errors import StageError

_SCHEMES = ("postgresql", "postgres")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def environment(url: str, *, allowed: frozenset[str]) -> Mapping[str, str]:
    """PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE of an address.

    So no password stands on a command line. `postgresql+asyncpg://` and the like are read too.

    Args:
        url: `postgresql://USER@HOST:PORT/NAME`, with a password behind the user's name and a
            colon; user, password and port may be left out.
        allowed: hosts besides this machine on which it may be.

    Raises:
        StageError: it is no such address, or on a host that is not allowed.
    """
    from urllib.parse import unquote, urlsplit

    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme.partition("+")[0] not in _SCHEMES or not host or not name:
        raise StageError(
            "database-address",
            "`database` is no address of a PostgreSQL database",
            hint="write postgresql://USER@HOST:PORT/NAME, or `{db.url}` of a service",
        )
    if host not in _LOOPBACK | allowed:
        raise StageError(
            "database-elsewhere",
            f"the database is on `{host}`, where no service of this gate is",
            hint="its statistics are reset: name one that is started for the gate",
        )
    found = {
        "PGHOST": host,
        "PGPORT": str(port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": name,
        "PGCONNECT_TIMEOUT": "10",
    }
    return {key: value for key, value in found.items() if value}
