"""A coverage report summed up over the project's sources: metrics, findings, what was examined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gates.domain.errors import StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, Metric, count, ratio
from gates.domain.stage_result import NotApplicable
from gates.formats import line_coverage
from gates.formats.coverage_model import CoverageReport, Covered, total
from gates.formats.line_coverage import SourceCoverage
from gates.toolkit.changes import Change
from gates.toolkit.sources import matches

MAX_FINDINGS = 200
"""Uncovered places on unchanged lines that are listed; the others are counted."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of uncovered place."""

    is_changed: bool
    counts: tuple[str, ...] = ()


_UNCHANGED = _Kind(is_changed=False)
_CHANGED = _Kind(is_changed=True)
_DECIDES = _Kind(is_changed=True, counts=("changed_uncovered",))


@dataclass(frozen=True, slots=True)
class CoverageSummary:
    """Everything counted.

    Attributes:
        report: what was read.
        sources: what it says of the sources.
        changed: changed lines by source.
        change: the change, or why there is none.
        min_changed: changed lines from which on their ratio decides.
    """

    report: CoverageReport
    sources: tuple[SourceCoverage, ...]
    changed: Mapping[str, frozenset[int]]
    change: Change | str
    min_changed: int

    def metrics(
        self, critical: Iterable[str] = ()
    ) -> tuple[tuple[Metric, ...], tuple[NotApplicable, ...]]:
        """The metrics, and those that do not apply.

        Args:
            critical: paths and patterns that are measured for themselves too.

        Raises:
            StageError: there is no executable line, or none in a critical path.
        """
        lines = total(source.lines() for source in self.sources)
        if not lines.total:
            raise StageError("nothing-examined", "the sources have no executable line")
        found = [ratio("line", lines.covered, lines.total)]
        absent: list[NotApplicable] = []
        found += (self._critical(path) for path in critical)
        if self.report.has_branches:
            branches = total(source.branches() for source in self.sources)
            _add_ratio("branch", branches, "the sources have no branch", found, absent)
        self._add_changed(found, absent)
        return tuple(found), tuple(absent)

    def _critical(self, path: str) -> Metric:
        inside = [source for source in self.sources if matches(source.path, path)]
        lines = total(source.lines() for source in inside)
        if not lines.total:
            summary = f"no source with an executable line matches the critical path `{path}`"
            raise StageError("critical-absent", summary, place=path)
        return ratio("line", lines.covered, lines.total, path=path)

    def _add_changed(self, found: list[Metric], absent: list[NotApplicable]) -> None:
        names = ["changed_line", "changed_uncovered"]
        if self.report.has_branches:
            names.append("changed_branch")
        if self._unseen():
            return  # not measured, which is no excuse: a condition on them is errored
        lines, branches = self._changed()
        if isinstance(self.change, str) or not lines.total:
            reason = (
                self.change
                if isinstance(self.change, str)
                else f"no executable line changed since {self.change.base.commit[:12]}"
            )
            absent += (NotApplicable(metric=name, reason=reason) for name in names)
            return
        told = _lines(lines.total)
        if lines.total >= self.min_changed:
            found.append(ratio("changed_line", lines.covered, lines.total))
            reason = f"{told} changed: `changed_line` decides"
            absent.append(NotApplicable(metric="changed_uncovered", reason=reason))
        else:
            found.append(count("changed_uncovered", lines.total - lines.covered))
            reason = (
                f"{told} changed, fewer than {self.min_changed}:"
                " `changed_uncovered` decides in its place"
            )
            absent.append(NotApplicable(metric="changed_line", reason=reason))
        if self.report.has_branches:
            reason = "no changed line has a branch"
            _add_ratio("changed_branch", branches, reason, found, absent)

    def _changed(self) -> tuple[Covered, Covered]:
        return line_coverage.changed_lines(self.sources, self.changed)

    def _unseen(self) -> tuple[str, ...]:
        """Changed sources of which the report tells no lines."""
        return tuple(
            one.path
            for one in self.sources
            if one.stated and one.lines().total and self.changed.get(one.path)
        )

    def notes(self) -> tuple[str, ...]:
        """What every output must tell of the change, and of what the report does not tell."""
        unseen = self._unseen()
        notes = (
            self.change if isinstance(self.change, str) else self.change.base.shallow_note,
            f"{unseen[0]} changed, and the report only tells how many of its lines ran: changed"
            " lines are not measured"
            if unseen
            else "",
            *_absence_notes(self.sources),
        )
        return tuple(note for note in notes if note)

    def findings(self, read: Callable[[str], bytes]) -> tuple[tuple[Finding, ...], int]:
        """Uncovered places, changed ones first and all of them; and how many others are cut."""
        first: list[Finding] = []
        others: list[Finding] = []
        by_line = self._changed()[0].total < self.min_changed
        for source in self.sources:
            if source.stated:
                others += _stated_finding(source)
                continue
            changed = self.changed.get(source.path, frozenset())
            text = read(source.path).splitlines() if source.missing else []
            for lines, is_changed in line_coverage.ranges(source, changed):
                if is_changed and by_line:
                    first += (_finding(source, (line,), text, _DECIDES) for line in lines)
                elif is_changed:
                    first.append(_finding(source, lines, text, _CHANGED))
                else:
                    others.append(_finding(source, lines, text, _UNCHANGED))
        return (*first, *others[:MAX_FINDINGS]), max(len(others) - MAX_FINDINGS, 0)

    def examined(self, *, excluded: int) -> Examined:
        """How much was looked at."""
        lines = total(source.lines() for source in self.sources)
        branches = total(source.branches() for source in self.sources)
        details = {
            "files": len(self.sources),
            "uncovered lines": lines.total - lines.covered,
            "branches": branches.total,
            "changed lines": self._changed()[0].total,
            "excluded lines": sum(source.excluded for source in self.sources),
            "files left out of the report": sum(source.is_absent for source in self.sources),
        }
        return Examined(
            count=lines.total,
            unit="lines",
            excluded=excluded,
            details=tuple((name, number) for name, number in details.items() if number),
        )


