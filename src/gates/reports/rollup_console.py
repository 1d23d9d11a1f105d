"""The console report of a roll-up: each project's own report, then one line for each project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gates.domain.rollup import Outcome, ProjectRun, RollUp
from gates.domain.status import Verdict
from gates.reports import console, told
from gates.reports.facts import folded
from gates.reports.rollup_v1 import open_gates
from gates.reports.style import (
    STATUS_STYLE,
    VERDICT_STYLE,
    Line,
    line,
    padded,
    render,
    seconds_text,
    width_of,
)

RECORD = "rollup.json"
"""Name of a roll-up's record in its folder."""

_WIDTH = max(len(word) for word in (*Verdict, *Outcome)) + 2


def report(
    rollup: RollUp, *, colour: bool, width: int, record: str = "", is_screen: bool = False
) -> str:
    """The whole report as text; the arguments are those of a run's report."""
    wrap = width if is_screen else None
    lines: list[Line] = []
    for entry in rollup.projects:
        run = entry.labelled_run
        if run is not None:
            lines += console.table(run, width, wrap)
            lines += console.closing(run, entry.record, wrap)
    return render([*lines, *closing(rollup, record, wrap)], colour=colour)


def closing(rollup: RollUp, record: str = "", wrap: int | None = None) -> Iterator[Line]:
    """What stands below the reports of the projects: a line for each, and the verdict.

    Args:
        rollup: what is told.
        record: the file behind it, if not the one in its folder.
        wrap: columns into which long lines are wrapped; None leaves each on one line.
    """
    yield line()
    many = f"{len(rollup.projects)} project{'s' if len(rollup.projects) != 1 else ''}"
    yield line((rollup.project, "strong"), f" · Level {rollup.level} · {many}")
    yield line()
    name = max((width_of(entry.label) for entry in rollup.projects), default=0) + 2
    for entry in rollup.projects:
        for each in _project(entry, name):
            yield from folded(each, wrap, " " * (_WIDTH + 2))
    if rollup.notes:
        yield line()
    for note in rollup.notes:
        yield from folded(line(("projects: ", "warn"), note), wrap, "  ")
    yield line()
    yield from folded(_verdict(rollup), wrap, "  ")
    if record or rollup.folder:
        stored = record or f".gates/local/runs/{rollup.id}/{RECORD}"
        yield line(("record ", "faint"), (stored, "faint"))


def facts(entry: ProjectRun) -> tuple[str, ...]:
    """What a line tells of a project beside its verdict and its name."""
    run = entry.run
    if run is None:
        return (entry.reason,)
    counts = ", ".join(f"{number} {status.value}" for status, number in entry.counts.items())
    stopped = () if run.complete else ("interrupted",)
    return (f"Level {run.level}", counts, *stopped, seconds_text(float(run.seconds)))


def _project(entry: ProjectRun, name: int) -> Iterator[Line]:
    style = VERDICT_STYLE[entry.verdict]
    head = (
        (padded(entry.shown, _WIDTH), style),
        (padded(entry.label, name), "strong"),
        " · ".join(facts(entry)),
    )
    yield line(*head, *((("  " + entry.record, "faint"),) if entry.record else ()))
    indent = " " * _WIDTH
    for gate in open_gates(entry):
        reason = next(told.reasons(gate), gate.judged.reason)
        yield line(
            indent, (gate.status.value, STATUS_STYLE[gate.status]), f" {gate.name}: {reason}"
        )
    if entry.problem is not None and entry.problem.hint:
        yield line(indent, ("next: ", "strong"), entry.problem.hint)
    if entry.run is not None and entry.reason:
        yield line(indent, (entry.reason, "faint"))


def _verdict(rollup: RollUp) -> Line:
    counts = Counter(entry.shown for entry in rollup.projects)
    words = dict.fromkeys((*(each.value for each in reversed(Verdict)), *Outcome))
    parts = ", ".join(f"{counts[word]} {word}" for word in words if counts[word])
    stopped = "" if rollup.complete else " · interrupted"
    return line(
        (rollup.verdict.value, VERDICT_STYLE[rollup.verdict]),
        f" · Level {rollup.level} · projects: {parts} · {seconds_text(float(rollup.seconds))}",
        f" · exit code {rollup.exit_code}{stopped}",
    )
