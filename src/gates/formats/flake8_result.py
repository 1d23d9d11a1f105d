"""What flake8's entries are to the gate: findings by a total table, and what they count in."""

from __future__ import annotations

from string import ascii_uppercase

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, count
from gates.domain.stage_result import StageResult, Tool
from gates.formats.flake8_log import Report
from gates.formats.tool_paths import Tree, left_out, some

SEVERITIES: dict[str, tuple[Severity, str]] = {
    **dict.fromkeys(ascii_uppercase, (Severity.HIGH, "errors")),
    "C": (Severity.MEDIUM, "warnings"),
    "W": (Severity.MEDIUM, "warnings"),
}
"""By a code's first letter: pycodestyle's warnings and what is too complex are warnings."""


def measured(
    entries: tuple[Report, ...],
    taken: frozenset[str],
    muted: frozenset[str],
    tree: Tree,
    tool: Tool,
) -> StageResult:
    """What the entries say; the metric `suppressed` is not in it yet.

    Args:
        entries: all that are about the project.
        taken: the files that flake8 took, relative.
        muted: those of them that a comment hides as a whole.
        tree: the project's Python files.
        tool: flake8.

    Raises:
        StageError: `nothing-examined`: comments hide all files.
    """
    examined = taken - muted
    if not examined:
        summary = f"`# flake8: noqa` hides each file: {some(muted)}"
        raise StageError("nothing-examined", summary, hint="take the comments out")
    findings = tuple(_finding(one, tree) for one in entries)
    hidden = tree.sources & muted
    told = (f"hidden by a `# flake8: noqa` comment: {some(hidden)}",) if hidden else ()
    return StageResult(
        metrics=tuple(
            count(name, sum(name in finding.counts for finding in findings))
            for name in ("errors", "warnings")
        ),
        examined=Examined(count=len(examined), unit="files", excluded=len(tree.files - examined)),
        findings=findings,
        tool=tool,
        notes=(*left_out(tree.sources - taken, did="linted"), *told),
    )


def _finding(entry: Report, tree: Tree) -> Finding:
    if entry.code[:1] not in SEVERITIES:
        summary = f"flake8 printed the code `{entry.code}`, which is none"
        raise OutputUnreadable("unknown-rule", summary, place="flake8")
    severity, metric = SEVERITIES[entry.code[:1]]
    return Finding(
        rule=entry.code,
        severity=severity,
        message=entry.text,
        path=tree.relative(entry.path),
        line=entry.line,
        column=entry.column,
        counts=(metric,),
    )
