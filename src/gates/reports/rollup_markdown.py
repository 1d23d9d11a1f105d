"""The Markdown report of a roll-up: a table of projects, then the report of each judged one."""

from __future__ import annotations

from collections.abc import Iterator

from gates.domain.rollup import ProjectRun, RollUp
from gates.domain.status import Verdict
from gates.reports import markdown, told
from gates.reports.markdown import COMMENT_BYTES, LIMIT_BYTES, code, escaped, marker
from gates.reports.rollup_console import facts
from gates.reports.rollup_v1 import open_gates
from gates.reports.style import seconds_text

LEAST_BYTES = 8_000
"""A project's report is left out, and that is told, where it would have fewer."""

SHOWN_GATES = 20
"""Gates of a project that its row of the table names."""

_HEAD = "| verdict | project | gates | to mend | record |\n|---|---|---|---|---|\n"


def report(rollup: RollUp, *, record: str = "", limit: int = LIMIT_BYTES) -> str:
    """The whole report.

    Args:
        rollup: what is rendered.
        record: the file behind it, if not the one in its folder.
        limit: bytes that it may have; what goes beyond is left out, and that is told.
    """
    rows = tuple(map(_row, rollup.projects))
    table, shown = _fitting(rows, limit // 2)
    notes = "".join(f"- projects: {escaped(note)}\n" for note in rollup.notes)
    told_all = f"### Told\n\n{notes}\n" if notes else ""
    first = f"{_verdict(rollup)}{_HEAD}{table}\n{told_all}"
    last = _closing(rollup, record)
    left = limit - _size(first) - _size(last) - LEAST_BYTES
    lost = len(rows) - shown
    # What did not pass is the last to be cut, though the order is that of the table.
    runs = [entry for entry in rollup.projects if entry.run is not None]
    chosen: dict[str, str] = {}
    for entry in sorted(runs, key=lambda each: each.verdict is Verdict.PASSED):
        body = _body(entry, left)
        if body:
            chosen[entry.path] = body
            left -= _size(body)
    bodies = [chosen[entry.path] for entry in runs if entry.path in chosen]
    return "".join((first, *bodies, _left_out(lost, len(runs) - len(chosen)), last))


def comment(rollup: RollUp, *, record: str = "") -> str:
    """The report as a comment that a workflow finds again by its first line, and replaces."""
    first = marker(rollup.project, rollup.level)
    return first + report(rollup, record=record, limit=COMMENT_BYTES - _size(first))


def _body(entry: ProjectRun, left: int) -> str:
    run = entry.labelled_run
    if run is None or left < LEAST_BYTES:
        return ""
    return f"{markdown.report(run, record=entry.record, limit=left)}\n"


def _fitting(rows: tuple[str, ...], limit: int) -> tuple[str, int]:
    """The rows that fit, and how many they are."""
    size, count = 0, 0
    for row in rows:
        size += _size(row)
        if size > limit:
            break
        count += 1
    return "".join(rows[:count]), count


def _verdict(rollup: RollUp) -> str:
    stopped = " · **interrupted**" if not rollup.complete else ""
    many = f"{len(rollup.projects)} project{'s' if len(rollup.projects) != 1 else ''}"
    seconds = seconds_text(float(rollup.seconds))
    return (
        f"# {rollup.verdict.value} · {escaped(rollup.project)} · Level {rollup.level}\n\n"
        f"{many} · {seconds} · exit code {rollup.exit_code}{stopped}\n\n"
    )


def _row(entry: ProjectRun) -> str:
    good = entry.verdict is Verdict.PASSED
    cells = (
        entry.shown if good else f"**{entry.shown}**",
        escaped(entry.label),
        escaped(" · ".join(facts(entry))),
        "<br>".join(_to_mend(entry)),
        code(entry.record) if entry.record else "",
    )
    return f"| {' | '.join(cells)} |\n"


def _to_mend(entry: ProjectRun) -> Iterator[str]:
    gates = open_gates(entry)
    for gate in gates[:SHOWN_GATES]:
        reason = next(told.reasons(gate), gate.judged.reason)
        yield escaped(f"{gate.status.value} {gate.name}: {reason}")
    if len(gates) > SHOWN_GATES:
        yield f"… and {len(gates) - SHOWN_GATES:,} more"
    if entry.problem is not None and entry.problem.hint:
        yield f"next: {escaped(entry.problem.hint)}"
    if entry.run is not None and entry.reason:
        yield escaped(entry.reason)


def _closing(rollup: RollUp, record: str) -> str:
    """What exactly was judged."""
    dirty = ", with changes that are not in it" if rollup.dirty else ""
    judged = f" · commit {code(rollup.commit)}{dirty}" if rollup.commit else " · outside git"
    selected = f" · selected by {code(rollup.selection)}" if rollup.selection else ""
    stored = f" in {code(record)}" if record else ""
    return f"roll-up {code(rollup.id)}{stored}{judged}{selected}\n"


def _left_out(rows: int, bodies: int) -> str:
    """What was left out to stay below the limit, or empty."""
    parts = [f"{rows:,} row{'s' * (rows > 1)} of the table"] if rows else []
    parts += [f"the reports of {bodies:,} project{'s' * (bodies > 1)}"] if bodies else []
    cut = " and ".join(parts)
    return f"**Cut:** this report was too long; the records also hold {cut}.\n\n" if cut else ""


def _size(text: str) -> int:
    return len(text.encode())
