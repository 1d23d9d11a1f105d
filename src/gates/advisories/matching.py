"""Which versions an advisory is about, by the rules of OSV and of the ecosystem (see `versions`).

A version is affected if it is listed or lies in a range (OSV schema, "Evaluation"). What cannot
be evaluated counts as affected, and says so: a range with a bound that is no version, and an
entry that names a package but neither versions nor a range of versions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gates.advisories import families
from gates.advisories.osv import PYPI
from gates.advisories.severity import resolve
from gates.advisories.versions import SCHEMES
from gates.domain.errors import StageError
from gates.formats.python_names import normalised

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from decimal import Decimal

    from gates.advisories.families import Family
    from gates.advisories.osv import Advisory, Affected, Bound
    from gates.advisories.versions import Ordered
    from gates.domain.finding import Severity

_ENDLESS: Final = "*"


@dataclass(frozen=True, slots=True)
class Package:
    """One installed or locked package; `name` is normalised where the ecosystem is PyPI."""

    name: str
    version: str
    ecosystem: str = PYPI

    @classmethod
    def of(cls, name: str, version: str) -> Package:
        """Make a Python package from a name in any spelling."""
        return cls(normalised(name), version)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One vulnerability of one package, whatever number of records speak of it.

    Attributes:
        package: what is affected.
        id: the name that stands for the family of records (see `families.ordered`).
        aliases: all its other names.
        severity: the highest that any of the records states.
        score: the highest CVSS base score of them.
        rated_by: id of the record that decided the severity, or empty.
        summary: one line.
        fix_versions: versions that mend it, the lowest first.
        published: the first time that one of the records appeared.
        notes: what could not be read and so counts against the package.
        cwe: numbers of its weaknesses, where they are told.
    """

    package: Package
    id: str
    aliases: tuple[str, ...]
    severity: Severity
    score: Decimal | None
    rated_by: str
    summary: str
    fix_versions: tuple[str, ...]
    published: datetime | None
    notes: tuple[str, ...]
    cwe: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Why one version is affected, and what mends it."""

    fix_versions: tuple[str, ...]
    notes: tuple[str, ...]


def vulnerabilities(
    packages: Iterable[Package],
    advisories: Iterable[Advisory],
    stated: Collection[tuple[Package, str]] = (),
) -> tuple[Vulnerability, ...]:
    """Match packages against records, one result for each package and family of records.

    Args:
        packages: what is installed.
        advisories: all records that name one of them, with the aliases of those records.
        stated: what a service says itself, as package and id of a record. It counts even where
            the record does not bear it out.

    Returns:
        By package, then by id.

    Raises:
        StageError: `version-unreadable`: a package that advisories name has no version of its
            ecosystem, so it can be called neither affected nor unaffected.
    """
    by_name = _families_by_package(families.of(advisories), stated)
    words = frozenset(stated)
    matchers = {ecosystem: Matcher(ecosystem) for ecosystem in SCHEMES}
    found = []
    for package in dict.fromkeys(packages):
        for family in by_name.get((package.ecosystem, package.name), ()):
            answer = _answer(matchers[package.ecosystem], package, family, words)
            if answer is not None:
                found.append(_vulnerability(package, family, answer))
    return tuple(sorted(found, key=lambda of: (of.package.name, of.package.version, of.id)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A version that is looked up, with what it is only a build of.

    A local version is later than its public one, but it must not step over `last_affected` by
    that alone.
    """

    versions: tuple[Ordered, ...]
    spellings: frozenset[str]


