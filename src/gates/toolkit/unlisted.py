"""Files in a repository that git does not list: what it ignores, as build output is."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from gates.toolkit.git import Git
from gates.toolkit.node_programs import NODE_FOLDER


def unlisted(root: Path, read: Collection[str]) -> frozenset[str]:
    """Those of the files that git neither tracks nor would track; links are followed.

    Files outside of the repository and of installed packages are none of them. Nor are those of a
    repository in the repository. Without git nothing is.

    Args:
        root: a folder of the repository.
        read: relative to it, or absolute.

    Returns:
        Paths relative to the root.

    Raises:
        ToolCrashed: git could not look.
    """
    git = Git(root)
    top = git.toplevel()
    if top is None or not read:
        return frozenset()
    places = {path: os.path.relpath(os.path.realpath(root / path), top) for path in read}
    inside = {
        path: place
        for path, place in places.items()
        if not {os.pardir, NODE_FOLDER} & set(place.split("/"))
    }
    listed = set(git.at(top).ls_files(untracked=True)) if inside else set()
    return frozenset(
        os.path.relpath(root / path, root)
        for path, place in inside.items()
        if not listed.intersection(_names(place))
    )


def _names(place: str) -> Iterator[str]:
    """The names by which git may list a file: its own, or that of a repository which holds it."""
    yield place
    for above in PurePosixPath(place).parents:
        yield from (str(above), f"{above}/")
