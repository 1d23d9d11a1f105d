"""Builds the local vulnerability database from an OSV export, whole or not at all."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gates.advisories import export, families, osv, packing, store
from gates.advisories.freshness import Dates
from gates.advisories.sources import check_sight
from gates.advisories.transport import Http, shown
from gates.advisories.versions import canonical
from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
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
_HELD: Final = """
SELECT count(*) FROM advisory WHERE family IN (
    SELECT family FROM advisory JOIN package ON number = advisory WHERE ecosystem = ?)
"""


@dataclass(frozen=True, slots=True)
class Export:
    """An export on disk, and how the database names it."""

    path: Path
    name: str


def update(
    source: str,
    target: Path,
    *,
    built: datetime,
    http: Http | None = None,
    beside: Iterable[str] = (),
) -> SourceFacts:
    """Build `target` from exports at https addresses, or at paths.

    Args:
        source: address or path of a JSON file, a folder of them, or a zip.
        target: the database.
        built: now, in UTC.
        http: how an address is fetched.
        beside: further such sources, as each ecosystem has an export of its own.

    Raises:
        StageError: nothing usable is there; the old database stands.
    """
    with ExitStack() as stack:
        exports = []
        for each in (source, *beside):
            if "://" in each:
                _make_folder(target)
                download = stack.enter_context(_temporary(target))
                _fetch(each, download, http or Http(), target)
                exports.append(Export(download, shown(each)))
            else:
                exports.append(Export(Path(each), Path(each).name))
        return _build(tuple(exports), target, {"built": osv.stamp(built)})


def _fetch(address: str, download: Path, http: Http, target: Path) -> None:
    try:
        with download.open("wb") as file:
            for part in http.parts(address):
                file.write(part)
    except OSError as error:
        raise _unwritten(target, error) from error


def build(
    path: Path,
    target: Path,
    *,
    source: str,
    built: datetime,
    further: Mapping[str, str] | None = None,
) -> SourceFacts:
    """Build `target` from an export on disk.

    Records of other ecosystems stay out, unless they are aliases of one about a Python or an npm
    package, whose severity they may hold. Before the new database takes the place of the old one
    it is opened and must find one of its own records.

    Args:
        path: a JSON file, a folder of them, or a zip.
        target: the database.
        source: how the database names where it is from.
        built: now, in UTC.
        further: entries for its description.

    Raises:
        StageError: the export is absent, or one of its records cannot be read (it is named), or
            it holds nothing about Python or npm packages alone; the old database stands.
    """
    meta = {**(further or {}), "built": osv.stamp(built)}
    return _build((Export(path, source),), target, meta)


def _build(exports: tuple[Export, ...], target: Path, meta: dict[str, str]) -> SourceFacts:
    _make_folder(target)
    with _temporary(target) as temporary:
        meta |= {"source": ", ".join(of.name for of in exports), "sha256": _digest(exports)}
        try:
            _write(exports, temporary, meta)
        except OutputUnreadable as error:
            raise _with_hint(error) from error
        except (sqlite3.Error, OSError) as error:
            raise _unwritten(target, error) from error
        with store.Database.open(temporary) as database:
            _check_sight(database)
            facts = database.facts
        try:
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(target)
        except OSError as error:
            raise _unwritten(target, error) from error
    return facts


def _write(exports: tuple[Export, ...], temporary: Path, meta: dict[str, str]) -> None:
    # The file is thrown away if anything fails, so it needs neither journal nor syncing here.
    with closing(sqlite3.connect(temporary, isolation_level=None)) as connection:
        connection.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            f" PRAGMA application_id = {store.APPLICATION};"
            f" PRAGMA user_version = {store.FORMAT}; BEGIN; {store.SCHEMA}"
        )
        names, dates = _fill(connection, exports, meta)
        _sort(connection, names)
        newest = dates.by_ecosystem()
        if not newest:
            raise OutputUnreadable(
                "export-empty",
                f"the advisory export `{meta['source']}` holds no record about Python packages"
                " or npm packages alone",
                hint="take the export of the PyPI or the npm ecosystem",
                place=meta["source"],
            )
        count = connection.execute("SELECT count(*) FROM advisory").fetchone()[0]
        meta |= {"records": str(count), "data_date": osv.stamp(min(newest.values()))}
        for ecosystem, day in newest.items():
            (held,) = connection.execute(_HELD, (ecosystem,)).fetchone()
            meta |= {f"records.{ecosystem}": str(held), store.dated(ecosystem): osv.stamp(day)}
        meta["rows"] = store.rows_digest(connection)
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        for statement in ("COMMIT", store.INDEX, "ANALYZE", "VACUUM"):
            connection.execute(statement)


def _fill(
    connection: sqlite3.Connection, exports: tuple[Export, ...], meta: Mapping[str, str]
) -> tuple[list[tuple[str, ...]], Dates]:
    """Insert all records; give the names by which each is known, and when they changed."""
    names: list[tuple[str, ...]] = []
    dates = Dates()
    seen: dict[str, tuple[str, int]] = {}
    day = osv.moment(meta["built"]).date()
    for what, document in (one for of in exports for one in _documents(of)):
        record = osv.read(document, what=what, spelled=canonical, day=day)
        raw = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
        data = raw.encode("utf-8", "surrogatepass")
        if record.id in seen:
            _require_same(record.id, seen[record.id], (what, zlib.crc32(data)))
            continue
        seen[record.id] = (what, zlib.crc32(data))
        _insert(connection, len(names), record, data)
        # A withdrawn record joins no others.
        names.append((record.id,) if record.withdrawn else record.names)
        dates.note(record)
    return names, dates


def _require_same(name: str, first: tuple[str, int], second: tuple[str, int]) -> None:
    """Exports of two ecosystems hold a record on both twice, and then alike."""
    if first[1] != second[1]:
        raise OutputUnreadable(
            "export-contradictory",
            f"the advisory export has {name} twice: `{first[0]}` and `{second[0]}`",
            hint="take the export anew",
            place=second[0],
        )


def _documents(of: Export) -> Iterator[tuple[str, object]]:
    """Each record of an export; a file may hold one record or a list of them."""
    for entry in export.entries(of.path):
        # A single file may be a download under a passing name.
        what = of.name if entry.name == of.path.name else entry.name
        document = strict_json.loads(entry.data, what=what)
        if isinstance(document, list):
            if not document:
                raise OutputUnreadable("json-empty", "the export is an empty list", place=what)
            for place, record in enumerate(document):
                yield f"{what}#{place}", record
        else:
            yield what, document


def _insert(connection: sqlite3.Connection, number: int, record: Advisory, data: bytes) -> None:
    text = packing.pack(record)
    connection.execute(
        "INSERT INTO advisory VALUES (?, ?, ?, ?, ?, ?)",
        (number, record.id, number, record.withdrawn, zlib.crc32(text.encode()), text),
    )
    packed = zlib.compress(data, _LEVEL)
    connection.execute("INSERT INTO original VALUES (?, ?)", (number, packed))
    connection.executemany(
        "INSERT OR IGNORE INTO package VALUES (?, ?, ?)",
        [(of, name, number) for of in osv.ECOSYSTEMS for name in record.packages(of)],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO known_as VALUES (?, ?)", [(name, number) for name in record.names]
    )


def _sort(connection: sqlite3.Connection, names: list[tuple[str, ...]]) -> None:
    """Set the families, and drop those that say nothing about known packages."""
    numbers = families.numbered(names)
    connection.executemany(
        "UPDATE advisory SET family = ? WHERE number = ?",
        [(family, number) for number, family in enumerate(numbers) if family != number],
    )
    for statement in _PRUNE:
        connection.execute(statement)


def _check_sight(database: store.Database) -> None:
    """Require that it finds a record of its own, in one of its ecosystems at least.

    One in which it does not is refused where it is asked.
    """
    blind: StageError | None = None
    for ecosystem in database.ecosystems:
        try:
            check_sight(database.about(ecosystem))
        except StageError as error:
            blind = blind or error
        else:
            return
    if blind is not None:
        raise blind


def _digest(exports: tuple[Export, ...]) -> str:
    """Sha256 of an export; of several, that over theirs in order."""
    from hashlib import sha256

    digests = [export.digest(of.path) for of in exports]
    return digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()


def _make_folder(target: Path) -> None:
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritten(target, error) from error


def _with_hint(error: OutputUnreadable) -> OutputUnreadable:
    """The same error with a next step, where whatever read the export knows of none."""
    of = error.problem
    hint = of.hint or "take the export anew, as OSV publishes it for an ecosystem"
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
