"""Paths for dependency-cruiser and from it: which folders to hand over, and what it saw."""

from __future__ import annotations

import posixpath

from gates.formats.dependency_cruiser_json import Breach, Cruise
from gates.formats.tool_paths import Tree

GLOB = frozenset("*?[]{}()!")
"""Signs by which dependency-cruiser takes a path for a pattern."""


def handed(sources: frozenset[str]) -> tuple[str, ...]:
    """The folders of the sources, none within another; a file where that lies at the top.

    A folder whose name would be a pattern stands for the one above it.
    """
    places = set()
    for path in sources:
        place = posixpath.dirname(path) or path
        while place and GLOB & set(place):
            place = posixpath.dirname(place)
        places.add(place or ".")
    return tuple(
        sorted(one for one in places if not any(one.startswith(f"{up}/") for up in places))
    )


def cruised(cruises: tuple[Cruise, ...], tree: Tree) -> frozenset[str]:
    """The modules whose imports were read, relative to the project."""
    return frozenset(inside(path, one, tree) for one in cruises for path in one.cruised)


def inside(path: str, cruise: Cruise, tree: Tree) -> str:
    """A path as the project knows it; that of a run elsewhere is taken to be of the same folder."""
    absolute = posixpath.normpath(posixpath.join(cruise.folder, path))
    found = tree.relative(absolute)
    if path.startswith("./"):  # it was not found, and is shown as the import has it
        return path
    return posixpath.normpath(path) if found.startswith("/") else found


def placed(cruise: Cruise, tree: Tree) -> tuple[Breach, ...]:
    """The breaches with the paths as the project knows them."""
    return tuple(
        Breach(
            rule=one.rule,
            severity=one.severity,
            source=inside(one.source, cruise, tree),
            target=inside(one.target, cruise, tree),
            way=tuple(inside(step, cruise, tree) for step in one.way),
        )
        for one in cruise.breaches
    )
