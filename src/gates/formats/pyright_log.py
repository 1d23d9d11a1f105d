"""What `pyright --verbose --stats` prints, which names the files that were checked.

The report (`--outputjson`) only tells their number, and pyright refuses to write both in one run.
The texts of several runs may follow each other; of each, the version, the sums, the number of
files and the list are read, which comes last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable

_VERSION = re.compile(r"pyright (\d+\.\S+)")
_SUMS = re.compile(r"(\d+) errors?, (\d+) warnings?, (\d+) informations?")
_TOTAL = re.compile(r"Total files checked: +(\d+)")
_FILE = re.compile(r"\d+ms: file://(/\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run.

    Attributes:
        version: pyright's.
        sums: how many errors, warnings and informations it told.
        files: what it checked, absolute, pyright's own files included.
    """

    version: str
    sums: tuple[int, int, int]
    files: tuple[str, ...]


def parse(data: bytes, *, what: str) -> tuple[Run, ...]:
    """Read the texts of one or more runs.

    Raises:
        OutputUnreadable: not UTF-8, a part is missing, or a list does not hold as many files as
            pyright says.
    """
    try:
        lines = [line.rstrip() for line in data.decode("utf-8-sig").split("\n")]
    except UnicodeDecodeError:
        raise OutputUnreadable("pyright-log", f"`{what}` is not UTF-8", place=what) from None
    starts = [number for number, line in enumerate(lines) if _VERSION.fullmatch(line)]
    if not starts:
        raise _broken("does not tell pyright's version", what)
    ends = [*starts[1:], len(lines)]
    return tuple(_run(lines[at:end], what) for at, end in zip(starts, ends, strict=True))


def _run(lines: list[str], what: str) -> Run:
    from urllib.parse import unquote

    sums = [found for line in lines if (found := _SUMS.fullmatch(line))]
    totals = [found for line in lines if (found := _TOTAL.fullmatch(line))]
    files = [unquote(found[1]) for line in lines if (found := _FILE.fullmatch(line))]
    if len(sums) != 1 or len(totals) != 1:
        raise _broken(f"holds {len(sums)} sums and {len(totals)} numbers of files for a run", what)
    if int(totals[0][1]) != len(set(files)) or len(files) != len(set(files)):
        raise _broken(f"lists {len(files)} files, and says that they are {totals[0][1]}", what)
    told = sums[0]
    return Run(
        version=lines[0].removeprefix("pyright "),
        sums=(int(told[1]), int(told[2]), int(told[3])),
        files=tuple(files),
    )


def _broken(problem: str, what: str) -> OutputUnreadable:
    hint = "write it whole: pyright --verbose --stats"
    return OutputUnreadable("pyright-log", f"`{what}` {problem}", hint=hint, place=what)
