"""Paths and globs that name files which git need not know, such as reports."""

from __future__ import annotations

from collections.abc import Iterable
from glob import glob
from pathlib import Path
from posixpath import normpath


def expanded(root: Path, patterns: Iterable[str]) -> tuple[str, ...]:
    """The files that paths and globs name, relative to `root`, each once, sorted.

    A pattern that is a path literally names it, whatever signs it holds, also where it is absent.
    Globs see hidden files, as the folders of tools often are.
    """
    found: set[str] = set()
    for pattern in patterns:
        if (root / pattern).exists() or not any(sign in pattern for sign in "*?["):
            found.add(normpath(pattern))
        else:
            # Path.glob refuses absolute patterns with an error of its own kind.
            hits = glob(pattern, root_dir=root, recursive=True, include_hidden=True)  # noqa: PTH207
            found.update(normpath(hit) for hit in hits if not (root / hit).is_dir())
    return tuple(sorted(found))
