"""Cobertura XML, counted from its lines and never from its rates.

http://cobertura.sourceforge.net/xml/coverage-04.dtd, as coverage.py, Istanbul, gcovr, coverlet and
many others write it. The lines of a class are those directly in it: `methods` repeats some of them,
and Istanbul puts the lines of declarations there that it does not count. Classes of one file are
one file; a line that stands twice ran where any of its entries has hits, and of its branches the
larger numbers hold.

What makes a report unreadable: it is not whole, a line without a number or hits, hits below 0, a
branch whose `condition-coverage` does not say how many of how many; a total or rate (of the report,
a package or a class) that its lines do not bear out. Programs that count an entry of a line that
stands twice for itself are believed where the numbers are those.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from itertools import compress
from typing import TYPE_CHECKING

from gates.domain.errors import OutputUnreadable
from gates.formats.cobertura_rates import Counted, Tally, is_near, is_number, refuse_lies
from gates.formats.coverage_model import (
    Branch,
    CoverageReport,
    Covered,
    FileCoverage,
    file_of_hits,
    numbered,
    total,
)
from gates.formats.xml_stream import Source, attributes_of, feed, guarded_parser

if TYPE_CHECKING:
    from pyexpat import XMLParserType

MAX_DEPTH = 20
MAX_LINES = 20_000_000
MAX_LINE = 10_000_000
MAX_BRANCHES = 10_000
"""Branches of one line."""

_PLAIN = 4  # a name and a value of each of two attributes
_DIGITS = 20  # of a 64-bit count: a longer text is looked at for itself

_CONDITION = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,20})?) ?% ?\(([0-9]{1,9})/([0-9]{1,9})\)")
_PATH_TO_LINES = ("coverage", "packages", "package", "classes", "class", "lines")
_PATH_OF_METHOD = (*_PATH_TO_LINES[:5], "methods", "method", "lines")


def read(data: Source, *, what: str) -> CoverageReport:
    """The report in `data`, read as a stream.

    Args:
        data: a binary file, its pieces, or all of it.
        what: the file's name, for messages.

    Raises:
        OutputUnreadable: it is cut, contradicts itself or is no Cobertura XML.
    """
    reader = _Reader(what, guarded_parser())
    feed(reader.parser, data, what=what)
    reader.finish()
    return CoverageReport(
        files=tuple(reader.files.values()),
        has_branches=reader.has_branches,
        tells_branching=False,
        version=reader.header.get("version", ""),
        are_branches_named=False,
        roots=tuple(reader.roots),
    )


class _Reader:
    """Expat's handlers for one report."""

    def __init__(self, what: str, parser: XMLParserType) -> None:
        self.what = what
        self.parser = parser
        self.header: dict[str, str] = {}
        self.roots: list[str] = []
        self.files: dict[str, FileCoverage] = {}
        self.has_branches = False
        self.whole = Tally()
        self.of_package: dict[str, str] = {}
        self.package = Tally()
        self.stack: list[str] = []
        self.text: list[str] = []
        self.of_class: dict[str, str] = {}
        self.plain: list[str] = []  # attributes of the class's lines, number and hits of each
        self.branches: dict[int, Covered] = {}
        self.conditions: list[Covered] = []  # those of a line that stands twice are two
        self.condition = lru_cache(4096)(self.parsed_condition)
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end

    def start(self, tag: str, flat: list[str]) -> None:
        if tag != "line":
            self.start_other(tag, flat)
        elif self.path() != _PATH_OF_METHOD:
            raise self.error("cobertura-element", "a `line` stands in no class or method")

    def end(self, tag: str) -> None:
        if tag == "line":
            return
        if tag == "class" and self.path() == _PATH_TO_LINES[:5]:
            self.end_class()
        elif tag == "package" and self.path() == _PATH_TO_LINES[:3]:
            name = f"the package `{self.of_package.get('name', ''):.200}`"
            self.compare(self.of_package, self.package.counted(self.files), name)
        elif tag == "lines":
            self.parser.StartElementHandler = self.start
        elif tag == "source" and self.path() == ("coverage", "sources", "source"):
            self.roots.append("".join(self.text).strip())
            self.parser.CharacterDataHandler = None
        self.stack.pop()

    def counting(self) -> Callable[[str, list[str]], None]:
        """The handler inside a class's lines, which are nearly all of a report."""
        keep = self.plain.extend

        def start_line(tag: str, flat: list[str]) -> None:
            if tag == "line" and len(flat) == _PLAIN:
                keep(flat)
            elif tag == "line":
                self.start_long(attributes_of(flat))
            else:
                self.start_other(tag, flat)

        return start_line

    def start_other(self, tag: str, flat: list[str]) -> None:
        self.stack.append(tag)
        if len(self.stack) > MAX_DEPTH:
            raise self.error("cobertura-limit", f"nested more than {MAX_DEPTH} deep")
        if len(self.stack) == 1:
            if tag != "coverage":
                raise self.error("cobertura-root", f"`{tag:.80}` is no root of a Cobertura report")
            self.header = attributes_of(flat)
        elif tag == "class":
            if self.path() != _PATH_TO_LINES[:5]:
                raise self.error("cobertura-element", "a `class` stands in no package")
            self.of_class = attributes_of(flat)
        elif tag == "package":
            self.of_package, self.package = attributes_of(flat), Tally()
        elif tag == "source":
            self.text = []
            self.parser.CharacterDataHandler = self.text.append
        elif tag == "lines":
            self.start_lines()

    def start_lines(self) -> None:
        if self.path() == _PATH_TO_LINES:
            self.parser.StartElementHandler = self.counting()
        elif self.path() != _PATH_OF_METHOD:
            raise self.error("cobertura-element", "`lines` stands in no class or method")

    def start_long(self, attributes: dict[str, str]) -> None:
        """A line with more than its number and hits."""
        self.plain += ("number", self.given(attributes, "number"))
        self.plain += ("hits", self.given(attributes, "hits"))
        self.add_branches(attributes["number"], attributes)

    def given(self, attributes: dict[str, str], name: str) -> str:
        if name not in attributes:
            raise self.error("cobertura-line", f"a line has no `{name}`")
        return attributes[name]

    def add_branches(self, number: str, attributes: dict[str, str]) -> None:
        is_branch = attributes.get("branch", "false")
        if is_branch in {"false", "False"}:
            return
        if is_branch not in {"true", "True"}:
            raise self.error("cobertura-line", f"`branch` is `{is_branch:.80}`, not true or false")
        found = self.condition(attributes.get("condition-coverage", ""))
        line, self.has_branches = self.number(number), True
        self.conditions.append(found)
        self.branches[line] = _larger(self.branches.get(line, found), found)

    def parsed_condition(self, text: str) -> Covered:
        found = _CONDITION.fullmatch(text)
        taken = Covered(int(found[2]), int(found[3])) if found else Covered(0, 0)
        if found is None or taken.total > MAX_BRANCHES or not is_near(Decimal(found[1]), taken):
            summary = f"`condition-coverage` is `{text:.80}`, not as `50% (1/2)`"
            raise self.error("cobertura-condition", summary)
        return taken

    def end_class(self) -> None:
        name = self.of_class.get("filename", "")
        if not name:
            raise self.error("cobertura-class", "a class has no `filename`")
        lines, hits = self.parsed_lines()
        each = once = Covered(sum(hits), len(lines))
        if self.whole.entries[1] + each.total > MAX_LINES:
            raise self.error("cobertura-limit", f"more than {MAX_LINES} lines")
        is_ascending = all(map(int.__lt__, lines, lines[1:]))
        if is_ascending and name not in self.files:
            executed, missing = tuple(compress(lines, hits)), _others(lines, hits)
            self.files[name] = FileCoverage(name, executed, missing, (), *_pairs(self.branches))
        else:
            once = Covered(len(set(compress(lines, hits))), len(set(lines)))
            self.files[name] = self.joined(name, lines, hits)
        self.count_class(name, once, each)
        self.plain.clear()
        self.branches, self.conditions = {}, []

    def count_class(self, name: str, once: Covered, each: Covered) -> None:
        branches = (total(self.branches.values()), total(self.conditions))
        self.compare(self.of_class, Counted((once, each), branches), f"`{name:.200}`")
        for tally in (self.package, self.whole):
            tally.add(name, (once, branches[0]), (each, branches[1]))

    def parsed_lines(self) -> tuple[list[int], list[bool]]:
        """The numbers of the class's lines, and whether each ran."""
        flat = self.plain
        if (
            flat[::4].count("number") != len(flat) // 4
            or flat[2::4].count("hits") != len(flat) // 4
        ):
            flat = self.reordered()
        numbers, hits = flat[1::4], flat[3::4]
        ran = {text: self.number(text) > 0 for text in set(hits)}
        whole = "".join(numbers)
        # One pass in C for the common case; the slow walk only names what is wrong.
        if len(max(numbers, key=len, default="")) > _DIGITS or "" in numbers:
            lines = list(map(self.number, numbers))
        elif whole.isascii() and whole.isdecimal():
            lines = list(map(int, numbers))
        else:
            lines = list(map(self.number, numbers))
        if lines and not 1 <= min(lines) <= max(lines) <= MAX_LINE:
            raise self.error("cobertura-line", f"a line number is not from 1 to {MAX_LINE}")
        return lines, list(map(ran.__getitem__, hits))

    def reordered(self) -> list[str]:
        """The kept attributes with the number before the hits in each line."""
        flat: list[str] = []
        for at in range(0, len(self.plain), _PLAIN):
            line = attributes_of(self.plain[at : at + _PLAIN])
            flat += ("number", self.given(line, "number"), "hits", self.given(line, "hits"))
        return flat

    def number(self, text: str) -> int:
        if not is_number(text):
            raise self.error("cobertura-line", f"`{text:.80}` is no count")
        return int(text)

    def joined(self, name: str, lines: list[int], hits: list[bool]) -> FileCoverage:
        """A file of several classes, or with a line that stands twice."""
        known = self.files.get(name, FileCoverage(name, (), ()))
        ran = dict.fromkeys(known.executed, True) | dict.fromkeys(known.missing, False)
        for line, hit in zip(lines, hits, strict=True):
            ran[line] = ran.get(line, False) or hit
        branches: dict[Branch, bool] = dict.fromkeys(known.missing_branches, False)
        branches |= dict.fromkeys(known.executed_branches, True)
        executed, missing = _pairs(self.branches)
        for branch in missing:
            branches.setdefault(branch, False)
        branches |= dict.fromkeys(executed, True)
        return file_of_hits(name, ran, branches)

    def finish(self) -> None:
        """Hold the header against what was counted."""
        refuse_lies(
            self.header,
            self.whole.counted(self.files),
            of="the report",
            place=self.what,
            folders=len(self.roots),
        )

    def compare(self, attributes: dict[str, str], counted: Counted, of: str) -> None:
        place = f"{self.what}:{self.parser.CurrentLineNumber}"
        refuse_lies(attributes, counted, of=of, place=place)

    def path(self) -> tuple[str, ...]:
        return tuple(self.stack)

    def error(self, slug: str, summary: str) -> OutputUnreadable:
        return OutputUnreadable(slug, summary, place=f"{self.what}:{self.parser.CurrentLineNumber}")


def _larger(one: Covered, other: Covered) -> Covered:
    return Covered(max(one.covered, other.covered), max(one.total, other.total))


def _others(lines: list[int], hits: list[bool]) -> tuple[int, ...]:
    return tuple(compress(lines, [not hit for hit in hits]))


def _pairs(branches: dict[int, Covered]) -> tuple[tuple[Branch, ...], tuple[Branch, ...]]:
    """Branches of lines of which only the numbers are known."""
    taken: list[Branch] = []
    untaken: list[Branch] = []
    for line, found in branches.items():
        executed, missing = numbered(line, found.covered, found.total)
        taken += executed
        untaken += missing
    return tuple(taken), tuple(untaken)
