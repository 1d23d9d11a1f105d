"""One gate before and after: its stage, level, conditions, options and all else that it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gates.domain.condition import Role
from gates.domain.plan import GatePlan
from gates.domain.policy_change import Kind, PolicyChange
from gates.domain.policy_conditions import compare_conditions
from gates.domain.policy_options import KINDS, Bearing, OptionRule, compared, shown

REPORT = "report"
"""The option that judges what an earlier step wrote, in place of a run."""


def compare_gate(
    before: GatePlan, after: GatePlan, rules: Mapping[str, OptionRule]
) -> Iterator[PolicyChange]:
    """What became of each thing that a gate says.

    Args:
        before: the earlier gate.
        after: the later one, of the same name.
        rules: what is known of the options of the earlier one's stage.
    """
    yield from _place_in_the_run(before, after)
    if before.uses != after.uses:
        yield _change(
            Kind.LOOSENED, "stage", after, (gate_text(before), gate_text(after)), doubt=True
        )
        return
    yield from compare_conditions(before, after)
    for name, how, old, new in compared(before.options, after.options, rules):
        texts = (_option_text(name, old), _option_text(name, new))
        yield _change(KINDS[how], f"option `{name}`", after, texts, doubt=how is Bearing.DOUBTFUL)
    yield from _surroundings(before, after)


def gate_text(gate: GatePlan) -> str:
    """A gate in a few words: its stage, level and what it requires."""
    asked = [each.text for each in gate.conditions if each.role is Role.REQUIRE]
    return f"{gate.uses} at Level {gate.level}: {', '.join(asked)}"


def is_renamed(before: GatePlan, after: GatePlan) -> bool:
    """Whether two gates say the same under different names."""
    return _nameless(before) == _nameless(after)


def _nameless(gate: GatePlan) -> GatePlan:
    conditions = tuple(replace(each, origin="") for each in gate.conditions)
    return replace(gate, name="", place="", conditions=conditions)


def _change(
    kind: Kind, what: str, gate: GatePlan, texts: tuple[str, str], *, doubt: bool = False
) -> PolicyChange:
    return PolicyChange(
        kind=kind,
        what=f"{what} of gate `{gate.name}`",
        before=texts[0],
        after=texts[1],
        place=gate.place,
        is_doubtful=doubt,
    )


def _place_in_the_run(before: GatePlan, after: GatePlan) -> Iterator[PolicyChange]:
    """The level, when it is due, and how long and on how many machines it may take."""
    if before.level != after.level:
        kind = Kind.LOOSENED if after.level > before.level else Kind.TIGHTENED
        yield _change(kind, "level", after, (f"{before.level}", f"{after.level}"))
    if set(before.when) != set(after.when):
        is_lost = not set(before.when) <= set(after.when)
        texts = (", ".join(before.when), ", ".join(after.when))
        yield _change(Kind.SKIPPED if is_lost else Kind.TIGHTENED, "`when`", after, texts)
    if before.shards != after.shards:
        yield _change(Kind.CHANGED, "`shards`", after, (f"{before.shards}", f"{after.shards}"))
    if before.timeout_s != after.timeout_s:
        texts = (f"{before.timeout_s} s", f"{after.timeout_s} s")
        yield _change(Kind.CHANGED, "`timeout`", after, texts)


def _surroundings(before: GatePlan, after: GatePlan) -> Iterator[PolicyChange]:
    """What it measures with, on and after, and which criteria it serves."""
    if before.env != after.env:
        texts = (shown(dict(before.env)), shown(dict(after.env)))
        yield _change(Kind.LOOSENED, "`env`", after, texts, doubt=True)
    if before.service != after.service:
        texts = (before.service, after.service)
        yield _change(Kind.LOOSENED, "`service`", after, texts, doubt=True)
    if set(before.needs) != set(after.needs):
        is_lost = not set(before.needs) <= set(after.needs)
        kind = Kind.LOOSENED if is_lost else Kind.CHANGED
        texts = (", ".join(before.needs), ", ".join(after.needs))
        yield _change(kind, "`needs`", after, texts, doubt=is_lost)
    if set(before.criteria) != set(after.criteria):
        is_lost = not set(before.criteria) <= set(after.criteria)
        kind = Kind.LOOSENED if is_lost else Kind.ADDED
        texts = (", ".join(before.criteria), ", ".join(after.criteria))
        yield _change(kind, "`criteria`", after, texts)


def _option_text(name: str, value: object) -> str:
    """An option's value for people; of a report the words that say what it means."""
    if name == REPORT and not value:
        return "runs the tool"
    return shown(value)
