"""What reports tell of a gate beside its row: reasons, findings by weight, notes, its command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gates.domain.condition import Role
from gates.domain.finding import Finding
from gates.domain.run import GateRun, Run
from gates.domain.status import Status
from gates.domain.waiver import Waiver

if TYPE_CHECKING:
    from gates.domain.service import ServiceRun

GOOD = (Status.PASSED, Status.UNAFFECTED)
"""Statuses of a condition that need no words."""

SETTLED = (*GOOD, Status.WAIVED, Status.OVERRIDDEN, Status.SKIPPED)
"""Statuses of a gate that leave nothing to mend."""

LONGEST_COMMAND = 600
"""Characters of a command that a screen shows."""

_NO_REASON = (*GOOD, Status.WAIVED)
_LOCAL = "/.gates/local/"
_COMMIT = re.compile(r"(@[0-9a-f]{12})[0-9a-f]{28,52}(?=:)")


def reasons(gate: GateRun) -> Iterator[str]:
    """Why a gate stands as it does, one line each, and how far it is from its limits."""
    problem = gate.judged.problem
    if problem is not None:
        at = f" (at {problem.place})" if problem.place not in problem.summary else ""
        yield problem.summary + (at if problem.place else "")
        if gate.judged.caused_by:
            yield f"caused by gate `{gate.judged.caused_by}`"
        return
    open_ = [
        check
        for check in gate.judged.checks
        if check.status not in _NO_REASON and check.condition.role is Role.REQUIRE
    ]
    for check in open_:
        yield f"{check.reason}; {check.advice}" if check.advice else check.reason
    if not open_:
        yield gate.judged.reason


def place(gate: GateRun) -> str:
    """Its place in the policy, for people: of a commit, the first digits; or empty."""
    return _COMMIT.sub(r"\1", gate.plan.place)


def findings(gate: GateRun) -> tuple[Finding, ...]:
    """The findings behind what does not hold, the gravest first; all where nothing was decided."""
    subjects = {
        check.condition.subject
        for check in gate.judged.checks
        if check.status not in _NO_REASON and check.condition.role is Role.REQUIRE
    }
    found = [
        each for each in gate.judged.findings if not each.counts or subjects & set(each.counts)
    ]
    return tuple(sorted(found, key=lambda each: each.severity.rank))


def finding_text(finding: Finding) -> str:
    """What a finding says beside its place and rule: message, category and how to mend it."""
    category = f" [{finding.owasp}]" if finding.owasp else ""
    fix = f" · {finding.fix}" if finding.fix else ""
    return f"{finding.message}{category}{fix}"


def notes(gate: GateRun) -> tuple[str, ...]:
    """What must be told of a gate whatever its status, waivers apart."""
    return tuple(dict.fromkeys(_notes(gate)))


def waived(gate: GateRun) -> Iterator[tuple[str, Waiver]]:
    """What a waiver covers, in words, each with the waiver."""
    for finding, waiver in gate.judged.waived:
        yield f"{finding.rule} {finding.place}".rstrip(), waiver
    for check in gate.judged.checks:
        for waiver in gate.judged.waivers:
            if check.status is Status.WAIVED and waiver.covers_condition(check.condition):
                yield check.reason, waiver


def waiver_text(what: str, waiver: Waiver) -> str:
    """One waived thing: what, until when, by whom and why."""
    return f"{what}: waived until {waiver.expires} by {waiver.owner}: {waiver.reason}"


def next_step(gate: GateRun) -> str:
    """The next step of a gate that could not be measured, or empty."""
    return gate.judged.problem.hint if gate.judged.problem else ""


def root_of(run: Run) -> str:
    """The folder of gates.yaml where the run tells it by its own folder, else empty."""
    return run.folder.partition(_LOCAL)[0] if _LOCAL in run.folder else ""


def command(gate: GateRun, run: Run) -> str:
    """The main command as a shell takes it, in the folder of gates.yaml; empty where none ran."""
    here = root_of(run)
    again = shlex.join(gate.argv)
    return again.replace(f"{here}/", "") if here else again


def short_command(gate: GateRun, run: Run) -> str:
    """The main command where a screen can hold it, else how to see the whole of it."""
    whole = command(gate, run)
    if len(whole) <= LONGEST_COMMAND:
        return whole
    return f"gates check --gate {shlex.quote(gate.name)} (`gates explain` shows the whole command)"


def log(gate: GateRun) -> str:
    """The log to look into: of what measured, or of the command that did not come through.

    Empty where there is none, or where it is a service that did not come through.
    """
    if not gate.logs or any(each.trouble for each in gate.services):
        return ""
    return gate.logs[0 if gate.status is Status.FAILED else -2]


def service_logs(gate: GateRun) -> Iterator[tuple[str, str]]:
    """The services that ran for a gate, each with the last pair of its logs as a shell names it.

    Of those that did not come through only these are told.
    """
    with_logs = [each for each in gate.services if each.logs]
    broken = [each for each in with_logs if each.trouble or not each.url]
    for service in broken or with_logs:
        yield service.name, f"{service.logs[-1].rpartition('.')[0]}.*"


def service_text(service: ServiceRun) -> str:
    """Where a service was found, and what is known of who listened there."""
    where = service.url or "did not start"
    what = "" if service.is_local else ", runs elsewhere"
    what += ", shared" if service.is_shared else ""
    owner = f"; owner of its port: {service.owner}" if service.owner else ""
    return f"{service.name} {where}{what}{owner}"


def shown_folder(run: Run) -> str:
    """The run's folder, relative to that of gates.yaml where it lies below it."""
    found = run.folder.rpartition(_LOCAL)[2]
    return f"{_LOCAL[1:]}{found}" if _LOCAL in run.folder else run.folder


def level_name(run: Run, number: int) -> str:
    """A level with its name: `Level 1 Automated`."""
    name = next((level.name for level in run.plan.levels if level.number == number), "")
    return f"Level {number} {name}".rstrip()


def _notes(gate: GateRun) -> Iterator[str]:
    for check in gate.judged.checks:
        condition = check.condition
        if condition.role is Role.WARN and check.status not in GOOD:
            yield f"warning: {check.reason}"
        if check.status is Status.UNAFFECTED:
            yield f"{condition.subject} does not apply: {check.reason}"
        if condition.replaces and condition.replaces != condition.text:
            yield f"`{condition.text}` replaces the default `{condition.replaces}`"
    for text in gate.plan.dropped:
        yield f"the default `{text}` is dropped in gates.yaml"
    if gate.examined is not None and gate.examined.note:
        yield gate.examined.note
    yield from gate.notes
