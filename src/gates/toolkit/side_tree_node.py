"""`node_modules` for a side tree: links to the packages that are installed in the working tree.

Node.js looks for packages in the folders above the file that asks, so each `node_modules` of the
working tree gets a folder of links at the same place of the side tree. A package of the repository
itself (a workspace) is a link into the working tree there, and one into the side tree here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from gates.toolkit.node_programs import NODE_FOLDER
from gates.toolkit.programs import is_below

MARK = ".gitignore"
"""Lies in each folder of links, so that git lists none of them."""

MANIFEST = "package.json"


def furnish(real: Path, side: Path, folders: Iterable[str]) -> tuple[str, ...]:
    """Make the folders of links; their paths relative to the side tree.

    Args:
        real: the top of the working tree.
        side: the top of the side tree.
        folders: those that may hold a `node_modules`, relative to both.
    """
    made: list[str] = []
    top = os.path.realpath(real)
    for folder in folders:
        packages, place = real / folder / NODE_FOLDER, side / folder / NODE_FOLDER
        if not packages.is_dir() or os.path.lexists(place) or not place.parent.is_dir():
            continue
        place.mkdir(mode=0o700)
        (place / MARK).write_text("*\n")
        _link(packages, place, top, side)
        made.append(os.path.relpath(place, side))
    return tuple(made)


def clear(side: Path, made: Iterable[str]) -> None:
    """Remove the folders of links, with whatever a tool put into them; no link is followed."""
    for folder in made:
        shutil.rmtree(side / folder, ignore_errors=True)


def folders_of(files: Iterable[str]) -> tuple[str, ...]:
    """The folders with a package.json among these files, the top first."""
    parted = (name.rpartition("/") for name in files)
    return tuple(sorted({folder for folder, _, name in parted if name == MANIFEST} | {""}))


def _link(packages: Path, place: Path, top: str, side: Path) -> None:
    for entry in _entries(packages):
        if entry.name == MARK:
            continue
        if entry.name.startswith("@") and not entry.is_symlink():
            (place / entry.name).mkdir(mode=0o700)
            _link(Path(entry.path), place / entry.name, top, side)
        elif not entry.name.startswith(".") or entry.name in {".bin", ".pnpm"}:
            (place / entry.name).symlink_to(_target(entry, top, side))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from sorted(entries, key=lambda entry: entry.name)


def _target(entry: os.DirEntry[str], top: str, side: Path) -> str:
    """What a link leads to: a package of the repository lies in the side tree."""
    target = os.path.realpath(entry.path)
    inside = os.path.relpath(target, top)
    if entry.is_symlink() and is_below(target, top) and NODE_FOLDER not in Path(inside).parts:
        return str(side / inside)
    return entry.path
