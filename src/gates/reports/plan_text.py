"""A plan for people: each gate in the order of running, its conditions and where they come from."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from gates.domain.condition import Condition, Role
from gates.domain.criteria import CRITERIA
from gates.domain.plan import GatePlan, Plan
from gates.domain.service import ITSELF, reach
from gates.reports.rows import heading
from gates.reports.style import Line, line, seconds_text

TITLES = {criterion.id: criterion.title for criterion in CRITERIA}


def plan_lines(
    plan: Plan, gates: Sequence[GatePlan], level: int, expected_s: Mapping[str, float]
) -> Iterator[Line]:
    """The plan as lines.

    Args:
        plan: what gates.yaml says.
        gates: the gates that would run, in the order in which they may start.
        level: the judged level.
        expected_s: seconds that gates took last time.
    """
    name = next((each.name for each in plan.levels if each.number == level), "")
    yield line()
    yield heading(gates, plan.project, level, name)
    for gate in gates:
        yield line()
        yield from _gate(gate, expected_s.get(gate.name))
        yield from _services(gate, plan)
    yield line()
    used = {each.name for gate in plan.gates for each in reach(gate.service, plan.services)}
    idle = [service for service in plan.services if service.name not in used]
    for service in idle:
        yield line(
            f"service `{service.name}` never starts: no gate names it  ", (service.place, "faint")
        )
    if idle:
        yield line()


def _gate(gate: GatePlan, expected_s: float | None) -> Iterator[Line]:
    facts = [f"uses {gate.uses}", f"Level {gate.level}"]
    if gate.needs:
        facts.append(f"after {', '.join(gate.needs)}")
    if gate.exclusive:
        facts.append("alone")
    facts.append(f"at most {seconds_text(float(gate.timeout_s))}")
    if expected_s is not None:
        facts.append(f"took {seconds_text(expected_s)} last time")
    yield line(
        (gate.name, "strong"), "  ", (" · ".join(facts), "faint"), "  ", (gate.place, "faint")
    )
    for asked, words in gate.asks:
        yield line(f"  asks gate `{asked}` for {', '.join(words)}")
    for condition in gate.conditions:
        yield _condition(condition)
    for text in gate.dropped:
        yield line(("  dropped ", "warn"), text)
    for criterion in gate.criteria:
        yield line((f"  {criterion}  {TITLES.get(criterion, '')}", "faint"))


def _services(gate: GatePlan, plan: Plan) -> Iterator[Line]:
    """The services that run for a gate, in the order of their start."""
    for service in reach(gate.service, plan.services):
        # A gate that changes the environment of its service gets one of its own.
        is_own = service.name == gate.service and bool(gate.env)
        how = "shared by the gates of the run" if service.shared and not is_own else "a fresh one"
        words = [word for word in service.run if word != ITSELF]
        what = service.url or shlex.join(words)
        how = how if service.is_local else "runs elsewhere"
        yield line(f"  service {service.name}  ", (f"{what}  {how}", "faint"))


def _condition(condition: Condition) -> Line:
    role = "requires" if condition.role is Role.REQUIRE else "warns   "
    origin = condition.origin
    if condition.replaces:
        origin += f", in place of the default `{condition.replaces}`"
    return line(f"  {role} {condition.subject} {condition.shown_limit}  ", (origin, "faint"))