class Matcher:
    """Compares versions of one ecosystem, each of which it reads only once."""

    __slots__ = ("_asked", "_ecosystem", "_read", "_scheme")

    def __init__(self, ecosystem: str = PYPI) -> None:
        self._ecosystem = ecosystem
        self._scheme = SCHEMES[ecosystem]
        self._read: dict[str, Ordered | None] = {}
        self._asked: dict[str, _Asked] = {}

    def affects(self, advisory: Advisory, package: Package) -> Answer | None:
        """Say whether a record is about this version of the package; `None` if it is not.

        Raises:
            StageError: `version-unreadable`, see `vulnerabilities`.
        """
        if advisory.withdrawn:
            return None
        entries = [
            entry
            for entry in advisory.affected
            if entry.ecosystem == self._ecosystem and entry.name == package.name
        ]
        if not entries:
            return None
        if self._version(package.version) is None:
            raise StageError(
                "version-unreadable",
                f"`{package.name}` has version `{package.version[:60]}`, which is no"
                f" {self._scheme.title}, and advisories such as {advisory.id} name it",
                hint="name it as internal if it is your own, else install a released version",
                place=package.name,
            )
        found, notes = False, []
        for entry in entries:
            hit, note = self._entry(entry, self._standing_for(package.version))
            found = found or hit
            if note:
                notes.append(f"{advisory.id}: {note}")
        if not found:
            return None
        return Answer(self._fixes(entries, package.version), tuple(notes))

    def sorted(self, versions: Iterable[str]) -> tuple[str, ...]:
        """Put versions in order, each once; those that cannot be read come last."""
        known: dict[Ordered, str] = {}
        other: set[str] = set()
        for text in versions:
            version = self._version(text)
            if version is None:
                other.add(text)
            else:
                known.setdefault(version, text)
        return (*(known[version] for version in sorted(known)), *sorted(other))

    def later(self, versions: Iterable[str], than: str) -> tuple[str, ...]:
        """Put those later than a version in order; what cannot be read may be later."""
        floor = self._version(than)
        return self.sorted(
            text
            for text in versions
            if floor is None or (at := self._version(text)) is None or at > floor
        )

    def _standing_for(self, version: str) -> _Asked:
        if version not in self._asked:
            texts = self._scheme.builds_on(version)
            read = (self._version(text) for text in texts)
            self._asked[version] = _Asked(
                tuple(at for at in read if at is not None),
                frozenset(map(self._scheme.canonical, texts)),
            )
        return self._asked[version]

    def _entry(self, entry: Affected, asked: _Asked) -> tuple[bool, str]:
        if not entry.versions and not entry.ranges:
            return True, "names neither versions nor a range, so every version counts"
        note = ""
        found = False
        for events in entry.ranges:
            bad = [of.version for of in events if not self._readable(of)]
            if bad:
                found = True
                note = f"`{bad[0][:40]}` is no version, so the whole range counts"
            elif any(self._within(events, version) for version in asked.versions):
                found = True
        return found or not asked.spellings.isdisjoint(entry.versions), note

    def _readable(self, bound: Bound) -> bool:
        return _is_open(bound) or self._version(bound.version) is not None

    def _within(self, events: tuple[Bound, ...], version: Ordered) -> bool:
        # A range that never begins would match nothing: it is read as having no lower end.
        inside = not any(bound.kind == "introduced" for bound in events)
        for bound in sorted(events, key=self._order):
            at = None if _is_open(bound) else self._version(bound.version)
            if bound.kind == "introduced":
                inside = inside or at is None or version >= at
            elif at is None:
                continue
            elif bound.kind == "last_affected":
                inside = inside and version <= at
            else:  # fixed, limit
                inside = inside and version < at
        return inside

    def _order(self, bound: Bound) -> tuple[int, Ordered | None, bool]:
        if _is_open(bound):
            return (0 if bound.kind == "introduced" else 2, None, False)
        # Where one version ends a range and begins the next, the beginning counts.
        return (1, self._version(bound.version), bound.kind == "introduced")

    def _fixes(self, entries: Iterable[Affected], version: str) -> tuple[str, ...]:
        bounds = [
            of.version
            for entry in entries
            for events in entry.ranges
            for of in events
            if of.kind == "fixed"
        ]
        return self.later(bounds, version)

    def _version(self, text: str) -> Ordered | None:
        if text not in self._read:
            self._read[text] = self._scheme.read(text)
        return self._read[text]


def _families_by_package(
    grouped: Iterable[Family], stated: Collection[tuple[Package, str]]
) -> Mapping[tuple[str, str], list[Family]]:
    """By ecosystem and name of the package."""
    stated_for: dict[str, set[tuple[str, str]]] = {}
    for package, name in stated:
        stated_for.setdefault(name, set()).add((package.ecosystem, package.name))
    by_name: dict[tuple[str, str], list[Family]] = {}
    for family in grouped:
        about = {(of.ecosystem, of.name) for record in family.records for of in record.affected}
        for name in {name for record in family.records for name in record.names}:
            about |= stated_for.get(name, set())
        for key in about:
            by_name.setdefault(key, []).append(family)
    return by_name


def _is_open(bound: Bound) -> bool:
    if bound.kind == "introduced":
        return bound.version == "0"
    return bound.kind == "limit" and bound.version == _ENDLESS


def _answer(
    matcher: Matcher,
    package: Package,
    family: Family,
    stated: Collection[tuple[Package, str]],
) -> Answer | None:
    fixes: list[str] = []
    notes: list[str] = []
    found = False
    for record in family.records:
        answer = matcher.affects(record, package)
        if answer is not None:
            found = True
            fixes += answer.fix_versions
            notes += answer.notes
        elif any((package, name) in stated for name in record.names):
            found = True
            notes.append(f"{record.id}: by the service's word, the record does not bear it out")
    return Answer(matcher.sorted(fixes), tuple(notes)) if found else None


def _vulnerability(package: Package, family: Family, answer: Answer) -> Vulnerability:
    best, *others = family.names
    resolved = resolve(family.raters)
    dates = [record.published for record in family.records if record.published is not None]
    return Vulnerability(
        package=package,
        id=best,
        aliases=tuple(others),
        severity=resolved.severity,
        score=resolved.score,
        rated_by=resolved.source,
        summary=next((record.summary for record in family.records if record.summary), ""),
        fix_versions=answer.fix_versions,
        published=min(dates, default=None),
        notes=(*answer.notes, *resolved.notes),
    )
