"""Builds the local vulnerability database from an OSV export, whole or not at all."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gates.advisories import export, families, osv, packing, store
from gates.advisories.matching import canonical
from gates.advisories.sources import check_sight
from gates.advisories.transport import Http, shown
from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from gates.advisories.osv import Advisory
    from gates.advisories.sources import SourceFacts

_LEVEL: Final = 6
_PRUNE: Final = (
    # The affected packages are the seventh field, see `packing`.
    """CREATE TEMP TABLE kept AS SELECT DISTINCT family FROM advisory
    WHERE number IN (SELECT advisory FROM package) OR json_array_length(record, '$[6]') = 0""",
    "DELETE FROM advisory WHERE family NOT IN (SELECT family FROM kept)",
    "DELETE FROM original WHERE advisory NOT IN (SELECT number FROM advisory)",
    "DELETE FROM known_as WHERE advisory NOT IN (SELECT number FROM advisory)",
    "DROP TABLE kept",
)


def update(source: str, target: Path, *, built: datetime, http: Http | None = None) -> SourceFacts:
    """Build `target` from an export at an https address, or at a path.

    Args:
        source: address or path of a JSON file, a folder of them, or a zip.
        target: the database.
        built: now, in UTC.
        http: how an address is fetched.

    Raises:
        StageError: nothing usable is there; the old database stands.
    """
    if "://" not in source:
        return build(Path(source), target, source=Path(source).name, built=built)
    _make_folder(target)
    with _temporary(target) as download:
        try:
            with download.open("wb") as file:
                for part in (http or Http()).parts(source):
                    file.write(part)
        except OSError as error:
            raise _unwritten(target, error) from error
        return build(download, target, source=shown(source), built=built)


def build(
    path: Path,
    target: Path,
    *,
    source: str,
    built: datetime,
    further: Mapping[str, str] | None = None,
) -> SourceFacts:
    """Build `target` from an export on disk.

    Records of other ecosystems stay out, unless they are aliases of one about a Python package,
    whose severity they may hold. Before the new database takes the place of the old one it is
    opened and must find one of its own records.

    Args:
        path: a JSON file, a folder of them, or a zip.
        target: the database.
        source: how the database names where it is from.
        built: now, in UTC.
        further: entries for its description.

    Raises:
        StageError: the export is absent, or one of its records cannot be read (it is named), or
            it holds nothing about Python packages; the old database stands.
    """
    _make_folder(target)
    with _temporary(target) as temporary:
        meta = {
            **(further or {}),
            "source": source,
            "built": osv.stamp(built),
            "sha256": export.digest(path),
        }
        try:
            _write(path, temporary, meta)
        except OutputUnreadable as error:
            raise _with_hint(error) from error
        except (sqlite3.Error, OSError) as error:
            raise _unwritten(target, error) from error
        with store.Database.open(temporary) as database:
            check_sight(database)
            facts = database.facts
        try:
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(target)
        except OSError as error:
            raise _unwritten(target, error) from error
    return facts


def _write(path: Path, temporary: Path, meta: dict[str, str]) -> None:
    # The file is thrown away if anything fails, so it needs neither journal nor syncing here.
    with closing(sqlite3.connect(temporary, isolation_level=None)) as connection:
        connection.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            f" PRAGMA application_id = {store.APPLICATION};"
            f" PRAGMA user_version = {store.FORMAT}; BEGIN; {store.SCHEMA}"
        )
        names, newest = _fill(connection, path, meta)
        _sort(connection, names)
        count = connection.execute("SELECT count(*) FROM advisory").fetchone()[0]
        if not count or newest is None:
            raise OutputUnreadable(
                "export-empty",
                f"the advisory export `{path.name}` holds no record about a Python package",
                hint="take the export of the PyPI ecosystem",
                place=str(path),
            )
        meta |= {"records": str(count), "data_date": osv.stamp(newest)}
        meta["rows"] = store.rows_digest(connection)
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        for statement in ("COMMIT", store.INDEX, "ANALYZE", "VACUUM"):
            connection.execute(statement)


def _fill(
    connection: sqlite3.Connection, path: Path, meta: Mapping[str, str]
) -> tuple[list[tuple[str, ...]], datetime | None]:
    """Insert all records; give the names by which each is known, and the newest change."""
    names: list[tuple[str, ...]] = []
    newest: datetime | None = None
    seen: dict[str, str] = {}
    day = osv.moment(meta["built"]).date()
    for what, document in _documents(path, meta["source"]):
        record = osv.read(document, what=what, spelled=canonical, day=day)
        if record.id in seen:
            raise OutputUnreadable(
                "export-contradictory",
                f"the advisory export has {record.id} twice: `{seen[record.id]}` and `{what}`",
                hint="take the export anew",
                place=what,
            )
        seen[record.id] = what
        _insert(connection, len(names), record, document)
        # A withdrawn record joins no others.
        names.append((record.id,) if record.withdrawn else record.names)
        if osv.PYPI in {of.ecosystem for of in record.affected} or not record.affected:
            newest = max(newest or record.modified, record.modified)
    return names, newest


def _documents(path: Path, source: str) -> Iterator[tuple[str, object]]:
    """Each record of an export; a file may hold one record or a list of them."""
    for entry in export.entries(path):
        # A single file may be a download under a passing name.
        what = source if entry.name == path.name else entry.name
        document = strict_json.loads(entry.data, what=what)
        if isinstance(document, list):
            if not document:
                raise OutputUnreadable("json-empty", "the export is an empty list", place=what)
            for place, record in enumerate(document):
                yield f"{what}#{place}", record
        else:
            yield what, document


def _insert(
    connection: sqlite3.Connection, number: int, record: Advisory, document: object
) -> None:
    text = packing.pack(record)
    raw = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
    connection.execute(
        "INSERT INTO advisory VALUES (?, ?, ?, ?, ?, ?)",
        (number, record.id, number, record.withdrawn, zlib.crc32(text.encode()), text),
    )
    packed = zlib.compress(raw.encode("utf-8", "surrogatepass"), _LEVEL)
    connection.execute("INSERT INTO original VALUES (?, ?)", (number, packed))
    connection.executemany(
        "INSERT OR IGNORE INTO package VALUES (?, ?)",
        [(name, number) for name in record.packages()],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO known_as VALUES (?, ?)", [(name, number) for name in record.names]
    )


def _sort(connection: sqlite3.Connection, names: list[tuple[str, ...]]) -> None:
    """Set the families, and drop those that say nothing about Python packages."""
    numbers = families.numbered(names)
    connection.executemany(
        "UPDATE advisory SET family = ? WHERE number = ?",
        [(family, number) for number, family in enumerate(numbers) if family != number],
    )
    for statement in _PRUNE:
        connection.execute(statement)


def _make_folder(target: Path) -> None:
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritten(target, error) from error


def _with_hint(error: OutputUnreadable) -> OutputUnreadable:
    """The same error with a next step, where whatever read the export knows of none."""
    of = error.problem
    hint = of.hint or "take the export anew, as OSV publishes it for the PyPI ecosystem"
    return OutputUnreadable(of.slug, of.summary, hint=hint, place=of.place)


def _unwritten(target: Path, error: Exception) -> StageError:
    return StageError(
        "advisories-unwritten",
        f"the vulnerability database could not be written: {error}",
        hint="see whether the disk is full and the folder is yours",
        place=str(target),
    )


@contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """A name beside `target` for this process alone; whatever is left there is removed."""
    name = f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp"
    temporary = target.with_name(name)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
