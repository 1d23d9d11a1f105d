"""Which gates are due in a run: by what they say of the moment, and by what the run is given."""

from __future__ import annotations

from collections.abc import Sequence

from gates.domain.moment import Moment, not_due
from gates.domain.plan import GatePlan
from gates.domain.run import Selection
from gates.executor.schedule import selected

MESSAGES = "commit-message"
"""The stage that judges messages: at a commit there is one only when git calls `commit-msg`."""

UNWRITTEN = "the message is not written yet: `gates check --commit-msg FILE` judges it"


def due(gates: Sequence[GatePlan], selection: Selection) -> tuple[GatePlan, ...]:
    """The gates that run, with all that they need, whether or not that is due.

    Gates that the command line names are due: who asks for one by its name gets it.
    """
    if selection.gates:
        return selected(gates, selection.gates)
    names = {gate.name for gate in gates if not why_not(gate, selection.moment)}
    return selected(gates, names) if names else ()


def why_not(gate: GatePlan, moment: Moment) -> str:
    """Why a gate is not due at a moment; empty where it is."""
    if moment not in gate.when:
        return not_due(moment, gate.when)
    return UNWRITTEN if moment is Moment.COMMIT and gate.uses == MESSAGES else ""


def left_out(gate: GatePlan, selection: Selection) -> str:
    """The reason that a skipped gate is given."""
    if selection.gates:
        return "not selected on the command line"
    return why_not(gate, selection.moment) or "not selected on the command line"


def note(gates: Sequence[GatePlan], selection: Selection) -> tuple[str, ...]:
    """What every output must tell of gates that are not due; nothing where that is none."""
    runs = due(gates, selection)
    moment = selection.moment.value
    if not runs:
        told = f"no gate is due at {moment}, so nothing was judged: add `when: [{moment}]` to one"
        return (f"{told}, or do without this hook",)
    left = [f"`{gate.name}`" for gate in gates if gate not in runs]
    if selection.gates or not left:
        return ()
    return (f"not due at {moment}: {', '.join(left)}",)
