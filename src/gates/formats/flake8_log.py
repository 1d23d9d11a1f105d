"""What flake8 prints in a form of our own (`--format`), with its sums.

In the form, path and text are written as Python writes them, so that whatever they hold stays on
one line and within its quotes. The sums are those of `--benchmark`, on
standard output, and of `--verbose`, on standard error; both were the same in flake8 6.0 and 7.5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.flake8_config import UNREADABLE
from gates.formats.tool_paths import Tree

FORMAT = "%(code)s %(row)d %(col)d %(path)r %(text)r"
"""What `--format` is given."""

_QUOTED = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_FILES = re.compile(r"^(\d+) +total files processed$", re.MULTILINE)
_ENTRY = re.compile(rf"^(\S+) (\d+) (\d+) {_QUOTED} {_QUOTED}$", re.MULTILINE)

OUTPUT = {
    "quiet": "0",
    "count": "false",
    "show-source": "false",
    "statistics": "false",
    "tee": "false",
}
"""Settings of a project that would change what is printed, and what undoes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One entry.

    Attributes:
        code: the rule (`F401`).
        line: 1-based; 0 where there is none.
        column: 1-based.
        path: as flake8 writes it.
        text: what it says, one line.
    """

    code: str
    line: int
    column: int
    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flake8Log:
    """A whole run.

    Attributes:
        reports: its entries.
        files: the number of files that it took.
    """

    reports: tuple[Report, ...]
    files: int


def overrides() -> bytes:
    """A configuration file that undoes what would change the output; both spellings of a name."""
    names = {spelling: value for name, value in OUTPUT.items() for spelling in _spellings(name)}
    lines = (f"{name} = {value}" for name, value in names.items())
    return "\n".join(("[flake8]", *lines, "")).encode()


def parse(stdout: bytes, stderr: bytes) -> Flake8Log:
    """Read a run.

    Raises:
        OutputUnreadable: the sums are missing, or are not those of the entries.
    """
    text = stdout.decode("utf-8", "replace")
    reports = tuple(_report(*found) for found in _ENTRY.findall(text))
    files = _FILES.findall(text)
    log = stderr.decode("utf-8", "replace")
    found = re.findall(r"Found a total of \d+ [a-z]+ and reported (\d+)$", log, re.MULTILINE)
    if len(files) != 1 or len(found) != 1:
        last = (log or text).strip().rpartition("\n")[2]
        raise OutputUnreadable(
            "flake8-unproved",
            f"flake8 did not say how many files it looked at: {last}",
            hint="this needs flake8 6 or newer, and a configuration that it accepts",
            place="flake8",
        )
    if int(found[0]) != len(reports):
        summary = f"flake8 printed {len(reports)} entries and counted {found[0]}"
        hint = "is something else asked for by `quiet` in [tool.flake8]?"
        raise OutputUnreadable("contradiction", summary, hint=hint, place="flake8")
    return Flake8Log(reports=reports, files=int(files[0]))


def kept(report: bytes, *, what: str, hint: str) -> Flake8Log:
    """Read what earlier steps kept of standard output; the sum of its entries is not in it.

    Args:
        report: entries in the form `FORMAT`, and what `--benchmark` adds.
        what: its name.
        hint: how such a report is written.

    Raises:
        OutputUnreadable: it does not tell how many files were taken.
    """
    text = report.decode("utf-8", "replace")
    files = _FILES.findall(text)
    if len(files) != 1:
        summary = f"`{what}` does not tell how many files flake8 looked at"
        raise OutputUnreadable("flake8-unproved", summary, hint=hint, place=what)
    reports = tuple(_report(*found) for found in _ENTRY.findall(text))
    return Flake8Log(reports=reports, files=int(files[0]))


def refuse_unreadable(reports: Sequence[Report], tree: Tree) -> None:
    """Refuse entries on a file that could not be read or parsed.

    Raises:
        StageError: `file-unreadable`, with its place.
    """
    entry = next((one for one in reports if one.code in UNREADABLE), None)
    if entry is not None:
        place = tree.relative(entry.path)
        raise StageError(
            "file-unreadable",
            f"`{place}` could not be read as Python: {entry.text}",
            hint="mend it, or leave it out by `exclude` in flake8's configuration",
            place=f"{place}:{entry.line}:{entry.column}" if entry.line else place,
        )


def _report(code: str, line: str, column: str, path: str, text: str) -> Report:
    from ast import literal_eval

    message = " ".join(str(literal_eval(text)).split())
    path = str(literal_eval(path))
    return Report(code=code, line=int(line), column=int(column), path=path, text=message)


def _spellings(name: str) -> tuple[str, ...]:
    return (name, name.replace("-", "_")) if "-" in name else (name,)
