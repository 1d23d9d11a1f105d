"""Paths as tools write them, made relative to the project's folder."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The project's files, beside which a tool's word about what it examined is held.

    Attributes:
        roots: absolute forms of the project's folder: as given, and with links resolved.
        files: its files of the kind that the tool examines, relative.
        sources: those of them that are sources, relative.
    """

    roots: tuple[str, ...]
    files: frozenset[str]
    sources: frozenset[str]

    def relative(self, path: str) -> str:
        """The path as the project knows it."""
        return relative(path, *self.roots)


def relative(path: str, *roots: str) -> str:
    """The path relative to the first root that holds it, with `/`; else as written, but normal.

    Args:
        path: absolute, or relative to the project's folder already (`./src/a.py`).
        roots: absolute forms of the project's folder.
    """
    normal = posixpath.normpath(path)
    for root in roots:
        prefix = root.rstrip("/") + "/"
        if normal.startswith(prefix):
            return normal[len(prefix) :]
    return normal


def arguments(paths: Collection[str]) -> tuple[str, ...]:
    """Relative paths that no program takes for an option or a file of arguments: `./--fix`."""
    return tuple(path if path.startswith(("/", "./")) else f"./{path}" for path in paths)


def left_out(paths: Collection[str], *, did: str) -> tuple[str, ...]:
    """Tell which sources a tool's own word does not name, and why: at most two notes.

    Args:
        paths: the sources, relative.
        did: what was not done to them (`linted`).
    """
    odd = {path for path in paths if "\n" in path or not path.isprintable()}
    plain = set(paths) - odd
    notes = []
    if plain:
        notes.append(f"not {did}, by configuration: {some(plain)}")
    if odd:
        shown = some([ascii(path)[1:-1] for path in odd])
        notes.append(f"not proved to be {did}, for their odd names: {shown}")
    return tuple(notes)


def some(paths: Collection[str], *, limit: int = 3) -> str:
    """Name the first few of them for people: `a`, `b` and 7 more."""
    named = ", ".join(f"`{path}`" for path in sorted(paths)[:limit])
    rest = len(paths) - limit
    return f"{named} and {rest} more" if rest > 0 else named