def _add_ratio(
    name: str, part: Covered, reason: str, found: list[Metric], absent: list[NotApplicable]
) -> None:
    if part.total:
        found.append(ratio(name, part.covered, part.total))
    else:
        absent.append(NotApplicable(metric=name, reason=reason))


def _absence_notes(sources: tuple[SourceCoverage, ...]) -> tuple[str, ...]:
    absent = [source.path for source in sources if source.is_absent and not source.is_unseen]
    notes = []
    if absent:
        notes.append(f"the report leaves out {_counted_here(absent)}")
    unseen = [source.path for source in sources if source.is_unseen]
    if unseen:
        notes.append(f"the report counts no line of {_counted_here(unseen)}")
    unknown = sum(source.unknown for source in sources)
    if unknown:
        notes.append(f"the report says nothing of {_lines(unknown)}: counted as not covered")
    if not any(source.lines().covered for source in sources):
        is_python = all(source.path.endswith(".py") for source in sources)
        what = "`source`, `include` and `omit`" if is_python else "what is included and excluded"
        notes.append(
            f"no line of any source ran while coverage measured: see {what}"
            " in its configuration, and which copy of the package the tests import"
        )
    return tuple(notes)


def _counted_here(paths: list[str]) -> str:
    """Sources of which the report says nothing, and how they were counted."""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    by_sight = any(not path.endswith(".py") for path in paths)
    how = ", line of code by line of code" if by_sight else ""
    return f"{paths[0]}{more}: counted as not covered{how}"


def _stated_finding(source: SourceCoverage) -> tuple[Finding, ...]:
    """The uncovered lines of a source of which only their number is known."""
    lines = source.lines()
    missing = lines.total - lines.covered
    if not missing:
        return ()
    message = f"{missing} of {lines.total} lines not covered"
    return (Finding(rule="uncovered", severity=Severity.INFO, message=message, path=source.path),)


def _finding(
    source: SourceCoverage, lines: tuple[int, ...], text: list[bytes], kind: _Kind
) -> Finding:
    first = lines[0]
    # The text and not the number of the line, so that the finding survives moved lines.
    shown = text[first - 1].decode("utf-8", "replace").strip() if first <= len(text) else ""
    what = "changed line" if kind.is_changed else "line"
    number = f"{len(lines)} {what}s" if len(lines) > 1 else what
    rule = "unmeasured" if source.is_absent else "uncovered"
    return Finding(
        rule=f"{rule}-change" if kind.is_changed else rule,
        severity=Severity.INFO,
        message=f"{number} not covered, from `{shown}`" if shown else f"{number} not covered",
        path=source.path,
        line=first,
        counts=kind.counts,
    )


def _lines(number: int) -> str:
    return f"{number} executable line{'' if number == 1 else 's'}"
