"""Where advisories come from, asked in one way, and made to prove that they can see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gates.advisories import families
from gates.advisories.matching import Package, Vulnerability, vulnerabilities
from gates.advisories.severity import Resolved, resolve
from gates.domain.errors import StageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gates.advisories.families import Part
    from gates.advisories.osv import Advisory


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a source says of itself, for the run record.

    Attributes:
        name: an address, or the name of a file.
        data_date: when its newest record changed; `None` where the source answers live.
        records: how many it holds; `None` where that is not known.
        sha256: of the export that it was made from, or empty.
    """

    name: str
    data_date: datetime | None = None
    records: int | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """An answer for a number of packages.

    Attributes:
        advisories: the records that name them, and all aliases of those records.
        stated: package and id of a record, where the source itself says that it is affected.
    """

    advisories: tuple[Advisory, ...]
    stated: frozenset[tuple[Package, str]] = frozenset()


class Source(Protocol):
    """Something that knows advisories: a local database, or a service."""

    @property
    def facts(self) -> SourceFacts:
        """What it is and how old."""

    def canary(self) -> Package:
        """A package that it must find.

        Raises:
            StageError: `advisories-blind`: it holds nothing that could be found.
        """

    def look_up(self, packages: tuple[Package, ...]) -> Lookup:
        """Find the records about these packages.

        Raises:
            StageError: it could not answer for each of them.
        """

    def named(self, names: tuple[str, ...]) -> tuple[Advisory, ...]:
        """Find records by id or alias, with all their aliases; a name not known gives nothing.

        Raises:
            StageError: it could not answer.
        """


@dataclass(frozen=True, slots=True)
class Examined:
    """The outcome of an audit.

    Attributes:
        packages: how many were looked up, each name and version once, the canary left out.
        vulnerabilities: what was found in them.
        canary: the planted package that the same look-up found.
        facts: the source, for the run record.
    """

    packages: int
    vulnerabilities: tuple[Vulnerability, ...]
    canary: Package
    facts: SourceFacts


def examine(source: Source, packages: Iterable[Package]) -> Examined:
    """Look packages up, with a canary among them.

    Args:
        source: where to look.
        packages: what is installed or locked.

    Raises:
        StageError: `advisories-blind`: the source did not find the canary, so its silence on the
            other packages proves nothing. Or it could not answer, see `Source`.
    """
    asked = tuple(dict.fromkeys(packages))
    canary = source.canary()
    lookup = source.look_up(tuple(dict.fromkeys((*asked, canary))))
    found = vulnerabilities((*asked, canary), lookup.advisories, lookup.stated)
    if not any(of.package == canary for of in found):
        raise _blind(source, canary)
    wanted = frozenset(asked)
    return Examined(
        packages=len(asked),
        vulnerabilities=tuple(of for of in found if of.package in wanted),
        canary=canary,
        facts=source.facts,
    )


def check_sight(source: Source) -> Package:
    """Require that the source finds its canary, and give that package.

    Raises:
        StageError: `advisories-blind`, or it could not answer.
    """
    return examine(source, ()).canary


@dataclass(frozen=True, slots=True)
class Rated:
    """What a source knows of one vulnerability, or of the only one, that another tool named.

    Attributes:
        resolved: its severity; unknown where the source knows none of the names.
        names: all its names; where what was asked for is several vulnerabilities, its alone.
        published: the first time that a record of it appeared, where known.
        records: what the source has of it, withdrawn records left out.
    """

    resolved: Resolved
    names: tuple[str, ...]
    published: datetime | None
    records: tuple[Advisory, ...]

    @property
    def known(self) -> bool:
        """The source has at least one record of it."""
        return bool(self.records)


def rate(
    source: Source, vulnerabilities_: Iterable[tuple[str, ...]]
) -> tuple[tuple[Rated, ...], ...]:
    """Rate vulnerabilities that are given as their names (id and aliases).

    Returns:
        In the order given, for each what its names are names of: one vulnerability at least, and
        several where they are told apart by their CVE ids (see `families.parted`).

    Raises:
        StageError: the source could not answer.
    """
    given = tuple(vulnerabilities_)
    names = tuple(dict.fromkeys(name for of in given for name in of))
    records = {record.id: record for record in source.named(names) if not record.withdrawn}
    # Whoever names a record names what it is about.
    asked = tuple(
        (*of, *(name for each in of if each in records for name in records[each].names))
        for of in given
    )
    standing = sorted(records.values(), key=lambda record: record.id)
    # A tool's own word that two names are one vulnerability joins families as a record does.
    numbers = families.numbered([*asked, *(record.names for record in standing)])
    groups: dict[int, list[int]] = {}
    for place, number in enumerate(numbers):
        groups.setdefault(number, []).append(place)
    rated: dict[int, list[Rated]] = {}
    for places in groups.values():
        said = [place for place in places if place < len(asked)]
        group = [standing[place - len(asked)] for place in places[len(said) :]]
        members = [*(asked[place] for place in said), *(record.names for record in group)]
        for part in families.parted(members):
            one = _rated(part, group, len(said))
            for place in part.places:
                if place < len(said):
                    rated.setdefault(said[place], []).append(one)
    return tuple(tuple(rated[place]) for place in range(len(asked)))


def _rated(part: Part, group: list[Advisory], start: int) -> Rated:
    family = part.family(group, start=start)
    records = family.records or family.raters
    dates = [record.published for record in records if record.published is not None]
    return Rated(
        resolved=resolve(family.raters),
        names=family.names,
        published=min(dates, default=None),
        records=records,
    )


def _blind(source: Source, canary: Package) -> StageError:
    return StageError(
        "advisories-blind",
        f"the scanner is blind: `{source.facts.name}` did not find {canary}, which is known to be"
        " vulnerable",
        hint="its silence proves nothing: choose another source, or make the database anew with"
        " `gates advisories update`",
        place=source.facts.name,
    )
