"""The changes of an OpenAPI document as metrics and findings."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

from gates.domain.errors import StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Direction, Examined, MetricSpec, Unit, count
from gates.domain.stage_result import StageResult, Tool
from gates.formats.counts import counted
from gates.formats.openapi_changes import HOST, Change, changes
from gates.formats.openapi_document import Document

SEVERITIES = {
    "operation-removed": Severity.HIGH,
    "base-path": Severity.HIGH,
    "parameter-removed": Severity.MEDIUM,
    "parameter-required": Severity.HIGH,
    "parameter-style": Severity.HIGH,
    "body-removed": Severity.MEDIUM,
    "body-required": Severity.HIGH,
    "media-type-removed": Severity.HIGH,
    "success-removed": Severity.HIGH,
    "answer-removed": Severity.LOW,
    "header-removed": Severity.MEDIUM,
    "header-optional": Severity.LOW,
    "security": Severity.HIGH,
    "field-removed": Severity.HIGH,
    "field-required": Severity.HIGH,
    "field-optional": Severity.MEDIUM,
    "closed": Severity.MEDIUM,
    "default": Severity.MEDIUM,
    "call-removed": Severity.MEDIUM,
    "type": Severity.HIGH,
    "values": Severity.MEDIUM,
    "alternative": Severity.MEDIUM,
    "minimum": Severity.MEDIUM,
    "maximum": Severity.MEDIUM,
    "minLength": Severity.MEDIUM,
    "maxLength": Severity.MEDIUM,
    "minItems": Severity.MEDIUM,
    "maxItems": Severity.MEDIUM,
    "minProperties": Severity.MEDIUM,
    "maxProperties": Severity.MEDIUM,
    "pattern": Severity.MEDIUM,
    "format": Severity.MEDIUM,
    "multiple-of": Severity.MEDIUM,
    "unique-items": Severity.MEDIUM,
    "not-comparable": Severity.UNKNOWN,
}
"""How bad each kind of breaking change is."""

METRICS = (
    counted("breaking", "changes that break a client of the released contract", "changes"),
    MetricSpec(
        name="changes",
        unit=Unit.COUNT,
        direction=Direction.LOWER,
        title="changes of the contract, breaking or not",
        noun="changes",
    ),
)


def measured(old: Document, new: Document, *, path: str, tool: Tool) -> StageResult:
    """Measure what a new document takes from the clients of an old one.

    Args:
        old: the released contract.
        new: the present one.
        path: of the present one in the project; empty where a service gave it.
        tool: who compares.

    Raises:
        StageError: one of them documents no operation.
        OutputUnreadable: a schema cannot be read.
    """
    for document in (old, new):
        if not document.operations:
            raise StageError(
                "no-operations",
                f"`{document.name}` documents no operation",
                hint="see its `paths`",
                place=document.name,
            )
    found = changes(old, new)
    breaking = [each for each in found if each.is_breaking]
    return StageResult(
        metrics=(count("breaking", len(breaking)), count("changes", len(found))),
        examined=Examined(
            count=len(old.operations),
            unit="operations",
            details=(("operations now", len(new.operations)),),
        ),
        tool=tool,
        findings=tuple(_finding(each, new, path) for each in breaking),
        notes=_notes(found, old, new),
    )


def _finding(change: Change, new: Document, path: str) -> Finding:
    text = f"{change.text} ({change.where})" if change.where else change.text
    parts = ["openapi", change.rule, change.pointer, change.text]
    identity = "\0".join(parts)
    found = Finding(
        rule=change.rule,
        severity=SEVERITIES[change.rule],
        message=text,
        counts=("breaking",),
        subject=f"#{change.pointer}",
        fingerprint=blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(),
    )
    return replace(found, path=path, line=_line(new, change.pointer)) if path else found


def _line(document: Document, pointer: str) -> int:
    """The line of the nearest thing that is there still."""
    while pointer and not document.line(pointer):
        pointer = pointer.rpartition("/")[0]
    return document.line(pointer)


def _notes(found: tuple[Change, ...], old: Document, new: Document) -> tuple[str, ...]:
    hosts = dict.fromkeys(each.text for each in found if each.rule == HOST)
    compatible = [each for each in found if not each.is_breaking and each.rule != HOST]
    told = [f"{old.name} ({old.api_version}) against {new.name} ({new.api_version})"]
    if compatible:
        kinds = ", ".join(sorted({each.rule for each in compatible}))
        many = len(compatible)
        told.append(f"{many} {'change breaks' if many == 1 else 'changes break'} nobody: {kinds}")
    told += (f"{text}: nothing here shows that the old one still answers" for text in hosts)
    return tuple(told)
