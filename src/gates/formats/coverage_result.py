"""What a stage of coverage hands over: a report, or several, counted over the project's sources."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.stage_result import StageResult, Tool
from gates.formats import coverage_merge, line_coverage
from gates.formats.code_lines import SUFFIXES, suffixes_of
from gates.formats.coverage_metrics import MIN_CHANGED
from gates.formats.coverage_model import CoverageReport
from gates.formats.coverage_paths import Ground, placed
from gates.formats.coverage_summary import CoverageSummary
from gates.toolkit.changes import Change
from gates.toolkit.files import Report
from gates.toolkit.sources import SourceSet


class Project(Protocol):
    """What is asked of a project: a stage's context answers it."""

    @property
    def root(self) -> Path:
        """The folder of gates.yaml."""

    def sources(self, *suffixes: str) -> SourceSet:
        """The sources with these endings."""

    def change(self) -> Change:
        """The change that is judged."""


class Reader(Protocol):
    """What reads a format."""

    def __call__(self, data: bytes, /, *, what: str) -> CoverageReport:
        """The report in `data`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a stage counts.

    Attributes:
        tool: the program whose numbers they are; the report's version stands for an empty one.
        suffixes: endings of the sources that count; by default those that the reports speak of.
        critical: paths that are measured for themselves too.
        min_changed: changed lines from which on their ratio decides.
        is_given: the reports are of an earlier step.
    """

    tool: Tool
    suffixes: tuple[str, ...] = ()
    critical: Mapping[str, str] = field(default_factory=dict)
    min_changed: int = MIN_CHANGED
    is_given: bool = True


def of_reports(
    project: Project, reports: Sequence[Report], read: Reader, terms: Terms
) -> StageResult:
    """Count reports of an earlier step, which are parts of one whole.

    Raises:
        StageError: they cannot be read, or tell nothing of the sources.
    """
    parts = [(report.name, read(report.data, what=report.name)) for report in reports]
    return measured(project, parts, terms)


def measured(
    project: Project, parts: Sequence[tuple[str, CoverageReport]], terms: Terms
) -> StageResult:
    """Count what was read over the sources.

    Args:
        project: the project.
        parts: names and reports, at least one.
        terms: how to count.

    Raises:
        StageError: they contradict each other or the sources, or tell nothing of them.
    """
    suffixes = terms.suffixes or _suffixes(parts)
    sources = project.sources(*suffixes)
    ground = _ground(project.root.resolve())
    found = [(name, placed(part, sources.files, ground)) for name, part in parts]
    report, joined = coverage_merge.merged([(name, part) for name, (part, _) in found])
    notes = dict.fromkeys((*(note for _, (_, told) in found for note in told), *joined))
    if terms.is_given:
        _refuse_foreign(report, sources)

    def read(path: str) -> bytes:
        return (project.root / path).read_bytes()

    covered = line_coverage.of_sources(report, sources.files, read=read, is_given=terms.is_given)
    change = _change(project)
    changed: dict[str, frozenset[int]] = {}
    if not isinstance(change, str):
        for source in covered:
            lines = change.lines(source.path)
            if lines:
                changed[source.path] = line_coverage.changed_in(source, lines, read=read)
    summary = CoverageSummary(report, covered, changed, change, terms.min_changed)
    metrics, absent = summary.metrics(terms.critical)
    findings, cut = summary.findings(read)
    more = (f"{cut} more uncovered places are not listed",) if cut else ()
    tool = terms.tool
    return StageResult(
        metrics=metrics,
        examined=summary.examined(excluded=len(sources.excluded)),
        tool=tool if tool.version else Tool(name=tool.name, version=report.version, path=tool.path),
        findings=findings,
        not_applicable=absent,
        notes=(*summary.notes(), *notes, *more, *_uncounted(project, suffixes, terms)),
    )


def _suffixes(parts: Sequence[tuple[str, CoverageReport]]) -> tuple[str, ...]:
    """Endings of the sources that count: those of the languages that the reports speak of."""
    found = suffixes_of(frozenset(file.path for _, part in parts for file in part.files))
    if not found:
        name = parts[0][0]
        raise OutputUnreadable(
            "nothing-examined",
            f"`{name}` names no source file",
            place=name,
            hint="write it from a run that measures the sources",
        )
    return found


def _uncounted(project: Project, suffixes: tuple[str, ...], terms: Terms) -> tuple[str, ...]:
    """What is to be told of sources in languages of which the reports do not speak."""
    if terms.suffixes:
        return ()  # a stage of one language says so itself
    every = project.sources(*dict.fromkeys((*suffixes, *SUFFIXES)))
    others = [path for path in every.files if not path.endswith(suffixes)]
    if not others:
        return ()
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    return (f"no number is of {others[0]}{more}: the reports speak of other languages",)


def _ground(root: Path) -> Ground:
    """Where the project lies; its repository is the nearest folder that holds git's own."""
    tops = (folder for folder in (root, *root.parents) if (folder / ".git").exists())
    return Ground(
        root=str(root),
        top=str(next(tops, root)),
        exists=os.path.lexists,
        real=os.path.realpath,
    )


def _refuse_foreign(report: CoverageReport, sources: SourceSet) -> None:
    """Refuse a given report that speaks of other paths than ours."""
    known = {file.path for file in report.files}
    if known.isdisjoint(sources.files):
        example = next(iter(sorted(known)), "no file")
        raise OutputUnreadable(
            "paths-differ",
            f"the report knows none of the {len(sources.files)} sources, but {example}",
            hint="write it in the folder of gates.yaml, with paths that are relative to it",
        )


def _change(project: Project) -> Change | str:
    """The change, or why there is none; a named base that is not there is an error."""
    try:
        return project.change()
    except StageError as error:
        if error.problem.slug != "no-repository":
            raise
        return "changed lines are told by git, and this folder is in no repository"
