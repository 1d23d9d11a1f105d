"""`gates plan --format`: the gates of a level divided over machines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gates import app
from gates.cli import destination
from gates.domain.errors import ConfigError, Problem, StageError
from gates.domain.run import Selection
from gates.domain.shards import ShardPlan
from gates.executor import shards
from gates.executor.shards import Here
from gates.formats import shard_plan
from gates.reports import shards_gitlab, shards_matrix
from gates.reports.shards_gitlab import Origin
from gates.stages import load
from gates.toolkit.clock import SystemClock
from gates.toolkit.door import one_line
from gates.toolkit.files import write_atomic


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a level is divided.

    Attributes:
        level: the level.
        count: how many machines there are; None for as many as help.
        durations: a stored record that tells how long gates took, by path or id, or None.
        policy_from: the revision by whose policy, or None for the present one.
    """

    level: int
    count: int | None
    durations: str | None
    policy_from: str | None


def print_shards(form: str, wanted: Wanted, output: Path) -> None:
    """Divide the gates, write the plan's file, and print the shards for a CI system.

    Raises:
        ConfigError: the level cannot be divided, or the pipeline cannot be written safely.
        StageError: outside git, or the file cannot be written.
    """
    loaded = app.load(Path.cwd(), os.environ)
    if wanted.policy_from is not None:
        from gates.cli.policy_base import by_base

        selection = Selection(level=wanted.level)
        loaded = by_base(loaded, wanted.policy_from, selection, Path.cwd())
    plan = _planned(loaded, wanted, output)
    text = (
        shards_matrix.report(plan) if form == "github-matrix" else _pipeline(plan, loaded, output)
    )
    _write(plan, output)
    sys.stdout.write(text)
    sys.stdout.flush()
    for line in _told(plan, loaded, wanted):
        sys.stderr.write(f"{line}\n")


def _planned(loaded: app.Loaded, wanted: Wanted, output: Path) -> ShardPlan:
    here = Here.of(loaded.plan, loaded.git, os.environ, (output.resolve(),))
    known = app.durations_of(loaded)
    if wanted.durations is not None:
        run = app.stored(Path.cwd(), wanted.durations)
        known |= {gate.name: float(gate.seconds) for gate in run.gates if gate.examined}
    division = shards.Division(
        level=wanted.level, count=wanted.count, known=known, made=SystemClock().now_utc()
    )
    return shard_plan.sealed(shards.divided(here, division, load))


def _pipeline(plan: ShardPlan, loaded: app.Loaded, output: Path) -> str:
    top = loaded.git.toplevel() or loaded.root
    path = output.resolve()
    if not path.is_relative_to(top):
        summary = (
            f"the plan's file lies outside the checkout, from where GitLab takes no files: {path}"
        )
        hint = "write it to `gates-report/plan.json`"
        raise ConfigError(Problem("pipeline-name", one_line(summary), hint=hint))
    if loaded.root.resolve() != top.resolve():
        summary = "the child pipeline is written for a gates.yaml at the top of its repository"
        hint = "write the entries by hand, as the docs on shards show"
        raise ConfigError(Problem("pipeline-folder", summary, hint=hint))
    origin = Origin(
        file=path.relative_to(top).as_posix(),
        entry=os.environ.get("CI_JOB_NAME", ""),
        pipeline=os.environ.get("CI_PIPELINE_ID", ""),
    )
    return shards_gitlab.report(plan, origin)


def _write(plan: ShardPlan, path: Path) -> None:
    try:
        destination.prepare(path)
        write_atomic(path, shard_plan.render(plan).encode(), sync=True)
    except OSError as error:
        summary = f"the plan of the shards could not be written: {error.strerror}"
        raise StageError("report-unwritten", summary, place=str(path)) from error


def _told(plan: ShardPlan, loaded: app.Loaded, wanted: Wanted) -> Iterator[str]:
    """What a person wants to know of the plan; it goes to standard error."""
    longest = max(float(shard.expected_s) for shard in plan.shards)
    gates = len(plan.gates)
    at_merge = f", {len(plan.at_merge)} of them at the merge" if plan.at_merge else ""
    yield (
        f"{gates} gates{at_merge}, in {len(plan.shards)} shards;"
        f" the longest is expected to take {longest:.1f} s"
    )
    if wanted.count is not None and wanted.count > len(plan.shards):
        yield f"{wanted.count} machines were offered; there is work for {len(plan.shards)}"
    split = plan.split()
    for gate in shards.due(loaded.plan, plan.level):
        parts = split.get(gate.name, 1)
        if gate.shards > parts:
            why = f"it goes into {parts} parts" if parts > 1 else "it stays whole"
            yield f"`{gate.name}` asks for {gate.shards} parts; {why}"
