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
    """What a source knows of one vulnerability that another tool named.

    Attributes:
        resolved: its severity; unknown where the source knows none of the names.
        names: all its names, those asked for included.
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


def rate(source: Source, vulnerabilities_: Iterable[tuple[str, ...]]) -> tuple[Rated, ...]:
    """Rate vulnerabilities that are given as their names (id and aliases), in the order given.

    Raises:
        StageError: the source could not answer.
    """
    asked = tuple(vulnerabilities_)
    names = tuple(dict.fromkeys(name for of in asked for name in of))
    records = {record.id: record for record in source.named(names) if not record.withdrawn}
    standing = tuple(records.values())
    # A tool's own word that two names are one vulnerability joins families as a record does.
    numbers = families.numbered([*asked, *(record.names for record in standing)])
    members: dict[int, list[Advisory]] = {}
    for record, number in zip(standing, numbers[len(asked) :], strict=True):
        members.setdefault(number, []).append(record)
    return tuple(
        _rated(of, members.get(number, []))
        for of, number in zip(asked, numbers[: len(asked)], strict=True)
    )


def _rated(names: tuple[str, ...], family: list[Advisory]) -> Rated:
    dates = [record.published for record in family if record.published is not None]
    known = (name for record in family for name in record.names)
    return Rated(
        resolved=resolve(sorted(family, key=lambda record: record.id)),
        names=tuple(dict.fromkeys((*names, *known))),
        published=min(dates, default=None),
        records=tuple(family),
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
