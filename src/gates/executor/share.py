"""The share of a run's work that is done on this machine, where several divide it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gates.domain.errors import Problem
from gates.domain.judge import Judged, NotMeasured
from gates.domain.plan import GatePlan
from gates.domain.run import GateRun
from gates.domain.stage_result import StageResult
from gates.domain.status import Status
from gates.plugin import Handed, Needed, Portion

if TYPE_CHECKING:
    from gates.domain.shards import Piece, ShardRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What is measured here, and what other machines measured or will measure.

    Attributes:
        aside: files and folders that the work itself brings into the checkout: its plan, what it
            hands over. They belong to no tree.
        shard: what the record of a shard tells; None at a merge.
        asks: what gates that are measured elsewhere ask of one that is measured here, by its name.
        known: gates that were measured elsewhere, by name.
        needed: what they handed over, for gates that need them and are measured here.
        parts: what the parts of a gate's work left on other machines, by its name.
    """

    aside: tuple[Path, ...] = ()
    shard: ShardRun | None = None
    asks: Mapping[str, frozenset[str]] = field(default_factory=dict)
    known: Mapping[str, GateRun] = field(default_factory=dict)
    needed: Mapping[str, Needed] = field(default_factory=dict)
    parts: Mapping[str, tuple[Handed, ...]] = field(default_factory=dict)

    def of(self, gates: Sequence[GatePlan]) -> tuple[GatePlan, ...]:
        """The gates that the run tells of: a shard tells of its own only."""
        if self.shard is None:
            return tuple(gates)
        return tuple(gate for gate in gates if self._piece(gate.name) is not None)

    def portion(self, gate: str) -> Portion | None:
        """The part of a gate's work that is done here, or None where all of it is."""
        piece = self._piece(gate)
        if piece is None or not piece.is_split:
            return None
        return Portion(piece.part, piece.parts)

    def unjudged(self, gate: GatePlan, outcome: StageResult | NotMeasured) -> Judged | None:
        """What stands in place of a judgement where only a part was measured; None where all was.

        The conditions are about the whole, so a part is not judged. One that could not be measured
        is errored here already.
        """
        portion = self.portion(gate.name)
        if portion is None or isinstance(outcome, NotMeasured):
            return None
        return Judged(status=Status.SKIPPED, reason=part_reason(portion))

    def _piece(self, gate: str) -> Piece | None:
        if self.shard is None:
            return None
        return next((piece for piece in self.shard.pieces if piece.gate == gate), None)


ALL = Share()
"""The share of a run on one machine: everything."""


def part_reason(portion: Portion) -> str:
    """Why a gate of which a part was measured has no outcome yet."""
    return f"part {portion.index} of {portion.count} was measured; `gates merge` judges the whole"


def is_unstarted(gate: GateRun, piece: Piece) -> bool:
    """Whether a shard did not start what it was to measure: there, a level below did not pass."""
    is_part = piece.is_split and gate.judged.reason == part_reason(Portion(piece.part, piece.parts))
    return gate.status is Status.SKIPPED and not is_part


def not_measured(gate: GatePlan, problem: Problem) -> GateRun:
    """A gate of which other machines left nothing that counts."""
    judged = Judged(status=Status.ERRORED, reason=problem.summary, problem=problem)
    return GateRun(plan=gate, judged=judged)


def noted(gate: GateRun, *notes: str) -> GateRun:
    """A gate with further notes."""
    return replace(gate, notes=(*gate.notes, *notes))
