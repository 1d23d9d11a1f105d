"""Where Python finds a module by its name, looked up on disk along a search path.

It follows the import system for what lies in folders: in each folder a package with `__init__`
goes before a module, both before every later folder, and only where no folder holds either do
folders of that name count, as parts of a namespace package. Nothing is imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

_ENDINGS = frozenset({".py", ".pyc", ".pyd", ".so"})


def resolved(name: str, folders: Sequence[Path]) -> tuple[Path, ...]:
    """The paths, without an ending, at which a module of that dotted name is found.

    One path for a package or a module; one for each part of a namespace package that holds any
    Python; none where it is not found.

    Args:
        name: the module, as it is imported.
        folders: absolute folders, the first to be searched first.
    """
    found = tuple(folders)
    for part in name.split("."):
        found = _in(part, found)
    return found


def holds(name: str, folder: Path) -> bool:
    """Whether a folder holds a package or module of that name, namespace packages left out."""
    return _has_module(folder / name, "__init__") or _has_module(folder, name)


def ordered(places: Mapping[str, Path], before: Sequence[Path]) -> tuple[Path, ...] | None:
    """The folders of some packages in an order in which each package is found in its own.

    Args:
        places: the absolute folder in which each package lies.
        before: absolute folders that are searched before all others; they need no place.

    Returns:
        The folders that are none of `before`, or None where no order will do.
    """
    left = sorted(set(places.values()) - set(before))
    order: list[Path] = []
    while left:
        waiting = [(name, place) for name, place in places.items() if place in left]
        fit = (
            folder
            for folder in left
            if not any(place != folder and resolved(name, [folder]) for name, place in waiting)
        )
        order.append(next(fit, left[0]))
        left.remove(order[-1])
    search = (*before, *order)
    for name, place in places.items():
        if resolved(name, search) != (place.joinpath(*name.split(".")),):
            return None
    return tuple(order)


def _in(name: str, folders: Iterable[Path]) -> tuple[Path, ...]:
    parts = []
    for folder in folders:
        inside = folder / name
        if holds(name, folder):
            return (inside,)
        if inside.is_dir() and _holds_python(inside):
            parts.append(inside)
    return tuple(dict.fromkeys(parts))


def _has_module(folder: Path, name: str) -> bool:
    """Whether the folder holds a file of a module: `a.py`, `a.cpython-313-x86_64-linux-gnu.so`."""
    try:
        files = list(folder.iterdir())
    except OSError:
        return False
    return any(
        one.name.partition(".")[0] == name and one.suffix in _ENDINGS and one.is_file()
        for one in files
    )


def _holds_python(folder: Path) -> bool:
    """Whether any Python may lie below the folder; behind a link it may."""
    return any(
        name.endswith(".py") or Path(inside, name).is_symlink()
        for inside, folders, names in os.walk(folder)
        for name in (*names, *folders)
    )
