"""What earlier steps kept of `ruff format --check --verbose`: both of its streams in one file.

On standard error it names each file that it looks at. On standard output it names those that it
would change, in one of three forms by version and setting, and sums up all of them at its end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import given_parts, ruff_log
from gates.formats.given_parts import Named
from gates.formats.tool_paths import Tree

UNKNOWN = (
    "the report does not tell which version of ruff wrote it, nor by which settings, and nothing"
    " was planted"
)
"""What every output must tell of a given report."""

_FULL = re.compile(r"^unformatted: .*\n +--> (.+?):(\d+):(\d+)$", re.MULTILINE)
_CONCISE = re.compile(r"^(.+?):(\d+):(\d+): unformatted: .*$", re.MULTILINE)
_PLAIN = re.compile(r"^Would reformat: (.+)$", re.MULTILINE)
_UNREADABLE = (
    re.compile(r"^(?:invalid-syntax|io|E902): (?P<why>.*)\n *--> (?P<place>.+)$", re.MULTILINE),
    # Neither a line of the log, nor one of code that is shown.
    re.compile(
        r"^(?!\[|[ \d]*[|+-] )(?P<place>.+?): (?:invalid-syntax|io|E902): (?P<why>.*)$",
        re.MULTILINE,
    ),
)
_CHANGE, _KEEP = r"(\d+) files? would be reformatted", r"(\d+) files? already formatted"
_SUM = re.compile(rf"(?:{_CHANGE}(?:, {_KEEP})?|{_KEEP})")
_COLOURS = re.compile(rb"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unformatted:
    """A file that would change.

    Attributes:
        path: relative.
        line: of the first change, 1-based; 0 where unknown.
        column: the same.
    """

    path: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted:
    """What the reports tell.

    Attributes:
        examined: the files that were looked at, relative.
        left_out: files that were left out by ruff's settings, relative.
        unformatted: those that would change.
    """

    examined: frozenset[str]
    left_out: frozenset[str]
    unformatted: tuple[Unformatted, ...]


def merged(reports: Sequence[Named], tree: Tree, *, written_by: str) -> Formatted:
    """Put reports that belong together beside the project's files.

    Args:
        reports: all parts.
        tree: the project's files.
        written_by: the command that writes one.

    Raises:
        OutputUnreadable: one is unreadable, of another project, or contradicts itself or another.
        StageError: a file was not readable or not Python, or a source was not looked at.
    """
    parts = [parse(data, tree, what=name) for name, data in reports]
    what = reports[0][0]
    times = Counter(path for one in parts for path in one.examined)
    unformatted = given_parts.united([one.unformatted for one in parts], times, what=what)
    examined = frozenset(times)
    left_out = frozenset[str]().union(*(one.left_out for one in parts))
    given_parts.refuse_gaps(examined, tree, left_out=left_out, written_by=written_by, what=what)
    return Formatted(examined=examined, left_out=left_out, unformatted=unformatted)


def parse(data: bytes, tree: Tree, *, what: str) -> Formatted:
    """Read one report.

    Raises:
        OutputUnreadable: it does not tell which files were looked at, has no end, or its sums are
            not those of the files that it names.
        StageError: a file was not readable or not Python.
    """
    plain = _COLOURS.sub(b"", data)
    told = ruff_log.told(plain, ruff_log.FORMATTED, runs=1, what=what)
    text = plain.decode("utf-8", "replace")
    _refuse_unreadable(text, tree)
    examined = frozenset(map(tree.relative, told.named))
    places = (*_FULL.findall(text), *_CONCISE.findall(text))
    found = [
        *(Unformatted(path=path, line=int(line), column=int(at)) for path, line, at in places),
        *(Unformatted(path=path) for path in _PLAIN.findall(text)),
    ]
    by_path: dict[str, Unformatted] = {}
    for one in found:
        path = tree.relative(one.path)
        by_path.setdefault(path, Unformatted(path=path, line=one.line, column=one.column))
    sums = _sums(text, what=what)
    if sums != (len(by_path), len(examined)) or not by_path.keys() <= examined:
        summary = (
            f"ruff counted {sums[0]} files to reformat of {sums[1]}, and named {len(by_path)} of"
            f" {len(examined)}"
        )
        raise OutputUnreadable("contradiction", summary, place=what)
    return Formatted(
        examined=examined, left_out=told.left_out(tree), unformatted=tuple(by_path.values())
    )


def _sums(text: str, *, what: str) -> tuple[int, int]:
    """How many files would change, and how many were looked at, by the last line."""
    last = text.rstrip("\n").rpartition("\n")[2]
    found = _SUM.fullmatch(last)
    if found is None:
        raise OutputUnreadable(
            "ruff-unproved",
            f"`{what}` does not end with the sum of the files that ruff looked at",
            hint="keep both streams, and no setting that makes ruff write another form",
            place=what,
        )
    changed, beside, alone = (int(number or 0) for number in found.groups())
    return changed, changed + beside + alone


def _refuse_unreadable(text: str, tree: Tree) -> None:
    for form in _UNREADABLE:
        found = form.search(text)
        if found is not None:
            place = tree.relative(found["place"])
            raise StageError(
                "file-unreadable",
                f"`{place}` could not be read as Python: {found['why']}",
                hint="mend it, or leave it out by `exclude` in ruff's configuration",
                place=place,
            )
