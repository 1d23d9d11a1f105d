"""A plan whose policy is that of a commit, with the gate that judges what the change does to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gates import stages
from gates.config.draft import LEVEL_NAMES
from gates.config.kept import digest
from gates.config.option_rules import rules_of
from gates.domain.condition import bind, parse
from gates.domain.plan import GatePlan, LevelPlan, Plan
from gates.domain.policy_change import GATE, Kind, PolicyChange, PolicySide
from gates.domain.policy_compare import compare

if TYPE_CHECKING:
    from gates.config.policy_sides import BasePolicy

LEVEL = 1
"""The level of the gate that judges the policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What both policies are called.

    Attributes:
        ref: the revision as it was given.
        commit: the commit that it names.
        head: the file that the change brings.
    """

    ref: str
    commit: str
    head: str


def compared(before: PolicySide, after: PolicySide) -> tuple[PolicyChange, ...]:
    """What became of each thing that a policy says."""
    return compare(before, after, rules_of((before.plan, after.plan)))


def guarded(
    base: BasePolicy, head: PolicySide, names: Names, further: Iterable[PolicyChange] = ()
) -> Plan:
    """The plan of the base with the gate on what the head does to it.

    Args:
        base: the policy that is judged by.
        head: the policy that the change brings.
        names: what both are called.
        further: changes besides those of the policy itself.
    """
    changes = (*further, *compared(base.side, head))
    notes = (
        f"judged by the policy of `{names.ref}` (commit {names.commit[:12]}), not by the one here",
        *_unjudged(changes),
    )
    return _with_gate(base.plan, changes, names, notes)


def first(
    head: PolicySide, names: Names, others: Sequence[str], changes: Iterable[PolicyChange] = ()
) -> Plan:
    """The plan of the head, where the base has no policy yet.

    Args:
        head: the policy that the change brings.
        names: what both are called.
        others: folders of the base that have a gates.yaml.
        changes: what it takes the place of.
    """
    note = (
        f"the first policy: `{names.ref}` (commit {names.commit[:12]}) has no gates.yaml here, so"
        " the one of this change is used"
    )
    if others:
        note += f"; it has one in {', '.join(f'`{each}`' for each in others)}"
    return _with_gate(head.plan, changes, names, (note,))


def _unjudged(changes: Iterable[PolicyChange]) -> tuple[str, ...]:
    """What to tell of gates that only the head has."""
    added = [each.what for each in changes if each.kind is Kind.ADDED and "gate `" in each.what]
    gates = [what for what in added if what.startswith("gate ")]
    if not gates:
        return ()
    listed = ", ".join(gates)
    return (f"{listed}: added by this change, and not judged before it is merged",)


def _with_gate(
    plan: Plan, changes: Iterable[PolicyChange], names: Names, notes: tuple[str, ...]
) -> Plan:
    gate = policy_gate(changes, names, plan.judging)
    levels = plan.levels
    if all(level.number != LEVEL for level in levels):
        levels = (LevelPlan(number=LEVEL, name=LEVEL_NAMES[LEVEL]), *levels)
    policy = replace(plan.policy, notes=(*plan.policy.notes, *notes))
    return replace(plan, policy=policy, levels=levels, gates=(gate, *plan.gates))


def policy_gate(
    changes: Iterable[PolicyChange], names: Names, judging: GatePlan | None = None
) -> GatePlan:
    """The gate that judges what a change does to the policy.

    Args:
        changes: what it does to gates.yaml, the waivers and further files.
        names: what both policies are called.
        judging: what the policy that counts asks of the gate; None asks what its stage does.
    """
    stage_type = stages.load(GATE)
    options: dict[str, object] = {
        "base": names.commit,
        "source": names.head,
        "changes": {f"{at}": change.plain() for at, change in enumerate(changes, 1)},
    }
    stage = stage_type(stage_type.options_type.from_plain(options))
    specs = {spec.name: spec for spec in stage.specs()}
    conditions = [
        bind(written, specs[written.metric], {}, role=default.role)
        for default in stage.conditions()
        for written in (parse(default.text),)
        if default.from_level <= LEVEL <= default.to_level
    ]
    return GatePlan(
        name=GATE,
        level=LEVEL,
        uses=GATE,
        options=options,
        specs=tuple(specs.values()),
        conditions=judging.conditions if judging else tuple(conditions),
        dropped=judging.dropped if judging else (),
        criteria=stage_type.criteria,
        timeout_s=stage.time_limit_s(),
        place=f"--policy-from {names.ref}",
        options_sha256=digest(GATE, options, "", {}),
    )
