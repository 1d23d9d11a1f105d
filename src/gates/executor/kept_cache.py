"""Caches of tools that trust a file's size and time, made safe: emptied where those lie."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from gates.toolkit.files import write_atomic

MANIFEST = "gates-manifest.json"


def prepare(folder: Path, root: Path, files: Sequence[str]) -> Path:
    """Hand over a cache folder that may be trusted for these files.

    A tool that finds size and modification time unchanged answers from its cache without reading
    the file. So the content's digest is kept beside both; where it changed and they did not, the
    cache is emptied.

    Args:
        folder: the cache folder; made where it is not there.
        root: what `files` are relative to.
        files: the files that the tool will read.
    """
    now: dict[str, list[object]] = {name: _identity(root / name) for name in files}
    before = _read(folder / MANIFEST)
    lying = any(
        name in before and before[name][:2] == identity[:2] and before[name][2] != identity[2]
        for name, identity in now.items()
    )
    if lying or (before is _UNREADABLE and folder.exists()):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A file that is away for one run may come back with another text under its old size and time.
    away = {} if lying or before is _UNREADABLE else before
    write_atomic(folder / MANIFEST, json.dumps({**away, **now}).encode())
    return folder


_UNREADABLE: dict[str, list[object]] = {}
_FIELDS = 3


def _identity(path: Path) -> list[object]:
    """Size, modification time in nanoseconds, and digest of a file."""
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, blake2b(path.read_bytes(), digest_size=16).hexdigest()]


def _read(path: Path) -> dict[str, list[object]]:
    try:
        kept: object = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return _UNREADABLE
    if not isinstance(kept, dict):
        return _UNREADABLE
    if not all(isinstance(entry, list) and len(entry) == _FIELDS for entry in kept.values()):
        return _UNREADABLE
    return kept
