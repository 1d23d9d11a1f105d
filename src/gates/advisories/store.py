"""The local vulnerability database: one SQLite file, built whole, opened read-only.

`building` writes it, this module reads it. Each record stands there reduced to what matching and
rating need, with a checksum, and as the export had it, compressed. A digest over the columns by
which records are found is checked whenever it is opened.
"""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

from gates.advisories import osv, packing
from gates.advisories.matching import Matcher, Package
from gates.advisories.sources import Lookup, SourceFacts
from gates.advisories.versions import SCHEMES
from gates.domain.errors import OutputUnreadable, StageError
from gates.toolkit.regular import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from gates.advisories.osv import Advisory

APPLICATION: Final = 0x67617465
FORMAT: Final = 3
SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE advisory (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    family INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    record TEXT NOT NULL
);
CREATE TABLE original (advisory INTEGER PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE package (
    ecosystem TEXT, name TEXT, advisory INTEGER, PRIMARY KEY (ecosystem, name, advisory)
) WITHOUT ROWID;
CREATE TABLE known_as (name TEXT, advisory INTEGER, PRIMARY KEY (name, advisory)) WITHOUT ROWID;
"""
INDEX: Final = "CREATE INDEX advisory_family ON advisory (family)"
_MAGIC: Final = b"SQLite format 3\x00"
_FAMILIES: Final = """
SELECT id, checksum, record FROM advisory WHERE withdrawn = 0 AND family IN (
    SELECT family FROM advisory WHERE withdrawn = 0 AND number IN (
        SELECT advisory FROM {where} name IN ({marks})))
"""
_BY_PACKAGE: Final = _FAMILIES.replace("{where}", "package WHERE ecosystem = ? AND")
_BY_NAME: Final = _FAMILIES.replace("{where}", "known_as WHERE")
# One text for a table is four times as fast as its rows: 10 ms for 2,661 records.
_ROWS: Final = (
    """SELECT group_concat(
        number || '|' || id || '|' || family || '|' || withdrawn || '|' || checksum, x'0A')
    FROM (SELECT * FROM advisory ORDER BY number)""",
    """SELECT group_concat(ecosystem || '|' || name || '|' || advisory, x'0A')
    FROM (SELECT * FROM package ORDER BY ecosystem, name, advisory)""",
    """SELECT group_concat(name || '|' || advisory, x'0A')
    FROM (SELECT * FROM known_as ORDER BY name, advisory)""",
)
_AT_ONCE: Final = 500
_CANARY_TRIES: Final = 50
_HINT: Final = "make it anew with `gates advisories update`"


@dataclass(frozen=True, slots=True)
class Database:
    """An open database; close it, or use it in a `with` statement.

    Attributes:
        path: of the file.
        facts: of the whole, whose data is as old as that of the ecosystem with the oldest; or of
            one ecosystem, see `about`.
        meta: its own description.
        connection: to the file.
        ecosystem: of which it takes its canary; of any where empty.
    """

    path: Path
    facts: SourceFacts
    meta: dict[str, str]
    connection: sqlite3.Connection
    ecosystem: str = ""

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a database that `building.build` made.

        Raises:
            StageError: `advisories-absent`: there is none.
            OutputUnreadable: `advisories-damaged`: it is empty, cut short, of another program or
                of another format.
        """
        _check_magic(path)
        quoted = str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        with _told(path):
            # It is replaced by renaming and never changed, so no lock is needed to read it.
            connection = sqlite3.connect(f"file:{quoted}?mode=ro&immutable=1", uri=True)
        try:
            with _told(path):
                meta = _meta(connection, path)
                facts = _facts(path, meta)
                _check_count(connection, path, facts)
                _check_rows(connection, path, meta)
        except BaseException:
            connection.close()
            raise
        return cls(path, facts, meta, connection)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def ecosystems(self) -> tuple[str, ...]:
        """Those of which it holds an export, see `freshness`."""
        return tuple(of for of in osv.ECOSYSTEMS if dated(of) in self.meta)

    def about(self, ecosystem: str) -> Self:
        """The same open database with the canary and the facts of one ecosystem.

        Raises:
            StageError: `advisories-lacking`: it holds no export of that ecosystem. That some of
                its records name such packages beside others shows none of their own.
            OutputUnreadable: `advisories-damaged`.
        """
        if ecosystem not in self.ecosystems:
            raise StageError(
                "advisories-lacking",
                f"`{self.facts.name}` is no export about {osv.ECOSYSTEMS[ecosystem]} packages:"
                " none of its records is about them alone",
                hint=f"name an OSV export that holds the {osv.ECOSYSTEMS[ecosystem]} ecosystem:"
                " `gates advisories update SOURCE`",
                place=self.facts.name,
            )
        facts = _facts(self.path, self.meta, suffix=f".{ecosystem}")
        return replace(self, facts=facts, ecosystem=ecosystem)

    def canary(self) -> Package:
        """A package and version that one of its own records names.

        Raises:
            StageError: `advisories-blind`: no record names a version that could be found.
        """
        with _told(self.path):
            records = self._records(
                "SELECT id, checksum, record FROM advisory WHERE number IN"
                " (SELECT advisory FROM package WHERE ? IN (ecosystem, '')) AND withdrawn = 0"
                " ORDER BY number LIMIT ?",
                (self.ecosystem, _CANARY_TRIES),
            )
            for record in records:
                for package in _candidates(record, self.ecosystem):
                    if Matcher(package.ecosystem).affects(record, package) is not None:
                        return package
        raise StageError(
            "advisories-blind",
            f"the scanner is blind: `{self.facts.name}` holds no advisory with a version, so"
            " nothing shows that it works",
            hint=_HINT,
            place=self.facts.name,
        )

    def look_up(self, packages: tuple[Package, ...]) -> Lookup:
        """Find the standing records about these packages, with all their aliases.

        Raises:
            OutputUnreadable: `advisories-damaged`.
        """
        names: dict[str, list[str]] = {}
        for package in packages:
            names.setdefault(package.ecosystem, []).append(package.name)
        found = (
            record
            for ecosystem, every in names.items()
            for record in self._families_of(_BY_PACKAGE, every, ecosystem)
        )
        return Lookup(tuple({record.id: record for record in found}.values()))

    def named(self, names: tuple[str, ...]) -> tuple[Advisory, ...]:
        """Find the standing records by id or alias, with all their aliases.

        Raises:
            OutputUnreadable: `advisories-damaged`.
        """
        return self._families_of(_BY_NAME, names)

    def original(self, name: str) -> bytes | None:
        """The record of that id as the export had it, or `None`.

        Raises:
            OutputUnreadable: `advisories-damaged`.
        """
        query = "SELECT raw FROM original JOIN advisory ON number = advisory WHERE advisory.id = ?"
        with _told(self.path):
            row = self.connection.execute(query, (name,)).fetchone()
            return None if row is None else zlib.decompress(row[0])

    def _families_of(
        self, query_for: str, names: Sequence[str], *further: str
    ) -> tuple[Advisory, ...]:
        found: dict[str, Advisory] = {}
        wanted = list(dict.fromkeys(names))
        with _told(self.path):
            for start in range(0, len(wanted), _AT_ONCE):
                part = wanted[start : start + _AT_ONCE]
                query = query_for.format(marks=",".join("?" * len(part)))
                values = (*further, *part)
                found.update((record.id, record) for record in self._records(query, values))
        return tuple(found.values())

    def _records(self, query: str, values: Sequence[object]) -> Iterator[Advisory]:
        for name, checksum, text in self.connection.execute(query, values):
            if zlib.crc32(text.encode()) != checksum:
                raise _damaged(self.path, f"its record {name} is not as it was written")
            yield packing.unpack(text)


def rows_digest(connection: sqlite3.Connection) -> str:
    """Sha256 over all by which records are found: ids, names, packages, withdrawals, checksums.

    Raises:
        sqlite3.Error: a table is not there.
    """
    from hashlib import sha256

    total = sha256()
    for query in _ROWS:
        (text,) = connection.execute(query).fetchone()
        total.update(f"{text}\0".encode("utf-8", "surrogatepass"))
    return total.hexdigest()


def dated(ecosystem: str) -> str:
    """The entry of the description that says how old the data of an ecosystem is."""
    return f"data_date.{ecosystem}"


def _candidates(record: Advisory, ecosystem: str) -> Iterable[Package]:
    for entry in record.affected:
        scheme = SCHEMES.get(entry.ecosystem)
        if scheme is None or ecosystem not in {entry.ecosystem, ""}:
            continue
        starts = (
            scheme.lowest if of.version == "0" else of.version
            for events in entry.ranges
            for of in events
            if of.kind == "introduced"
        )
        for version in (*entry.versions[-3:], *starts):
            if scheme.read(version) is not None:
                yield Package(entry.name, version, entry.ecosystem)


def _check_magic(path: Path) -> None:
    try:
        with open_regular(path) as file:
            start = file.read(len(_MAGIC))
    except FileNotFoundError as error:
        raise StageError(
            "advisories-absent",
            "there is no local vulnerability database",
            hint="`gates advisories update URL-or-path` makes one from an OSV export; or set"
            " `GATES_ADVISORIES` to a database or an export",
            place=str(path),
        ) from error
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from error
    if start != _MAGIC:
        raise _damaged(path, "it is empty" if not start else "it is no SQLite file")


def _meta(connection: sqlite3.Connection, path: Path) -> dict[str, str]:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION:
        raise _damaged(path, "another program made it")
    format_ = connection.execute("PRAGMA user_version").fetchone()[0]
    if format_ != FORMAT:
        raise _damaged(path, f"it has format {format_}, and this is format {FORMAT}")
    return dict(connection.execute("SELECT key, value FROM meta").fetchall())


def _facts(path: Path, meta: dict[str, str], *, suffix: str = "") -> SourceFacts:
    try:
        return SourceFacts(
            meta["source"],
            osv.moment(meta[f"data_date{suffix}"]),
            int(meta[f"records{suffix}"]),
            meta["sha256"],
        )
    except (KeyError, ValueError) as error:
        raise _damaged(path, f"its description is not whole: {error}") from error


def _check_count(connection: sqlite3.Connection, path: Path, facts: SourceFacts) -> None:
    count = connection.execute("SELECT count(*) FROM advisory").fetchone()[0]
    if count != facts.records or not count:
        raise _damaged(path, f"it holds {count} records and says {facts.records}")


def _check_rows(connection: sqlite3.Connection, path: Path, meta: dict[str, str]) -> None:
    if rows_digest(connection) != meta.get("rows"):
        raise _damaged(path, "its rows are not as they were written")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, zlib.error, ValueError, TypeError, AttributeError) as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, why: str) -> OutputUnreadable:
    return OutputUnreadable(
        "advisories-damaged",
        f"the vulnerability database `{path.name}` cannot be used: {why}",
        hint=_HINT,
        place=str(path),
    )
