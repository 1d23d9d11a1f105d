"""OSV records: the form in which vulnerability databases exchange advisories.

Format: Open Source Vulnerability schema 1.x, https://ossf.github.io/osv-schema/. Only what
matching and rating need is kept. What is there must be of the right type; a record that cannot be
read is an error, never a record that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from gates.domain.errors import OutputUnreadable
from gates.formats.python_names import normalised
from gates.formats.strict_json import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

PYPI: Final = "pypi"
NPM: Final = "npm"
ECOSYSTEMS: Final[Mapping[str, str]] = {PYPI: "Python", NPM: "npm"}
"""The ecosystems whose packages can be looked up, with the names that people give them."""

_BOUNDS: Final = ("introduced", "fixed", "last_affected", "limit")
_SUMMARY_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class Rating:
    """One statement of severity: a CVSS vector, or a label where `kind` is `label`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Bound:
    """One event of a range: `introduced`, `fixed`, `last_affected` or `limit`, at a version."""

    kind: str
    version: str


@dataclass(frozen=True, slots=True)
class Affected:
    """The versions of one package that an advisory is about.

    Attributes:
        ecosystem: lower case, without a suffix such as `:stable`.
        name: normalised where the ecosystem is PyPI.
        versions: those listed, in canonical spelling where they can be read.
        ranges: the events of each range of versions; ranges of commits are left out.
    """

    ecosystem: str
    name: str
    versions: tuple[str, ...]
    ranges: tuple[tuple[Bound, ...], ...]


