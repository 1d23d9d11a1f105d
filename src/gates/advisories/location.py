"""Finds the local vulnerability database, and makes one from an export that stands in its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from gates.advisories.store import Database
from gates.domain.errors import StageError
from gates.toolkit.regular import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

VARIABLE: Final = "GATES_ADVISORIES"
VARIABLES: Final = (VARIABLE, "XDG_CACHE_HOME", "HOME")
"""The environment variables that say where vulnerability data is."""

_MAGIC: Final = b"SQLite format 3\x00"


def cache_folder(environ: Mapping[str, str]) -> Path:
    """The user's folder for vulnerability data, by the XDG Base Directory Specification.

    Raises:
        StageError: `no-cache-folder`: neither `XDG_CACHE_HOME` nor `HOME` names one.
    """
    for variable, further in (("XDG_CACHE_HOME", ""), ("HOME", ".cache")):
        folder = Path(environ.get(variable, ""))
        if folder.is_absolute():  # a relative one is to be ignored, says the specification
            return folder / further / "gates" / "advisories"
    raise StageError(
        "no-cache-folder",
        "no folder for vulnerability data is known",
        hint="set `XDG_CACHE_HOME` or `HOME` to an absolute path",
    )


def default_database(environ: Mapping[str, str]) -> Path:
    """Where `gates advisories update` puts its database.

    Raises:
        StageError: `no-cache-folder`.
    """
    return cache_folder(environ) / "osv.sqlite"


def open_configured(
    environ: Mapping[str, str], *, base: Path, now: datetime, named: str = ""
) -> Database:
    """Open what is named, else what `GATES_ADVISORIES` names, else the user's own database.

    Args:
        environ: the environment.
        base: the folder from which a relative path counts.
        now: the time, in UTC, for a database that is made on the way.
        named: a path that goes before the environment, or empty.

    Raises:
        StageError: there is none, or it cannot be used.
    """
    named = named or environ.get(VARIABLE, "")
    if not named:
        return Database.open(default_database(environ))
    return open_any(base / named, cache=cache_folder(environ), now=now)


def open_any(path: Path, *, cache: Path, now: datetime) -> Database:
    """Open a database, or an export by way of a database that is kept in the cache.

    The kept one is used again while nothing about the export's files has changed: their names,
    sizes, and the times of their contents and of their last change of any kind.

    Args:
        path: a database, a JSON file, a folder of them, or a zip.
        cache: where databases made from exports are kept.
        now: the time, in UTC.

    Raises:
        StageError: there is nothing at `path`, or it cannot be used.
    """
    if _is_database(path):
        return Database.open(path)
    from hashlib import sha256

    from gates.advisories import building

    state = _state(path)
    place = sha256(str(path.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    kept = cache / f"export-{place}.sqlite"
    if kept.exists():
        database = _kept(kept)
        if database is not None:
            if database.meta.get("export_state") == state:
                return database
            database.close()
    building.build(path, kept, source=path.name, built=now, further={"export_state": state})
    return Database.open(kept)


def _kept(path: Path) -> Database | None:
    """A kept database; a damaged one, or one of an earlier format, is only made anew."""
    try:
        return Database.open(path)
    except StageError:
        return None


def _is_database(path: Path) -> bool:
    if path.is_dir():
        return False
    try:
        with open_regular(path) as file:
            start = file.read(len(_MAGIC))
    except OSError as error:
        raise StageError(
            "advisories-absent",
            f"there is no vulnerability data at `{path.name}`: {error.strerror or error}",
            hint=f"set `{VARIABLE}` to a database, or to an OSV export (JSON, folder or zip)",
            place=str(path),
        ) from error
    # An empty or a foreign file is judged by whatever reads it next.
    return start == _MAGIC


def _state(path: Path) -> str:
    from hashlib import sha256

    total = sha256()
    for line in _listing(path):
        total.update(line.encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def _listing(path: Path) -> Iterator[str]:
    places = sorted(path.rglob("*.json")) if path.is_dir() else [path]
    for place in places:
        of = place.stat()
        yield f"{place}\0{of.st_ino}\0{of.st_size}\0{of.st_mtime_ns}\0{of.st_ctime_ns}\0"
