from __future__ import annotations

from dataclasses import replace

import pytest

from gates.domain.errors import Problem
from gates.domain.judge import Judged, NotMeasured
from gates.domain.stage_result import StageResult, Tool
from gates.domain.status import Status
from gates.plugin import Examined, Finding, Severity, count
from gates.testing.outcome import defect, proof, reason, texts
from gates.testing.workshop import Measurement

RESULT = StageResult(
    metrics=(count("b", 1, tool="x"), count("a", 2)),
    examined=Examined(count=3, unit="files", note="all"),
    tool=Tool(name="t", version="1"),
    findings=(Finding(rule="r", severity=Severity.LOW, message="m", path="p", line=1),),
    notes=("n",),
    canary="c",
)


def measured(outcome: StageResult | NotMeasured, status: Status = Status.PASSED) -> Measurement:
    return Measurement(outcome, Judged(status=status, reason="because"))


def test_the_order_of_metrics_proves_nothing() -> None:
    turned = replace(RESULT, metrics=RESULT.metrics[::-1])
    assert proof(measured(RESULT)) == proof(measured(turned))


@pytest.mark.parametrize(
    "other",
    [
        measured(RESULT, Status.FAILED),
        measured(replace(RESULT, metrics=RESULT.metrics[:1])),
        measured(replace(RESULT, examined=Examined(count=2, unit="files"))),
        measured(replace(RESULT, examined=Examined(count=3, unit="lines"))),
        measured(NotMeasured(problem=Problem("x", "y"))),
    ],
)
def test_what_proves_something_else(other: Measurement) -> None:
    assert proof(measured(RESULT)) != proof(other)


def test_a_defect_is_told_with_its_hint() -> None:
    broken = measured(NotMeasured(problem=Problem("internal-error", "it broke", hint="there")))
    honest = measured(NotMeasured(problem=Problem("tool-crashed", "it broke", hint="there")))
    assert defect(broken) == "raises something else than a StageError"
    assert reason(broken) == "because; there"
    assert (defect(honest), reason(honest)) == ("", "because")
    assert (defect(measured(RESULT)), reason(measured(RESULT))) == ("", "because")


def test_each_text_is_looked_at() -> None:
    assert [text for text in texts(RESULT) if text] == ["n", "c", "all", "r", "m", "p", "tool", "x"]
