"""Byte-code that Python would trust although its source was edited after it was made."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def drop_doubtful(root: Path, sources: Iterable[str]) -> int:
    """Remove the byte-code of sources that changed in the second in which it was made, or later.

    Python takes byte-code for its source's where size and modification time agree, the time cut
    to whole seconds (PEP 552, timestamp-based files). An edit of the same length within that
    second is not seen, and the old program would be tested.

    Args:
        root: what `sources` are relative to.
        sources: Python files.

    Returns:
        How many files were removed. One that cannot be removed is left to its owner.
    """
    made: dict[Path, dict[str, list[Path]]] = {}
    removed = 0
    for name in sources:
        source = root / name
        folder = source.parent / "__pycache__"
        if folder not in made:
            made[folder] = _by_module(folder)
        for kept in made[folder].get(source.stem, ()):
            if _is_doubtful(source, kept):
                kept.unlink(missing_ok=True)
                removed += 1
    return removed


def _by_module(folder: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    if folder.is_dir() and not folder.is_symlink():
        for path in folder.glob("*.pyc"):
            found.setdefault(path.name.partition(".")[0], []).append(path)
    return found


def _is_doubtful(source: Path, kept: Path) -> bool:
    try:
        return source.lstat().st_mtime_ns // 10**9 >= kept.lstat().st_mtime_ns // 10**9
    except FileNotFoundError:
        return False
