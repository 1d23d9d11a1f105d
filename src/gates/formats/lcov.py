"""LCOV tracefiles of geninfo 1 and 2, and of the many programs that write the same.

https://github.com/linux-test-project/lcov/blob/master/man/geninfo.1 (FILES): a section per source
and test, from `SF:` to `end_of_record`. Sections of one source are one file; a line or branch that
stands twice ran where any of its entries did. `LF`, `LH`, `BRF` and `BRH` are checked against the
lines and branches listed; those of functions and of MC/DC are neither read nor counted.

What makes a report unreadable: a section that does not end, a record that is not known, a number
that is none or below 0 (geninfo writes such for counters that raced), a contradiction. A file that
is cut between two sections cannot be told from a whole one: the sources that it lost are counted
elsewhere as not covered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from gates.domain.errors import OutputUnreadable
from gates.formats.coverage_model import Branch, CoverageReport, FileCoverage, file_of_hits

MAX_LINE = 10_000_000
MAX_SECTIONS = 1_000_000

_OTHER = frozenset(
    {
        *("TN", "VER", "FN", "FNDA", "FNF", "FNH", "FNL", "FNA"),
        *("MCDC", "MCF", "MCH"),
    }
)
"""Records that say nothing of lines and branches."""

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")

_TOTALS = ("LF", "LH", "BRF", "BRH")


@lru_cache(1)
def _plain_lines() -> re.Pattern[bytes]:
    # Several lines in one match: what nearly all of a file consists of.
    return re.compile(rb"(?:^DA:[0-9]{1,9},[0-9]{1,20}\r?\n)+", re.MULTILINE)


def read(data: bytes, *, what: str) -> CoverageReport:
    """The report in `data`.

    Raises:
        OutputUnreadable: it is cut inside a section, contradicts itself or is no tracefile.
    """
    if not data.strip():
        raise OutputUnreadable("lcov-empty", "the file is empty", place=what)
    if data.startswith(_MARKS):
        raise OutputUnreadable(
            "lcov-encoding",
            "the file begins with a byte order mark",
            place=what,
            hint="write it in UTF-8 without one (in PowerShell: `-Encoding utf8NoBOM`)",
        )
    reader = _Reader(what)
    sections = re.split(rb"^end_of_record\r?$\n?", data, flags=re.MULTILINE)
    if len(sections) > MAX_SECTIONS:
        raise OutputUnreadable("lcov-limit", f"more than {MAX_SECTIONS} sections", place=what)
    for section in sections[:-1]:
        reader.section(section)
    reader.refuse_rest(sections[-1])
    if not reader.files:
        raise OutputUnreadable("lcov-empty", "the file has no section", place=what)
    return CoverageReport(
        files=tuple(reader.files.values()),
        has_branches=reader.has_branches,
        tells_branching=False,
    )


class _Section:
    """What one section says."""

    def __init__(self) -> None:
        self.path = ""
        self.hits: dict[int, bool] = {}
        self.branches: dict[Branch, bool] = {}
        self.stated: dict[str, int] = {}


class _Reader:
    """The sections of one file."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.line = 1
        self.files: dict[str, FileCoverage] = {}
        self.has_branches = False
        self.records: dict[str, Callable[[_Section, str], None]] = {
            "SF": self.add_path,
            "DA": self.add_line,
            "BRDA": self.add_branch,
        }

    def section(self, data: bytes) -> None:
        found = _Section()
        reached = 0
        for block in _plain_lines().finditer(data):
            self.others(found, data[reached : block.start()])
            self.plain(found, block[0])
            reached = block.end()
        self.others(found, data[reached:])
        self.line += 1
        self.close(found)

    def plain(self, found: _Section, block: bytes) -> None:
        """Lines without a checksum, of which there may be a million."""
        if not found.path:
            raise self.error("`DA` stands before `SF`")
        texts = block.replace(b"DA:", b"").replace(b"\n", b",").split(b",")
        lines = list(map(int, texts[:-1:2]))
        if not 1 <= min(lines) <= max(lines) <= MAX_LINE:
            raise self.error(f"a line number is not from 1 to {MAX_LINE}")
        counts = texts[1::2]
        hit_of = {text: int(text) > 0 for text in set(counts)}  # of which few differ
        ran = map(hit_of.__getitem__, counts)
        if found.hits or len(set(lines)) < len(lines):
            for line, hit in zip(lines, ran, strict=True):
                found.hits[line] = found.hits.get(line, False) or hit
        else:
            found.hits = dict(zip(lines, ran, strict=True))
        self.line += len(lines)

    def others(self, found: _Section, data: bytes) -> None:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise self.error("not UTF-8") from None
        records = text.removesuffix("\n").split("\n") if text else []
        for record in records:
            self.record(found, record.removesuffix("\r"))
            self.line += 1

    def record(self, found: _Section, record: str) -> None:
        if not record or record.startswith("#"):
            return
        name, colon, value = record.partition(":")
        if not colon or not (name in self.records or name in _TOTALS or name in _OTHER):
            raise self.error(f"the record `{record:.80}` is not known")
        if not found.path and name not in {"TN", "SF"}:
            raise self.error(f"`{name}` stands before `SF`")
        if name in self.records:
            self.records[name](found, value)
        elif name in _TOTALS:
            if name in found.stated:
                raise self.error(f"`{name}` stands twice in a section")
            found.stated[name] = self.number(value)

    def add_path(self, found: _Section, value: str) -> None:
        if found.path or not value:
            raise self.error("a section names no source, or two")
        found.path = value

    def add_line(self, found: _Section, value: str) -> None:
        number, comma, rest = value.partition(",")
        line = self.line_number(number)
        ran = self.number(rest.partition(",")[0] if comma else "") > 0
        found.hits[line] = found.hits.get(line, False) or ran

    def add_branch(self, found: _Section, value: str) -> None:
        # The third field may be an expression and hold commas; the last one is the count.
        number, _, rest = value.partition(",")
        name, comma, taken = rest.rpartition(",")
        if not comma or "," not in name:
            raise self.error(f"`BRDA:{value:.80}` has fewer than four fields")
        key = (self.line_number(number), name)
        ran = taken != "-" and self.number(taken) > 0
        found.branches[key] = found.branches.get(key, False) or ran

    def close(self, found: _Section) -> None:
        """Check the section's totals, and join it with what is known of its source."""
        if not found.path:
            raise self.error("a section names no source")
        counted = {
            "LF": len(found.hits),
            "LH": sum(found.hits.values()),
            "BRF": len(found.branches),
            "BRH": sum(found.branches.values()),
        }
        for name, stated in found.stated.items():
            if stated != counted[name]:
                raise OutputUnreadable(
                    "report-contradiction",
                    f"`{name}` of `{found.path:.200}` is {stated}, but {counted[name]} are listed",
                    place=f"{self.what}:{self.line - 1}",
                )
        self.has_branches = self.has_branches or bool(found.branches or found.stated.get("BRF"))
        known = self.files.get(found.path)
        if known is not None:
            _join(found.hits, known.executed, known.missing)
            _join(found.branches, known.executed_branches, known.missing_branches)
        self.files[found.path] = file_of_hits(found.path, found.hits, found.branches)

    def refuse_rest(self, data: bytes) -> None:
        """After the last section there may be comments and nothing else."""
        for record in data.decode("utf-8", "replace").split("\n"):
            if record.strip() and not record.startswith("#"):
                summary = "the last section does not end: the file is cut, or no LCOV tracefile"
                raise OutputUnreadable("lcov-cut", summary, place=f"{self.what}:{self.line}")

    def line_number(self, text: str) -> int:
        number = self.number(text)
        if not 1 <= number <= MAX_LINE:
            raise self.error(f"a line number is not from 1 to {MAX_LINE}")
        return number

    def number(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 20):  # noqa: PLR2004 - 64 bits
            raise self.error(f"`{text:.80}` is no count")
        return int(text)

    def error(self, summary: str) -> OutputUnreadable:
        return OutputUnreadable("lcov-record", summary, place=f"{self.what}:{self.line}")


_Key = TypeVar("_Key")


def _join(found: dict[_Key, bool], executed: tuple[_Key, ...], missing: tuple[_Key, ...]) -> None:
    """Add what earlier sections of the source say."""
    found.update(dict.fromkeys(executed, True))
    for key in missing:
        found.setdefault(key, False)
