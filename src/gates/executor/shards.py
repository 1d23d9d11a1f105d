"""Divides the gates of a level over machines, and refuses a machine that is not the planned one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from gates import __version__
from gates.domain.errors import ConfigError, Problem, StageError
from gates.domain.plan import GatePlan, Plan
from gates.domain.run import Selection
from gates.domain.service import ServicePlan
from gates.domain.shards import MOST, CiRun, Piece, Shard, ShardPlan, ShardRun
from gates.domain.shards_balance import Load, balanced, expected_s, useful
from gates.executor import due as moments
from gates.executor.schedule import check_selection
from gates.executor.share import Share
from gates.plugin import Options, Stage
from gates.toolkit.git import Git
from gates.toolkit.trees import TreeState, tree_state

LoadStage = Callable[[str], type[Stage[Options]]]

SLUG = "shard-differs"

CI_RUN = (
    ("GATES_CI_RUN", "GATES_CI_ATTEMPT"),
    ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"),
    ("CI_PIPELINE_ID", ""),
)
"""Environment variables with the number of a CI run and of its attempt; the first ones that are set
count. GitLab gives a child pipeline a number of its own, so its file sets the first pair."""

_DIGITS = 20


def ci_run(environ: Mapping[str, str]) -> CiRun:
    """The run of a CI system that this process belongs to; numbers and nothing else."""
    for run, attempt in CI_RUN:
        if environ.get(run):
            numbers = [environ.get(name, "") if name else "" for name in (run, attempt)]
            return CiRun(*(text if _is_number(text) else "" for text in numbers))
    return CiRun()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


@dataclass(frozen=True, slots=True)
class Here:
    """What is judged on this machine, as far as all machines must agree on it.

    Attributes:
        plan: what gates.yaml says.
        tree: the files as they lie there.
        ci: the run of the CI system.
    """

    plan: Plan
    tree: TreeState
    ci: CiRun

    @classmethod
    def of(cls, plan: Plan, git: Git, environ: Mapping[str, str], aside: tuple[Path, ...]) -> Here:
        """Look at it.

        Raises:
            ConfigError: where gates.yaml names projects, each of which is a whole of its own.
            StageError: outside git, where nothing tells whether two machines judge the same files.
        """
        if plan.projects:
            summary = f"{plan.policy.source} names `projects:`, and shards divide one project"
            hint = "divide each by itself: `gates -C PROJECT plan`, `check` and `merge`"
            raise ConfigError(Problem("shards-of-projects", summary, hint=hint))
        tree = tree_state(git, aside=aside)
        if tree is None:
            raise StageError(
                "no-repository",
                "shards are told apart by their commit, and this folder is in no repository",
                hint="run it in a git checkout",
            )
        return cls(plan, tree, ci_run(environ))


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """How a level is divided.

    Attributes:
        level: the level; all below it are divided too.
        count: how many machines there are; None for as many as make the wait shorter.
        known: seconds that gates took last time, by name.
        made: the time.
    """

    level: int
    count: int | None
    known: Mapping[str, float]
    made: datetime


def divided(here: Here, division: Division, load: LoadStage) -> ShardPlan:
    """Divide a level over machines; not sealed yet.

    Args:
        here: what is judged.
        division: how it is divided.
        load: finds a stage's class by name.

    Raises:
        ConfigError: where no gate of the level is due in CI.
    """
    level, count = division.level, division.count
    gates = due(here.plan, level)
    if not gates:
        summary = f"no gate up to Level {level} is due in CI, so there is nothing to divide"
        raise ConfigError(Problem("empty-level", summary, hint="see `when:` of its gates"))
    joining = Joining(gates, here.plan.services, load)
    weights = expected_s(gates, division.known)
    at_merge = joining.at_merge()
    whole = [gate for gate in gates if gate.name not in at_merge]
    most = count or MOST
    split = {g.name: min(g.shards, most) for g in whole if g.name in joining.splittable(at_merge)}
    loads = list(_loads(joining.clusters(whole), split, weights))
    used = count if count is not None else useful(loads)
    order = {gate.name: at for at, gate in enumerate(gates)}
    shards = []
    for index, machine in enumerate(balanced(loads, used), 1):
        pieces = sorted((p for load in machine for p in load.pieces), key=lambda p: order[p.gate])
        seconds = Decimal(str(round(sum(load.seconds for load in machine), 3)))
        shards.append(Shard(index=index, pieces=tuple(pieces), expected_s=seconds))
    return ShardPlan(
        project=here.plan.project,
        level=level,
        commit=here.tree.commit,
        tree=here.tree.tree,
        policy=here.plan.policy.source,
        policy_sha256=here.plan.policy.sha256,
        gates_version=__version__,
        ci=here.ci,
        made=division.made,
        shards=tuple(shards),
        at_merge=tuple(gate.name for gate in gates if gate.name in at_merge),
    )


def due(plan: Plan, level: int) -> tuple[GatePlan, ...]:
    """The gates up to a level that are measured in CI.

    Raises:
        ConfigError: the level has no gates of its own.
    """
    selection = Selection(level=level)
    check_selection(plan, selection)
    return moments.due(plan.up_to(level), selection)


def _loads(
    clusters: Sequence[tuple[str, ...]], split: Mapping[str, int], weights: Mapping[str, float]
) -> Iterator[Load]:
    for names in clusters:
        parts = split.get(names[0], 1)
        if parts == 1:
            yield Load(tuple(map(Piece, names)), sum(weights[name] for name in names))
            continue
        (name,) = names
        for part in range(1, parts + 1):
            yield Load((Piece(name, part, parts),), weights[name] / parts, apart=name)


@dataclass(slots=True)
class Joining:
    """Which gates must be measured on one machine, and which wait for the merge.

    Gates stay together where one needs another, and where they reach a service whose state or time
    they share: one instance for all of them, or one that runs elsewhere and is measured in time.

    Attributes:
        gates: the gates that are divided.
        services: the services of the plan.
        load: finds a stage's class by name.
    """

    gates: tuple[GatePlan, ...]
    services: tuple[ServicePlan, ...]
    load: LoadStage
    _stages: dict[str, type[Stage[Options]]] = field(default_factory=dict)

    def at_merge(self) -> frozenset[str]:
        """Gates whose data several machines measure, and whose stage can take it from there."""
        names = {gate.name: gate for gate in self.gates}
        needed = {need for gate in self.gates for need in gate.needs}
        found = set()
        for gate in self.gates:
            sources = [names[name] for name, _ in gate.asks if name in names]
            is_spread = len(sources) > 1 or any(self._may_split(each) for each in sources)
            hand_over = all(self._stage(each).hands_over for each in sources)
            is_able = self._stage(gate).measures_at_merge and not _is_given(gate)
            if gate.name not in needed and is_spread and hand_over and is_able:
                found.add(gate.name)
        return frozenset(found)

    def splittable(self, at_merge: frozenset[str]) -> frozenset[str]:
        """Gates whose own work is split: nothing that is measured on the machines needs them."""
        needed = {need for gate in self.gates if gate.name not in at_merge for need in gate.needs}
        return frozenset(
            gate.name
            for gate in self.gates
            if self._may_split(gate) and gate.name not in needed and not gate.needs
        )

    def clusters(self, gates: Sequence[GatePlan]) -> tuple[tuple[str, ...], ...]:
        """The gates that stay together, by name, in file order."""
        above = {gate.name: gate.name for gate in gates}

        def top(name: str) -> str:
            while above[name] != name:
                name = above[name]
            return name

        for one, other in self._joined(gates):
            if one in above and other in above:
                above[top(one)] = top(other)
        found: dict[str, list[str]] = {}
        for gate in gates:
            found.setdefault(top(gate.name), []).append(gate.name)
        return tuple(map(tuple, found.values()))

    def _joined(self, gates: Sequence[GatePlan]) -> Iterator[tuple[str, str]]:
        for gate in gates:
            for need in gate.needs:
                yield gate.name, need
        for service in self.services:
            users = [gate for gate in gates if service.name in self._reached(gate)]
            is_timed = not service.is_local and any(gate.exclusive for gate in users)
            if service.shared or is_timed:
                for gate in users[1:]:
                    yield users[0].name, gate.name

    def _reached(self, gate: GatePlan) -> frozenset[str]:
        """The service of a gate and all that it needs."""
        by_name = {service.name: service for service in self.services}
        found: set[str] = set()
        todo = [gate.service] if gate.service else []
        while todo:
            name = todo.pop()
            if name in by_name and name not in found:
                found.add(name)
                todo += by_name[name].needs
        return frozenset(found)

    def _may_split(self, gate: GatePlan) -> bool:
        return gate.shards > 1 and self._stage(gate).divisible and not _is_given(gate)

    def _stage(self, gate: GatePlan) -> type[Stage[Options]]:
        if gate.uses not in self._stages:
            self._stages[gate.uses] = self.load(gate.uses)
        return self._stages[gate.uses]


def _is_given(gate: GatePlan) -> bool:
    return bool(gate.options.get("report"))


def refuse_other(here: Here, plan: ShardPlan) -> None:
    """Refuse a checkout, a policy or a run of CI that is not the one the shards were planned for.

    Raises:
        StageError: with the first thing that differs.
    """
    ours = here.plan.policy
    gates = frozenset(gate.name for gate in due(here.plan, plan.level))
    for what, planned, found in (
        ("the version of gates", plan.gates_version, __version__),
        ("the commit", plan.commit, here.tree.commit),
        ("the tree", plan.tree, here.tree.tree),
        (f"{ours.source}, by its digest,", plan.policy_sha256, ours.sha256),
        ("the run of CI", plan.ci.run, here.ci.run),
        ("the attempt of that run", plan.ci.attempt, here.ci.attempt),
    ):
        if planned != found:
            raise StageError(
                SLUG,
                f"{what} is `{found or 'none'}` here and `{planned or 'none'}` in the plan of the"
                " shards",
                hint=_hint(what, here),
            )
    if gates != plan.gates:
        example = min(gates ^ plan.gates)
        raise StageError(
            SLUG,
            f"the plan of the shards and {ours.source} do not hold the same gates: `{example}`",
            hint="make the plan anew with `gates plan`",
        )


def _hint(what: str, here: Here) -> str:
    if what == "the tree" and here.tree.is_dirty:
        paths = sorted(here.tree.paths)
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        return f"here `{paths[0]!a}`{more} differs from the commit; it did not, or otherwise, there"
    if what == "the attempt of that run":
        return "run all of it again, the plan too: what one attempt failed, no other may replace"
    return "check out the commit that was planned, or make the plan anew with `gates plan`"


def share_of(
    here: Here, plan: ShardPlan, index: int, *, root: Path, aside: tuple[Path, ...]
) -> Share:
    """What of the work is done by one shard.

    Raises:
        ConfigError: where the plan has no such shard.
    """
    count = len(plan.shards)
    if not 1 <= index <= count:
        summary = f"there is no shard {index}: the plan has {count}"
        raise ConfigError(Problem("unknown-shard", summary, hint=f"choose 1 to {count}"))
    pieces = plan.shards[index - 1].pieces
    mine = {piece.gate for piece in pieces}
    asks: dict[str, frozenset[str]] = {}
    for gate in here.plan.up_to(plan.level):
        for name, words in gate.asks:
            if name in mine and gate.name not in mine:
                asks[name] = asks.get(name, frozenset()) | frozenset(words)
    shard = ShardRun(
        index=index,
        count=count,
        plan_sha256=plan.sha256,
        ci=here.ci,
        pieces=pieces,
        root=str(root.resolve()),
    )
    return Share(aside=aside, shard=shard, asks=asks)


def handing(plan: ShardPlan, gates: Sequence[GatePlan], index: int) -> tuple[str, ...]:
    """The gates of a shard whose files the merge reads: split ones, and what waiting ones need."""
    waited = {need for gate in gates if gate.name in plan.at_merge for need in gate.needs}
    pieces = plan.shards[index - 1].pieces
    return tuple(piece.gate for piece in pieces if piece.is_split or piece.gate in waited)
