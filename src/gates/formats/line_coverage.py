"""What is covered of the project's sources, whatever a coverage report says of other files.

Every count is of lines and branches in sets; a source that the report leaves out is counted here
as not covered at all. A report that an earlier step wrote is also held against the text of the
sources: it may not speak of lines that are not there, and an executable line of which it says
nothing is not covered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from posixpath import normpath

from gates.domain.errors import OutputUnreadable
from gates.formats.coverage_json import Branch, CoverageReport, FileCoverage
from gates.formats.executable_lines import executable_lines


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of something is covered.

    Attributes:
        covered: how many of it.
        total: how many there are.
    """

    covered: int
    total: int


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
    """

    path: str
    executed: tuple[int, ...]
    missing: tuple[int, ...]
    excluded: int
    executed_branches: tuple[Branch, ...]
    missing_branches: tuple[Branch, ...]
    is_absent: bool = False
    unknown: int = 0

    def lines(self, among: frozenset[int] | None = None) -> Covered:
        """Its lines, all or those among the given ones."""
        if among is None:
            return Covered(len(self.executed), len(self.executed) + len(self.missing))
        ran = len(among.intersection(self.executed))
        return Covered(ran, ran + len(among.intersection(self.missing)))

    def branches(self, among: frozenset[int] | None = None) -> Covered:
        """Its branches, all or those that leave one of the given lines."""
        taken, untaken = self.executed_branches, self.missing_branches
        if among is not None:
            taken = tuple(branch for branch in taken if branch[0] in among)
            untaken = tuple(branch for branch in untaken if branch[0] in among)
        return Covered(len(taken), len(taken) + len(untaken))


def of_sources(
    report: CoverageReport,
    sources: Iterable[str],
    *,
    root: str,
    read: Callable[[str], bytes],
    is_given: bool = False,
) -> tuple[SourceCoverage, ...]:
    """What the report says of the sources, and of no other file.

    Args:
        report: the whole report.
        sources: paths relative to `root`.
        root: the folder of gates.yaml, absolute, without links.
        read: reads a source that the report leaves out, or any of them.
        is_given: the report is of an earlier step, so it is held against the sources' text.

    Raises:
        OutputUnreadable: a source that is to be read cannot be parsed; the report lists a file
            twice, or lines that a source does not have.
    """
    known: dict[str, FileCoverage] = {}
    for file in report.files:
        if known.setdefault(relative_to(file.path, root), file) is not file:
            raise OutputUnreadable(
                "report-contradiction", f"the report lists `{file.path}` twice", place=file.path
            )
    found = []
    for path in sources:
        if path not in known:
            found.append(_absent(path, read(path)))
        elif is_given:
            found.append(_compared(path, known[path], read(path)))
        else:
            found.append(_reported(path, known[path]))
    return tuple(found)


def relative_to(path: str, root: str) -> str:
    """A report's path as the folder of gates.yaml sees it."""
    plain = normpath(path)
    return plain.removeprefix(f"{root}/")


def total(parts: Iterable[Covered]) -> Covered:
    """The sum of the parts."""
    both = [(part.covered, part.total) for part in parts]
    return Covered(sum(covered for covered, _ in both), sum(whole for _, whole in both))


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
    )


def _compared(path: str, file: FileCoverage, text: bytes) -> SourceCoverage:
    """What a report of an earlier step says of a source, as far as the source bears it out."""
    known = {*file.executed, *file.missing, *file.excluded}
    end = max(len(text.splitlines()), 1)  # an empty module has a first line for some Pythons
    if known and max(known) > end:
        raise OutputUnreadable(
            "report-foreign",
            f"the report speaks of line {max(known)} of `{path}`, which has {end} lines",
            place=path,
            hint="write the report again in the step before this one",
        )
    silent = tuple(line for line in executable_lines(text, path=path).lines if line not in known)
    reported = _reported(path, file)
    missing = tuple(sorted((*file.missing, *silent)))
    return replace(reported, missing=missing, unknown=len(silent))


def _absent(path: str, text: bytes) -> SourceCoverage:
    found = executable_lines(text, path=path)
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
