"""What a change adds: the findings that are new since its base, counted for any stage.

A finding is new where one of its lines, in any of its places, was added or changed; without a line,
where its file was touched; a finding about a package where the base did not have that version of
it. What cannot be told is new: a finding without a place, one outside the project, in a file that
git does not know, or on a line that its file does not have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gates.domain.errors import StageError
from gates.domain.finding import Finding, Span
from gates.domain.metric import NEW_FINDINGS, count
from gates.domain.stage_result import StageResult
from gates.plugin import Context, Options, Stage
from gates.toolkit.changes import ChangedFile

IsNew = Callable[[Finding], bool]


def counted(result: StageResult, stage: Stage[Options], ctx: Context) -> StageResult:
    """The result with the metric `new_findings`, and each new finding counted in it.

    Raises:
        StageError: there is no base to compare with, or the stage does not list all its findings.
    """
    _refuse_partial(result)
    change = ctx.change()
    is_new = _by_subject(stage, ctx) or by_place(ctx)
    findings = tuple(
        replace(finding, counts=(*finding.counts, NEW_FINDINGS.name))
        if is_new(finding)
        else finding
        for finding in result.findings
    )
    number = sum(NEW_FINDINGS.name in finding.counts for finding in findings)
    told = f"new findings since {change.base.commit[:12]} ({change.base.how})"
    notes = tuple(ctx.clean(note) for note in (told, change.base.shallow_note) if note)
    return replace(
        result,
        metrics=(*result.metrics, count(NEW_FINDINGS.name, number)),
        findings=findings,
        notes=(*result.notes, *(note for note in notes if note not in result.notes)),
    )


def _refuse_partial(result: StageResult) -> None:
    """Refuse a result that counts more findings than it lists: a new one may not be among them."""
    listed = [name for finding in result.findings for name in finding.counts]
    for metric in result.metrics:
        if metric.name in listed and not metric.tags and metric.value is not None:
            missing = metric.value - listed.count(metric.name)
            if missing > 0:
                raise StageError(
                    "findings-partial",
                    f"{missing} of the findings in `{metric.name}` are not listed, so which are new"
                    " cannot be told",
                )


def _by_subject(stage: Stage[Options], ctx: Context) -> IsNew | None:
    before = stage.subjects_before(ctx)
    if before is None:
        return None
    return lambda finding: finding.subject not in before


def by_place(ctx: Context) -> IsNew:
    """Tell of a finding whether the change touches one of its places; none counts as touched.

    Raises:
        StageError: there is no base to compare with.
    """
    change = ctx.change()
    known = frozenset(ctx.files("**"))
    lengths: dict[str, int] = {}

    def is_new(span: Span) -> bool:
        changed = change.files.get(span.path)
        if changed is None and span.path not in known:
            return True
        if not span.line:
            return changed is not None
        if span.path not in lengths:
            lengths[span.path] = _lines(ctx.root / span.path)
        return _is_new_line(span, changed, last=lengths[span.path])

    return lambda finding: any(is_new(span) for span in finding.spans)


def _is_new_line(span: Span, changed: ChangedFile | None, *, last: int) -> bool:
    """Whether one of the lines was added or changed, or is not in the file.

    What is wrong with the end of a file may stand one line behind its last one, and is then taken
    for a finding of that one.
    """
    first, end = sorted((span.line, span.end_line or span.line))
    if end > last + 1:
        return True
    if changed is None:
        return False
    first, end = min(first, last), min(end, last)
    return (
        changed.is_binary
        or not last
        or any(start <= end and first <= stop for start, stop in changed.added)
    )


def _lines(path: Path) -> int:
    """How many lines a file has; -1 where it cannot be read, so that no line is in it."""
    try:
        return len(path.read_bytes().splitlines()) if path.is_file() else -1
    except OSError:
        return -1
