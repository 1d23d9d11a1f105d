"""The console report: the table, then for each gate that did not pass what, where and what next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gates.domain.finding import Finding, Severity
from gates.domain.run import GateRun, Run
from gates.domain.status import Status
from gates.reports import told
from gates.reports.facts import folded
from gates.reports.rows import Layout, heading, row
from gates.reports.style import (
    STATUS_STYLE,
    VERDICT_STYLE,
    Line,
    line,
    render,
    seconds_text,
)

INDENT = "  "
"""What a line that was wrapped begins with, once more for each depth."""

SHOWN_FINDINGS = 12
"""Findings shown of one gate; the rest is counted, and stands in the record."""


def report(run: Run, *, colour: bool, width: int, record: str = "", is_screen: bool = False) -> str:
    """The whole report as text.

    Args:
        run: what is told.
        colour: use colours.
        width: columns of the table.
        record: the file behind it, if not the one in its folder.
        is_screen: a terminal shows it, so long lines are wrapped; elsewhere each finding stays on
            its one line, so that it can be searched for.
    """
    wrap = width if is_screen else None
    return render([*table(run, width, wrap), *closing(run, record, wrap)], colour=colour)


def table(run: Run, width: int, wrap: int | None = None) -> Iterator[Line]:
    """Heading and rows; rows are longer than the width at most where `wrap` is None."""
    plans = [gate.plan for gate in run.gates]
    layout = Layout.of(plans, width)
    yield line()
    yield from folded(heading(plans, run.plan.project, run.level, level_name(run)), wrap, INDENT)
    yield line()
    for gate in run.gates:
        for each in row(gate, layout):
            yield from folded(each, wrap, " " * layout.indent)


def closing(run: Run, record: str = "", wrap: int | None = None) -> Iterator[Line]:
    """All that stands below the table.

    Args:
        run: what is told.
        record: the file behind it, if not the one in its folder.
        wrap: columns into which long lines are wrapped; None leaves each on one line.
    """
    for gate in run.gates:
        if gate.status not in told.SETTLED:
            yield line()
            yield from detail(gate, run, wrap)
    for each in _told(run):
        yield from folded(each, wrap, INDENT)
    yield line()
    for each in (*_criteria(run), _verdict(run)):
        yield from folded(each, wrap, INDENT)
    if record or run.folder:
        stored = record or f"{told.shown_folder(run)}/run.json"
        yield line(("record ", "faint"), (stored, "faint"))


def detail(gate: GateRun, run: Run, wrap: int | None = None) -> Iterator[Line]:
    """Why one gate did not pass, and the next step."""
    style = STATUS_STYLE[gate.status]
    yield line(
        (gate.status.value, style), " ", (gate.name, "strong"), ("  " + told.place(gate), "faint")
    )
    for reason in told.reasons(gate):
        yield from folded(line(f"  {reason}"), wrap, INDENT * 2)
    found = told.findings(gate)
    for finding in found[:SHOWN_FINDINGS]:
        yield from folded(_finding_line(finding), wrap, INDENT * 2)
    if len(found) > SHOWN_FINDINGS:
        yield line((f"  … and {len(found) - SHOWN_FINDINGS} more in the record", "faint"))
    yield from _next_step(gate, run, wrap)


def level_name(run: Run) -> str:
    """The name of the judged level."""
    return next((level.name for level in run.plan.levels if level.number == run.level), "")


def _finding_line(finding: Finding) -> Line:
    severity = "" if finding.severity is Severity.INFO else f"{finding.severity.value} "
    text = f"  {severity}{finding.rule}  {told.finding_text(finding)}"
    return line("  ", (finding.place or "-", "place"), text)


def _next_step(gate: GateRun, run: Run, wrap: int | None) -> Iterator[Line]:
    """The next step; commands and paths stay on one line, so that they can be copied."""
    if hint := told.next_step(gate):
        yield from folded(line(("  next: ", "strong"), hint), wrap, INDENT * 2)
    if again := told.short_command(gate, run):
        yield line(("  again: ", "faint"), (again, "faint"))
    if not run.folder:
        return
    folder = told.shown_folder(run)
    if log := told.log(gate):
        yield line(("  log: ", "faint"), (f"{folder}/{log}", "faint"))
    for name, logs in told.service_logs(gate):
        yield line((f"  log of service {name}: ", "faint"), (f"{folder}/{logs}", "faint"))


def _told(run: Run) -> Iterator[Line]:
    """What every output must tell: warnings, replaced and dropped defaults, notes, waivers."""
    texts: list[tuple[str, str]] = [("run", note) for note in run.notes]
    for gate in run.gates:
        texts += [(gate.name, text) for text in told.notes(gate)]
        texts += [(gate.name, text) for text in _waived(gate)]
    if texts:
        yield line()
    for name, text in texts:
        yield line((f"{name}: ", "warn"), text)


def _waived(gate: GateRun) -> Iterator[str]:
    """What waivers cover, each with its end, reason and owner."""
    waived = tuple(told.waived(gate))
    for what, waiver in waived[:SHOWN_FINDINGS]:
        yield told.waiver_text(what, waiver)
    if len(waived) > SHOWN_FINDINGS:
        yield f"{len(waived) - SHOWN_FINDINGS} more that are waived stand in the record"


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
