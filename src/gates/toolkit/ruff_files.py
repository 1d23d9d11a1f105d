"""The files of a project that ruff is configured by and judges, as its three stages need them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

from gates.domain.errors import StageError

CONFIGURATION = ("**/pyproject.toml", "**/ruff.toml", "**/.ruff.toml")
"""Patterns of files that may configure ruff."""

NAMES = ("pyproject.toml", "ruff.toml", ".ruff.toml")
"""Their names; the first only counts with a section for ruff."""


def configuration(root: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The files that may configure ruff: the project's, and those above it up to git's folder.

    Args:
        root: the project's folder.
        names: the project's own, relative; those above are found here and named absolute.
    """
    found = {name: (root / name).read_bytes() for name in names}
    folders = (root, *root.parents)
    top = next((folder for folder in folders if (folder / ".git").exists()), root)
    for folder in folders[1 : folders.index(top) + 1]:
        paths = (folder / name for name in NAMES)
        found |= {str(path): path.read_bytes() for path in paths if path.is_file()}
    return found


def beside(root: Path, files: Iterable[str], *, known: Collection[str]) -> tuple[str, ...]:
    """The files in the folders of these, and in those above, that may configure ruff; relative.

    Git lists none that it ignores, and ruff obeys them all.

    Args:
        root: the project's folder.
        files: what ruff examines, relative.
        known: the configuration files that git lists; they come first.
    """
    folders = {folder for path in files for folder in PurePosixPath(path).parents}
    paths = (str(folder / name) for folder in folders for name in NAMES)
    found = (path for path in paths if path not in known and (root / path).is_file())
    return (*known, *sorted(found))


def read_or_empty(path: str) -> bytes:
    """A configuration file that another one names; empty where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def refuse_missing(root: Path, paths: Iterable[str]) -> None:
    """Refuse paths that are not there; ruff would only warn of them.

    Raises:
        StageError: `path-missing`.
    """
    for path in paths:
        if not os.path.lexists(root / path):
            summary = f"`{path}`: no such file or folder"
            raise StageError("path-missing", summary, hint="see `paths`", place=path)


def roots(root: Path) -> tuple[str, ...]:
    """The forms in which a tool may write the project's folder: as given, and without links."""
    return str(root), os.path.realpath(root)
