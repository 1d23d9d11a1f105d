"""Families: records that are aliases of each other, transitively, speak of one vulnerability."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gates.advisories.osv import Advisory


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


def of(advisories: Iterable[Advisory]) -> tuple[tuple[Advisory, ...], ...]:
    """Put together what speaks of one vulnerability, each family and its members by id.

    Withdrawn records are left out: they neither match, nor rate, nor join two others.
    """
    standing = sorted(
        {record.id: record for record in advisories if not record.withdrawn}.values(),
        key=lambda record: record.id,
    )
    members: dict[int, list[Advisory]] = {}
    numbers = numbered([record.names for record in standing])
    for record, number in zip(standing, numbers, strict=True):
        members.setdefault(number, []).append(record)
    return tuple(map(tuple, members.values()))


def names_of(family: Iterable[Advisory]) -> tuple[str, ...]:
    """All ids and aliases of a family, the one that stands for it first, the others sorted."""
    return ordered(name for record in family for name in record.names)


def ordered(names: Iterable[str]) -> tuple[str, ...]:
    """The names of one vulnerability, each once, the one that stands for it first.

    A CVE id comes first, since every feed knows it and a waiver that names it outlives a change of
    source; then GHSA, then PYSEC, then any other; the lowest among equals.
    """
    each = sorted(set(names))
    best = min(each, key=lambda name: (_RANK.get(name.partition("-")[0], len(_RANK)), name))
    return (best, *(name for name in each if name != best))


_RANK = {"CVE": 0, "GHSA": 1, "PYSEC": 2}
