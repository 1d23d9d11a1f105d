"""The hash by which code scanning knows a line of a file again after it moved.

The scheme is that of the `primaryLocationLineHash` of GitHub's code scanning: a hash of the next
100 characters from the start of a line, blanks and tabs left out and each line end counted as one
line feed, as a polynomial in 37 over 64 bits; behind a colon stands the how-manieth line of the
file with that hash it is. Characters are UTF-16 code units; the end of the file counts as U+FFFF.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

WINDOW = 100
"""Characters that a hash covers."""

_FACTOR = 37
_MASK = (1 << 64) - 1
_OUT = pow(_FACTOR, WINDOW, 1 << 64)
_LINE_FEED = 10
_END = 0xFFFF


def line_hashes(data: bytes, lines: Iterable[int]) -> dict[int, str]:
    """The hashes of some lines of a file, by their numbers from 1; a line that is not in it lacks.

    Args:
        data: the file's bytes; what is not UTF-8 counts as U+FFFD.
        lines: the numbers that are asked for.
    """
    wanted = frozenset(lines)
    units, starts = _units(data)
    counts: dict[int, int] = {}
    found: dict[int, str] = {}
    for number, value in enumerate(_hashes(units, starts), start=1):
        counts[value] = counts.get(value, 0) + 1
        if number in wanted:
            found[number] = f"{value:x}:{counts[value]}"
    return found


def _units(data: bytes) -> tuple[list[int], list[int]]:
    """The code units that count, and the positions among them where lines start."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    kept = text.replace(" ", "").replace("\t", "").encode("utf-16-le", "surrogatepass")
    units = [*memoryview(kept).cast("H"), _END] if kept else [_END]
    starts = [0, *(at + 1 for at, unit in enumerate(units) if unit == _LINE_FEED)]
    return units, starts


def _hashes(units: list[int], starts: list[int]) -> Iterator[int]:
    """The hash of the window behind each start; behind the end of the file stand zeros."""
    sums, value = [0], 0
    for unit in (*units, *[0] * WINDOW):
        value = (value * _FACTOR + unit) & _MASK
        sums.append(value)
    return ((sums[at + WINDOW] - sums[at] * _OUT) & _MASK for at in starts)
