"""JaCoCo's XML report, counted from its lines, which its counters must bear out.

https://www.jacoco.org/jacoco/trunk/coverage/report.dtd: a source file stands in its package, the
package in the report or in groups (modules). As JaCoCo counts, a line ran where any of its
instructions did (`ci`), and did not where it only has missed ones (`mi`); branches are told by
their number. Paths begin at the root of the package: where sources lie is not told.

What makes a report unreadable: it is not whole, a number that is none, a line or a source file that
stands twice, a counter of lines that its lines do not bear out (of a source file, package, group or
the report; of branches and instructions, fewer than the lines have), a source file that has
instructions and no lines, as without `-g`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from gates.domain.errors import OutputUnreadable
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

MAX_DEPTH = 50
MAX_LINE = 10_000_000
MAX_LINES = 20_000_000
MAX_BRANCHES = 100_000
"""Branches of one line."""

_HOLDERS = frozenset({"report", "group", "package", "sourcefile"})
_CHECKED = ("LINE", "BRANCH", "INSTRUCTION")
_NUMBERS = ["nr", "mi", "ci", "mb", "cb"]
_NONE = Covered(0, 0)


def read(data: Source, *, what: str) -> CoverageReport:
    """The report in `data`, read as a stream.

    Args:
        data: a binary file, its pieces, or all of it.
        what: the file's name, for messages.

    Raises:
        OutputUnreadable: it is cut, contradicts itself or is no JaCoCo XML.
    """
    reader = _Reader(what, guarded_parser())
    feed(reader.parser, data, what=what)
    return CoverageReport(
        files=tuple(reader.files.values()),
        has_branches=True,
        are_branches_named=False,
        is_by_package=True,
    )


class _Holder:
    """A source file, or what holds some: its counters, and what was counted of its lines."""

    __slots__ = ("counted", "kind", "name", "stated")

    def __init__(self, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name
        self.stated: dict[str, Covered] = {}
        self.counted = dict.fromkeys(_CHECKED, _NONE)

    def add(self, counted: dict[str, Covered]) -> None:
        for kind, part in counted.items():
            self.counted[kind] = total((self.counted[kind], part))


class _Reader:
    """Expat's handlers for one report."""

    def __init__(self, what: str, parser: XMLParserType) -> None:
        self.what = what
        self.parser = parser
        self.files: dict[tuple[str, str], FileCoverage] = {}
        self.stack: list[str] = []
        self.holders: list[_Holder] = []
        self.lines_left = MAX_LINES
        self.flat: list[str] = []  # attributes of the file's lines, five of each
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end

    def start(self, tag: str, flat: list[str]) -> None:
        parent = self.stack[-1] if self.stack else ""
        self.stack.append(tag)
        if tag == "line":
            if parent != "sourcefile":
                raise self.error("jacoco-element", "a `line` stands in no source file")
            self.flat += flat if flat[::2] == _NUMBERS else self.ordered(attributes_of(flat))
        elif tag == "counter":
            if parent in _HOLDERS:
                self.add_counter(attributes_of(flat))
        elif tag in _HOLDERS:
            self.start_holder(tag, parent, attributes_of(flat))
        elif not parent:
            raise self.error("jacoco-root", f"`{tag:.80}` is no root of a JaCoCo report")

    def end(self, tag: str) -> None:
        self.stack.pop()
        if tag in _HOLDERS:
            self.end_holder(self.holders.pop())

    def start_holder(self, tag: str, parent: str, attributes: dict[str, str]) -> None:
        allowed = {
            "report": {""},
            "group": {"report", "group"},
            "package": {"report", "group"},
            "sourcefile": {"package"},
        }
        if parent not in allowed[tag] or "name" not in attributes:
            summary = f"`{tag}` stands in `{parent:.80}`, or has no name"
            raise self.error("jacoco-element", summary)
        if len(self.stack) > MAX_DEPTH:
            raise self.error("jacoco-limit", f"nested more than {MAX_DEPTH} deep")
        self.holders.append(_Holder(tag, attributes["name"]))

    def ordered(self, attributes: dict[str, str]) -> list[str]:
        """A line's attributes in their usual order; what is left out is 0, but for the number."""
        pairs = [(name, attributes.get(name, "" if name == "nr" else "0")) for name in _NUMBERS]
        return [text for pair in pairs for text in pair]

    def add_counter(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("type", "")
        if kind not in _CHECKED:
            return
        covered = self.number(attributes.get("covered", ""))
        missed = self.number(attributes.get("missed", ""))
        stated = self.holders[-1].stated
        if kind in stated:
            raise self.error("jacoco-counter", f"the counter `{kind}` stands twice")
        stated[kind] = Covered(covered, covered + missed)

    def end_holder(self, holder: _Holder) -> None:
        if holder.kind == "sourcefile":
            self.end_file(holder)
        self.compare(holder)
        if self.holders:
            self.holders[-1].add(holder.counted)

    def end_file(self, holder: _Holder) -> None:
        lines, missed, ran, missed_branches, taken_branches = (
            self.numbers(self.flat[at::10]) for at in range(1, 10, 2)
        )
        self.flat.clear()
        self.refuse_lines(lines)
        package = self.holders[-1].name.strip("/")
        path = f"{package}/{holder.name}" if package else holder.name
        module = next((one.name for one in reversed(self.holders) if one.kind == "group"), "")
        if (module, path) in self.files:
            raise self.error("jacoco-twice", f"`{path:.200}` stands twice in one module")
        taken, untaken = self.branches(lines, taken_branches, missed_branches)
        hits = {
            line: covered > 0
            for line, covered, not_covered in zip(lines, ran, missed, strict=True)
            if covered or not_covered
        }
        file = file_of_hits(path, hits, dict.fromkeys(taken, True) | dict.fromkeys(untaken, False))
        self.files[module, path] = replace(file, module=module)
        counts = ((file.executed, file.missing), (taken, untaken))
        line, branch = (Covered(len(yes), len(yes) + len(no)) for yes, no in counts)
        instruction = Covered(sum(ran), sum(ran) + sum(missed))
        holder.counted = dict(zip(_CHECKED, (line, branch, instruction), strict=True))
        if not line.total and holder.stated.get("INSTRUCTION", _NONE).total:
            raise OutputUnreadable(
                "jacoco-no-lines",
                f"`{holder.name:.200}` has instructions, and no lines are told",
                place=self.what,
                hint="compile with debug information: `javac -g`",
            )

    def refuse_lines(self, lines: list[int]) -> None:
        self.lines_left -= len(lines)
        if self.lines_left < 0:
            raise self.error("jacoco-limit", f"more than {MAX_LINES} lines")
        if len(set(lines)) < len(lines):
            ascending = sorted(lines)
            twice = next(one for one, other in pairwise(ascending) if one == other)
            raise self.error("jacoco-line", f"line {twice} stands twice in a source file")
        if lines and not 1 <= min(lines) <= max(lines) <= MAX_LINE:
            raise self.error("jacoco-line", f"a line number is not from 1 to {MAX_LINE}")

    def branches(
        self, lines: list[int], ran: list[int], missed: list[int]
    ) -> tuple[list[Branch], list[Branch]]:
        """The branches of a file that were taken, and the others."""
        taken: list[Branch] = []
        untaken: list[Branch] = []
        if not any(ran) and not any(missed):
            return taken, untaken
        for line, yes, no in zip(lines, ran, missed, strict=True):
            if yes + no > MAX_BRANCHES:
                raise self.error("jacoco-limit", f"more than {MAX_BRANCHES} branches in a line")
            if yes or no:
                executed, missing = numbered(line, yes, yes + no)
                taken += executed
                untaken += missing
        return taken, untaken

    def compare(self, holder: _Holder) -> None:
        """Hold the counters against the lines.

        Code without line numbers, as compilers add it, is in the counters of instructions and
        branches only, so these may be larger.
        """
        of_all = holder.counted["INSTRUCTION"]
        is_whole = holder.stated.get("INSTRUCTION", of_all) == of_all
        for kind, counted in holder.counted.items():
            told = holder.stated.get(kind, _NONE)
            is_exact = kind == "LINE" or (kind == "BRANCH" and is_whole)
            if told != counted and (is_exact or not _is_within(counted, told)):
                summary = (
                    f"the counter `{kind}` of `{holder.name:.200}` says {told.covered} of"
                    f" {told.total}, but {counted.covered} of {counted.total} are listed"
                )
                raise self.error("report-contradiction", summary)

    def numbers(self, texts: list[str]) -> list[int]:
        """Many counts, of which few differ."""
        known = {text: self.number(text) for text in set(texts)}
        return list(map(known.__getitem__, texts))

    def number(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 20):  # noqa: PLR2004 - 64 bits
            raise self.error("jacoco-number", f"`{text:.80}` is no count")
        return int(text)

    def error(self, slug: str, summary: str) -> OutputUnreadable:
        return OutputUnreadable(slug, summary, place=f"{self.what}:{self.parser.CurrentLineNumber}")


def _is_within(part: Covered, whole: Covered) -> bool:
    missed, all_missed = part.total - part.covered, whole.total - whole.covered
    return part.covered <= whole.covered and missed <= all_missed
