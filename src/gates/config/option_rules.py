"""What stages say of their options: which values ask for more; light, for the warm path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, fields

from gates import stages
from gates.domain.plan import Plan
from gates.domain.policy_options import OptionRule, OptionRules, Stricter
from gates.plugin import Options, Stage

LoadStage = Callable[[str], type[Stage[Options]]]


def rules_of(plans: Iterable[Plan], load_stage: LoadStage = stages.load) -> OptionRules:
    """What is known of the options of all stages that some plans use."""
    names = sorted({gate.uses for plan in plans for gate in plan.gates})
    return {name: rules(load_stage(name).options_type) for name in names}


def rules(options_type: type[Options]) -> dict[str, OptionRule]:
    """What is known of each of a stage's options.

    Raises:
        ValueError: an option says a direction that is none.
    """
    return {
        each.name: OptionRule(
            stricter=Stricter(each.metadata.get("stricter", "")),
            default=_default(each),
            policy_file=str(each.metadata.get("policy_file", "")),
        )
        for each in fields(options_type)
    }


def _default(each: Field[object]) -> object:
    if each.default is not MISSING:
        return each.default
    return each.default_factory() if each.default_factory is not MISSING else None
