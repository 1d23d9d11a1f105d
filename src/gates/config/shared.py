"""What a gates.yaml may do to the policy that it extends: tighten it and add to it."""

from __future__ import annotations

from dataclasses import replace

from gates.config.extends import Reference
from gates.config.option_rules import LoadStage, rules_of
from gates.config.problems import Problems
from gates.config.refusals import Validated, found_kind
from gates.config.validate import validated
from gates.config.wire import Pin, keys_of
from gates.domain.errors import Problem
from gates.domain.plan import Plan
from gates.domain.policy_change import PolicyChange, PolicySide
from gates.domain.policy_compare import compare

KEY = "extends"


def reference(value: object, problems: Problems) -> Reference | None:
    """What `extends:` names; None where it cannot be read, which is told."""
    if isinstance(value, str):
        if value and not value.startswith("/") and "\0" not in value:
            return Reference(value)
        hint = "write it as in `extends: ../policy/gates.yaml`"
        problems.add("bad-extends", f"`{value[:80]}` is no relative path", (KEY,), hint=hint)
        return None
    if not isinstance(value, dict):
        summary = f"`extends` should be a path or a mapping, not {found_kind(value)}"
        hint = "write a path, or `{git: URL, rev: COMMIT, path: gates.yaml}`"
        problems.add("bad-value", summary, (KEY,), hint=hint)
        return None
    before = len(problems)
    pin, _ = validated(Pin, Validated((KEY,), value, keys_of(Pin), {}), problems)
    if pin is None or len(problems) > before:
        return None
    return Reference(pin.path, pin.git, pin.rev)


def loosened(shared: Plan, plan: Plan, load_stage: LoadStage) -> tuple[Problem, ...]:
    """What a plan loosens, or takes from, the policy that it extends.

    What the shared policy leaves to its users, their sources and environment, they may say.
    """
    if not (shared.include or shared.exclude):
        shared = replace(shared, include=plan.include, exclude=plan.exclude)
    if not shared.environment:
        shared = replace(shared, environment=plan.environment)
    changes = compare(
        PolicySide(plan=shared), PolicySide(plan=plan), rules_of((shared, plan), load_stage)
    )
    return tuple(_problem(change, shared) for change in changes if change.loosens)


def _problem(change: PolicyChange, shared: Plan) -> Problem:
    now = f"; here: `{change.after}`" if change.after else ""
    summary = f"{change.said} is looser than the policy that is extended: `{change.before}`{now}"
    source = shared.policy.source
    hint = f"leave it as `{source}` has it, or change it there; more gates may be added"
    return Problem("loosens-shared", summary, place=change.place, hint=hint)
