"""Exports of an OSV database: one JSON file, a folder of them, or a zip; each file in turn.

Nothing is unpacked to disk, so a path inside a zip leads nowhere; it is refused all the same,
since an export has none. Files that do not end in `.json` are no records and are left out; one
that does and cannot be read fails the whole, so that no record is lost in silence.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.strict_json import MAX_BYTES
from gates.toolkit.regular import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipFile

_MAX_RECORD: Final = MAX_BYTES
_MAX_TOTAL: Final = 4 * 1024 * 1024 * 1024
_MAX_FILES: Final = 1_000_000
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """The bytes of one JSON file, and how errors call it."""

    name: str
    data: bytes


def entries(path: Path) -> Iterator[Entry]:
    """Give each JSON file of an export, in the order of their names.

    Args:
        path: a `.json` file, a folder, or a zip.

    Raises:
        StageError: `export-absent`: there is nothing at `path`.
        OutputUnreadable: `export-unreadable`: no export, a damaged zip, a member with a path that
            leads out, or more than an export can hold.
    """
    found = 0
    total = 0
    for entry in _each(path):
        found += 1
        total += len(entry.data)
        if found > _MAX_FILES or total > _MAX_TOTAL:
            raise _unreadable(path, f"holds more than {_MAX_FILES} files or {_MAX_TOTAL} bytes")
        yield entry
    if not found:
        raise _unreadable(path, "holds no `.json` file")


def digest(path: Path) -> str:
    """Sha256 of an export; of a folder, that of its names and contents in order.

    Raises:
        StageError: as `entries`.
    """
    from hashlib import sha256

    total = sha256()
    if path.is_dir():
        for entry in entries(path):
            total.update(f"{entry.name}\0{len(entry.data)}\0".encode("utf-8", "surrogateescape"))
            total.update(entry.data)
        return total.hexdigest()
    with _told(path), open_regular(path) as file:
        while part := file.read(_CHUNK):
            total.update(part)
    return total.hexdigest()


def _each(path: Path) -> Iterator[Entry]:
    if path.is_dir():
        yield from _folder(path)
        return
    with _told(path):
        with open_regular(path) as file:
            start = file.read(4)
        if start.startswith(b"PK"):
            yield from _zip(path)
            return
        yield Entry(path.name, _bounded(path))


def _folder(path: Path) -> Iterator[Entry]:
    with _told(path):
        # Links are not followed into other folders; a link to a file is read as the file.
        for place in sorted(path.rglob("*.json")):
            if place.is_file():
                yield Entry(str(place.relative_to(path)), _bounded(place))
            elif not place.is_dir():
                raise _unreadable(path, f"has `{place.name}`, which is no file")


def _bounded(path: Path) -> bytes:
    with open_regular(path) as file:
        data = file.read(_MAX_RECORD + 1)
    if len(data) > _MAX_RECORD:
        raise _unreadable(path, f"has more than {_MAX_RECORD} bytes")
    return data


def _zip(path: Path) -> Iterator[Entry]:
    import zlib
    from zipfile import BadZipFile, ZipFile

    try:
        with open_regular(path) as file, ZipFile(file) as archive:
            for name in _members(path, archive):
                yield Entry(name, _member(path, archive, name))
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _unreadable(path, f"is a damaged or protected zip: {error}") from error


def _members(path: Path, archive: ZipFile) -> list[str]:
    """Names of the records, after a look at the sizes that the zip declares."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    names = [info.filename for info in infos]
    if len(set(names)) != len(names):
        raise _unreadable(path, "has two members of one name")
    for name in names:
        steps = name.replace("\\", "/").split("/")
        if ".." in steps or not steps[0] or ":" in steps[0]:
            raise _unreadable(path, f"has a member whose path leads out: `{name[:80]}`")
    if sum(info.file_size for info in infos) > _MAX_TOTAL:
        raise _unreadable(path, f"would unpack to more than {_MAX_TOTAL} bytes")
    return sorted(name for name in names if name.endswith(".json"))


def _member(path: Path, archive: ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        data = file.read(_MAX_RECORD + 1)
    if len(data) > _MAX_RECORD:
        raise _unreadable(path, f"has a file of more than {_MAX_RECORD} bytes: `{name[:80]}`")
    return data


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the file system says into an error with a next step."""
    try:
        yield
    except FileNotFoundError as error:
        raise StageError(
            "export-absent",
            f"there is no advisory export at `{path.name}`",
            hint="name a JSON file, a folder of them, a zip or an https address",
            place=str(path),
        ) from error
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror or error}") from error


def _unreadable(path: Path, why: str) -> OutputUnreadable:
    return OutputUnreadable(
        "export-unreadable",
        f"the advisory export `{path.name}` {why}",
        hint="take the export anew",
        place=str(path),
    )
