"""`gates check --shard`: one part of a level that several machines divide among them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from gates import app
from gates.cli import shard_files
from gates.cli.outputs import Output, write_outputs
from gates.cli.rollup import progress_of
from gates.domain.run import Run, Selection
from gates.domain.shards import ShardPlan, ShardRun
from gates.executor import shards, shards_bundle
from gates.executor.setting import Observer
from gates.executor.shards import Here
from gates.executor.share import Share
from gates.executor.start import execute
from gates.stages import load

BUNDLE = "gates-report"
"""Where a shard puts what it hands over; no hidden folder, which GitHub would not upload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardOptions:
    """What the command line says of a shard.

    Attributes:
        index: its number, or None.
        plan: the plan's file, or None.
        bundle: where it puts what it hands over, or None for the usual folder.
        policy_from: the revision by whose policy it is judged, or None.
    """

    index: int | None
    plan: Path | None
    bundle: Path | None
    policy_from: str | None = None

    def refuse_beside(self, *others: object) -> None:
        """Refuse options that choose what is judged.

        Raises:
            click.UsageError: a part of the shard is asked for.
        """
        if any(others):
            raise click.UsageError(
                "a shard is judged whole: leave out --gate, --changed-from, --staged, --pre-push"
                " and --commit-msg"
            )


def check_shard(options: ShardOptions, selection: Selection, outputs: Sequence[Output]) -> int:
    """Measure one shard, show it, and leave its bundle; the exit code.

    Raises:
        ConfigError: the plan has no such shard.
        StageError: this is not the checkout, policy or run that the plan is of.
        click.UsageError: one of a pair is left out, or another level is asked for.
    """
    if options.plan is None or options.index is None:
        raise click.UsageError("--shard and --plan go together: `--shard 3 --plan FILE`")
    plan = shard_files.read_plan(options.plan)
    _refuse_level(selection, plan)
    loaded = shard_files.loaded_by(options.policy_from, plan.level)
    bundle = options.bundle or loaded.root / BUNDLE
    aside = shard_files.real(options.plan, bundle)
    here = Here.of(loaded.plan, loaded.git, os.environ, aside)
    shards.refuse_other(here, plan, load)
    share = shards.share_of(here, plan, options.index, root=loaded.root, aside=aside)
    folder = shards_bundle.begin(bundle, options.index)
    screen = shard_files.screen_of(outputs)
    gates = share.of(shards.due(loaded.plan, plan.level))
    progress = progress_of(loaded.plan, gates, plan.level, screen)
    try:
        run = _measured(loaded, replace(selection, level=plan.level), share, progress)
    finally:
        progress.close()
    if run.shard is not None:  # so it is, by its share
        run = _handed_over(run, run.shard, plan, loaded, folder)
    shard_files.show(run, screen)
    write_outputs(run, outputs)
    return run.exit_code


def _refuse_level(selection: Selection, plan: ShardPlan) -> None:
    given = click.get_current_context().get_parameter_source("level")
    if given is click.core.ParameterSource.COMMANDLINE and selection.level != plan.level:
        raise click.UsageError(f"the plan is of Level {plan.level}: leave out --level")


def _measured(loaded: app.Loaded, selection: Selection, share: Share, observer: Observer) -> Run:
    setting = shard_files.setting_of(loaded, observer)
    return execute(loaded.plan, selection, replace(setting, share=share))


def _handed_over(
    run: Run, shard: ShardRun, plan: ShardPlan, loaded: app.Loaded, folder: Path
) -> Run:
    """Put what the merge reads into the bundle; the run, whose record names it."""
    names = shards.handing(plan, shards.due(loaded.plan, plan.level), shard.index)
    parcels = shards_bundle.collected(run, names, load, folder)
    run = replace(run, shard=replace(shard, parcels=parcels))
    shards_bundle.finish(folder, shard_files.written(run))
    return run
