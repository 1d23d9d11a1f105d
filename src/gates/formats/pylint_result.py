"""What pylint's messages are to the gate: findings by a total table, and what they count in."""

from __future__ import annotations

from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, count
from gates.domain.stage_result import StageResult, Tool
from gates.formats.pylint_json import Message
from gates.formats.pylint_witness import EXAMINED, SUPPRESSED
from gates.formats.tool_paths import Tree, left_out, some

SEVERITIES: dict[str, tuple[Severity, tuple[str, ...], int]] = {
    "fatal": (Severity.HIGH, ("errors",), 1),
    "error": (Severity.HIGH, ("errors",), 2),
    "warning": (Severity.MEDIUM, ("warnings",), 4),
    "refactor": (Severity.LOW, ("warnings",), 8),
    "convention": (Severity.LOW, ("warnings",), 16),
    "info": (Severity.INFO, (), 0),
}
"""Pylint's words, the metric that counts them, and their bit in its exit code."""

SKIPPED = "I0013"
"""Pylint's message for a file that a comment hides as a whole, where it is enabled."""


def measured(
    messages: tuple[Message, ...],
    examined: frozenset[str],
    skipped: frozenset[str],
    tree: Tree,
    tool: Tool,
) -> StageResult:
    """What the messages say; the metric `suppressed` is not in it yet.

    Args:
        messages: all that are about the project.
        examined: the files that were linted, relative.
        skipped: files that comments hide as a whole.
        tree: the project's Python files.
        tool: pylint.
    """
    own = {EXAMINED, SKIPPED, SUPPRESSED}
    findings = tuple(_finding(message, tree) for message in messages if message.code not in own)
    hidden = skipped & tree.sources
    told = (f"hidden by a `skip-file` comment: {some(hidden)}",) if hidden else ()
    return StageResult(
        metrics=tuple(
            count(name, sum(name in finding.counts for finding in findings))
            for name in ("errors", "warnings")
        ),
        examined=Examined(count=len(examined), unit="files", excluded=len(tree.files - examined)),
        findings=findings,
        tool=tool,
        notes=(*left_out(tree.sources - examined - hidden, did="linted"), *told),
    )


def refuse_unknown(messages: tuple[Message, ...]) -> None:
    """Refuse a category that is not in the table.

    Raises:
        OutputUnreadable: `unknown-severity`.
    """
    unknown = {message.category for message in messages} - SEVERITIES.keys()
    if unknown:
        summary = f"pylint calls a message `{min(unknown)}`, which is unknown"
        raise OutputUnreadable("unknown-severity", summary, place="pylint")


def _finding(message: Message, tree: Tree) -> Finding:
    severity, counts, _ = SEVERITIES[message.category]
    return Finding(
        rule=message.code,
        severity=severity,
        message=message.text,
        path=tree.relative(message.path) if message.path else "",
        line=message.line,
        column=message.column,
        counts=counts,
        aliases=(message.symbol,),
        confidence=message.confidence.lower(),
    )
