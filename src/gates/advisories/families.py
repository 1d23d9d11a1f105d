"""Families: records that are aliases of each other, transitively, speak of one vulnerability.

But a CVE id names one vulnerability. Where a record that names two of them joins what is about the
one and what is about the other, each of them is a family of its own, so that whoever waives the
one waives nothing of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gates.advisories.osv import Advisory

_CVE: Final = "CVE-"


@dataclass(frozen=True, slots=True)
class Family:
    """All that is known of one vulnerability.

    Attributes:
        names: its ids, the one that stands for it first, the others sorted.
        records: those that speak of it.
        raters: those that tell its severity: its own, or where none of them is rated, those of
            all vulnerabilities that are joined with it.
    """

    names: tuple[str, ...]
    records: tuple[Advisory, ...]
    raters: tuple[Advisory, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One vulnerability among joined ones: its names in order, and the places of what names it."""

    names: tuple[str, ...]
    places: tuple[int, ...]

    def family(self, records: Sequence[Advisory], *, start: int = 0) -> Family:
        """The part of joined records, whose first one has the place `start`."""
        own = tuple(records[place - start] for place in self.places if place >= start)
        is_rated = any(record.ratings for record in own)
        return Family(self.names, own, own if is_rated else tuple(records))


def numbered(records: Sequence[tuple[str, ...]]) -> tuple[int, ...]:
    """Give each record, known by its names, the number of its family.

    Args:
        records: for each its id and its aliases.

    Returns:
        For each the place of its family's first record.
    """
    parent = list(range(len(records)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    first: dict[str, int] = {}
    for place, names in enumerate(records):
        for name in names:
            one, other = sorted((root(first.setdefault(name, place)), root(place)))
            parent[other] = one
    return tuple(root(place) for place in range(len(records)))


def parted(members: Sequence[tuple[str, ...]]) -> tuple[Part, ...]:
    """Tell the vulnerabilities of one group of joined names apart, by their CVE ids.

    Ids that always stand together are ids of one. What names no CVE belongs to each vulnerability
    that it is joined with otherwise than by another one. A member that belongs to several gives
    them its own id alone: of its aliases nobody can say whose they are.

    Args:
        members: for each its id and its aliases.

    Returns:
        By the lowest CVE id; each member is in one of them at least.
    """
    holders: dict[str, frozenset[int]] = {}
    for name in sorted({name for names in members for name in names if name.startswith(_CVE)}):
        holders[name] = frozenset(at for at, names in enumerate(members) if name in names)
    if len(set(holders.values())) <= 1:
        every = ordered(name for names in members for name in names)
        return (Part(every, tuple(range(len(members)))),)
    plain = frozenset(range(len(members))).difference(*holders.values())
    reached = {each: _reached(members, each, plain) for each in dict.fromkeys(holders.values())}
    made = []
    for each, places in reached.items():
        cves = {name for name, of in holders.items() if of == each}
        foreign = {names[0] for at, names in enumerate(members) if at not in places}
        names = {name for at in places for name in _given(members, at, tuple(reached.values()))}
        known = cves | {name for name in names - foreign if not name.startswith(_CVE)}
        made.append(Part(ordered(known), tuple(sorted(places))))
    return tuple(made)


def _reached(
    members: Sequence[tuple[str, ...]], start: frozenset[int], plain: frozenset[int]
) -> frozenset[int]:
    """The members of `start`, and those of `plain` that names join with them."""
    places, left = set(start), set(plain)
    while True:
        names = {name for at in places for name in members[at] if not name.startswith(_CVE)}
        joined = {at for at in left if not names.isdisjoint(members[at])}
        if not joined:
            return frozenset(places)
        places |= joined
        left -= joined


def _given(
    members: Sequence[tuple[str, ...]], at: int, parts: Sequence[frozenset[int]]
) -> tuple[str, ...]:
    """What a member calls a vulnerability that it belongs to."""
    return members[at] if sum(at in part for part in parts) == 1 else members[at][:1]


def of(advisories: Iterable[Advisory]) -> tuple[Family, ...]:
    """Put together what speaks of one vulnerability, each family and its records by id.

    Withdrawn records are left out: they neither match, nor rate, nor join two others.
    """
    standing = sorted(
        {record.id: record for record in advisories if not record.withdrawn}.values(),
        key=lambda record: record.id,
    )
    groups: dict[int, list[Advisory]] = {}
    numbers = numbered([record.names for record in standing])
    for record, number in zip(standing, numbers, strict=True):
        groups.setdefault(number, []).append(record)
    return tuple(family for group in groups.values() for family in _told_apart(group))


def _told_apart(group: Sequence[Advisory]) -> Iterator[Family]:
    return (part.family(group) for part in parted([record.names for record in group]))


def ordered(names: Iterable[str]) -> tuple[str, ...]:
    """The names of one vulnerability, each once, the one that stands for it first.

    A CVE id comes first, since every feed knows it and a waiver that names it outlives a change of
    source; then GHSA, then PYSEC, then any other; the lowest among equals.
    """
    each = sorted(set(names))
    best = min(each, key=lambda name: (_RANK.get(name.partition("-")[0], len(_RANK)), name))
    return (best, *(name for name in each if name != best))


_RANK = {"CVE": 0, "GHSA": 1, "PYSEC": 2}
