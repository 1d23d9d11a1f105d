"""The JUnit report of a roll-up: the suites of each project, with its path in front of their names.

A project that was not judged is a suite of one test: passed where it is unaffected, skipped where
the command line left it out, an error where it could not be judged. A verdict that is graver than
all projects (an interrupt, files that changed meanwhile) has a suite of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gates.domain.rollup import GRAVITY, Outcome, ProjectRun, RollUp, verdict_over
from gates.domain.status import Verdict
from gates.reports.junit import clean, document, outcome, suites_of

if TYPE_CHECKING:
    from junitparser import TestSuite


def report(rollup: RollUp) -> str:
    """The report as XML text that ends with a line break."""
    return document(rollup.project, [*_projects(rollup), *_beyond(rollup)])


def _projects(rollup: RollUp) -> Iterator[TestSuite]:
    for entry in rollup.projects:
        run = entry.labelled_run
        if run is None:
            yield _unjudged(rollup, entry)
            continue
        for suite in suites_of(run):
            suite.name = clean(f"{entry.label}: {suite.name}")
            suite.add_property("project_path", clean(entry.path))
            suite.add_property("project_record", clean(entry.record))
            suite.add_property("project_record_sha256", entry.sha256)
            yield suite


def _unjudged(rollup: RollUp, entry: ProjectRun) -> TestSuite:
    lines = [entry.reason]
    if entry.problem is not None:
        lines += [f"next: {entry.problem.hint}", f"at: {entry.problem.place}"]
    kinds = {Outcome.SKIPPED: Verdict.PARTIAL, Outcome.UNAFFECTED: Verdict.PASSED}
    kind = kinds.get(entry.outcome, Verdict.ERRORED)
    title = f"{entry.label}: {entry.outcome.value}"
    return _suite(rollup, title, entry.label, kind, (entry.outcome.value, *lines))


def _beyond(rollup: RollUp) -> Iterator[TestSuite]:
    """The suite for a verdict that is graver than all projects, if it is."""
    if GRAVITY.index(rollup.verdict) > GRAVITY.index(verdict_over(rollup.projects)):
        reason = "the check was interrupted" if not rollup.complete else "the check is errored"
        words = (rollup.verdict.value, reason, *rollup.notes)
        yield _suite(rollup, "Verdict", rollup.project, Verdict.ERRORED, words)


def _suite(
    rollup: RollUp, title: str, classname: str, kind: Verdict, words: tuple[str, ...]
) -> TestSuite:
    """A suite of one test; the first word is its status, the second the reason."""
    from junitparser import TestSuite
    from junitparser.xunit2 import TestCase

    suite = TestSuite(clean(title))
    suite.timestamp = rollup.started.strftime("%Y-%m-%dT%H:%M:%S")
    suite.hostname = clean(rollup.where.host)
    for name, value in (("record", rollup.id), ("verdict", rollup.verdict.value)):
        suite.add_property(name, clean(value))
    for note in rollup.notes:
        suite.add_property("note", clean(note))
    case = TestCase("project", clean(classname), 0.0)
    status, reason, *rest = words
    if kind is Verdict.PASSED:
        case.system_out = clean(f"{status}: {reason}")
    else:
        case.result = outcome(kind, status, reason, (reason, *rest))
    suite.add_testcase(case)
    return suite
