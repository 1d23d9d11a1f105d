"""What is covered of the project's sources, whatever a coverage report says of other files.

Every count is of lines and branches in sets; a source that the report leaves out is counted here
as not covered at all. A report that an earlier step wrote is also held against the text of the
sources: it may not speak of lines that are not there, and an executable line of Python of which it
says nothing is not covered. A file that it names and of which it counts no line, though there is
code in it, is one that it leaves out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from gates.domain.errors import OutputUnreadable
from gates.formats.code_lines import code_lines
from gates.formats.coverage_model import Branch, CoverageReport, Covered, FileCoverage, total
from gates.formats.executable_lines import executable_lines, statement_starts


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """What was executed of one source.

    Attributes:
        path: relative to the folder of gates.yaml.
        executed: lines that ran.
        missing: lines that did not, ascending.
        excluded: how many lines a comment or the configuration took out.
        executed_branches: branches that were taken.
        missing_branches: branches that were not.
        is_absent: the report left it out, and it was counted here.
        unknown: how many of the missing lines the report does not speak of.
        is_unseen: the report knows it and counts no line of it, so it was counted here too.
        spans: first and last lines of statements over several lines, ascending, as far as told.
        stated: lines and branches of a report that only states how many there are, or None.
    """

    path: str
    executed: tuple[int, ...]
    missing: tuple[int, ...]
    excluded: int
    executed_branches: tuple[Branch, ...]
    missing_branches: tuple[Branch, ...]
    is_absent: bool = False
    unknown: int = 0
    is_unseen: bool = False
    spans: tuple[tuple[int, int], ...] = ()
    stated: tuple[Covered, Covered] | None = None

    def lines(self, among: frozenset[int] | None = None) -> Covered:
        """Its lines, all or those among the given ones."""
        if among is None:
            ran = len(self.executed)
            return self.stated[0] if self.stated else Covered(ran, ran + len(self.missing))
        ran = len(among.intersection(self.executed))
        return Covered(ran, ran + len(among.intersection(self.missing)))

    def branches(self, among: frozenset[int] | None = None) -> Covered:
        """Its branches, all or those that leave one of the given lines."""
        taken, untaken = self.executed_branches, self.missing_branches
        if among is not None:
            taken = tuple(branch for branch in taken if branch[0] in among)
            untaken = tuple(branch for branch in untaken if branch[0] in among)
        elif self.stated:
            return self.stated[1]
        return Covered(len(taken), len(taken) + len(untaken))


def of_sources(
    report: CoverageReport,
    sources: Iterable[str],
    *,
    read: Callable[[str], bytes],
    is_given: bool = False,
) -> tuple[SourceCoverage, ...]:
    """What the report says of the sources, and of no other file.

    Args:
        report: the whole report, each file once and by its path in the project.
        sources: paths relative to the folder of gates.yaml.
        read: reads a source that the report leaves out, or any of them.
        is_given: the report is of an earlier step, so it is held against the sources' text.

    Raises:
        OutputUnreadable: a source that is to be read cannot be parsed; the report lists lines that
            a source does not have.
    """
    known = {file.path: file for file in report.files}
    found = []
    for path in sources:
        if path not in known:
            found.append(_absent(path, read(path)))
        elif is_given:
            found.append(_compared(path, known[path], read(path)))
        else:
            found.append(_reported(path, known[path]))
    return tuple(found)


def changed_in(
    source: SourceCoverage, lines: frozenset[int], *, read: Callable[[str], bytes]
) -> frozenset[int]:
    """Changed lines under the first line of their statement, where the report counts it.

    Python says so itself; of other languages a report may, else the lines are taken as they are.

    Raises:
        OutputUnreadable: the source cannot be parsed.
    """
    if source.path.endswith(".py"):
        starts = statement_starts(read(source.path), path=source.path)
        return frozenset(starts.get(line, line) for line in lines)
    if not source.spans:
        return lines
    counted = sorted((*source.executed, *source.missing))
    ends = dict(source.spans)  # of several that begin on a line the longest, which stands last
    return frozenset(_start(line, counted, ends) for line in lines)


def _start(line: int, counted: list[int], ends: Mapping[int, int]) -> int:
    at = bisect_left(counted, line)
    if at < len(counted) and counted[at] == line:
        return line
    before = counted[at - 1] if at else 0
    return before if ends.get(before, 0) >= line else line


def changed_lines(
    sources: Iterable[SourceCoverage], changed: Mapping[str, frozenset[int]]
) -> tuple[Covered, Covered]:
    """Lines, and branches, that stand on changed lines."""
    pairs = [(source, changed.get(source.path, frozenset[int]())) for source in sources]
    lines = total(source.lines(among) for source, among in pairs)
    return lines, total(source.branches(among) for source, among in pairs)


def ranges(
    source: SourceCoverage, changed: frozenset[int]
) -> tuple[tuple[tuple[int, ...], bool], ...]:
    """Runs of uncovered lines between covered ones, and whether they were changed.

    A run holds lines of one kind only, either changed or not.
    """
    missing = set(source.missing)
    found: list[tuple[list[int], bool]] = []
    goes_on = False
    for line in sorted((*source.executed, *source.missing)):
        if line not in missing:
            goes_on = False
            continue
        is_changed = line in changed
        if goes_on and found[-1][1] == is_changed:
            found[-1][0].append(line)
        else:
            found.append(([line], is_changed))
        goes_on = True
    return tuple((tuple(lines), is_changed) for lines, is_changed in found)


def _reported(path: str, file: FileCoverage) -> SourceCoverage:
    return SourceCoverage(
        path=path,
        executed=file.executed,
        missing=file.missing,
        excluded=len(file.excluded),
        executed_branches=file.executed_branches,
        missing_branches=file.missing_branches,
        spans=file.spans,
        stated=file.stated,
    )


def _compared(path: str, file: FileCoverage, text: bytes) -> SourceCoverage:
    """What a report of an earlier step says of a source, as far as the source bears it out."""
    lines = (file.executed, file.missing, file.excluded)
    last = max((part[-1] for part in lines if part), default=0)
    if file.stated:
        last = file.stated[0].total
    end = max(len(text.splitlines()), 1)  # an empty module has a first line for some Pythons
    if last > end:
        raise OutputUnreadable(
            "report-foreign",
            f"the report speaks of line {last} of `{path}`, which has {end} lines",
            place=path,
            hint="write the report again in the step before this one",
        )
    reported = _reported(path, file)
    if not path.endswith(".py"):
        # A file that is named and has no line would leave the total as if it held no code.
        here = reported if reported.lines().total else _absent(path, text)
        return replace(here, is_unseen=True) if here.is_absent else reported
    if file.stated:
        return reported
    known = {line for part in lines for line in part}
    silent = tuple(line for line in executable_lines(text, path=path).lines if line not in known)
    missing = tuple(sorted((*file.missing, *silent)))
    return replace(reported, missing=missing, unknown=len(silent))


def _absent(path: str, text: bytes) -> SourceCoverage:
    found = code_lines(text, path=path)
    return SourceCoverage(
        path=path,
        executed=(),
        missing=found.lines,
        excluded=len(found.excluded),
        executed_branches=(),
        missing_branches=tuple(
            (line, -number) for line, exits in found.branches for number in range(exits)
        ),
        is_absent=bool(found.lines),
    )
