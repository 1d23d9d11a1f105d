"""What a JavaScript runner told of its tests, as the result of a stage."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from gates.domain.finding import Finding
from gates.domain.stage_result import NotApplicable, StageResult, Tool
from gates.formats import tested, tool_paths
from gates.formats.js_tests import JsOutcome, JsReport, JsTest, counts_of

NOT_TOLD = NotApplicable(
    metric="xfailed", reason="the report does not tell failures that were expected"
)

_SAID = {
    JsOutcome.FAILED: ("failed", "failed"),
    JsOutcome.UNFINISHED: ("errors", "began, and did not come to its end"),
}


def result_of(
    report: JsReport, *, tool: Tool, roots: Sequence[str], hint: str, tells_xfailed: bool = True
) -> StageResult:
    """Sum up a run.

    Args:
        report: what became of the tests.
        tool: the runner.
        roots: absolute forms of the project's folder.
        hint: the next step where no test ran.
        tells_xfailed: whether the report tells expected failures.

    Raises:
        StageError: where no test ran.
    """
    counts = counts_of(report)
    metrics = {
        "tests": counts.executed,
        "passed": counts.passed,
        "failed": counts.failed,
        "errors": counts.errors,
        "flaky": counts.flaky,
        "skipped": counts.skipped,
    }
    if tells_xfailed:
        metrics["xfailed"] = counts.xfailed
    found = tuple(_findings(report, roots))
    more = {"todo": counts.todo, "files": len(report.modules)}
    result = tested.summed_up(metrics, found, tool=tool, more=more, hint=hint)
    return result if tells_xfailed else replace(result, not_applicable=(NOT_TOLD,))


def not_run(files: Collection[str], report: JsReport, roots: Sequence[str]) -> frozenset[str]:
    """Which files look like tests, and are none of the run's."""
    ran = {tool_paths.relative(module.path, *roots) for module in report.modules}
    return frozenset(files) - ran


def _findings(report: JsReport, roots: Sequence[str]) -> Iterator[Finding]:
    for problem in report.problems:
        yield tested.finding("errors", problem)
    for module in report.modules:
        path = tool_paths.relative(module.path, *roots)
        for problem in module.problems:
            yield tested.finding("errors", problem, path=path, subject=path)
        for test in module.tests:
            yield from _told(test, path)


def _told(test: JsTest, path: str) -> Iterator[Finding]:
    subject = f"{path}::{test.name}"
    if test.outcome in _SAID:
        metric, said = _SAID[test.outcome]
        message = f"{test.name}: {test.message or said}"
        yield tested.finding(metric, message, path=path, line=test.line, subject=subject)
    if test.is_flaky:
        yield replace(tested.flaky(test.name, path=path, line=test.line), subject=subject)
