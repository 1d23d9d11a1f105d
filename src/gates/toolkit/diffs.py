"""The reader of `git diff --raw --patch --unified=0`: which lines of which file were added.

Format: git's documentation, "raw output format" and "generating patch text with -p". File names
are quoted as in C where they hold anything odd, so a line break in a name cannot fake a header;
the lines of a hunk are counted by its header, so neither can the content of a file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gates.domain.errors import OutputUnreadable

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_LINK_OR_MODULE = frozenset({b"120000", b"160000"})
_ESCAPES = {
    b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
    b'"': b'"', b"\\": b"\\",
}  # fmt: skip


@dataclass(slots=True)
class DiffEntry:
    """One file of a diff.

    Attributes:
        path: its name in the new version (in the old one, if deleted), with `/`.
        status: `A`, `M`, `D` or `R`.
        is_link_or_module: it is a symbolic link or submodule, which has no lines.
        is_unclear: git does not tell its lines: binary in its eyes, unmerged, or of another kind.
        ranges: added or changed lines, first and last inclusive.
    """

    path: str
    status: str
    is_link_or_module: bool = False
    is_unclear: bool = False
    ranges: list[tuple[int, int]] = field(default_factory=list)

    @property
    def added(self) -> tuple[tuple[int, int], ...]:
        """The added or changed lines, ascending."""
        return tuple(sorted(self.ranges))


def parse_diff(data: bytes) -> tuple[DiffEntry, ...]:
    """Read the whole output.

    Raises:
        OutputUnreadable: a line is of no known form, or the patch names a file that the list before
            it does not.
    """
    lines = data.split(b"\n")
    entries: dict[str, DiffEntry] = {}
    index = 0
    while index < len(lines) and lines[index].startswith(b":"):
        entry = _raw_entry(lines[index])
        before = entries.get(entry.path)
        entry.is_unclear |= before is not None  # unmerged: listed once more with what lies there
        entries[entry.path] = entry
        index += 1
    for header, body in _sections(lines, index):
        _read_section(entries, header, body)
    return tuple(entries.values())


def unquote(name: bytes) -> str:
    """The file name behind git's C-like quoting; a plain one stands for itself."""
    if not (len(name) > 1 and name.startswith(b'"') and name.endswith(b'"')):
        return os.fsdecode(name)
    return os.fsdecode(re.sub(rb"\\([0-7]{3}|.)", _unescape, name[1:-1], flags=re.DOTALL))


def _unescape(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    return bytes([int(escape, 8)]) if len(escape) > 1 else _ESCAPES.get(escape, escape)


def _raw_entry(line: bytes) -> DiffEntry:
    fields, _, names = line.partition(b"\t")
    parts = fields.split(b" ")
    if len(parts) != 5 or not names:  # noqa: PLR2004 - two modes, two objects, the status
        raise _unreadable(line)
    letter = parts[4][:1].decode("ascii", "replace")
    path = unquote(names.split(b"\t")[-1])
    mode = parts[1] if letter != "D" else parts[0][1:]
    return DiffEntry(
        path=path,
        status={"T": "M", "U": "M", "C": "A"}.get(letter, letter),
        is_link_or_module=mode in _LINK_OR_MODULE,
        is_unclear=letter in "TU",
    )


def _sections(lines: list[bytes], start: int) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Each file's header lines and the hunk headers after them, with the hunks' lines left out."""
    header: list[bytes] = []
    hunks: list[bytes] = []
    index = start
    while index < len(lines):
        line = lines[index]
        index += 1
        if line.startswith(b"diff --git "):
            if header:
                yield header, hunks
            header, hunks = [line], []
        elif line.startswith(b"@@ "):
            hunks.append(line)
            index = _after_hunk(lines, index, line)
        elif header:
            header.append(line)
        elif line and not line.startswith(b"* Unmerged path "):
            raise _unreadable(line)
    if header:
        yield header, hunks


def _after_hunk(lines: list[bytes], index: int, header: bytes) -> int:
    match = _HUNK.match(header)
    if match is None:
        raise _unreadable(header)
    left = _count(match[1]) + _count(match[3])
    while left:
        if index >= len(lines) or lines[index][:1] not in {b"+", b"-", b"\\"}:
            raise _unreadable(header)
        left -= lines[index][:1] != b"\\"
        index += 1
    return index


def _read_section(entries: dict[str, DiffEntry], header: list[bytes], hunks: list[bytes]) -> None:
    path = _section_path(header)
    entry = entries.get(path)
    if entry is None:
        raise _unreadable(header[0])
    if any(line.startswith((b"Binary files ", b"GIT binary patch")) for line in header):
        entry.is_unclear = True
    for line in hunks:
        match = _HUNK.match(line)
        if match is not None and _count(match[3]):
            first = int(match[2])
            entry.ranges.append((first, first + _count(match[3]) - 1))


def _section_path(header: list[bytes]) -> str:
    found = {line[:4]: line[4:] for line in header[1:] if line.startswith((b"--- ", b"+++ "))}
    for mark, prefix in ((b"+++ ", "b/"), (b"--- ", "a/")):
        # A name with a blank is followed by a tab there.
        name = unquote(found.get(mark, b"").removesuffix(b"\t"))
        if name.startswith(prefix):
            return name[2:]
    for line in header[1:]:
        if line.startswith(b"rename to "):
            return unquote(line.removeprefix(b"rename to "))
    # Neither lines nor a new name: the same name stands twice, each half as long as the whole.
    both = header[0].removeprefix(b"diff --git ")
    return unquote(both[len(both) // 2 + 1 :])[2:]


def _count(text: bytes | None) -> int:
    return 1 if text is None else int(text)


def _unreadable(line: bytes) -> OutputUnreadable:
    from gates.toolkit.door import one_line

    return OutputUnreadable(
        "diff-unreadable", f"git's comparison holds an unexpected line: {one_line(line, limit=120)}"
    )
