"""The table of gates: one row each, with every number, its threshold and how much was examined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gates.domain.condition import Role
from gates.domain.judge import Checked
from gates.domain.metric import Examined
from gates.domain.plan import GatePlan
from gates.domain.run import GateRun
from gates.domain.status import Status
from gates.domain.units import show_interval, show_metric
from gates.reports.style import STATUS_STYLE, Line, line, padded, seconds_text, width_of

STATUS_WIDTH = max(len(status.value) for status in Status)
PROOF_AT = 46
PROOF_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Layout:
    """Widths of the columns, known before anything ran, so that rows can be shown as gates end.

    Attributes:
        name: columns for gate names.
        width: columns of the whole screen.
    """

    name: int
    width: int

    @classmethod
    def of(cls, gates: Sequence[GatePlan], width: int) -> Layout:
        """Fit the columns to the gates."""
        return cls(name=max((width_of(gate.name) for gate in gates), default=4), width=width)

    @property
    def indent(self) -> int:
        """Columns in front of what was measured."""
        return STATUS_WIDTH + 2 + self.name + 2

    @property
    def proof(self) -> int:
        """The column at which the proof begins, where it can."""
        return min(self.indent + PROOF_AT, self.width - PROOF_WIDTH)


def row(gate: GateRun, layout: Layout) -> list[Line]:
    """The row of a gate: status, name, what was measured, how much was examined, tool, time.

    The proof stands in a column of its own where what was measured leaves room for it.
    """
    lines = [[(padded(gate.status.value, STATUS_WIDTH + 2), STATUS_STYLE[gate.status])]]
    lines[0].append((padded(gate.name, layout.name + 2), "strong"))
    used = layout.indent

    def put(text: str, style: str, column: int = 0) -> None:
        nonlocal used
        gap = max(column - used, 2 if used > layout.indent else 0)
        if used > layout.indent and used + gap + width_of(text) > layout.width:
            lines.append([(" " * layout.indent, "")])
            start = min(column, layout.width - width_of(text))
            used, gap = layout.indent, max(start - layout.indent, 0)
        lines[-1] += [(" " * gap, ""), (text, style)]
        used += gap + width_of(text)

    for text, style in measured(gate):
        put(text, style)
    if facts := proof(gate):
        put(facts, "faint", min(layout.proof, layout.width - width_of(facts)))
    return [Line(tuple(spans)) for spans in lines]


def measured(gate: GateRun) -> list[tuple[str, str]]:
    """What each condition measured, with its limit; else why there is nothing."""
    checks = gate.judged.checks
    if not checks:
        return [(gate.judged.reason, STATUS_STYLE[gate.status])]
    pieces: list[tuple[str, str]] = []
    for check in checks:
        style = _check_style(check)
        if check.condition.role is Role.WARN and check.status is Status.PASSED:
            continue
        if check.status is Status.UNAFFECTED and gate.status is not Status.UNAFFECTED:
            continue  # told below the table, with the reason
        pieces.append((check_text(check), style))
    return pieces


def check_text(check: Checked) -> str:
    """One condition with its measured value: `line 96.4 % (>= 90 %)`."""
    condition = check.condition
    if check.reading is None:
        return f"{condition.subject} {check.status.value}"
    metric, unit = check.reading.metric, check.reading.unit
    is_undecided = check.status is Status.INCONCLUSIVE and metric.interval is not None
    show = show_interval if is_undecided else show_metric
    value = show(metric, unit, condition.known_limit)
    told = " warn" if condition.role is Role.WARN else ""
    told = " waived" if check.status is Status.WAIVED else told
    waived = f", {check.reading.waived} waived" if check.reading.waived else ""
    return f"{condition.subject} {value}{waived} ({condition.shown_limit}{told})"


def proof(gate: GateRun) -> str:
    """How much was examined, by which tool, in what time; or empty."""
    facts = []
    if gate.examined is not None:
        facts.append(examined_text(gate.examined))
    if gate.tool is not None:
        facts.append(f"{gate.tool.name} {gate.tool.version}".rstrip())
    if gate.seconds:
        facts.append(seconds_text(float(gate.seconds)))
    return " · ".join(facts)


def examined_text(examined: Examined) -> str:
    """How much was examined: `1,204 lines (3 excluded)`."""
    is_one = examined.count == 1 and examined.unit != "series"  # which is its own singular
    unit = examined.unit.removesuffix("s") if is_one else examined.unit
    text = f"{examined.count:,} {unit}"
    return f"{text} ({examined.excluded:,} excluded)" if examined.excluded else text


def heading(gates: Sequence[GatePlan], project: str, level: int, name: str) -> Line:
    """The line above the table."""
    many = f"{len(gates)} gate{'s' if len(gates) != 1 else ''}"
    return line((project, "strong"), f" · Level {level} {name} · {many}")


def _check_style(check: Checked) -> str:
    if check.condition.role is Role.WARN:
        return "warn"
    return "" if check.status is Status.PASSED else STATUS_STYLE[check.status]
