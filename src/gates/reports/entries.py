"""What forges are told of a run, one entry a place: findings, conditions, gates without a result.

Each entry has a place in the repository; what has none of its own stands at its gate's line in
gates.yaml. All foreign text in an entry is on one line and neutralised.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from gates.domain.condition import Role
from gates.domain.finding import Finding, Severity
from gates.domain.judge import Checked
from gates.domain.rollup import ProjectRun, RollUp
from gates.domain.run import GateRun, Run
from gates.domain.status import Status, Verdict, verdict_of_gate
from gates.domain.waiver import Waiver
from gates.reports import told
from gates.toolkit.door import one_line, unbroken

TEXT_LIMIT = 4000
"""Characters of a message."""

NAME_LIMIT = 200
"""Characters of a rule's or gate's name."""

LAST = 1_000_000_000
"""No line or column is told beyond it: forges keep them in 32 bits."""

WHOLE = "verdict"
"""The rule of what is told of a whole run, or of a project that was not judged."""

_OF_COMMIT = re.compile(r"(?P<path>.+?)@(?:[0-9a-f]{40}|[0-9a-f]{64})(?P<inner>:.+)?")
"""`gates.yaml@COMMIT`, which lies here too, or `ADDRESS@COMMIT:PATH`, which does not."""

_SECURITY = ("L1-AUDIT", "L1-SAST", "L1-SECRETS", "L2-SECURITY")


class Effect(StrEnum):
    """What an entry means for its gate."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """Order for display: 0 is shown first."""
        return tuple(Effect).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an entry stands.

    Attributes:
        path: relative to the top of the repository, with `/`, never outside it.
        line: 1-based; 0 where unknown.
        column: 1-based; 0 where unknown.
        end_line: the last line, not before the first; the first where unknown.
    """

    path: str
    line: int = 0
    column: int = 0
    end_line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that a forge is told.

    Attributes:
        gate: its gate's name, in a roll-up behind the project's path; empty for the whole run.
        rule: a tool's rule, the metric of a condition, or the status of a gate without a result.
        tool: what told the rule.
        severity: how bad it is.
        effect: what it means for the gate.
        message: one line.
        place: where it stands.
        fingerprint: stable identity within its gate.
        line_hash: the hash of its line, or empty.
        is_new: it is known to come with the change.
        is_security: it tells of a weakness in security.
        waiver: what covers it, or None.
    """

    gate: str
    rule: str
    tool: str
    severity: Severity
    effect: Effect
    message: str
    place: Place
    fingerprint: str
    line_hash: str = ""
    is_new: bool = False
    is_security: bool = False
    waiver: Waiver | None = None

    @property
    def is_of_gate(self) -> bool:
        """It tells of a gate, a condition or the whole run, and is no finding."""
        return self.fingerprint == self.rule

    @property
    def id(self) -> str:
        """Gate and rule: `lint/F401`."""
        return f"{self.gate}/{self.rule}" if self.gate else self.rule


def ranked(entries: Iterable[Entry]) -> list[Entry]:
    """What is shown first: what no waiver covers, what is new, what decides, what is worst."""
    return sorted(
        entries,
        key=lambda each: (
            each.waiver is not None,
            not each.is_new,
            each.effect.rank,
            each.severity.rank,
            each.gate,
            each.place.path,
            each.place.line,
        ),
    )


def entries_of(run: Run | RollUp) -> Iterator[Entry]:
    """All entries of a run, or of all projects of a roll-up."""
    if isinstance(run, Run):
        for gate in run.gates:
            yield from of_gate(gate, run)
        yield from beyond(run)
        return
    for project in run.projects:
        yield from of_project(project)
    yield from beyond_projects(run)


def of_project(project: ProjectRun) -> Iterator[Entry]:
    """The entries of one project of a roll-up."""
    label = project.path
    if project.run is not None:
        for gate in project.run.gates:
            yield from of_gate(gate, project.run, label=label)
        yield from beyond(project.run, label=label)
    elif project.problem is not None:
        hint = f"; next: {project.problem.hint}" if project.problem.hint else ""
        path = _inside(project.path, "gates.yaml") or "gates.yaml"
        yield _whole(label, Effect.ERROR, f"{project.reason}{hint}", Place(path=path, line=1))


def of_gate(gate: GateRun, run: Run, *, label: str = "") -> Iterator[Entry]:
    """The entries of one gate, waived ones too; `label` is the project's path in a roll-up."""
    if gate.status in {Status.SKIPPED, Status.UNAFFECTED}:
        return
    make = _Maker(gate, run, f"{label}:{gate.name}" if label else gate.name)
    deciding = set() if gate.status in told.SETTLED else set(map(id, told.findings(gate)))
    for finding in gate.judged.findings:
        yield make.of_finding(finding, decides=id(finding) in deciding)
    for finding, waiver in gate.judged.waived:
        yield make.of_finding(finding, waiver=waiver)
    counted = {name for finding in gate.judged.findings for name in finding.counts}
    for check in gate.judged.checks:
        if check.status not in told.GOOD and check.condition.subject not in counted:
            yield make.of_check(check)
    if not gate.judged.checks and gate.status not in told.SETTLED:
        yield make.of_status()


def beyond(run: Run, *, label: str = "") -> Iterator[Entry]:
    """What the whole run adds: a verdict that is graver than all gates, as of an interrupt."""
    shown = {verdict_of_gate(gate.status, gate.plan.level) for gate in run.gates}
    if run.complete and run.verdict in {*shown, Verdict.PASSED, Verdict.PARTIAL}:
        return
    why = "the run was interrupted" if not run.complete else f"the run is {run.verdict.value}"
    source = _inside(run.prefix, _here(run.policy.source)) or "gates.yaml"
    text = "; ".join((why, *run.notes))
    yield _whole(label, Effect.ERROR, text, Place(path=source, line=1))


