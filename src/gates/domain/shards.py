"""Shards: the gates of a level divided over several machines, and what each of them left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gates.domain.errors import Problem
from gates.domain.plan import Extended
from gates.domain.status import Verdict

MOST = 256
"""The largest number of shards: GitHub runs no more machines for one matrix."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A gate, or one of the parts that its work is split into, as one machine measures it.

    Attributes:
        gate: the gate's name.
        part: which part, from 1.
        parts: how many there are; 1 where the gate is measured whole.
    """

    gate: str
    part: int = 1
    parts: int = 1

    @property
    def is_split(self) -> bool:
        """Whether other machines measure other parts of the same gate."""
        return self.parts > 1

    @property
    def label(self) -> str:
        """The piece for people: `tests`, or `tests 2/3`."""
        return f"{self.gate} {self.part}/{self.parts}" if self.is_split else self.gate


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """What one machine measures.

    Attributes:
        index: its number, from 1.
        pieces: the gates and parts of gates, by level, then in file order.
        expected_s: seconds that they are expected to take, one behind another.
    """

    index: int
    pieces: tuple[Piece, ...]
    expected_s: Decimal = Decimal(0)

    def piece(self, gate: str) -> Piece | None:
        """The piece of a gate, or None where the shard holds none of it."""
        return next((piece for piece in self.pieces if piece.gate == gate), None)


@dataclass(frozen=True, slots=True)
class CiRun:
    """The run of a CI system that a plan or a record belongs to; empty texts outside one.

    Attributes:
        run: its number.
        attempt: which attempt of it, where the system counts them.
    """

    run: str = ""
    attempt: str = ""

    def __str__(self) -> str:
        """The run for people."""
        if not self.run:
            return "no run of a CI system"
        return f"run {self.run}" + (f", attempt {self.attempt}" if self.attempt else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardPlan:
    """A level divided into shards; `gates/shards/v1` on disk.

    Attributes:
        project: the project's name.
        level: the judged level, all below it included.
        commit: HEAD when it was made, or None before the first commit.
        tree: identity of the files then.
        policy: the name of gates.yaml.
        policy_sha256: digest of its bytes.
        extends: the policies that it extends.
        gates_version: the version of `gates` that made it.
        ci: the run of the CI system that made it.
        made: when it was made, UTC; so two plans of one tree differ.
        shards: what each machine measures.
        at_merge: gates that are measured only when all shards are merged.
        sha256: digest of all the rest, as it is written.
    """

    project: str
    level: int
    commit: str | None
    tree: str
    policy: str
    policy_sha256: str
    gates_version: str
    ci: CiRun
    made: datetime
    shards: tuple[Shard, ...]
    extends: tuple[Extended, ...] = ()
    at_merge: tuple[str, ...] = ()
    sha256: str = ""

    @property
    def gates(self) -> frozenset[str]:
        """The names of all gates that it divides."""
        return frozenset(piece.gate for piece in self.pieces()) | frozenset(self.at_merge)

    def pieces(self) -> Iterator[Piece]:
        """The pieces of all shards."""
        for shard in self.shards:
            yield from shard.pieces

    def split(self) -> dict[str, int]:
        """How many parts each split gate has, by its name."""
        return {piece.gate: piece.parts for piece in self.pieces() if piece.is_split}

    def shards_of(self, gate: str) -> tuple[int, ...]:
        """The numbers of the shards that measure a gate, or parts of it, in order of the parts."""
        found = [
            (piece.part, shard.index)
            for shard in self.shards
            for piece in shard.pieces
            if piece.gate == gate
        ]
        return tuple(index for _, index in sorted(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A file that a shard hands to the merge.

    Attributes:
        gate: whose stage wrote it.
        path: relative to the folder of that gate in the bundle, with `/`.
        sha256: hexadecimal digest of its bytes.
        size: in bytes.
    """

    gate: str
    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardRun:
    """What the record of a shard says of its place among the others.

    Attributes:
        index: the shard's number.
        count: how many there are.
        plan_sha256: the digest of the plan that divided them.
        ci: the run of the CI system in which the shard was measured.
        pieces: what it measured.
        root: the folder of gates.yaml on that machine, real path.
        parcels: the files in its bundle.
    """

    index: int
    count: int
    plan_sha256: str
    ci: CiRun
    pieces: tuple[Piece, ...]
    root: str
    parcels: tuple[Parcel, ...] = ()

    @property
    def note(self) -> str:
        """What every output of the shard must tell."""
        return (
            f"this is shard {self.index} of {self.count}, one part of a verdict:"
            " `gates merge` gives the whole"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedShard:
    """One shard of a merged run.

    Attributes:
        index: its number.
        pieces: what it was to measure.
        host: the machine that did, or empty.
        started: when, or None.
        seconds: how long it took.
        record_sha256: digest of its record, or empty.
        problem: why nothing of it counts, or None.
    """

    index: int
    pieces: tuple[Piece, ...]
    host: str = ""
    started: datetime | None = None
    seconds: Decimal = Decimal(0)
    record_sha256: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What the record of a merged run says of its shards.

    Attributes:
        plan_sha256: the digest of the plan that divided them.
        ci: the run of the CI system.
        shards: each of them, in order.
        at_merge: gates that were measured at the merge.
        refused: what was handed in and belongs to no shard of the plan.
    """

    plan_sha256: str
    ci: CiRun
    shards: tuple[MergedShard, ...]
    at_merge: tuple[str, ...] = ()
    refused: tuple[Problem, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong with the shards."""
        told = tuple(shard.problem for shard in self.shards if shard.problem is not None)
        return (*told, *self.refused)


def weighed(verdict: Verdict, merged: Merged) -> Verdict:
    """The verdict of a merged run: whatever is wrong with a shard makes it errored at least."""
    if merged.problems and verdict is not Verdict.FAILED:
        return Verdict.ERRORED
    return verdict
