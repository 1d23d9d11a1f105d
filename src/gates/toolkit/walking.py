"""The files below a folder where git cannot tell them, without what was installed there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gates.domain.errors import StageError

_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "venv"})


def walked(root: Path) -> Iterator[str]:
    """Each file below the folder, relative to it; links to folders are not followed.

    Hidden folders, environments and installed packages are passed over.

    Raises:
        StageError: a folder cannot be read.
    """
    for folder, names, files in os.walk(root, onerror=_refuse_unreadable):
        names[:] = [name for name in names if _is_entered(Path(folder, name))]
        inside = os.path.relpath(folder, root)
        for name in files:
            yield name if inside == "." else f"{inside}/{name}"


def folders(root: Path) -> Iterator[Path]:
    """Each folder in this one that is walked; links are none."""
    for path in root.iterdir():
        if path.is_dir() and not path.is_symlink() and _is_entered(path):
            yield path


def _is_entered(folder: Path) -> bool:
    if folder.name.startswith(".") or folder.name in _SKIPPED_FOLDERS:
        return False
    return not os.path.lexists(folder / "pyvenv.cfg")


def _refuse_unreadable(error: OSError) -> None:
    raise StageError(
        "folder-unreadable",
        f"a folder of the project cannot be read: {error.strerror}",
        place=str(error.filename),
    ) from error
