"""What the HTML page shows of one gate, as texts that are ready to be put into it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gates.domain.condition import Role
from gates.domain.finding import Finding, Severity
from gates.domain.judge import Checked, Reading
from gates.domain.run import GateRun, Run
from gates.domain.status import Status
from gates.domain.units import show_interval, show_metric
from gates.reports import told
from gates.reports.page_bars import Bar, bar
from gates.reports.rows import examined_text
from gates.reports.style import seconds_text
from gates.toolkit.door import neutralise, one_line

OPEN_FINDINGS = 20
"""Findings of a gate that stand open; more are folded away."""

FOLDED_FINDINGS = 180
"""Findings that can be unfolded; what is beyond is counted, and stands in the record."""

SHOWN_RULES = 8
"""Rules that are counted by name where findings are cut."""

SHOWN_NUMBERS = 60
"""Metrics of a gate that are listed."""

TEXT_LIMIT = 2_000
"""Characters of one foreign text."""

COMMAND_LIMIT = 20_000
"""Characters of a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionView:
    """A condition with what was measured.

    Attributes:
        tone: how it looks: its status, or `spared` or `warn`.
        word: its status for people.
        subject: the metric with its tags.
        value: what was measured, with its unit; or the status where nothing was.
        limit: operator and limit.
        aside: what else is to be known of it, or empty.
        bar: value against limit, or None.
    """

    tone: str
    word: str
    subject: str
    value: str
    limit: str
    aside: str
    bar: Bar | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """A finding in one row; its severity is empty where it has none to tell."""

    place: str
    rule: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsView:
    """The findings behind what does not hold.

    Attributes:
        total: how many there are.
        shown: the gravest.
        folded: those that follow.
        left: how many are in the record alone.
        rules: where some are, how many each of the most frequent rules has.
    """

    total: int
    shown: tuple[FindingView, ...]
    folded: tuple[FindingView, ...]
    left: int
    rules: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateView:
    """One gate.

    Attributes:
        anchor: its id in the page.
        name: its name.
        uses: its stage.
        status: its status, in its word.
        is_open: it leaves something to mend.
        place: where it stands in gates.yaml, or empty.
        said: why it stands so, where no condition was judged; else empty.
        conditions: its conditions.
        examined: how much was looked at, or empty.
        tool: what measured, with its version, or empty.
        seconds: how long it took, or empty.
        reasons: why it did not pass.
        hint: the next step, or empty.
        findings: what was found.
        command: the main command, or empty.
        cut: characters of it that are left out.
        proof: labelled facts behind the numbers.
        numbers: all that was measured.
        reports: the files behind the numbers, with their digests.
    """

    anchor: str
    name: str
    uses: str
    status: str
    is_open: bool
    place: str
    said: str
    conditions: tuple[ConditionView, ...]
    examined: str
    tool: str
    seconds: str
    reasons: tuple[str, ...]
    hint: str
    findings: FindingsView
    command: str
    cut: int
    proof: tuple[tuple[str, str], ...]
    numbers: tuple[tuple[str, str], ...]
    reports: tuple[tuple[str, str], ...]


def text(raw: str) -> str:
    """Foreign text on one safe line."""
    return one_line(raw, limit=TEXT_LIMIT)


def gate_view(gate: GateRun, run: Run, anchor: str, most: int = FOLDED_FINDINGS) -> GateView:
    """What is shown of a gate.

    Args:
        gate: the gate.
        run: the run that it belongs to.
        anchor: its id in the page.
        most: findings beyond the first that can be unfolded.
    """
    checks = gate.judged.checks
    is_open = gate.status not in told.SETTLED
    command = neutralise(told.command(gate, run))
    return GateView(
        anchor=anchor,
        name=text(gate.name),
        uses=text(gate.plan.uses),
        status=gate.status.value,
        is_open=is_open,
        place=text(told.place(gate)),
        said="" if checks else text(gate.judged.reason),
        conditions=tuple(map(_condition, checks)),
        examined=text(examined_text(gate.examined)) if gate.examined else "",
        tool=text(f"{gate.tool.name} {gate.tool.version}".rstrip()) if gate.tool else "",
        seconds=seconds_text(float(gate.seconds)) if gate.seconds else "",
        reasons=tuple(map(text, told.reasons(gate))) if is_open else (),
        hint=text(told.next_step(gate)),
        findings=_findings(told.findings(gate) if is_open else (), most),
        command=command[:COMMAND_LIMIT],
        cut=max(len(command) - COMMAND_LIMIT, 0),
        proof=_proof(gate, run),
        numbers=tuple(map(_number, gate.judged.readings[:SHOWN_NUMBERS])),
        reports=tuple((text(each.path), text(each.sha256)) for each in gate.artifacts),
    )


