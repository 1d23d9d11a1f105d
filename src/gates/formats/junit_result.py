"""What a JUnit report alone tells, as the result of a stage."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Finding
from gates.domain.metric import ratio
from gates.domain.stage_result import StageResult, Tool
from gates.formats import junit, tested, tool_paths
from gates.formats.junit import JunitCase, JunitReport, Outcome
from gates.formats.junit_merge import Merged, merge

TOOL = Tool(name="JUnit report", version="")
"""What stands for the program that ran the tests: the report does not tell it."""

NOTE_ENDED = "only a report was judged: whether the run behind it ended early is not known"
"""What no report tells."""

NOTE_RETRIED = "a runner that writes no failed attempt into its JUnit hides it (Vitest does)"
"""What not every report tells."""

_TWICE = "reported more than once: tried again after a failure, or two tests share its name"

_EMPTY = "one of several reports holds no test: the tests of that part are not known"
_HINT_EMPTY = (
    "see why its step ran none; where none belongs to it, let the step write no report, or leave it"
    " out of `report`"
)

_REPORTED = {Outcome.FAILED: "failed", Outcome.ERROR: "errors"}


def read_all(parts: Sequence[tuple[str, bytes]]) -> Merged:
    """Read reports that are parts of one whole; no other witness stands by them.

    Args:
        parts: name and bytes of each.

    Raises:
        OutputUnreadable: one of them is cut, contradicts itself or is no JUnit XML, or one of
            several holds no test.
    """
    reports = [_given(data, what) for what, data in parts]
    for (what, _), report in zip(parts, reports, strict=True):
        if len(parts) > 1 and not report.counts.tests:
            raise OutputUnreadable("junit-empty-part", _EMPTY, hint=_HINT_EMPTY, place=what)
    return merge(reports)


def result_of(
    told: JunitReport, *, files: Collection[str], roots: Sequence[str], rate: bool = False
) -> StageResult:
    """Sum up a report; it does not tell unexpected passes and deselected tests.

    Args:
        told: the report, or several merged.
        files: the project's files, to find the place of a test.
        roots: absolute forms of the project's folder.
        rate: whether the share of passed tests is a metric too.

    Raises:
        StageError: where no test ran.
    """
    counts = told.counts
    metrics = {
        "tests": counts.executed,
        "passed": counts.passed,
        "failed": counts.failed,
        "errors": counts.errors,
        "flaky": counts.retried,
        "skipped": counts.skipped + counts.not_run,
        "xfailed": counts.xfailed,
    }
    known = frozenset(files)
    findings = [
        _finding(case, _REPORTED[case.outcome], _path(case, known, roots))
        for case in told.cases
        if case.outcome in _REPORTED
    ]
    retried = [tested.finding("flaky", f"{name}: {_TWICE}", subject=name) for name in told.retried]
    hint = "see in the report why each was skipped, and which tests the step that wrote it ran"
    result = tested.summed_up(metrics, (*findings, *retried), tool=TOOL, more={}, hint=hint)
    if not rate:
        return result
    share = ratio("pass_rate", counts.passed, counts.executed)
    return replace(result, metrics=(*result.metrics, share))


def notes(repeated: int) -> tuple[str, ...]:
    """What every output must repeat of reports that were judged alone.

    Args:
        repeated: how many tests stand in more than one of them.
    """
    if not repeated:
        return (NOTE_ENDED,)
    more = f"{repeated} tests stand in more than one report: each counts once, at its worst"
    return (NOTE_ENDED, more)


def _given(data: bytes, what: str) -> JunitReport:
    """A report that no other witness stands by: it must hold every test that it speaks of."""
    try:
        return junit.read(data, what=what)
    except OutputUnreadable as error:
        problem = error.problem
        if problem.slug != "junit-contradiction" or problem.hint:
            raise
        hint = (
            "a report with subtests cannot be told from one that lost tests:"
            " let the gate `pytest` run them, without `report:`"
        )
        raise OutputUnreadable(
            problem.slug, problem.summary, hint=hint, place=problem.place
        ) from error


def _finding(case: JunitCase, metric: str, path: str) -> Finding:
    message = f"{case.name}: {case.message}" if case.message else case.name
    return tested.finding(metric, message, path=path, subject=case.identity)


def _path(case: JunitCase, known: frozenset[str], roots: Sequence[str]) -> str:
    """The file of a test: as written, else what its class is the name of."""
    if case.file:
        return tool_paths.relative(case.file, *roots)
    if case.classname in known:
        return case.classname
    parts = case.classname.split(".")
    modules = ("/".join(parts[:length]) + ".py" for length in range(len(parts), 0, -1))
    return next((path for path in modules if path in known), "")
