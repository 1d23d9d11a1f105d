"""A copy of some files of a folder, in a place and with times of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from gates.domain.errors import StageError


def copy_files(root: Path, names: Iterable[str], folder: Path, *, at_s: int) -> int:
    """Copy files with their permissions; links stay links.

    Args:
        root: where they lie.
        names: relative to it.
        folder: where to; it is made, and must not be there.
        at_s: the time of every file and folder of the copy, in seconds since the epoch.

    Returns:
        How many they were.

    Raises:
        StageError: a file cannot be copied.
    """
    folder.mkdir(parents=True)
    count = 0
    for name in names:
        source, target = root / name, folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
            os.utime(target, (at_s, at_s), follow_symlinks=False)
        except OSError as error:
            summary = f"`{name}` cannot be copied: {error.strerror}"
            raise StageError("copy-failed", summary, place=name) from error
        count += 1
    for path in folder.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            os.utime(path, (at_s, at_s))
    return count
