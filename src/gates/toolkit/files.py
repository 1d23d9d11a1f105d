"""Files written whole or not at all, and reports read only when they can be trusted."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import OutputUnreadable, StageError

_CHUNK_BYTES = 1 << 18
DEFAULT_REPORT_LIMIT_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was read whole.

    Attributes:
        path: where it lies.
        data: its bytes.
        sha256: their digest, for the run record.
        size: their number.
        named: as gates.yaml names it, relative to its folder; empty where it does not.
    """

    path: Path
    data: bytes
    sha256: str
    size: int
    named: str = ""

    @property
    def name(self) -> str:
        """What messages call it: parts that have one name in several folders stay apart."""
        return self.named or self.path.name


def write_atomic(path: Path, data: bytes, *, mode: int = 0o644, sync: bool = False) -> None:
    """Put `data` at `path`, so that a reader sees the old file or the new one, never a part.

    Args:
        path: the file; its folder must be there.
        data: what the file shall hold.
        mode: the permissions of a new file, before the umask.
        sync: also wait until the disk has the file and its name, as a record needs.

    Raises:
        OSError: it could not be written; the old file stands, and no temporary one is left.
    """
    temporary = path.parent / f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp"
    descriptor = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode
    )
    try:
        try:
            _write_all(descriptor, data)
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise
    if sync:
        _sync_folder(path.parent)


def fresh_folder(parent: Path, name: str) -> Path:
    """Make the folder `name` in `parent`, for us alone; it must not be there yet.

    Raises:
        StageError: it is there already, or the name is not one plain component.
    """
    folder = parent / name
    if name in {"", ".", ".."} or "/" in name:
        raise StageError("folder-name", f"`{name}` cannot name a folder", place=str(parent))
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError as error:
        raise StageError(
            "folder-not-fresh",
            "a folder that must be new is there already",
            hint="remove it and run again",
            place=str(folder),
        ) from error
    return folder


def folder_stamp_ns(folder: Path) -> int:
    """Now, in nanoseconds, by the clock that dates files in `folder`.

    The kernel dates files by a coarser clock than `time.time_ns`, and a network drive by a clock of
    its own; only a stamp from the same place can tell whether a report is older than its stage.
    """
    descriptor, name = _temporary(folder)
    try:
        return os.fstat(descriptor).st_mtime_ns
    finally:
        os.close(descriptor)
        name.unlink()


def read_report(
    path: Path, *, since_ns: int | None = None, max_bytes: int = DEFAULT_REPORT_LIMIT_BYTES
) -> Report:
    """Read a report whole, and refuse it where it proves nothing.

    Args:
        path: the report.
        since_ns: the stage's start by `folder_stamp_ns`; an older file is refused. None: any age.
        max_bytes: a larger file is refused.

    Raises:
        OutputUnreadable: absent, a link, not a regular file, another user's, too large, empty,
            older than the stage, or changed while it was read.
    """
    with open_report(path, since_ns=since_ns, max_bytes=max_bytes) as reader:
        data = reader.read()
        return Report(path, data, reader.finish(), reader.size)


@contextmanager
def open_report(
    path: Path, *, since_ns: int | None = None, max_bytes: int = DEFAULT_REPORT_LIMIT_BYTES
) -> Iterator[ReportReader]:
    """Open a report for reading in pieces, under the same terms as `read_report`.

    The caller must end with `ReportReader.finish()`, which gives the digest of the whole file and
    refuses a file that changed under the reader.

    Raises:
        OutputUnreadable: as `read_report`.
    """
    descriptor = _open_regular(path)
    try:
        _refuse_doubtful(path, os.fstat(descriptor), since_ns, max_bytes)
        yield ReportReader(path, descriptor)
    finally:
        os.close(descriptor)


class ReportReader:
    """A binary reader that hashes what passes through it; good for `expat`'s `ParseFile`."""

    def __init__(self, path: Path, descriptor: int) -> None:
        import hashlib

        self.path = path
        self.size = 0
        self._descriptor = descriptor
        self._opened = os.fstat(descriptor)
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, all that is left when negative; empty at the end.

        Raises:
            OutputUnreadable: the file cannot be read, or is longer than when it was opened.
        """
        pieces: list[bytes] = []
        wanted = size if size >= 0 else self._opened.st_size - self.size + 1
        while wanted > 0:
            piece = self._read_piece(min(wanted, _CHUNK_BYTES))
            if not piece:
                break
            pieces.append(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def finish(self) -> str:
        """Read what is left, and return the SHA-256 of the whole file in hexadecimal.

        Raises:
            OutputUnreadable: the file changed since it was opened.
        """
        while self._read_piece(_CHUNK_BYTES):
            pass
        now = os.fstat(self._descriptor)
        if self.size != self._opened.st_size or now.st_mtime_ns != self._opened.st_mtime_ns:
            raise _unreadable(self.path, "report-changed", "changed while it was read")
        return self._digest.hexdigest()

    def _read_piece(self, size: int) -> bytes:
        try:
            piece = os.read(self._descriptor, size)
        except OSError as error:
            reason = f"cannot be read: {error.strerror}"
            raise _unreadable(self.path, "report-unreadable", reason) from error
        self.size += len(piece)
        if self.size > self._opened.st_size:
            raise _unreadable(self.path, "report-changed", "grew while it was read")
        self._digest.update(piece)
        return piece


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file's bytes in hexadecimal; links are followed.

    Raises:
        OSError: it cannot be read.
    """
    import hashlib

    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _open_regular(path: Path) -> int:
    # O_NONBLOCK: opening a pipe that stands in the report's place must not hang.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        return os.open(path, flags)
    except FileNotFoundError as error:
        raise _unreadable(path, "report-absent", "was not written") from error
    except OSError as error:
        if path.is_symlink():
            raise _unreadable(path, "report-link", "is a link, not a file") from error
        reason = f"cannot be opened: {error.strerror}"
        raise _unreadable(path, "report-unreadable", reason) from error


def _refuse_doubtful(
    path: Path, found: os.stat_result, since_ns: int | None, max_bytes: int
) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _unreadable(path, "report-not-a-file", "is not a regular file")
    if found.st_uid != os.geteuid():
        raise _unreadable(path, "report-foreign", "belongs to another user")
    if found.st_size == 0:
        raise _unreadable(path, "report-empty", "is empty")
    if found.st_size > max_bytes:
        reason = f"has {found.st_size} bytes, more than the {max_bytes} that are read"
        raise _unreadable(path, "report-too-large", reason)
    # The change time as well: a tool can set the modification time, but not that one.
    if since_ns is not None and min(found.st_mtime_ns, found.st_ctime_ns) < since_ns:
        raise _unreadable(path, "report-stale", "is older than the stage that should write it")


def _unreadable(path: Path, slug: str, reason: str) -> OutputUnreadable:
    return OutputUnreadable(slug, f"the report `{path.name}` {reason}", place=str(path))


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _temporary(folder: Path) -> tuple[int, Path]:
    name = folder / f".stamp-{os.getpid()}-{os.urandom(4).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(name, flags, 0o600), name
