"""The run: what one `gates check` measured and how it was judged; every report renders it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from gates.domain import criteria as documented
from gates.domain.judge import Judged
from gates.domain.metric import Examined
from gates.domain.moment import Moment
from gates.domain.plan import GatePlan, Plan, Policy
from gates.domain.status import Status, Verdict, verdict_of_run

if TYPE_CHECKING:
    # Importing them takes longer than most runs need: a commit waits for it.
    from gates.domain.service import ServiceRun
    from gates.domain.shards import Merged, ShardRun
    from gates.domain.stage_result import Artifact, Tool
    from gates.domain.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRun:
    """One gate of a run.

    Attributes:
        plan: the gate as planned.
        judged: its status, conditions and findings.
        examined: how much its stage looked at, or None where it handed over nothing.
        tool: the program that measured, or None.
        artifacts: the files behind the numbers.
        argv: the main command, absolute, or empty.
        tool_exit: its exit code, or None.
        seconds: wall time of the stage.
        cached: the outcome was taken from an earlier run of the same inputs.
        notes: what every output must tell.
        logs: private logs of its commands, relative to the run's folder; the main one's first.
        canary: the known-bad item that its stage planted and found, or empty.
        services: the services that ran for it, the one that it names first.
    """

    plan: GatePlan
    judged: Judged
    examined: Examined | None = None
    tool: Tool | None = None
    artifacts: tuple[Artifact, ...] = ()
    argv: tuple[str, ...] = ()
    tool_exit: int | None = None
    seconds: Decimal = Decimal(0)
    cached: bool = False
    notes: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    canary: str = ""
    services: tuple[ServiceRun, ...] = ()

    @property
    def name(self) -> str:
        """The gate's name."""
        return self.plan.name

    @property
    def status(self) -> Status:
        """The gate's status."""
        return self.judged.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The machine that ran it.

    Attributes:
        host: its name.
        os: operating system and release.
        cpus: processors that the run may use.
        ci: name of the CI system, or None.
    """

    host: str
    os: str
    cpus: int
    ci: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Which documented criteria, up to the judged level, this run shows.

    Attributes:
        met: each gate that names it passed (or is unaffected, waived, overridden).
        failed: a gate that names it did not.
        not_covered: no gate names it.
        not_applicable: said not to apply, by ID with the reason.
    """

    met: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    not_covered: tuple[str, ...] = ()
    not_applicable: tuple[tuple[str, str], ...] = ()

    @property
    def total(self) -> int:
        """How many criteria are documented up to the judged level."""
        return len(self.met) + len(self.failed) + len(self.not_covered) + len(self.not_applicable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything about one run.

    Attributes:
        id: sorts by time.
        plan: what was asked.
        level: the judged level, all below it included.
        gates: in plan order.
        verdict: the outcome.
        exit_code: of the process; 130 or 143 for an interrupt.
        complete: it reached its end; False for an interrupted run.
        started: UTC.
        seconds: wall time.
        commit: HEAD, or None outside git.
        tree: identity of the tree that was judged, dirty files included; or None.
        dirty: the tree differs from the commit.
        base: the commit that a change was judged against, or None.
        selection: what the command line selected, or None.
        where: the machine.
        originator: who started it (`User:name`).
        gates_version: version of this program.
        criteria: which documented criteria it shows.
        notes: what every output must tell.
        waivers: how the project's waivers stand, or None where it has no file of them.
        folder: the run's folder.
        prefix: the folder of gates.yaml in its repository, with `/` at the end; empty at its top.
        shard: its place among others, where it is one shard of several; else None.
        merged: the shards that it was merged of, or None.
    """

    id: str
    plan: Plan
    level: int
    gates: tuple[GateRun, ...]
    verdict: Verdict
    exit_code: int
    complete: bool
    started: datetime
    seconds: Decimal
    commit: str | None
    tree: str | None
    dirty: bool
    base: str | None
    selection: str | None
    where: Where
    originator: str
    gates_version: str
    criteria: Coverage
    notes: tuple[str, ...] = ()
    waivers: Standing | None = None
    folder: str = ""
    prefix: str = ""
    shard: ShardRun | None = None
    merged: Merged | None = None

    @property
    def policy(self) -> Policy:
        """The file behind the plan."""
        return self.plan.policy

    def gate(self, name: str) -> GateRun:
        """Find a gate's run by name.

        Raises:
            KeyError: where there is none.
        """
        for gate in self.gates:
            if gate.name == name:
                return gate
        raise KeyError(name)


MET = (Status.PASSED, Status.UNAFFECTED, Status.WAIVED, Status.OVERRIDDEN)
"""Statuses of a gate that shows the criteria that it names."""


def verdict_of(gates: Iterable[GateRun]) -> Verdict:
    """The verdict over all gates of a run."""
    return verdict_of_run((gate.status, gate.plan.level) for gate in gates)


def verdict_of_shard(gates: Iterable[GateRun], shard: ShardRun) -> Verdict:
    """The verdict of one shard: what passed there is a part of a pass, and so is a measured part.

    A gate of which a part was measured is skipped until the merge, and no shard can pass.
    """
    split = {piece.gate for piece in shard.pieces if piece.is_split}
    rest = [gate for gate in gates if gate.name not in split or gate.status is not Status.SKIPPED]
    verdict = verdict_of(rest) if rest or not split else Verdict.PARTIAL
    return Verdict.PARTIAL if verdict is Verdict.PASSED else verdict


def cover(plan: Plan, level: int, gates: Sequence[GateRun]) -> Coverage:
    """Tell which documented criteria a run shows, up to its level."""
    exempt = {entry.criterion: entry.reason for entry in plan.not_applicable}
    met: list[str] = []
    failed: list[str] = []
    open_: list[str] = []
    spared: list[tuple[str, str]] = []
    for criterion in documented.up_to(level):
        serving = [gate for gate in gates if criterion.id in gate.plan.criteria]
        if serving:
            good = all(gate.status in MET for gate in serving)
            (met if good else failed).append(criterion.id)
        elif criterion.id in exempt:
            spared.append((criterion.id, exempt[criterion.id]))
        else:
            open_.append(criterion.id)
    return Coverage(
        met=tuple(met),
        failed=tuple(failed),
        not_covered=tuple(open_),
        not_applicable=tuple(spared),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What the command line asked for.

    Attributes:
        level: judge this level and all below it.
        gates: only these gates, or all where empty.
        changed_from: judge only what changed since this revision, or None.
        jobs: how many stages run side by side; 0 for the number of cores.
        keep_going: start a level although one below it failed.
        moment: what the run is made for: gates that are not due then are skipped.
        asked: the option that chose the moment and what is judged, as it was given, or empty.
    """

    level: int = 1
    gates: tuple[str, ...] = ()
    changed_from: str | None = None
    jobs: int = 0
    keep_going: bool = False
    moment: Moment = Moment.CI
    asked: str = ""

    @property
    def text(self) -> str | None:
        """The selection for people, or None where all gates are judged."""
        parts = [self.asked] if self.asked else []
        parts += [f"--gate {name}" for name in self.gates]
        if self.changed_from is not None and not self.asked:
            parts.append(f"--changed-from {self.changed_from}")
        return " ".join(parts) or None
