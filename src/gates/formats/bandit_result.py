"""What bandit measured, as a stage hands it over, whether it ran now or wrote a report before."""

from __future__ import annotations

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, count
from gates.domain.owasp import category_of
from gates.domain.stage_result import StageResult, Tool
from gates.formats.bandit_json import BanditReport, Issue
from gates.formats.tool_paths import Tree

SEVERITIES: dict[str, tuple[Severity, str]] = {
    "HIGH": (Severity.HIGH, "high"),
    "MEDIUM": (Severity.MEDIUM, "medium"),
    "LOW": (Severity.LOW, "low"),
    "UNDEFINED": (Severity.UNKNOWN, "unknown"),
}
"""Bandit's words, and the metric that counts them."""


def refuse_unexamined(report: BanditReport, tree: Tree) -> None:
    """Refuse a report on a file that was not readable or not Python.

    Raises:
        StageError: `file-unreadable`, with the first such file.
    """
    if report.errors:
        path, reason = report.errors[0]
        place = tree.relative(path)
        more = f", and {len(report.errors) - 1} more" if len(report.errors) > 1 else ""
        raise StageError(
            "file-unreadable",
            f"bandit could not examine `{place}`: {reason}{more}",
            hint="mend it, or leave it out of `sources`",
            place=place,
        )


def measured(
    report: BanditReport, tree: Tree, tool: Tool, *, notes: tuple[str, ...] = ()
) -> StageResult:
    """The result of a report that was found whole.

    Raises:
        OutputUnreadable: bandit calls a result by a word that is not known.
    """
    examined = {tree.relative(path) for path in report.examined}
    findings = tuple(_finding(issue, tree) for issue in report.issues)
    return StageResult(
        metrics=(
            *(
                count(name, sum(name in finding.counts for finding in findings))
                for _, name in SEVERITIES.values()
            ),
            *(count(name, report.totals.get(name, 0)) for name in ("nosec", "skipped_tests")),
        ),
        examined=Examined(
            count=len(examined),
            unit="files",
            excluded=len(tree.files - examined),
            details=(("lines", report.totals.get("loc", 0)),),
        ),
        findings=findings,
        tool=tool,
        notes=notes,
    )


def _finding(issue: Issue, tree: Tree) -> Finding:
    if issue.severity not in SEVERITIES:
        summary = f"bandit calls a result `{issue.severity}`, which is unknown"
        raise OutputUnreadable("unknown-severity", summary, place="bandit")
    severity, metric = SEVERITIES[issue.severity]
    cwe = (issue.cwe,) if issue.cwe else ()
    return Finding(
        rule=issue.test,
        severity=severity,
        message=issue.text,
        path=tree.relative(issue.path),
        line=issue.line,
        column=issue.column,
        counts=(metric,),
        confidence=issue.confidence.lower(),
        cwe=cwe,
        owasp=category_of(cwe, bandit_test=issue.test),
    )
