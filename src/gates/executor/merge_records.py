"""Which of the records that were handed in are the shards of a plan; whatever is not is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import OutputUnreadable, Problem
from gates.domain.plan import GatePlan
from gates.domain.run import GateRun, Run, verdict_of_shard
from gates.domain.shards import CiRun, Piece, Shard, ShardPlan, ShardRun
from gates.domain.status import Status
from gates.executor import shards_bundle
from gates.executor.merge_judge import difference, misjudged, settled
from gates.executor.shards import extended, handing
from gates.executor.share import is_unstarted

_AGAIN = "run all shards again, and hand in what they write as it is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A record that was handed in.

    Attributes:
        path: the file.
        sha256: digest of its bytes, or empty where it could not be read.
        run: what it says, or None where it is no record.
        problem: why it is none.
    """

    path: Path
    sha256: str = ""
    run: Run | None = None
    problem: Problem | None = None

    @property
    def claims(self) -> int:
        """The number of the shard that it says to be; 0 where it says none."""
        if self.run is not None and self.run.shard is not None:
            return self.run.shard.index
        named = re.fullmatch(r"shard-([1-9][0-9]{0,2})", self.path.parent.name)
        return int(named[1]) if named and self.run is None else 0


@dataclass(frozen=True, slots=True)
class Sorted:
    """The records by shard.

    Attributes:
        good: those that count, by the shard's number.
        bad: why nothing counts of a shard, by its number.
        refused: what belongs to no shard.
    """

    good: Mapping[int, Submission]
    bad: Mapping[int, Problem]
    refused: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Sorting:
    """Sorts records by the shards of a plan.

    Attributes:
        plan: the plan.
        gates: the gates of this checkout that it divides, in plan order.
        into: a folder of ours that takes the files of the bundles, one folder a shard.
    """

    plan: ShardPlan
    gates: tuple[GatePlan, ...]
    into: Path

    def sorted(self, submissions: Sequence[Submission]) -> Sorted:
        """Check each record, and find those that are missing."""
        count = len(self.plan.shards)
        by_shard: dict[int, list[Submission]] = {}
        refused: list[Problem] = []
        for each in submissions:
            if 1 <= each.claims <= count:
                by_shard.setdefault(each.claims, []).append(each)
            else:
                refused.append(self._stray(each))
        good: dict[int, Submission] = {}
        bad: dict[int, Problem] = {}
        for shard in self.plan.shards:
            found = by_shard.get(shard.index, [])
            problem = self._problem(shard, found)
            if problem is None:
                good[shard.index] = found[0]
            else:
                bad[shard.index] = problem
        return Sorted(good, bad, tuple(refused))

    def _problem(self, shard: Shard, found: Sequence[Submission]) -> Problem | None:
        """Why nothing of a shard counts, or None."""
        if not found:
            summary = f"shard {shard.index} of {len(self.plan.shards)} is missing"
            return Problem(
                "shard-missing", f"{summary}: no record of it was handed in", hint=_AGAIN
            )
        for each in found:
            problem = each.problem or self._foreign(each)
            if problem is not None:
                return _told(problem, shard.index, each.path)
        if len(found) > 1:
            places = " and ".join(f"`{each.path}`" for each in found[:2])
            summary = f"shard {shard.index} was handed in {len(found)} times: {places}"
            return Problem("shard-double", summary, hint=_AGAIN)
        problem = self._unsound(shard, found[0])
        return _told(problem, shard.index, found[0].path) if problem is not None else None

    def _stray(self, each: Submission) -> Problem:
        problem = each.problem or self._foreign(each)
        if problem is None:
            summary = f"it says to be shard {each.claims}, and there are {len(self.plan.shards)}"
            problem = Problem("shard-foreign", summary, hint=_AGAIN)
        return _told(problem, 0, each.path)

    def _foreign(self, each: Submission) -> Problem | None:
        """Why a record is none of this plan's, or None."""
        run = each.run
        if run is None or run.shard is None:
            what = f"a run with {run.selection}" if run and run.selection else "a whole run"
            return Problem("shard-none", f"it is the record of {what}, not of a shard", hint=_AGAIN)
        plan, shard = self.plan, run.shard
        for slug, what, planned, found in (
            ("version", "version of gates", plan.gates_version, run.gates_version),
            ("commit", "commit", plan.commit, run.commit),
            ("tree", "tree", plan.tree, run.tree),
            ("policy", "policy", plan.policy, run.policy.source),
            ("policy", "policy", plan.policy_sha256, run.policy.sha256),
            ("policy", "extended policy", extended(plan.extends), extended(run.policy.extends)),
            ("level", "level", plan.level, run.level),
            ("run", "run of CI", plan.ci.run, shard.ci.run),
        ):
            if planned != found:
                summary = f"it is of another {what}: `{found or 'none'}`, not `{planned or 'none'}`"
                return Problem(f"shard-{slug}", summary, hint=_AGAIN)
        if shard.ci.attempt != plan.ci.attempt:
            return Problem("shard-attempt", _attempt(plan.ci, shard.ci), hint=_AGAIN)
        if shard.plan_sha256 != plan.sha256 or shard.count != len(plan.shards):
            summary = "it is of another plan of the shards, though of the same tree"
            return Problem("shard-plan", summary, hint=_AGAIN)
        return None

    def _unsound(self, shard: Shard, each: Submission) -> Problem | None:
        """Why a record is not what this shard must have left, or None."""
        run = each.run
        if run is None or run.shard is None:
            return each.problem
        if not run.complete:
            summary = "its run was interrupted, so it is not complete"
            return Problem("shard-incomplete", summary, hint=_AGAIN)
        if run.selection is not None:
            summary = f"it judged a selection only: {run.selection}"
            return Problem("shard-selection", summary, hint=_AGAIN)
        for summary in (*_gates_differ(shard, run, run.shard), *self._gate_problems(run, shard)):
            return Problem("shard-gates", summary, hint=_AGAIN)
        if run.verdict is not verdict_of_shard(run.gates, run.shard):
            told = "; ".join(run.notes) or "nothing tells why"
            summary = f"its verdict is `{run.verdict}`, heavier than its gates: {told}"
            return Problem("shard-verdict", summary, hint=_AGAIN)
        return self._bundle_problem(shard, run, run.shard, each.path.parent)

    def _gate_problems(self, run: Run, shard: Shard) -> Iterator[str]:
        """In what the gates of a record are not those of this checkout, or are judged amiss."""
        planned = {gate.name: gate for gate in self.gates}
        for gate in run.gates:
            plan, piece = planned.get(gate.name), shard.piece(gate.name)
            if plan is None or piece is None:
                yield f"it holds the gate `{gate.name}`, which this checkout does not"
                continue
            differs = difference(plan, gate)
            if differs:
                yield differs
            elif is_unstarted(gate, piece):
                if not _is_blocked(gate, run):
                    yield f"the gate `{piece.label}` was not run: {gate.judged.reason}"
            elif piece.is_split:
                yield from _part_problems(gate, piece)
            elif misjudged(settled(plan, gate), gate, on=run.started.date()):
                yield f"what it tells of gate `{gate.name}` does not follow from its metrics"

    def _bundle_problem(
        self, shard: Shard, run: Run, told: ShardRun, folder: Path
    ) -> Problem | None:
        """What is wrong with the files beside a record, or None; then they lie in our folder."""
        wanted = set(handing(self.plan, self.gates, shard.index))
        measured = {
            gate.name
            for gate in run.gates
            if gate.status is not Status.ERRORED
            and (piece := shard.piece(gate.name)) is not None
            and not is_unstarted(gate, piece)
        }
        absent = sorted((wanted & measured) - {parcel.gate for parcel in told.parcels})
        if absent:
            summary = f"it hands over no file of gate `{absent[0]}`, which the merge needs"
            return Problem("parcel-missing", summary, hint=_AGAIN)
        try:
            shards_bundle.taken(folder, told.parcels, self.into / str(shard.index))
        except OutputUnreadable as error:
            return Problem(error.problem.slug, error.problem.summary, hint=_AGAIN)
        return None


