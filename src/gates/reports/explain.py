"""Explaining a stored run: why a gate stands as it does, what would make it pass, how to repeat it.

What the record does not hold (files that may be gone, gates.yaml of today) is passed in.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from gates.domain.baseline import doubt
from gates.domain.condition import Role
from gates.domain.finding import Severity
from gates.domain.judge import Checked, Reading
from gates.domain.metric import Unit
from gates.domain.plan import GatePlan
from gates.domain.run import GateRun, Run
from gates.domain.status import Status
from gates.domain.units import plain, show_interval, show_metric
from gates.reports import told
from gates.reports.facts import fact, verbatim, wrapped
from gates.reports.rows import examined_text
from gates.reports.style import STATUS_STYLE, VERDICT_STYLE, Line, line, seconds_text

MEANING: Mapping[Status, str] = {
    Status.PASSED: "it was measured, enough was examined, and every condition holds",
    Status.UNAFFECTED: "the change touches nothing that this gate looks at",
    Status.WAIVED: "it did not hold, and a valid waiver covers exactly that",
    Status.OVERRIDDEN: "it did not pass, and a signed override of the release names it",
    Status.PENDING: "the automated part passed; evidence or an approval is still awaited",
    Status.INCONCLUSIVE: "it was measured, but the sample is too small to decide",
    Status.ERRORED: "it could not be measured, and nothing measured is never a pass",
    Status.FAILED: "it was measured, and a condition does not hold",
    Status.SKIPPED: "it was not run, so it shows nothing",
}
"""What each status means, in one sentence."""

_UNITS: Mapping[Unit, str] = {
    Unit.COUNT: "a count",
    Unit.RATIO: "a ratio, in percent",
    Unit.SECONDS: "a time, in seconds",
    Unit.PER_SECOND: "a rate, per second",
    Unit.BYTES: "a size, in bytes",
    Unit.NUMBER: "a number",
    Unit.FLAG: "1 for yes, 0 for no",
}
_SUFFIX: Mapping[Unit, str] = {Unit.SECONDS: " s", Unit.PER_SECOND: " /s", Unit.BYTES: " B"}
_PLACES = 6
"""Places behind the point within which a percentage is told whole."""

_DEEPEST = 20
"""Gates that a chain of causes names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known beside the record.

    Attributes:
        width: columns of the screen.
        root: the folder of gates.yaml as a shell takes it.
        policy: how gates.yaml stands to the record where it is not the same, or empty.
        planned: the gates of today's gates.yaml by name, where it is the one of the run.
        reports: by the path that the record names, what became of each report's file.
        logs: the logs that are still there, by the path that the record names.
    """

    width: int
    root: str
    policy: str = ""
    planned: Mapping[str, GatePlan] = field(default_factory=dict)
    reports: Mapping[str, str] = field(default_factory=dict)
    logs: frozenset[str] = frozenset()


def overview_lines(run: Run, around: Surroundings) -> Iterator[Line]:
    """Every gate that did not pass, each in a short paragraph."""
    yield from _head(run, around)
    open_ = [gate for gate in run.gates if gate.status is not Status.PASSED]
    for gate in open_:
        yield line()
        yield _title(gate)
        for reason in told.reasons(gate):
            yield from wrapped(reason, around.width, "  ")
        for what, waiver in told.waived(gate):
            yield from wrapped(told.waiver_text(what, waiver), around.width, "  ")
        if hint := told.next_step(gate):
            yield from wrapped(f"next: {hint}", around.width, "  ")
        yield line((f"  more: gates explain {shlex.quote(gate.name)}", "faint"))
    if not open_:
        yield line()
        names = ", ".join(gate.name for gate in run.gates)
        text = f"all gates passed; name one, as in `gates explain {run.gates[0].name}`: {names}"
        yield from wrapped(text, around.width, "")


def gate_lines(
    run: Run, gate: GateRun, around: Surroundings, limit: int | None = None
) -> Iterator[Line]:
    """Everything about one gate.

    Args:
        run: the run.
        gate: one of its gates.
        around: what is known beside the record.
        limit: findings to show; None shows all.
    """
    yield from _head(run, around)
    yield line()
    yield _title(gate)
    yield from wrapped(f"{gate.status.value}: {MEANING[gate.status]}.", around.width, "  ")
    for reason in told.reasons(gate):
        yield from wrapped(reason, around.width, "  ")
    yield from _error(run, gate, around)
    for check in gate.judged.checks:
        yield line()
        yield from _condition(check, gate, around)
    yield from _proof(gate, around)
    yield from _files(run, gate, around)
    yield from _again(run, gate, around)
    yield from _findings(gate, around, limit)
    yield from _told(gate, around)


def exactly(reading: Reading, limit: Decimal | None) -> str:
    """A measured value without any rounding: `179 of 200 = 89.5 %`, `0.0873 s`."""
    metric = reading.metric
    shown = show_metric(metric, reading.unit, limit)
    if metric.value is None:
        top, bottom = metric.fraction
        percent = round(Decimal(top * 100) / bottom, _PLACES)
        is_exact = percent * bottom == top * 100
        number = plain(percent) if is_exact else f"{shown.partition(' ')[0]}…"
        return f"{top:,} of {bottom:,} = {number} %"
    exact = f"{plain(Decimal(metric.value))}{_SUFFIX.get(reading.unit, '')}"
    return exact if exact == shown else f"{exact} ({shown})"


def _head(run: Run, around: Surroundings) -> Iterator[Line]:
    started = run.started.strftime("%Y-%m-%d %H:%M:%S UTC")
    level = told.level_name(run, run.level)
    facts = f" · {level} · {started} · run {run.id}"
    yield line(
        (run.plan.project, "strong"),
        " ",
        (run.verdict.value, VERDICT_STYLE[run.verdict]),
        (facts, "faint"),
    )
    if not run.complete:
        yield from wrapped("the run was interrupted", around.width, "", "warn")
    if around.policy:
        yield from wrapped(around.policy, around.width, "", "warn")


def _title(gate: GateRun) -> Line:
    facts = f"  Level {gate.plan.level} · uses {gate.plan.uses}"
    facts += f" · {told.place(gate)}" if gate.plan.place else ""
    return line(
        (gate.status.value, STATUS_STYLE[gate.status]), " ", (gate.name, "strong"), (facts, "faint")
    )


def _error(run: Run, gate: GateRun, around: Surroundings) -> Iterator[Line]:
    """The error that kept a gate from being measured, and the gates that are its cause."""
    problem = gate.judged.problem
    if problem is None:
        return
    yield from fact("error", problem.slug, around.width)
    if problem.place:
        yield from fact("at", problem.place, around.width, "place")
    if problem.hint:
        yield from fact("next", problem.hint, around.width, "strong")
    seen = {gate.name}
    cause = gate.judged.caused_by
    by_name = {each.name: each for each in run.gates}
    while cause is not None and cause in by_name and cause not in seen and len(seen) < _DEEPEST:
        seen.add(cause)
        found = by_name[cause]
        yield from fact(
            "caused by", f"{cause}: {found.status}: {found.judged.reason}", around.width
        )
        if hint := told.next_step(found):
            yield from fact("next", hint, around.width, "strong")
        cause = found.judged.caused_by


def _condition(check: Checked, gate: GateRun, around: Surroundings) -> Iterator[Line]:
    """One condition: what was asked and measured, where it stands, what would make it hold."""
    condition = check.condition
    role = "" if condition.role is Role.REQUIRE else " (only tells)"
    yield line(
        "  ",
        (check.status.value, STATUS_STYLE[check.status]),
        " ",
        (condition.text, "strong"),
        role,
    )
    planned = around.planned.get(gate.name)
    spec = planned.spec(condition.metric) if planned else None
    if spec is not None:
        yield from fact("what", spec.title, around.width)
    if check.reading is not None:
        value = exactly(check.reading, condition.known_limit)
        waived = f", {check.reading.waived:,} waived left out" if check.reading.waived else ""
        yield from fact("measured", f"{value}{waived}", around.width)
        if check.reading.metric.interval is not None:
            reading, limit = check.reading, condition.known_limit
            between = show_interval(reading.metric, reading.unit, limit)
            yield from fact("interval", between, around.width)
    else:
        yield from fact("measured", f"nothing: {check.reason}", around.width)
    required = f"{condition.shown_limit}; {_UNITS[condition.unit]}"
    if spec is not None:
        required += f", {spec.direction.value} is better"
    yield from fact("required", required, around.width)
    if condition.baseline is not None:
        runs = ", ".join(condition.baseline.runs) or "no recorded run"
        yield from fact("baseline", f"the median of {runs}", around.width)
    origin = condition.origin
    if origin == "default":
        origin = f"a default of the stage `{gate.plan.uses}`, not written in gates.yaml"
    if condition.replaces == condition.text:
        origin += ", the same as the default"
    elif condition.replaces:
        origin += f", in place of the default `{condition.replaces}`"
    yield from fact("stands", origin, around.width)
    if check.status not in told.GOOD:
        yield from fact("to pass", _to_pass(check), around.width, "strong")


def _to_pass(check: Checked) -> str:
    """The smallest change that would make a condition hold."""
    condition = check.condition
    if check.status is Status.INCONCLUSIVE:
        if missing := doubt(condition):
            return f"record more runs, or write a number as the limit: {missing}"
        return f"measure more: {check.reason}"
    due = f"{condition.subject} has to be {condition.shown_limit}"
    if check.reading is None:
        return f"{due}, and has to be measured"
    return (
        check.advice
        if check.advice.endswith("would pass")
        else f"{due}" + (f"; it is {check.advice}" if check.advice else "")
    )


def _proof(gate: GateRun, around: Surroundings) -> Iterator[Line]:
    """How much was examined, what proves that the tool sees, and which tool it was."""
    yield line()
    yield line(("  proof", "strong"))
    examined, tool = gate.examined, gate.tool
    yield from fact("examined", examined_text(examined) if examined else "nothing", around.width)
    for name, number in examined.details if examined else ():
        yield from fact("", f"{number:,} {name}", around.width)
    if examined and examined.note:
        yield from fact("", examined.note, around.width)
    if gate.canary:
        yield from fact("canary", f"planted and found: {gate.canary}", around.width)
    if tool is not None:
        yield from fact("tool", f"{tool.name} {tool.version or '(version unknown)'}", around.width)
        if tool.path:
            found = f" ({tool.how})" if tool.how else ""
            yield from fact("found at", f"{tool.path}{found}", around.width)
    if gate.tool_exit is not None:
        yield from fact("exit code", str(gate.tool_exit), around.width)
    taken = " (outcome of an earlier run of the same inputs)" if gate.cached else ""
    yield from fact("took", f"{seconds_text(float(gate.seconds))}{taken}", around.width)


def _files(run: Run, gate: GateRun, around: Surroundings) -> Iterator[Line]:
    """The files behind the numbers, and the logs."""
    if not (gate.artifacts or gate.logs or gate.services):
        return
    yield line()
    yield line(("  files", "strong"), (f"  in {told.shown_folder(run)}", "faint"))
    for artifact in gate.artifacts:
        yield from fact("report", artifact.path, around.width, "place")
        yield from fact("", f"sha256 {artifact.sha256}", around.width)
        yield from fact("", around.reports.get(artifact.path, "not looked at"), around.width)
    for log in gate.logs:
        yield from _log(log, around)
    for service in gate.services:
        yield from fact("service", told.service_text(service), around.width)
        if service.trouble:
            yield from fact("", service.trouble, around.width)
        for log in service.logs:
            yield from _log(log, around)


def _log(log: str, around: Surroundings) -> Iterator[Line]:
    gone = "" if log in around.logs else " (not there any more)"
    yield from fact("log", f"{log}{gone}", around.width, "place")


def _again(run: Run, gate: GateRun, around: Surroundings) -> Iterator[Line]:
    """The exact command, in lines that a shell takes as they are."""
    yield line()
    yield line(("  to repeat it", "strong"))
    again = f"gates check --level {gate.plan.level} --gate {shlex.quote(gate.name)}"
    yield verbatim("the gate", again)
    if not gate.argv:
        yield from fact("the tool", "no command ran", around.width)
        return
    planned = around.planned.get(gate.name)
    parts = [f"{name}={shlex.quote(value)}" for name, value in planned.env] if planned else []
    parts.append(told.command(gate, run))
    yield verbatim("the tool", f"cd {around.root}")
    yield verbatim("", " ".join(parts))
    note = "the stage may have set variables or files for it that the record does not hold"
    if planned is None:
        note += "; nor does it hold the `env:` of the gate, and gates.yaml is not that of the run"
    yield from fact("", note, around.width, "faint")


def _findings(gate: GateRun, around: Surroundings, limit: int | None) -> Iterator[Line]:
    """What was found, the gravest first; what decides before what does not."""
    deciding = told.findings(gate)
    known = set(map(id, deciding))
    rest = [each for each in gate.judged.findings if id(each) not in known]
    found = [*deciding, *sorted(rest, key=lambda each: each.severity.rank)]
    if not found:
        return
    yield line()
    yield line((f"  findings ({len(found):,})", "strong"))
    for finding in found[:limit]:
        severity = "" if finding.severity is Severity.INFO else f"{finding.severity.value} "
        yield line("    ", (finding.place or "-", "place"), f"  {severity}{finding.rule}")
        yield from wrapped(told.finding_text(finding), around.width, " " * 6)
        yield line((f"      fingerprint {finding.fingerprint}", "faint"))
    if limit is not None and len(found) > limit:
        yield line(
            (f"    … and {len(found) - limit:,} more; leave out --limit to see them", "faint")
        )


def _told(gate: GateRun, around: Surroundings) -> Iterator[Line]:
    """Waivers that were used, and what must be told."""
    lines = [told.waiver_text(what, waiver) for what, waiver in told.waived(gate)]
    lines += told.notes(gate)
    if not lines:
        return
    yield line()
    yield line(("  told", "strong"))
    for text in lines:
        yield from wrapped(text, around.width, "    ")
