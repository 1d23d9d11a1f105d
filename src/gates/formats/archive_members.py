"""Where two archives first differ: in which member, and in what about it. Zip, and tar of any kind.

What a member unpacks to is read with a limit, so that a bomb costs time and no memory.
"""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import zip_longest
from pathlib import Path

MAX_BYTES = 1 << 30
"""Members are compared up to so many unpacked bytes of an archive."""

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One member, as far as it makes a difference.

    Attributes:
        name: its path.
        time: when it was changed, as the archive writes it.
        mode: its permissions and kind.
        owner: user and group; empty in a zip.
        size: in bytes, unpacked.
        content: a checksum of what it holds.
        packing: how it is packed: method, packed size and extra fields.
    """

    name: str
    time: str
    mode: str
    owner: str
    size: int
    content: int
    packing: str


def difference(first: Path, second: Path, *, max_bytes: int = MAX_BYTES) -> str:
    """The first thing in which two archives differ, in words; empty for other files.

    Also empty where one of them cannot be read as an archive.

    Args:
        first: one archive.
        second: the other.
        max_bytes: how much of what each unpacks to is looked at.
    """
    try:
        members = [_members(path, max_bytes) for path in (first, second)]
    except (OSError, tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, ValueError):
        return ""
    if members[0] is None or members[1] is None:
        return ""
    return _first(members[0], members[1])


def _first(one: Sequence[Member], other: Sequence[Member]) -> str:
    names = [[member.name for member in members] for members in (one, other)]
    if sorted(names[0]) != sorted(names[1]):
        alone = sorted(set(names[0]) ^ set(names[1]))
        return f"only one of them holds `{alone[0]}`" if alone else "a member stands twice in one"
    if names[0] != names[1]:
        at = next(i for i, (a, b) in enumerate(zip(*names, strict=True)) if a != b)
        return f"the order of members, from `{names[0][at]}` on"
    for left, right in zip_longest(one, other):
        for field in fields(left):
            before, after = getattr(left, field.name), getattr(right, field.name)
            if before != after:
                what = "content" if field.name in {"content", "size"} else field.name
                told = "" if what == "content" else f" ({before} and {after})"
                return f"the {what} of member `{left.name}`{told}"
    return "its own header: a time, a name or the way of packing"


def _members(path: Path, max_bytes: int) -> tuple[Member, ...] | None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return tuple(_of_zip(info) for info in archive.infolist())
    if tarfile.is_tarfile(path):
        with tarfile.open(path) as tar:
            return _of_tar(tar, max_bytes)
    return None


def _of_zip(info: zipfile.ZipInfo) -> Member:
    year, month, day, hour, minute, second = info.date_time
    return Member(
        name=info.filename,
        time=f"{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}",
        mode=f"{info.external_attr >> 16:o}",
        owner="",
        size=info.file_size,
        content=info.CRC,
        packing=f"{info.compress_type}/{info.compress_size}/{info.create_system}/{info.extra.hex()}",
    )


def _of_tar(tar: tarfile.TarFile, left: int) -> tuple[Member, ...]:
    found: list[Member] = []
    for info in tar:
        checksum = zlib.crc32(info.linkname.encode("utf-8", "surrogateescape"))
        reader = tar.extractfile(info) if info.isreg() else None
        while reader is not None and left > 0 and (part := reader.read(min(_CHUNK, left))):
            checksum = zlib.crc32(part, checksum)
            left -= len(part)
        found.append(
            Member(
                name=info.name,
                time=str(info.mtime),
                mode=f"{info.type.decode('latin-1')}{info.mode:o}",
                owner=f"{info.uid}:{info.gid} {info.uname}:{info.gname}",
                size=info.size,
                content=checksum,
                packing=",".join(
                    sorted(f"{key}={value}" for key, value in info.pax_headers.items())
                ),
            )
        )
    return tuple(found)
