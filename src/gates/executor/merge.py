"""Shards -> Run: what several machines measured, joined first, then judged once.

The run of a merge is an ordinary run in which most gates are known already. Those whose work was
split, and those that need the data of several shards, are measured here, from the files that the
shards handed over, by the same stages as ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from gates.domain.errors import Problem
from gates.domain.plan import GatePlan, Plan
from gates.domain.run import GateRun, Run, Selection
from gates.domain.shards import Merged, MergedShard, ShardPlan, weighed
from gates.domain.stage_result import StageResult
from gates.domain.waiver import Waiver
from gates.executor import durations
from gates.executor.merge_judge import outcome_of, rejudged, settled
from gates.executor.merge_records import Sorted, Sorting, Submission
from gates.executor.setting import Setting
from gates.executor.shards import due
from gates.executor.share import Share, is_unstarted, not_measured, noted
from gates.executor.start import execute
from gates.plugin import Handed, Needed, Portion
from gates.toolkit import state
from gates.toolkit.files import folder_stamp_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeOrder:
    """What is merged.

    Attributes:
        plan: what gates.yaml of this checkout says.
        shards: the plan that divided it; this checkout is the one that was planned.
        submissions: the records that were handed in.
        aside: files and folders that the merge itself brings into the checkout.
        state: where durations are kept, or None.
    """

    plan: Plan
    shards: ShardPlan
    submissions: tuple[Submission, ...]
    aside: tuple[Path, ...] = ()
    state: Path | None = None


def merge(order: MergeOrder, setting: Setting) -> Run:
    """Join what the shards measured, and judge it.

    Whatever is wrong with a shard makes its gates errored, and the run with them.

    Args:
        order: what is merged.
        setting: the surroundings.

    Raises:
        ConfigError: as `execute`.
        StageError: as `execute`.
    """
    local = state.runs_folder(setting.root).parent
    with TemporaryDirectory(prefix="merge-", dir=local) as name:
        into = Path(name)
        gates = due(order.plan, order.shards.level)
        since_ns = folder_stamp_ns(into)
        found = Sorting(order.shards, gates, into).sorted(order.submissions)
        today = setting.clock.today()
        taking = Taking(order.shards, gates, found, into, since_ns, setting.waivers, today)
        share = taking.share(order.aside)
        run = execute(
            order.plan, Selection(level=order.shards.level), replace(setting, share=share)
        )
    return _finished(run, order, found, taking)


@dataclass(frozen=True, slots=True)
class Taking:
    """Takes gates out of the records that count.

    Attributes:
        plan: the plan of the shards.
        gates: the gates of this checkout that it divides.
        found: the records by shard.
        into: the folder that holds the files of the bundles.
        since_ns: when that folder was made.
        waivers: the exceptions of this checkout.
        today: the day of the merge.
    """

    plan: ShardPlan
    gates: tuple[GatePlan, ...]
    found: Sorted
    into: Path
    since_ns: int
    waivers: Sequence[Waiver]
    today: date

    def share(self, aside: tuple[Path, ...]) -> Share:
        """What is left to do here, and what is known."""
        known: dict[str, GateRun] = {}
        parts: dict[str, tuple[Handed, ...]] = {}
        needed: dict[str, Needed] = {}
        for gate in self.gates:
            if gate.name in self.plan.at_merge:
                continue
            problem = self._lost(gate)
            if problem is not None:
                known[gate.name] = not_measured(gate, problem)
            elif gate.name in self.plan.split():
                parts[gate.name] = self._handed(gate)
            else:
                known[gate.name] = self._judged(gate)
            if gate.name in known:
                needed[gate.name] = self._needed(gate, known[gate.name])
        return Share(aside=aside, known=known, needed=needed, parts=parts)

    def parts_of(self, name: str) -> tuple[tuple[int, GateRun], ...]:
        """The recorded parts of a gate, each with the number of its shard."""
        indexes = self.plan.shards_of(name)
        return tuple(
            (index, run.gate(name))
            for index in indexes
            if index in self.found.good and (run := self.found.good[index].run) is not None
        )

    def _lost(self, gate: GatePlan) -> Problem | None:
        """Why a gate, or a part of it, was not measured by its shard; None where it was."""
        for index in self.plan.shards_of(gate.name):
            if index in self.found.bad:
                return self.found.bad[index]
        for index, run in self.parts_of(gate.name):
            piece = self.plan.shards[index - 1].piece(gate.name)
            problem = run.judged.problem
            if piece is not None and is_unstarted(run, piece):
                # It counts only where the level below passes here, though it did not there.
                summary = f"shard {index} did not measure it: {run.judged.reason}"
                return Problem("shard-unmeasured", summary, hint="run all shards again")
            if piece is not None and piece.is_split and problem is not None:
                summary = f"part {piece.part} of {piece.parts}: {problem.summary}"
                return replace(problem, summary=summary)
        return None

    def _judged(self, gate: GatePlan) -> GateRun:
        """What this checkout makes of what a shard measured of a whole gate."""
        ((_, run),) = self.parts_of(gate.name)
        plan = settled(gate, run)
        judged = rejudged(plan, run, waivers=self.waivers, today=self.today)
        return replace(run, plan=plan, judged=judged or run.judged)  # it was started, see `_lost`

    def _handed(self, gate: GatePlan) -> tuple[Handed, ...]:
        count = self.plan.split().get(gate.name, 1)
        found = []
        for part, index in enumerate(self.plan.shards_of(gate.name), 1):
            run = self.found.good[index].run
            if run is None or run.shard is None:
                continue
            found.append(
                Handed(
                    out=self.into / str(index) / gate.name,
                    root=Path(run.shard.root),
                    started_ns=self.since_ns,
                    portion=Portion(part, count) if count > 1 else None,
                )
            )
        return tuple(found)

    def _needed(self, gate: GatePlan, run: GateRun) -> Needed:
        """What a gate that was measured elsewhere hands to those that wait for the merge."""
        outcome = outcome_of(run)
        result = outcome if isinstance(outcome, StageResult) else None
        handed = self._handed(gate) if result is not None else ()
        out = handed[0].out if handed else self.into
        return Needed(
            name=gate.name, result=result, out=out, started_ns=self.since_ns, handed=handed
        )


def _finished(run: Run, order: MergeOrder, found: Sorted, taking: Taking) -> Run:
    """The run of the merge, with what only all shards together tell."""
    merged = Merged(
        plan_sha256=order.shards.sha256,
        ci=order.shards.ci,
        shards=tuple(_shards(order.shards, found)),
        at_merge=order.shards.at_merge,
        refused=found.refused,
    )
    gates = tuple(_with_parts(gate, taking) for gate in run.gates)
    split = order.shards.split()
    durations.keep(
        order.state,
        {g.name: float(g.seconds) for g in gates if g.name in split and g.examined is not None},
    )
    verdict = weighed(run.verdict, merged)
    started, ended = run.started, run.started.timestamp() + float(run.seconds)
    for shard in merged.shards:
        if shard.started is not None and shard.started < started:
            started = shard.started
    return replace(
        run,
        gates=gates,
        verdict=verdict,
        exit_code=verdict.exit_code if run.complete else run.exit_code,
        started=started,
        seconds=_seconds(started, ended),
        notes=tuple(dict.fromkeys((*_notes(merged, found), *run.notes))),
        merged=merged,
    )


def _seconds(started: datetime, ended: float) -> Decimal:
    return Decimal(str(round(max(ended - started.astimezone(UTC).timestamp(), 0.0), 3)))


def _with_parts(gate: GateRun, taking: Taking) -> GateRun:
    """A gate whose work was split: with the time that its parts took, and what they told."""
    if gate.name not in taking.plan.split():
        return gate
    parts = taking.parts_of(gate.name)
    seconds = sum((run.seconds for _, run in parts), Decimal(0))
    notes = [f"shard {index}: {note}" for index, run in parts for note in run.notes]
    return noted(replace(gate, seconds=seconds), *notes)


def _shards(plan: ShardPlan, found: Sorted) -> Iterator[MergedShard]:
    for shard in plan.shards:
        each = found.good.get(shard.index)
        run = each.run if each is not None else None
        if each is None or run is None:
            yield MergedShard(
                index=shard.index, pieces=shard.pieces, problem=found.bad.get(shard.index)
            )
            continue
        yield MergedShard(
            index=shard.index,
            pieces=shard.pieces,
            host=run.where.host,
            started=run.started,
            seconds=run.seconds,
            record_sha256=each.sha256,
        )


def _notes(merged: Merged, found: Sorted) -> Iterator[str]:
    """What every output must tell of the shards."""
    for problem in merged.problems:
        yield problem.summary
    told: dict[str, list[int]] = {}
    for index, each in found.good.items():
        run = each.run
        for note in run.notes if run is not None else ():
            if run is not None and run.shard is not None and note != run.shard.note:
                told.setdefault(note, []).append(index)
    for note, indexes in told.items():
        is_everywhere = len(indexes) == len(found.good)
        yield note if is_everywhere else f"shard {', '.join(map(str, indexes))}: {note}"
