"""What ruff's security rules found, as a stage hands it over."""

from __future__ import annotations

from collections.abc import Iterable

from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, count
from gates.domain.owasp import category_of
from gates.domain.stage_result import StageResult, Tool
from gates.formats.bandit_ratings import of_rule
from gates.formats.ruff_json import Diagnostic
from gates.formats.tool_paths import Tree

SEVERITIES: dict[Severity, str] = {
    Severity.HIGH: "high",
    Severity.MEDIUM: "medium",
    Severity.LOW: "low",
    Severity.UNKNOWN: "unknown",
}
"""Severities of bandit's tests, and the metric that counts them; ruff itself has none."""


def measured(
    examined: frozenset[str],
    entries: Iterable[Diagnostic],
    tree: Tree,
    tool: Tool,
    *,
    notes: tuple[str, ...],
) -> StageResult:
    """All findings, counted by severity; what was taken away is not counted in it yet."""
    findings = tuple(_finding(entry, tree) for entry in entries)
    return StageResult(
        metrics=tuple(
            count(name, sum(name in finding.counts for finding in findings))
            for name in SEVERITIES.values()
        ),
        examined=Examined(count=len(examined), unit="files", excluded=len(tree.files - examined)),
        findings=findings,
        tool=tool,
        notes=notes,
    )


def _finding(entry: Diagnostic, tree: Tree) -> Finding:
    severity, cwe = of_rule(entry.code, entry.message)
    cwes = (cwe,) if cwe else ()
    return Finding(
        rule=entry.code,
        severity=severity,
        message=entry.message,
        path=tree.relative(entry.path),
        line=entry.line,
        column=entry.column,
        end_line=entry.end_line,
        counts=(SEVERITIES[severity],),
        cwe=cwes,
        owasp=category_of(cwes, bandit_test=entry.code.replace("S", "B", 1)),
        fix=entry.fix,
    )
