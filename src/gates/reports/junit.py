"""The JUnit report: one suite a level and one test a gate, so that CI systems count as we count.

A test's name is its gate's, without any number or limit: CI systems follow a test by its name, and
tell by it what is new, mended or flaky. What a status becomes:

- passed, unaffected: passed;
- waived, overridden: passed, with the waiver in its output and its properties;
- failed: a failure;
- errored, pending, and inconclusive from Level 2 on: an error, whose type is the status;
- skipped, and inconclusive at Level 1: skipped, whose type is the status.

A partial run is thus never all green, and a pending one is red. Where a verdict is graver than all
its gates (an interrupt, files that changed meanwhile, nothing but skipped gates), a suite of its
own holds a test that says so.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from gates.domain.finding import Finding, Severity
from gates.domain.run import GateRun, Run
from gates.domain.status import Status, Verdict, verdict_of_gate
from gates.reports import told
from gates.reports.rows import check_text, proof
from gates.toolkit.door import neutralise, one_line

if TYPE_CHECKING:
    from junitparser import TestSuite
    from junitparser.junitparser import FinalResult
    from junitparser.xunit2 import TestCase

SHOWN_FINDINGS = 50
"""Findings told of one gate; the rest is counted, and stands in the record."""

LINE_LIMIT = 2000
"""Characters of one line."""

_GRAVITY = (Verdict.PASSED, Verdict.PARTIAL, Verdict.ERRORED, Verdict.FAILED)
"""A test is passed, skipped, an error or a failure; in this order they weigh."""


def report(run: Run) -> str:
    """The report as XML text that ends with a line break."""
    return document(run.plan.project, [*suites_of(run)])


def document(name: str, suites: Sequence[TestSuite]) -> str:
    """Suites as XML text that ends with a line break; the totals are theirs."""
    from junitparser.xunit2 import JUnitXml

    top = JUnitXml(clean(name))
    for suite in suites:
        top.add_testsuite(suite)
    top.tests = sum(suite.tests for suite in suites)
    top.failures = sum(suite.failures for suite in suites)
    top.errors = sum(suite.errors for suite in suites)
    top.time = round(sum(suite.time for suite in suites), 3)
    written = io.BytesIO()
    top.write(written, pretty=True)
    return written.getvalue().decode()


def suites_of(run: Run) -> Iterator[TestSuite]:
    """The suites of a run: one a level, and one for a verdict that no gate tells."""
    yield from _levels(run)
    yield from _beyond(run)


def _levels(run: Run) -> Iterator[TestSuite]:
    for number in dict.fromkeys(gate.plan.level for gate in run.gates):
        suite = _suite(run, told.level_name(run, number))
        suite.add_testcases([_case(gate, run) for gate in run.gates if gate.plan.level == number])
        yield suite


def _beyond(run: Run) -> Iterator[TestSuite]:
    """The suite for a verdict that is graver than all gates, if it is."""
    shown = max((_GRAVITY.index(_kind(gate)) for gate in run.gates), default=0)
    if _GRAVITY.index(_weight(run.verdict)) > shown:
        suite = _suite(run, "Verdict")
        suite.add_testcase(_verdict(run))
        yield suite


def _suite(run: Run, name: str) -> TestSuite:
    from junitparser import TestSuite

    suite = TestSuite(clean(name))
    suite.timestamp = run.started.strftime("%Y-%m-%dT%H:%M:%S")
    suite.hostname = clean(run.where.host)
    facts = [
        ("record", run.id),
        ("verdict", run.verdict.value),
        ("exit_code", str(run.exit_code)),
        ("complete", str(run.complete).lower()),
        ("commit", run.commit or ""),
        ("gates_version", run.gates_version),
        *(("note", note) for note in run.notes),
    ]
    for key, value in facts:
        suite.add_property(key, clean(value))
    return suite


def _case(gate: GateRun, run: Run) -> TestCase:
    from junitparser.xunit2 import TestCase

    name = f"{run.plan.project}.level{gate.plan.level}"
    case = TestCase(clean(gate.name), clean(name), round(float(gate.seconds), 3))
    for key, value in _properties(gate):
        case.add_property(key, clean(value))
    kind = _kind(gate)
    if kind is not Verdict.PASSED:
        case.result = outcome(kind, gate.status.value, gate.judged.reason, _detail(gate, run))
    if out := "\n".join(map(clean, _out(gate))):
        case.system_out = out
    return case


def _verdict(run: Run) -> TestCase:
    """The one test that stands for what no gate tells."""
    from junitparser.xunit2 import TestCase

    case = TestCase("verdict", clean(run.plan.project), 0.0)
    reason = "the run was interrupted" if not run.complete else f"the run is {run.verdict.value}"
    lines = (reason, *run.notes, *(f"{gate.status.value} {gate.name}" for gate in run.gates))
    case.result = outcome(_weight(run.verdict), run.verdict.value, reason, lines)
    return case


def _kind(gate: GateRun) -> Verdict:
    """What a gate's test becomes: passed, partial for skipped, errored for an error, or failed."""
    if gate.status is Status.INCONCLUSIVE:
        kind = verdict_of_gate(gate.status, gate.plan.level)
        return Verdict.PARTIAL if kind is Verdict.PASSED else kind
    return _weight(verdict_of_gate(gate.status, gate.plan.level))


