"""The console report: the table, then for each gate that did not pass what, where and what next."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator

from gates.domain.condition import Role
from gates.domain.finding import Finding, Severity
from gates.domain.run import GateRun, Run
from gates.domain.status import Status
from gates.reports.rows import Layout, heading, row
from gates.reports.style import (
    STATUS_STYLE,
    VERDICT_STYLE,
    Line,
    line,
    render,
    seconds_text,
)

SHOWN_FINDINGS = 12
"""Findings shown of one gate; the rest is counted, and stands in the record."""

_GOOD = (Status.PASSED, Status.UNAFFECTED)
_SETTLED = (*_GOOD, Status.WAIVED, Status.OVERRIDDEN, Status.SKIPPED)


def report(run: Run, *, colour: bool, width: int, record: str = "") -> str:
    """The whole report as text; `record` is the file behind it, if not the one in its folder."""
    return render([*table(run, width), *closing(run, record)], colour=colour)


def table(run: Run, width: int) -> Iterator[Line]:
    """Heading and rows."""
    plans = [gate.plan for gate in run.gates]
    layout = Layout.of(plans, width)
    yield line()
    yield heading(plans, run.plan.project, run.level, level_name(run))
    yield line()
    for gate in run.gates:
        yield from row(gate, layout)


def closing(run: Run, record: str = "") -> Iterator[Line]:
    """All that stands below the table; `record` is the file behind it, if not in its folder."""
    for gate in run.gates:
        if gate.status not in _SETTLED:
            yield line()
            yield from detail(gate, run)
    yield from _told(run)
    yield line()
    yield from _criteria(run)
    yield _verdict(run)
    if record or run.folder:
        stored = record or f"{_shown_folder(run)}/run.json"
        yield line(("record ", "faint"), (stored, "faint"))


def detail(gate: GateRun, run: Run) -> Iterator[Line]:
    """Why one gate did not pass, and the next step."""
    style = STATUS_STYLE[gate.status]
    yield line(
        (gate.status.value, style), " ", (gate.name, "strong"), ("  " + gate.plan.place, "faint")
    )
    if gate.judged.problem is not None:
        yield line(f"  {gate.judged.problem.summary}")
        if gate.judged.problem.place and gate.judged.problem.place not in gate.judged.reason:
            yield line("  at ", (gate.judged.problem.place, "place"))
    if gate.judged.caused_by:
        yield line(f"  caused by gate `{gate.judged.caused_by}`")
    for check in gate.judged.checks:
        if check.status in _GOOD or check.condition.role is Role.WARN:
            continue
        advice = f"; {check.advice}" if check.advice else ""
        yield line(f"  {check.reason}{advice}")
    yield from _findings(gate)
    yield from _next_step(gate, run)


def level_name(run: Run) -> str:
    """The name of the judged level."""
    return next((level.name for level in run.plan.levels if level.number == run.level), "")


def _findings(gate: GateRun) -> Iterator[Line]:
    deciding = {
        check.condition.subject
        for check in gate.judged.checks
        if check.status not in _GOOD and check.condition.role is Role.REQUIRE
    }
    found = [
        each for each in gate.judged.findings if not each.counts or deciding & set(each.counts)
    ]
    found.sort(key=lambda each: each.severity.rank)
    for finding in found[:SHOWN_FINDINGS]:
        yield _finding_line(finding)
    if len(found) > SHOWN_FINDINGS:
        yield line((f"  … and {len(found) - SHOWN_FINDINGS} more in the record", "faint"))


def _finding_line(finding: Finding) -> Line:
    severity = "" if finding.severity is Severity.INFO else f"{finding.severity.value} "
    category = f" [{finding.owasp}]" if finding.owasp else ""
    fix = f" · {finding.fix}" if finding.fix else ""
    place = finding.place or "-"
    return line(
        "  ", (place, "place"), f"  {severity}{finding.rule}  {finding.message}{category}{fix}"
    )


def _next_step(gate: GateRun, run: Run) -> Iterator[Line]:
    hint = gate.judged.problem.hint if gate.judged.problem else ""
    if hint:
        yield line(("  next: ", "strong"), hint)
    if gate.argv:
        here = run.folder.partition(".gates/local/")[0]
        again = shlex.join(gate.argv).replace(here, "") if here else shlex.join(gate.argv)
        yield line(("  again: ", "faint"), (again, "faint"))
    if gate.logs and run.folder:
        yield line(("  log: ", "faint"), (f"{_shown_folder(run)}/{gate.logs[-2]}", "faint"))


def _told(run: Run) -> Iterator[Line]:
    """What every output must tell: warnings, replaced and dropped defaults, notes, waivers."""
    told: list[tuple[str, str]] = [("run", note) for note in run.notes]
    for gate in run.gates:
        told += [(gate.name, text) for text in dict.fromkeys(_told_of(gate))]
    if told:
        yield line()
    for name, text in told:
        yield line((f"{name}: ", "warn"), text)


def _told_of(gate: GateRun) -> Iterator[str]:
    for check in gate.judged.checks:
        if check.condition.role is Role.WARN and check.status not in _GOOD:
            yield f"warning: {check.reason}"
        if check.status is Status.UNAFFECTED:
            yield f"{check.condition.subject} does not apply: {check.reason}"
        if check.condition.replaces and check.condition.replaces != check.condition.text:
            yield f"`{check.condition.text}` replaces the default `{check.condition.replaces}`"
    for text in gate.plan.dropped:
        yield f"the default `{text}` is dropped in gates.yaml"
    if gate.examined is not None and gate.examined.note:
        yield gate.examined.note
    for finding, waiver in gate.judged.waived:
        yield (
            f"waived until {waiver.expires}: {finding.rule} {finding.place}"
            f" ({waiver.reason}; {waiver.owner})"
        )
    yield from gate.notes


def _criteria(run: Run) -> Iterator[Line]:
    criteria = run.criteria
    met = f"{len(criteria.met)} of {criteria.total} documented criteria up to Level {run.level}"
    yield line((f"{met} are met", "faint"))
    if criteria.not_covered:
        names = ", ".join(criteria.not_covered[:SHOWN_FINDINGS])
        more = len(criteria.not_covered) - SHOWN_FINDINGS
        rest = f" and {more} more" if more > 0 else ""
        yield line((f"no gate shows {names}{rest}", "faint"))


def _verdict(run: Run) -> Line:
    counts = Counter(gate.status for gate in run.gates)
    parts = ", ".join(f"{counts[status]} {status.value}" for status in Status if counts[status])
    seconds = seconds_text(float(run.seconds))
    stopped = "" if run.complete else " · interrupted"
    return line(
        (f"{run.verdict.value}", VERDICT_STYLE[run.verdict]),
        f" · Level {run.level} · {parts} · {seconds} · exit code {run.exit_code}{stopped}",
    )


def _shown_folder(run: Run) -> str:
    """The run's folder as a path relative to the folder of gates.yaml."""
    marker = "/.gates/local/"
    return (
        f".gates/local/{run.folder.rpartition(marker)[2]}" if marker in run.folder else run.folder
    )
