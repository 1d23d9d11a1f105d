"""Divides the gates of a level over machines, and refuses a machine that is not the planned one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from gates import __version__
from gates.domain.errors import ConfigError, Problem, StageError
from gates.domain.plan import Extended, GatePlan, Plan
from gates.domain.run import Selection
from gates.domain.shards import MOST, CiRun, Piece, Shard, ShardPlan, ShardRun
from gates.domain.shards_balance import Load, balanced, expected_s, useful
from gates.executor import due as moments
from gates.executor.schedule import check_selection
from gates.executor.shards_joining import Joining, LoadStage
from gates.executor.share import Share
from gates.toolkit.git import Git
from gates.toolkit.trees import TreeState, tree_state

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
            StageError: outside git, where nothing tells whether two machines judge the same files;
                or what is to be set aside is a folder of the project's own files.
        """
        if plan.projects:
            summary = f"{plan.policy.source} names `projects:`, and shards divide one project"
            hint = "divide each by itself: `gates -C PROJECT plan`, `check` and `merge`"
            raise ConfigError(Problem("shards-of-projects", summary, hint=hint))
        _refuse_own(git, aside)
        tree = tree_state(git, aside=aside)
        if tree is None:
            raise StageError(
                "no-repository",
                "shards are told apart by their commit, and this folder is in no repository",
                hint="run it in a git checkout",
            )
        return cls(plan, tree, ci_run(environ))


def _refuse_own(git: Git, aside: tuple[Path, ...]) -> None:
    """New files in a folder that is set aside are not seen, so it can hold nothing else."""
    top = git.toplevel()
    for path in aside:
        is_above = top is not None and top.is_relative_to(path)
        if is_above or (path.is_dir() and git.is_tracked(path)):
            raise StageError(
                "folder-shared",
                "files of the project lie in the folder that is for what the shards hand over",
                place=str(path),
                hint="use a folder of its own for it, such as `gates-report`",
            )


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
        extends=here.plan.policy.extends,
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


def refuse_other(here: Here, plan: ShardPlan, load: LoadStage) -> None:
    """Refuse a checkout, a policy or a run of CI that is not the one the shards were planned for.

    Args:
        here: what is judged on this machine.
        plan: the plan of the shards.
        load: finds a stage's class by name.

    Raises:
        StageError: with the first thing that differs.
    """
    ours = here.plan.policy
    gates = due(here.plan, plan.level)
    for what, planned, found in (
        ("the version of gates", plan.gates_version, __version__),
        ("the commit", plan.commit, here.tree.commit),
        ("the tree", plan.tree, here.tree.tree),
        ("the policy", plan.policy, ours.source),
        (f"{ours.source}, by its digest,", plan.policy_sha256, ours.sha256),
        (f"what {ours.source} extends", extended(plan.extends), extended(ours.extends)),
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
    names = frozenset(gate.name for gate in gates)
    if names != plan.gates:
        example = min(names ^ plan.gates)
        differs = f"and {ours.source} do not hold the same gates: `{example}`"
    else:
        differs = Joining(gates, here.plan.services, load).torn(plan)
    if differs:
        hint = "make the plan anew with `gates plan`"
        raise StageError(SLUG, f"the plan of the shards {differs}", hint=hint)


def extended(policies: Sequence[Extended]) -> str:
    """The policies that a policy extends, each with its digest; they need not lie in the tree."""
    return ", ".join(f"{each.source} ({each.sha256})" for each in policies)


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