def _condition(check: Checked) -> ConditionView:
    condition = check.condition
    tone, word = check.status.value, check.status.value
    if check.status is Status.UNAFFECTED:
        tone = "spared"
    elif condition.role is Role.WARN and check.status is not Status.PASSED:
        tone, word = "warn", f"warning: {word}"
    return ConditionView(
        tone=tone,
        word=word,
        subject=text(condition.subject),
        value=_value(check),
        limit=text(condition.shown_limit),
        aside=", ".join(_asides(check)),
        bar=bar(check),
    )


def _value(check: Checked) -> str:
    reading = check.reading
    if reading is None:
        is_spared = check.status is Status.UNAFFECTED
        return "does not apply" if is_spared else check.status.value
    is_undecided = check.status is Status.INCONCLUSIVE and reading.metric.interval is not None
    show = show_interval if is_undecided else show_metric
    return text(show(reading.metric, reading.unit, check.condition.known_limit))


def _asides(check: Checked) -> list[str]:
    asides = ["only tells"] if check.condition.role is Role.WARN else []
    asides += ["waived"] if check.status is Status.WAIVED else []
    if check.reading is not None and check.reading.waived:
        asides.append(f"{check.reading.waived:,} waived, not counted")
    return asides


def _findings(found: Sequence[Finding], most: int) -> FindingsView:
    end = OPEN_FINDINGS + most
    rules = Counter(finding.rule for finding in found) if len(found) > end else Counter[str]()
    return FindingsView(
        total=len(found),
        shown=tuple(map(_finding, found[:OPEN_FINDINGS])),
        folded=tuple(map(_finding, found[OPEN_FINDINGS:end])),
        left=max(len(found) - end, 0),
        rules=tuple((text(rule), number) for rule, number in rules.most_common(SHOWN_RULES)),
    )


def _finding(finding: Finding) -> FindingView:
    severity = finding.severity
    return FindingView(
        place=text(finding.place),
        rule=text(finding.rule),
        severity="" if severity is Severity.INFO else severity.value,
        message=text(told.finding_text(finding)),
    )


def _proof(gate: GateRun, run: Run) -> tuple[tuple[str, str], ...]:
    """What stands behind the numbers of a gate, as labels with texts."""
    facts = [("stage", gate.plan.uses)]
    facts += [("criteria", ", ".join(gate.plan.criteria))] if gate.plan.criteria else []
    if gate.tool is not None and gate.tool.how:
        facts.append(("tool found", gate.tool.how))
    if gate.examined is not None:
        facts += [(name, f"{number:,}") for name, number in gate.examined.details]
    facts += [("planted and found", gate.canary)] if gate.canary else []
    facts += [("service", told.service_text(service)) for service in gate.services]
    if gate.tool_exit is not None:
        facts.append(("exit code of the tool", str(gate.tool_exit)))
    facts += [("taken from", "an earlier run of the same inputs")] if gate.cached else []
    log = told.log(gate)
    facts += [("log", f"{told.shown_folder(run)}/{log}")] if log and run.folder else []
    return tuple((text(label), text(said)) for label, said in facts)


def _number(reading: Reading) -> tuple[str, str]:
    metric = reading.metric
    tags = ", ".join(f'{name}="{value}"' for name, value in metric.tags)
    shown = show_metric(metric, reading.unit)
    if metric.value is None:
        shown += f" ({metric.numerator:,} of {metric.denominator:,})"
    if metric.interval is not None:
        shown += f", {show_interval(metric, reading.unit)}"
    return text(f"{metric.name}{{{tags}}}" if tags else metric.name), text(shown)
