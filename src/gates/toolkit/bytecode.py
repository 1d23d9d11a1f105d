"""Byte-code that Python would trust although it is of another text than its source."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gates.domain.errors import StageError
from gates.toolkit.git import Git

_HEADER_BYTES = 8  # magic number and flags


def refuse_tracked(git: Git) -> None:
    """Refuse byte-code that the checkout brought along: Python may run it in a source's place.

    Raises:
        StageError: git tracks a `.pyc` file below the folder that is asked about.
    """
    brought = [name for name in git.ls_files() if name.endswith(".pyc")]
    if brought:
        raise StageError(
            "bytecode-tracked",
            f"git tracks {len(brought)} files of byte-code: a checkout must not bring its own"
            " answers",
            place=brought[0],
            hint="take them out of git: git rm --cached",
        )


def drop_doubtful(root: Path, sources: Iterable[str]) -> int:
    """Remove the byte-code of sources that changed in the second in which it was made, or later.

    Python takes byte-code for its source's where size and modification time agree, the time cut
    to whole seconds (PEP 552, timestamp-based files). An edit of the same length within that
    second, or one that keeps the time, is not seen, and the old program would be tested. Files
    that are based on a hash may say that the source is never to be looked at: they go too.

    Args:
        root: what `sources` are relative to.
        sources: Python files.

    Returns:
        How many files were removed.

    Raises:
        StageError: one cannot be removed.
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
                _remove(kept)
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
        stat = source.lstat()
        # Moving a file, and setting its time back, change the inode's time only.
        changed = max(stat.st_mtime_ns, stat.st_ctime_ns)
        if changed // 10**9 >= kept.lstat().st_mtime_ns // 10**9:
            return True
        with kept.open("rb") as file:
            return any(file.read(_HEADER_BYTES)[4:])
    except FileNotFoundError:
        return False
    except PermissionError:
        return True


def _remove(kept: Path) -> None:
    try:
        kept.unlink(missing_ok=True)
    except OSError as error:
        raise StageError(
            "bytecode-kept",
            f"`{kept.name}` may be of an older source, and cannot be removed: {error.strerror}",
            place=str(kept),
        ) from error
