"""What a change adds: the findings that are new since its base, counted for any stage.

A finding is new where its line was added or changed; without a line, where its file was touched;
a finding about a package where the base did not have that version of it. What cannot be told is
new: a finding without a place, one outside the project, or in a file that git does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gates.domain.errors import StageError
from gates.domain.finding import Finding
from gates.domain.metric import NEW_FINDINGS, count
from gates.domain.stage_result import StageResult
from gates.plugin import Context, Options, Stage

IsNew = Callable[[Finding], bool]


def counted(result: StageResult, stage: Stage[Options], ctx: Context) -> StageResult:
    """The result with the metric `new_findings`, and each new finding counted in it.

    Raises:
        StageError: there is no base to compare with, or the stage does not list all its findings.
    """
    _refuse_partial(result)
    change = ctx.change()
    is_new = _by_subject(stage, ctx) or _by_place(ctx)
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


def _by_place(ctx: Context) -> IsNew:
    change = ctx.change()
    known = frozenset(ctx.files("**"))

    def is_new(finding: Finding) -> bool:
        changed = change.files.get(finding.path)
        if changed is None:
            return finding.path not in known
        return changed.is_binary or not finding.line or finding.line in changed

    return is_new