def _weight(verdict: Verdict) -> Verdict:
    return Verdict.ERRORED if verdict is Verdict.PENDING else verdict


def outcome(kind: Verdict, name: str, reason: str, lines: Iterable[str]) -> FinalResult:
    """The outcome of a test that is not passed: skipped, an error or a failure.

    Args:
        kind: partial for skipped, errored for an error, or failed.
        name: its type.
        reason: why.
        lines: what is told beside.
    """
    from junitparser import Error, Failure, Skipped

    made = {Verdict.PARTIAL: Skipped, Verdict.ERRORED: Error, Verdict.FAILED: Failure}[kind]
    told_as = made(f"{name}: {clean(reason)}", name)
    told_as.text = "\n".join(map(clean, lines))
    return told_as


def _properties(gate: GateRun) -> Iterator[tuple[str, str]]:
    yield "status", gate.status.value
    yield "uses", gate.plan.uses
    if gate.plan.criteria:
        yield "criteria", " ".join(gate.plan.criteria)
    if gate.plan.place:
        yield "place", gate.plan.place
    for what, waiver in told.waived(gate):
        yield "waived", what
        yield "waived_until", waiver.expires.isoformat()
        yield "waived_by", waiver.owner


def _detail(gate: GateRun, run: Run) -> Iterator[str]:
    """Why a gate did not pass, what was found, and the next step."""
    yield from told.reasons(gate)
    if hint := told.next_step(gate):
        yield f"next: {hint}"
    found = told.findings(gate)
    yield from (_finding(each) for each in found[:SHOWN_FINDINGS])
    if len(found) > SHOWN_FINDINGS:
        yield f"… and {len(found) - SHOWN_FINDINGS:,} more in the record"
    if gate.plan.place:
        yield f"gate: {gate.plan.place}"
    if gate.argv:
        yield f"again: {told.short_command(gate, run)}"


def _finding(finding: Finding) -> str:
    severity = "" if finding.severity is Severity.INFO else f"{finding.severity.value} "
    return f"{finding.place or '-'}  {severity}{finding.rule}  {told.finding_text(finding)}"


def _out(gate: GateRun) -> Iterator[str]:
    """What was measured and must be told, whatever the status."""
    if gate.status in {Status.UNAFFECTED, Status.WAIVED, Status.OVERRIDDEN}:
        yield f"{gate.status.value}: {gate.judged.reason}"
    for what, waiver in told.waived(gate):
        yield told.waiver_text(what, waiver)
    yield from (check_text(check) for check in gate.judged.checks)
    if facts := proof(gate):
        yield facts
    yield from told.notes(gate)


def clean(text: str) -> str:
    """Text on one line, of characters that XML 1.0 may hold (section 2.2) and no others."""
    kept = "".join(char for char in neutralise(text) if char < "\ufffe" or char > "\uffff")
    return one_line(kept, limit=LINE_LIMIT)
