"""The gate that judges a change of the policy: no gates.yaml can bring one of its own.

What a gates.yaml may say is which of its metrics decide besides `loosened`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gates import stages
from gates.config.conditions import Resolving, Targets
from gates.config.draft import GateDraft
from gates.config.problems import Problems
from gates.domain.condition import ConditionError, parse
from gates.domain.plan import GatePlan
from gates.domain.policy_change import GATE

DECIDES = "loosened"
"""The metric on which nobody has a say: what it counts is what the gate is for."""


def refuse(gates: Iterable[GateDraft], problems: Problems) -> None:
    """Refuse gates that have its name, or use its stage."""
    for gate in gates:
        if GATE in {gate.name, gate.uses}:
            what = "is named" if gate.name == GATE else "uses the stage"
            problems.add(
                "reserved-gate",
                f"a gate {what} `{GATE}`, which judges a change of this very file",
                gate.path,
                key=True,
                hint="leave it out: `gates check --policy-from REF` adds it",
            )


def judging(draft: GateDraft | None, targets: Targets, problems: Problems) -> GatePlan | None:
    """What `policy:` asks of the gate, with what its stage asks; None where it says nothing."""
    if draft is None:
        return None
    if _refuse_deciding(draft, problems):
        draft = replace(draft, damaged=frozenset({"drop"}))  # so that it is not said to be empty
    stage_type = stages.load(GATE)
    stage = stage_type(stage_type.options_type())
    resolved = Resolving(draft, stage.specs(), targets, problems).resolve(stage.conditions())
    return GatePlan(
        name=GATE,
        level=draft.level,
        uses=GATE,
        options={},
        specs=stage.specs(),
        conditions=resolved.conditions,
        dropped=resolved.dropped,
        place=problems.place(draft.path, key=True),
    )


def _refuse_deciding(draft: GateDraft, problems: Problems) -> bool:
    before = len(problems)
    for key in ("require", "warn", "drop"):
        for text, path in draft.texts(key):
            try:
                metric = parse(f"{text} == 0" if key == "drop" else text).metric
            except ConditionError:
                continue  # which is told where it is read
            if metric == DECIDES:
                problems.add(
                    "reserved-condition",
                    f"`{DECIDES} == 0` always decides, and nothing can be said of it",
                    path,
                    hint="leave it out; a loosening that is agreed on gets a waiver",
                )
    return len(problems) > before
