"""What every stage that runs tests, or reads what became of them, says in one way."""

from __future__ import annotations

from collections.abc import Mapping

from gates.domain.errors import StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Direction, Examined, MetricSpec, Unit, count
from gates.domain.stage_result import StageResult, Tool

SEVERITY = {
    "failed": Severity.HIGH,
    "errors": Severity.HIGH,
    "flaky": Severity.MEDIUM,
    "xpassed": Severity.LOW,
}
"""Severity of each kind of finding, by the metric that counts it."""

RULES = {"failed": "failed", "errors": "error", "flaky": "flaky", "xpassed": "xpassed"}
"""The rule of each kind of finding."""

TELLING = ("passed", "failed", "errors", "xpassed")
"""Metrics of tests that show something; an expected failure shows nothing."""


def spec(
    name: str,
    title: str,
    noun: str,
    direction: Direction = Direction.LOWER,
    *,
    optional: bool = False,
) -> MetricSpec:
    """A metric that counts tests; see `MetricSpec` for the words."""
    return MetricSpec(
        name=name, unit=Unit.COUNT, direction=direction, title=title, noun=noun, optional=optional
    )


METRICS = (
    spec("tests", "tests that ran", "tests", Direction.HIGHER),
    spec("passed", "tests that passed", "passed tests", Direction.HIGHER),
    spec("failed", "tests that failed", "failed tests"),
    spec("errors", "tests whose set-up or tear-down broke", "tests with errors"),
    spec("flaky", "tests that passed after a failure", "flaky tests"),
    spec("skipped", "tests that were skipped", "skipped tests"),
)
"""What is counted of any tests."""

XFAILED = spec("xfailed", "expected failures", "expected failures")
"""Counted where the runner tells it."""

PASS_RATE = MetricSpec(
    name="pass_rate",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    title="passed tests among those that ran",
    noun="passed tests",
)
"""The share of passed tests, for a suite of which not all must pass."""

DEFAULTS = ("failed == 0", "errors == 0", "flaky == 0")
"""The conditions that stand by default."""


def summed_up(
    metrics: Mapping[str, int],
    findings: tuple[Finding, ...],
    *,
    tool: Tool,
    more: Mapping[str, int],
    hint: str,
) -> StageResult:
    """The result of tests of which at least one shows something.

    Args:
        metrics: the counts by name; `tests`, `skipped` and `xfailed` are among them.
        findings: what did not pass.
        tool: what ran them.
        more: further counts to be shown, where they are not 0.
        hint: the next step where no test ran.

    Raises:
        StageError: where none ran.
    """
    if not any(metrics.get(name) for name in TELLING):
        skipped, xfailed = metrics["skipped"], metrics.get("xfailed", 0)
        why = f"all {skipped} were skipped" if skipped else "there is none"
        if xfailed:
            why = f"{skipped} were skipped, and {xfailed} marked as expected failures"
        raise StageError("nothing-examined", f"no test ran: {why}", hint=hint)
    shown = {name: metrics.get(name, 0) for name in ("skipped", "xfailed", "deselected")}
    details = tuple((name, value) for name, value in {**shown, **more}.items() if value)
    return StageResult(
        metrics=tuple(count(name, value) for name, value in metrics.items()),
        examined=Examined(count=metrics["tests"], unit="tests", details=details),
        tool=tool,
        findings=findings,
    )


def finding(
    metric: str, message: str, *, path: str = "", line: int = 0, subject: str = ""
) -> Finding:
    """What is told of a test that one of the metrics counts."""
    return Finding(
        rule=RULES[metric],
        severity=SEVERITY[metric],
        message=message,
        path=path,
        line=line,
        counts=(metric,),
        subject=subject,
    )


def flaky(name: str, *, path: str = "", line: int = 0) -> Finding:
    """What is told of a test that did not pass at its first attempt."""
    message = f"{name}: an attempt failed before the test was reported again"
    return finding("flaky", message, path=path, line=line, subject=name)
