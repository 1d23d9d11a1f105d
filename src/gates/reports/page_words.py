"""Words of the HTML page: why a verdict is what it is, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from gates.domain.rollup import RollUp
from gates.domain.run import GateRun, Run, verdict_of
from gates.domain.status import Status, Verdict

SHOWN_NAMES = 3
"""Names that a sentence tells; the others are counted."""

_INTERRUPTED = "Interrupted: what had not ended is not judged."
_CLAIMS = (
    (Status.FAILED, "does not hold", "do not hold"),
    (Status.ERRORED, "could not be measured", "could not be measured"),
    (Status.PENDING, "awaits evidence or an approval", "await evidence or an approval"),
    (Status.INCONCLUSIVE, "has too small a sample to decide", "have too small a sample to decide"),
    (Status.SKIPPED, "was skipped", "were skipped"),
)
"""What is said of the gates of a status, of one and of several; the gravest first."""

_HOLDING = (
    (Status.PASSED, "by measurement"),
    (Status.WAIVED, "by a waiver"),
    (Status.OVERRIDDEN, "by an override"),
    (Status.UNAFFECTED, "untouched by the change"),
)
"""How gates hold, each status in words."""


def because(run: Run) -> str:
    """Why a run has its verdict: one or two sentences, names between backticks."""
    said = [_INTERRUPTED] if not run.complete else []
    claims = (_claim(run.gates, *each) for each in _CLAIMS)
    open_ = "; ".join(text for text in claims if text)
    if open_ and run.verdict is Verdict.PASSED:
        said.append(f"{open_}, which only warns at this level. All else holds.")
    elif open_:
        said.append(f"{open_}.")
    elif run.verdict is Verdict.PASSED:
        said.append(_all_hold(run.gates))
    if run.complete and run.gates and run.verdict is not verdict_of(run.gates):
        # What spoils a run as a whole (files that changed meanwhile) is its first note.
        why = f": {run.notes[0]}" if run.notes else ""
        said.append(f"The run as a whole is no proof{why}.")
    if run.verdict is Verdict.PARTIAL:
        said.append("What is left out shows nothing: this is no verdict to merge or release on.")
    return " ".join(said) or "Nothing was looked at, and that is never a pass."


def because_all(rollup: RollUp) -> str:
    """Why a roll-up has its verdict."""
    said = [_INTERRUPTED] if not rollup.complete else []
    bad = [entry for entry in rollup.projects if entry.verdict is not Verdict.PASSED]
    if not rollup.projects:
        said.append("Nothing was looked at, and that is never a pass.")
    elif bad:
        names = _listed([entry.label for entry in bad])
        verb = "is" if len(bad) == 1 else "are"
        said.append(f"{names} {verb} not passed; the verdict is that of the gravest.")
    elif rollup.verdict is Verdict.PASSED:
        said.append("Every project is passed, or is untouched by the change.")
    return " ".join(said) or "A part of it is not passed."


def _claim(gates: Sequence[GateRun], status: Status, one: str, several: str) -> str:
    names = [gate.name for gate in gates if gate.status is status]
    return f"{_listed(names)} {one if len(names) == 1 else several}" if names else ""


def _listed(names: Sequence[str]) -> str:
    shown = [f"`{name}`" for name in names[:SHOWN_NAMES]]
    if len(names) > SHOWN_NAMES:
        shown.append(f"{len(names) - SHOWN_NAMES} more")
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]


def _all_hold(gates: Sequence[GateRun]) -> str:
    counted = [(sum(gate.status is status for gate in gates), how) for status, how in _HOLDING]
    if counted[0][0] == len(gates):
        many = "The one gate was" if len(gates) == 1 else f"All {len(gates)} gates were"
        return f"{many} measured, and every condition holds."
    parts = (f"{number} {how}" for number, how in counted if number)
    return f"No gate stands open: {', '.join(parts)}."
