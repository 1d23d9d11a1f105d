"""The tree of a sample's project: what a command left in it, and how it stood before."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 16 * 1024 * 1024
"""Larger files are neither kept nor given back."""

BYTE_CODE = ".pyc"
"""What Python keeps for speed is nobody's report."""

Stamp = tuple[int, int, int, int]
"""What changes when a file is written, with the same bytes too: inode, size, both times."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A regular file as it stood.

    Attributes:
        stamp: by which it is known to be untouched.
        data: its bytes.
        mode: its permissions.
        times_ns: when it was read and written.
    """

    stamp: Stamp
    data: bytes
    mode: int
    times_ns: tuple[int, int]


class Tree:
    """A project's folder, without its repository and the folder of the run.

    Args:
        root: the project's folder.
        without: folders that are none of its own.
    """

    def __init__(self, root: Path, without: tuple[Path, ...] = ()) -> None:
        self.root = root
        self._without = frozenset({str(root / ".git"), *(str(path) for path in without)})
        self._kept: dict[str, Kept] = {}
        self._others: set[str] = set()

    def stamps(self) -> dict[str, Stamp]:
        """All regular files by path, with what changes when they are written."""
        return {
            name: _stamp(found)
            for name, found in self._walk(self.root)
            if stat.S_ISREG(found.st_mode)
        }

    def written(self, before: dict[str, Stamp]) -> dict[str, bytes]:
        """The files that are new or were written since, sorted; byte code is left out."""
        found = sorted(self.stamps().items())
        return {
            name: (self.root / name).read_bytes()
            for name, stamp in found
            if before.get(name) != stamp and stamp[1] <= MAX_BYTES and not name.endswith(BYTE_CODE)
        }

    def keep(self) -> None:
        """Remember the tree as it stands."""
        self._kept, self._others = {}, set()
        for name, found in self._walk(self.root):
            if stat.S_ISREG(found.st_mode) and found.st_size <= MAX_BYTES:
                self._kept[name] = self._read(name, found)
            else:
                self._others.add(_kind(name, found))

    def restore(self) -> None:
        """Give the tree back as it was kept; what is new in it goes."""
        stamps = {}
        for name, found in list(self._walk(self.root)):
            is_folder = stat.S_ISDIR(found.st_mode)
            if _kind(name, found) in self._others or (name in self._kept and not is_folder):
                stamps[name] = _stamp(found)
            elif not is_folder:
                (self.root / name).unlink(missing_ok=True)
            elif not self._holds_another(name):
                shutil.rmtree(self.root / name, ignore_errors=True)
        for name, kept in self._kept.items():
            if stamps.get(name) != kept.stamp:
                self._write(name, kept)

    def _holds_another(self, name: str) -> bool:
        folder = f"{self.root / name}{os.sep}"
        return any(path.startswith(folder) for path in self._without)

    def _read(self, name: str, found: os.stat_result) -> Kept:
        return Kept(
            stamp=_stamp(found),
            data=(self.root / name).read_bytes(),
            mode=stat.S_IMODE(found.st_mode),
            times_ns=(found.st_atime_ns, found.st_mtime_ns),
        )

    def _write(self, name: str, kept: Kept) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(kept.data)
        path.chmod(kept.mode)
        os.utime(path, ns=kept.times_ns)
        self._kept[name] = Kept(_stamp(path.lstat()), kept.data, kept.mode, kept.times_ns)

    def _walk(self, folder: Path) -> Iterator[tuple[str, os.stat_result]]:
        """Everything in the tree, a folder before what it holds; links are not followed."""
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            if entry.path in self._without:
                continue
            yield os.path.relpath(entry.path, self.root), entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(Path(entry.path))


def _kind(name: str, found: os.stat_result) -> str:
    """A name by which a folder is told from anything else of that name."""
    return f"{name}{os.sep}" if stat.S_ISDIR(found.st_mode) else name


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
