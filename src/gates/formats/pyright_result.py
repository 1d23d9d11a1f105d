"""What pyright's diagnostics and the project's files tell together, as a stage hands it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, count, flag
from gates.domain.stage_result import StageResult, Tool
from gates.formats.annotation_findings import findings_of
from gates.formats.pyright_comments import Comments
from gates.formats.pyright_config import PyrightConfig
from gates.formats.pyright_json import Diagnostic
from gates.formats.python_annotations import Annotations
from gates.formats.tool_paths import Tree, some

SEVERITIES: dict[str, tuple[Severity, tuple[str, ...]]] = {
    "error": (Severity.HIGH, ("errors",)),
    "warning": (Severity.MEDIUM, ("warnings",)),
    "information": (Severity.INFO, ()),
}
"""Pyright's words, and the metric that counts them."""

SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a file says by itself, beside what pyright says about it.

    Attributes:
        comments: what its comments tell pyright.
        annotations: what its annotations lack or give away.
    """

    comments: Comments
    annotations: Annotations


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a run, or several, found.

    Attributes:
        diagnostics: all that is told, as findings.
        files: the files that count as examined, relative.
        tool: pyright.
        notes: what it says about its configuration.
    """

    diagnostics: tuple[Finding, ...]
    files: frozenset[str]
    tool: Tool
    notes: tuple[str, ...] = ()


def finding(entry: Diagnostic, path: str) -> Finding:
    """A diagnostic as a finding, with the metric that it counts for.

    Args:
        entry: what pyright says.
        path: its file, relative.

    Raises:
        OutputUnreadable: its severity is unknown.
    """
    if entry.severity not in SEVERITIES:
        summary = f"pyright calls a diagnostic `{entry.severity}`, which is unknown"
        raise OutputUnreadable("unknown-severity", summary, place="pyright")
    severity, counts = SEVERITIES[entry.severity]
    return Finding(
        rule=entry.rule or "pyright",
        severity=severity,
        message=entry.text,
        path=path,
        line=entry.line,
        column=entry.column,
        counts=counts,
    )


def measured(
    checked: Checked, tree: Tree, *, sources: Mapping[str, Source], config: PyrightConfig
) -> StageResult:
    """Put together what was found and what the files say by themselves.

    Args:
        checked: what was found.
        tree: the project's Python files.
        sources: what each file that was checked and is told about says; a source is among them.
        config: the project's configuration of pyright.
    """
    annotations = {path: one.annotations for path, one in sources.items()}
    findings = (*checked.diagnostics, *findings_of(annotations))
    seen = tree.sources & sources.keys()
    root = tree.roots[0]
    lax = config.laxities((f"{root}/{one}", one, sources[one].comments) for one in sorted(seen))
    return StageResult(
        metrics=(
            *(
                count(name, sum(name in one.counts for one in findings))
                for name in ("errors", "warnings", "any", "untyped")
            ),
            flag("strict", holds=not lax and seen == tree.sources),
            count("ignores", sum(one.comments.ignores for one in sources.values())),
        ),
        examined=Examined(
            count=len(checked.files), unit="files", excluded=len(tree.files - checked.files)
        ),
        findings=findings,
        tool=checked.tool,
        notes=(*checked.notes, *_notes(lax, tree.sources - seen)),
    )


def _notes(lax: tuple[str, ...], left_out: frozenset[str]) -> tuple[str, ...]:
    notes = []
    if lax:
        rest = len(lax) - SHOWN
        more = f" and {rest} more" if rest > 0 else ""
        notes.append(f"not strict: {'; '.join(lax[:SHOWN])}{more}")
    if left_out:
        notes.append(f"not strict: pyright does not check {some(left_out)}, by configuration")
    return tuple(notes)
