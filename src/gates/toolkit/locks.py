"""One run per folder at a time, by a lock that ends with the process that holds it.

The lock is the kernel's (`flock`) on a file that stays where it is; what stands in the file only
serves the message for whoever waits. A killed run leaves no lock behind.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gates.domain.errors import ConfigError, Problem, StageError
from gates.toolkit import process_tree

RUN_FOLDER = "GATES_RUN_FOLDER"
"""Environment variable of every tool: the folders of the runs above it."""

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_MODE = 0o600
_NOTE_BYTES = 128
_NOTE_WORDS = 3


def run_folders(folder: Path, environ: Mapping[str, str]) -> str:
    """The value of `RUN_FOLDER` for the tools of a run of `folder`: it, and the runs above it.

    Args:
        folder: the folder of gates.yaml.
        environ: the environment of `gates`.
    """
    above = environ.get(RUN_FOLDER, "")
    own = _quoted(folder)
    return f"{above}{os.pathsep}{own}" if above else own


def refuse_nested(folder: Path, environ: Mapping[str, str]) -> None:
    """Refuse a run of a folder that is started from within a run of the same folder.

    Raises:
        ConfigError: a run of this folder is above us; waiting for it would never end.
    """
    if _quoted(folder) in environ.get(RUN_FOLDER, "").split(os.pathsep):
        raise _nested(folder)


@contextmanager
def folder_lock(path: Path, *, wait: bool, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of a folder while the block runs.

    The descriptor is inherited by no tool, and the reaper closes its copy.

    Args:
        path: the lock file; made where it is not there.
        wait: wait for whoever holds it, or refuse.
        on_wait: told once, in words for a person, before the wait begins.

    Raises:
        ConfigError: another run holds it and `wait` is false, or this process or one above it does.
        StageError: the file cannot be locked.
    """
    try:
        descriptor = _locked(path, wait=wait, on_wait=on_wait)
    except OSError as error:
        raise StageError(
            "cannot-lock", f"`{path.name}` cannot be locked: {error.strerror}", place=str(path)
        ) from error
    try:
        yield
    finally:
        os.ftruncate(descriptor, 0)
        os.close(descriptor)


def _locked(path: Path, *, wait: bool, on_wait: Callable[[str], None]) -> int:
    has_told = False
    while True:
        descriptor = _opened(path)
        try:
            if not _try(descriptor):
                holder = _who(path, descriptor, wait=wait)
                if not has_told:
                    on_wait(f"waiting for {holder} in this folder")
                    has_told = True
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_at(path, descriptor):
                _note_holder(descriptor)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the file was removed while we waited: its lock holds nobody off


def _opened(path: Path) -> int:
    descriptor = os.open(path, _FLAGS, _MODE)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return descriptor


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _who(path: Path, descriptor: int, *, wait: bool) -> str:
    """Who holds the lock, in words.

    Raises:
        ConfigError: it is not to be waited for.
    """
    words = os.pread(descriptor, _NOTE_BYTES, 0).decode("ascii", "replace").split()
    holder = "another run"
    if len(words) == _NOTE_WORDS and words[0].isdecimal() and words[2].isprintable():
        pid, started, since = words
        seen = process_tree.look(int(pid))
        # Another container that shares the folder has processes of the same numbers.
        is_here = started == str(seen.started if seen else 0)
        if is_here and process_tree.is_above(int(pid), os.getpid()):
            raise _nested(path.parent)
        holder = f"the run of process {pid}, which began at {since},"
    if not wait:
        raise ConfigError(
            Problem("run-locked", f"{holder} holds the lock of this folder", place=str(path))
        )
    return holder


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(descriptor))


def _note_holder(descriptor: int) -> None:
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    os.ftruncate(descriptor, 0)
    seen = process_tree.look(os.getpid())
    note = f"{os.getpid()} {seen.started if seen else 0} {since}\n"
    os.pwrite(descriptor, note.encode("ascii"), 0)


def _nested(folder: Path) -> ConfigError:
    return ConfigError(
        Problem(
            "nested-run",
            "a run of this folder is started from within a run of the same folder",
            place=str(folder),
            hint="let the inner command judge another folder, or leave it out",
        )
    )


def _quoted(folder: Path) -> str:
    text = os.path.realpath(folder)
    return text.replace("%", "%25").replace(os.pathsep, "%3A")