def beyond_projects(rollup: RollUp) -> Iterator[Entry]:
    """What the whole roll-up adds to its projects."""
    shown = {project.verdict for project in rollup.projects}
    if rollup.complete and rollup.verdict in {*shown, Verdict.PASSED, Verdict.PARTIAL}:
        return
    why = "the check was interrupted" if not rollup.complete else "the check is errored"
    text = "; ".join((why, *rollup.notes))
    yield _whole("", Effect.ERROR, text, Place(path="gates.yaml", line=1))


def _whole(label: str, effect: Effect, text: str, place: Place) -> Entry:
    return Entry(
        gate=one_line(label, limit=NAME_LIMIT),
        rule=WHOLE,
        tool="gates",
        severity=Severity.HIGH,
        effect=effect,
        message=one_line(text, limit=TEXT_LIMIT),
        place=place,
        fingerprint=WHOLE,
    )


class _Maker:
    """Makes the entries of one gate."""

    def __init__(self, gate: GateRun, run: Run, name: str) -> None:
        self._gate, self._prefix = gate, run.prefix
        self._name = one_line(name, limit=NAME_LIMIT) or "gate"
        self._tool = one_line(gate.tool.name if gate.tool else gate.plan.uses, limit=NAME_LIMIT)
        self._is_security = any(each in _SECURITY for each in gate.plan.criteria)
        self._own = _gate_place(gate, run)

    def of_finding(
        self, finding: Finding, *, decides: bool = False, waiver: Waiver | None = None
    ) -> Entry:
        path = _inside(self._prefix, finding.path) if finding.path else None
        place, text = self._own, told.finding_text(finding)
        if path is not None:
            line = min(finding.line, LAST)
            last = min(max(finding.end_line, line), LAST)
            column = min(finding.column, LAST)
            place = Place(path=path, line=line, column=column, end_line=last)
        elif where := finding.place:
            text = f"{where}: {text}"
        calm = finding.severity in {Severity.LOW, Severity.INFO}
        effect = Effect.ERROR if decides else Effect.NOTE if calm or waiver else Effect.WARNING
        return Entry(
            gate=self._name,
            rule=one_line(finding.rule, limit=NAME_LIMIT) or "finding",
            tool=self._tool,
            severity=finding.severity,
            effect=effect,
            message=one_line(text, limit=TEXT_LIMIT) or "found",
            place=place,
            fingerprint=one_line(finding.fingerprint),
            line_hash=finding.line_hash if path is not None else "",
            is_new=finding.is_new,
            is_security=self._is_security or bool(finding.cwe or finding.owasp),
            waiver=waiver,
        )

    def of_check(self, check: Checked) -> Entry:
        decides = check.condition.role is Role.REQUIRE and check.status is not Status.WAIVED
        is_fatal = verdict_of_gate(check.status, self._gate.plan.level) is not Verdict.PASSED
        effect = Effect.ERROR if decides and is_fatal else Effect.WARNING
        advice = f"; {check.advice}" if check.advice else ""
        waiver = None
        if check.status is Status.WAIVED:
            covers = (w for w in self._gate.judged.waivers if w.covers_condition(check.condition))
            waiver = next(covers, None)
        name = one_line(check.condition.subject, limit=NAME_LIMIT) or "condition"
        text = f"{check.reason}{advice}"
        return self._of_gate(name, text, effect, waiver)

    def of_status(self) -> Entry:
        reasons = "; ".join(told.reasons(self._gate))
        hint = told.next_step(self._gate)
        text = f"{reasons}; next: {hint}" if hint else reasons
        level = verdict_of_gate(self._gate.status, self._gate.plan.level)
        effect = Effect.WARNING if level is Verdict.PASSED else Effect.ERROR
        return self._of_gate(self._gate.status.value, text, effect, None)

    def _of_gate(self, rule: str, text: str, effect: Effect, waiver: Waiver | None) -> Entry:
        return Entry(
            gate=self._name,
            rule=rule,
            tool="gates",
            severity=Severity.HIGH if effect is Effect.ERROR else Severity.MEDIUM,
            effect=effect,
            message=one_line(text, limit=TEXT_LIMIT) or rule,
            place=self._own,
            fingerprint=rule,
            is_security=False,
            waiver=waiver,
        )


def _gate_place(gate: GateRun, run: Run) -> Place:
    """A gate's line in gates.yaml, as far as the record tells it."""
    source, line, column = gate.plan.place, 0, 0
    head, _, last = source.rpartition(":")
    path, _, number = head.rpartition(":")
    if path and _is_number(last) and _is_number(number):
        source, line, column = path, int(number), int(last)
    found = _inside(run.prefix, _here(source))
    if found is None:
        return Place(path=_inside(run.prefix, _here(run.policy.source)) or "gates.yaml", line=1)
    return Place(path=found, line=line or 1, column=column, end_line=line or 1)


def _here(source: str) -> str:
    """The path in this checkout of a policy that was read from a commit; empty if of elsewhere."""
    of_commit = _OF_COMMIT.fullmatch(source)
    if of_commit is None:
        return source
    return "" if of_commit["inner"] else of_commit["path"]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 - digits of a line


def _inside(prefix: str, path: str) -> str | None:
    """A path as the repository has it; None for none, and for one that leads out of it."""
    if not path or path.startswith("/"):
        return None
    clean = posixpath.normpath(posixpath.join(unbroken(prefix), unbroken(path)))
    is_outside = clean in {".", ".."} or clean.startswith(("../", "/"))
    return None if is_outside else clean
