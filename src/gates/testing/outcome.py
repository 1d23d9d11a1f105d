"""What an outcome says: all that two measurements are compared by, and whether a stage broke."""

from __future__ import annotations

from collections.abc import Iterator

from gates.domain.judge import NotMeasured
from gates.domain.stage_result import StageResult
from gates.testing.workshop import Measurement

DEFECT = "internal-error"
"""The slug by which the executor tells of an error that no stage should raise."""

Proof = tuple[object, ...]
"""All that an outcome says: status, metrics, and how much was examined."""


def reason(measured: Measurement) -> str:
    """Why a gate stands so; of a defect also where."""
    outcome, why = measured.outcome, measured.judged.reason
    if isinstance(outcome, NotMeasured) and defect(measured):
        return f"{why}; {outcome.problem.hint}"
    return why


def defect(measured: Measurement) -> str:
    """Why a measurement is broken that ended with an error which no stage should raise."""
    outcome = measured.outcome
    is_defect = isinstance(outcome, NotMeasured) and outcome.problem.slug == DEFECT
    return "raises something else than a StageError" if is_defect else ""


def proof(measured: Measurement) -> Proof:
    """All that a measurement says."""
    outcome = measured.outcome
    if isinstance(outcome, NotMeasured):
        return (measured.judged.status,)
    metrics = sorted((metric.name, metric.tags, metric.fraction) for metric in outcome.metrics)
    examined = outcome.examined
    return (measured.judged.status, tuple(metrics), examined.count, examined.unit)


def texts(result: StageResult) -> Iterator[str]:
    """The texts that a stage took from elsewhere."""
    yield from result.notes
    yield result.canary
    yield result.examined.note
    for finding in result.findings:
        yield from (finding.rule, finding.message, finding.path, finding.subject, finding.fix)
    for metric in result.metrics:
        yield from (text for tag in metric.tags for text in tag)
