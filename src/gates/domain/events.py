"""What the executor tells while it runs; live output is made of nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.plan import GatePlan
from gates.domain.run import GateRun


@dataclass(frozen=True, slots=True)
class GateStarted:
    """A gate's stage began.

    Attributes:
        gate: which.
        expected_s: seconds that it took last time, or None.
    """

    gate: GatePlan
    expected_s: float | None = None


@dataclass(frozen=True, slots=True)
class GateProgressed:
    """A running stage tells how far it is.

    Attributes:
        name: the gate.
        text: a few words, one line.
        done: how much is done, or None.
        total: of how much, or None.
    """

    name: str
    text: str = ""
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class GateEnded:
    """A gate was judged."""

    gate: GateRun


@dataclass(frozen=True, slots=True)
class Waiting:
    """The run waits for something outside it, and says for what."""

    text: str


Event = GateStarted | GateProgressed | GateEnded | Waiting
