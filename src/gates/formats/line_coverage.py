"""What is covered of the project's sources, whatever a coverage report says of other files.

Every count is of lines and branches in sets; a source that the report leaves out is counted here
as not covered at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

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
    """

    path: str
    executed: tuple[int, ...]
    missing: tuple[int, ...]
    excluded: int
    executed_branches: tuple[Branch, ...]
    missing_branches: tuple[Branch, ...]
    is_absent: bool = False

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
) -> tuple[SourceCoverage, ...]:
    """What the report says of the sources, and of no other file.

    Args:
        report: the whole report.
        sources: paths relative to `root`.
        root: the folder of gates.yaml, absolute, without links.
        read: reads a source that the report leaves out.

    Raises:
        OutputUnreadable: a source that the report leaves out cannot be parsed.
    """
    known = {relative_to(file.path, root): file for file in report.files}
    return tuple(
        _reported(path, known[path]) if path in known else _absent(path, read(path))
        for path in sources
    )


def relative_to(path: str, root: str) -> str:
    """A report's path as the folder of gates.yaml sees it."""
    plain = str(PurePosixPath(path))
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
