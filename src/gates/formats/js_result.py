"""What a JavaScript runner told of its tests, as the result of a stage."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from gates.domain.errors import StageError
from gates.domain.finding import Finding
from gates.domain.stage_result import NotApplicable, StageResult, Tool
from gates.formats import tested, tool_paths
from gates.formats.js_tests import JsOutcome, JsReport, JsTest, counts_of

NOT_TOLD = NotApplicable(
    metric="xfailed", reason="the report does not tell failures that were expected"
)

HINT_FOREIGN = (
    "give the report of a run on the project's own files, written in the folder of gates.yaml; of"
    " tests that are built first, judge JUnit XML with the stage `junit`"
)
"""The next step where a report is of another folder."""

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


def notes_of_given(
    files: Collection[str], tests: Collection[str], report: JsReport, roots: Sequence[str]
) -> tuple[str, ...]:
    """What must be told of a given report whose files are not those of the project's tests.

    Args:
        files: all files of the project.
        tests: those of them that look like tests.
        report: the report, or several merged.
        roots: absolute forms of the project's folder.

    Raises:
        StageError: where none of the report's files is one of the project's.
    """
    known = frozenset(files)
    told = {tool_paths.relative(module.path, *roots) for module in report.modules}
    foreign = told - known
    if told and foreign == told:
        shown = tool_paths.some(foreign)
        summary = f"none of the report's files is a file of the project: {shown}"
        raise StageError("report-foreign", summary, hint=HINT_FOREIGN)
    missed = not_run(tests, report, roots)
    notes = [f"look like tests, and are not in the report: {tool_paths.some(missed)}"] * bool(
        missed
    )
    if foreign:
        notes.append(f"in the report, and no files of the project: {tool_paths.some(foreign)}")
    return tuple(notes)


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