def submitted(path: Path, read: Callable[[Path], tuple[Run, str]]) -> Submission:
    """A record as it was handed in, readable or not.

    Args:
        path: the file.
        read: reads a record: what it says, and the digest of its bytes.
    """
    try:
        run, sha256 = read(path)
    except OutputUnreadable as error:
        return Submission(path=path, problem=error.problem)
    return Submission(path=path, sha256=sha256, run=run)


def _told(problem: Problem, index: int, path: Path) -> Problem:
    who = f"shard {index}" if index else f"`{path}`"
    return Problem(
        problem.slug, f"{who}: {problem.summary}", place=str(path), hint=problem.hint or _AGAIN
    )


def _attempt(planned: CiRun, found: CiRun) -> str:
    age = "another"
    if planned.attempt.isdigit() and found.attempt.isdigit():
        age = "an older" if int(found.attempt) < int(planned.attempt) else "a newer"
    return (
        f"it is of {age} attempt of the run: `{found.attempt or 'none'}`,"
        f" not `{planned.attempt or 'none'}`"
    )


def _gates_differ(shard: Shard, run: Run, told: ShardRun) -> Iterator[str]:
    """In what a record does not hold just the gates of its shard."""
    due = [piece.gate for piece in shard.pieces]
    found = [gate.name for gate in run.gates]
    for name in due:
        if name not in found:
            yield f"the gate `{name}` is missing from it"
    for name in found:
        if name not in due:
            yield f"it holds the gate `{name}`, which is not one of its own"
    if due != found or told.pieces != shard.pieces:
        yield "it says to have measured other parts of gates than were planned"


def _is_blocked(gate: GateRun, run: Run) -> bool:
    """Whether a gate of a level below did not pass, so that this one was never started."""
    stops = (Status.FAILED, Status.ERRORED)
    return any(other.status in stops and other.plan.level < gate.plan.level for other in run.gates)


def _part_problems(gate: GateRun, piece: Piece) -> Iterator[str]:
    """In what a part of a gate is neither measured nor errored: it has no outcome of its own."""
    if gate.status not in {Status.ERRORED, Status.SKIPPED}:
        yield f"{piece.label} is `{gate.status}`, though it is a part of a gate"
