"""Where a report goes: into a file, written whole, or into whatever else stands at the path.

Only a regular file is ever replaced. A pipe or a device is written into, a link is followed as a
shell does, and what was never meant to hold a report (a folder, a disk, a socket) is refused.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

from gates.toolkit.files import write_atomic

STDOUT = 1
_NAMES = {Path("/dev/stdin"): 0, Path("/dev/stdout"): STDOUT, Path("/dev/stderr"): 2}
_FOLDERS = (Path("/dev/fd"), Path("/proc/self/fd"))
_DIGITS = 9
"""Digits of a descriptor; more are none."""

_INTO = (stat.S_ISFIFO, stat.S_ISCHR)


def descriptor(path: Path) -> int | None:
    """The open file descriptor that a path names (`/dev/stdout`, `/dev/fd/3`), or None.

    Such a path is a link, but never one to replace: what it leads to was opened by who started us.
    """
    name = path.name
    if path.parent in _FOLDERS and name.isascii() and name.isdigit() and len(name) <= _DIGITS:
        return int(name)
    return _NAMES.get(path)


def prepare(path: Path) -> None:
    """Make the folder of a report's path, and make sure that a report can be written there.

    Raises:
        OSError: it cannot; nothing was written.
    """
    number = descriptor(path)
    if number is not None:
        _refuse_unwritable(number)
        return
    found = _found(path)
    if found is not None and not stat.S_ISREG(found.st_mode):
        _refuse_kind(found)
        _refuse(not os.access(path, os.W_OK), errno.EACCES)
        return
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    _refuse(not os.access(target.parent, os.W_OK), errno.EACCES)
    _refuse(path.is_symlink() and found is not None and not os.access(path, os.W_OK), errno.EACCES)


def write(path: Path, data: bytes) -> None:
    """Write a report: whole or not at all where it is a file, else into what stands there.

    Raises:
        OSError: it could not be written; a file that was there stands as it was.
    """
    number = descriptor(path)
    if number is not None:
        _refuse_unwritable(number)
        sys.stdout.flush()
        sys.stderr.flush()
        _write_into(os.dup(number), data)
        return
    found = _found(path)
    if found is not None and not stat.S_ISREG(found.st_mode):
        _refuse_kind(found)
        _write_into(_opened(path, found), data)
        return
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        # The kernel decides whether this link may be followed: in a folder such as /tmp not every
        # link may (`fs.protected_symlinks`), and a file that is only renamed is never asked.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))
    mode = 0o644 if found is None else stat.S_IMODE(found.st_mode) & 0o777
    write_atomic(target, data, mode=mode)


def _found(path: Path) -> os.stat_result | None:
    """What stands at a path, links followed, or None."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _refuse_kind(found: os.stat_result) -> None:
    """Refuse what is no pipe and no device of characters: a folder, a disk, a socket."""
    _refuse(stat.S_ISDIR(found.st_mode), errno.EISDIR)
    _refuse(not any(is_kind(found.st_mode) for is_kind in _INTO), errno.ENOTSUP)


def _refuse_unwritable(number: int) -> None:
    """Refuse a descriptor that is not open for writing."""
    import fcntl

    access = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
    _refuse(access == os.O_RDONLY, errno.EBADF)
    found = os.fstat(number)
    _refuse(stat.S_ISBLK(found.st_mode), errno.ENOTSUP)


def _refuse(is_wrong: bool, number: int) -> None:  # noqa: FBT001 - reads as a sentence
    if is_wrong:
        raise OSError(number, os.strerror(number))


def _opened(path: Path, found: os.stat_result) -> int:
    """A pipe or device, open for writing; a pipe waits here for its reader."""
    number = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC)
    if not os.path.samestat(os.fstat(number), found):
        os.close(number)
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
    return number


def _write_into(number: int, data: bytes) -> None:
    """Write all bytes, and close the descriptor."""
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(number, rest) :]
    finally:
        os.close(number)