@dataclass(frozen=True, slots=True)
class Advisory:
    """One record.

    Attributes:
        id: of this record.
        aliases: ids of the same vulnerability elsewhere.
        modified: when the record last changed.
        published: when it appeared, where it says so.
        withdrawn: it no longer stands.
        summary: one line.
        affected: by package; empty where the record only names or rates.
        ratings: all that it says on severity, wherever in the record it stands.
    """

    id: str
    aliases: tuple[str, ...]
    modified: datetime
    published: datetime | None
    withdrawn: bool
    summary: str
    affected: tuple[Affected, ...]
    ratings: tuple[Rating, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The id and the aliases."""
        return (self.id, *self.aliases)

    def packages(self, ecosystem: str = PYPI) -> tuple[str, ...]:
        """Names of the packages of one ecosystem that it is about, each once."""
        found = (entry.name for entry in self.affected if entry.ecosystem == ecosystem)
        return tuple(dict.fromkeys(found))


def read(
    document: object,
    *,
    what: str,
    spelled: Callable[[str, str], str] | None = None,
    day: date | None = None,
) -> Advisory:
    """Read one record that is already parsed from JSON.

    Args:
        document: the JSON value.
        what: how errors call it, such as a file name.
        spelled: gives the canonical spelling of a listed version of an ecosystem; left out where
            they have it.
        day: today (UTC); a record that is withdrawn later still stands.

    Raises:
        OutputUnreadable: it is no OSV record of schema 1, or a field is not of its type.
    """
    record = Value(document, what)
    schema = _text(record, "schema_version") or "1.0.0"
    if schema.partition(".")[0] != "1":
        raise OutputUnreadable(
            "advisory-schema",
            f"`{what}` has OSV schema version `{schema[:20]}`; version 1 is understood",
            place=what,
            hint="update `gates`, or take an export of schema 1",
        )
    ratings = [*_severities(record), *_label(record)]
    affected = []
    for entry in _items(record, "affected"):
        ratings += (*_severities(entry), *_label(entry))
        package = entry.find("package")
        if package is not None:
            affected.append(_affected(entry, package, spelled))
    return Advisory(
        id=_filled(record, "id"),
        aliases=_texts(record, "aliases"),
        modified=_moment(record.member("modified")),
        published=_maybe_moment(record.find("published")),
        withdrawn=_is_withdrawn(record, day),
        summary=_summary(record),
        affected=tuple(affected),
        ratings=tuple(dict.fromkeys(ratings)),
    )


def moment(text: str) -> datetime:
    """Read an RFC 3339 time in UTC.

    Raises:
        ValueError: it is no such time, or not in UTC.
    """
    # Exports exist that write the zero time of their tool as `1-01-01T00:00:00Z`.
    value = datetime.fromisoformat("000" + text if text.startswith("1-") else text)
    if value.tzinfo is None or value.utcoffset():
        raise ValueError(f"{text!r} is not in UTC")
    return value.astimezone(UTC)


def stamp(value: datetime) -> str:
    """Write a time in UTC as RFC 3339, with `Z`."""
    return value.isoformat().replace("+00:00", "Z")


def _summary(record: Value) -> str:
    text = _text(record, "summary") or _text(record, "details")
    line = next((part for part in map(str.strip, text.splitlines()) if part), "")
    return line if len(line) <= _SUMMARY_LENGTH else line[: _SUMMARY_LENGTH - 1] + "…"


def _severities(record: Value) -> Iterator[Rating]:
    # A rating that is not of its type is kept as unreadable: it must be told, and it must not
    # keep the rest of the record from being used.
    for entry in _items(record, "severity"):
        kind, text = entry.mapping().get("type"), entry.mapping().get("score")
        yield Rating(
            kind if isinstance(kind, str) else "unreadable",
            text if isinstance(text, str) else "",
        )


def _label(record: Value) -> Iterator[Rating]:
    for place in ("database_specific", "ecosystem_specific"):
        specific = record.mapping().get(place)
        label = specific.get("severity") if isinstance(specific, dict) else None
        if isinstance(label, str):
            yield Rating("label", label)


def _affected(entry: Value, package: Value, spelled: Callable[[str, str], str] | None) -> Affected:
    ecosystem = _filled(package, "ecosystem").partition(":")[0].lower()
    name = _filled(package, "name")
    versions = _texts(entry, "versions")
    if ecosystem == PYPI:
        name = normalised(name)
    if spelled is not None:
        versions = tuple(dict.fromkeys(spelled(of, ecosystem) for of in versions))
    ranges = tuple(
        tuple(_bounds(of)) for of in _items(entry, "ranges") if _filled(of, "type") != "GIT"
    )
    return Affected(ecosystem, name, versions, ranges)


def _bounds(range_: Value) -> Iterator[Bound]:
    events = _items(range_, "events")
    if not events:
        raise range_.unreadable("has no events")
    for event in events:
        kinds = [kind for kind in _BOUNDS if kind in event.mapping()]
        if not kinds:
            raise event.unreadable(f"has none of {', '.join(_BOUNDS)}")
        for kind in kinds:
            yield Bound(kind, event.member(kind).text())


# In these records null stands for absent.


def _text(value: Value, key: str) -> str:
    found = value.find(key)
    return "" if found is None else found.text()


def _filled(value: Value, key: str) -> str:
    text = value.member(key).text()
    if not text:
        raise value.member(key).unreadable("is empty")
    return text


def _items(value: Value, key: str) -> tuple[Value, ...]:
    found = value.find(key)
    return () if found is None else tuple(found.items())


def _texts(value: Value, key: str) -> tuple[str, ...]:
    return tuple(of.text() for of in _items(value, key))


def _maybe_moment(value: Value | None) -> datetime | None:
    found = None if value is None else _moment(value)
    # The zero time means that none was set: a record with it is not withdrawn.
    return None if found is None or found.year == 1 else found


def _is_withdrawn(record: Value, day: date | None) -> bool:
    """It is withdrawn by that day, and not only announced to be."""
    # A time is asked for, so that `false` does not make a record disappear.
    at = _maybe_moment(record.find("withdrawn"))
    return at is not None and (day is None or at.date() <= day)


def _moment(value: Value) -> datetime:
    text = value.text()
    try:
        return moment(text)
    except ValueError:
        raise value.unreadable(f"is not a time in UTC: `{text[:40]}`") from None
