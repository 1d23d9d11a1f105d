"""`gates merge`: the one verdict over the shards that several machines measured."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gates.cli import shard_files
from gates.cli.outputs import FORMATS, parse_outputs, write_outputs
from gates.cli.rollup import progress_of
from gates.executor import shards
from gates.executor.merge import MergeOrder, merge
from gates.executor.shards import Here
from gates.stages import load


@click.command(name="merge")
@click.argument(
    "records",
    metavar="RECORD|DIR...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "--expect",
    "plan_file",
    metavar="PLAN",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The plan of the shards, as `gates plan --output` wrote it.",
)
@click.option(
    "--policy-from",
    metavar="REF",
    help="The policy of REF counts, as it did for the plan and the shards.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT[=PATH]",
    help=f"Write a report ({', '.join(FORMATS)}) to PATH, or to standard output; repeatable.",
)
def command(
    *,
    records: tuple[Path, ...],
    plan_file: Path,
    policy_from: str | None,
    reports: tuple[str, ...],
) -> None:
    """Join what the shards of a plan measured, and judge it once.

    A RECORD is the run.json in the bundle of a shard; a DIR is searched for bundles. A shard that
    is missing, double, or of another commit, policy, plan or attempt is errored.
    """
    outputs = parse_outputs(reports)
    plan = shard_files.read_plan(plan_file)
    loaded = shard_files.loaded_by(policy_from, plan.level)
    aside = shard_files.real(plan_file, *records)
    shards.refuse_other(Here.of(loaded.plan, loaded.git, os.environ, aside), plan, load)
    order = MergeOrder(
        plan=loaded.plan,
        shards=plan,
        submissions=shard_files.submissions(records),
        aside=aside,
        state=loaded.state,
    )
    screen = shard_files.screen_of(outputs)
    gates = shards.due(loaded.plan, plan.level)
    progress = progress_of(loaded.plan, gates, plan.level, screen)
    try:
        run = merge(order, shard_files.setting_of(loaded, progress))
    finally:
        progress.close()
    shard_files.written(run)
    shard_files.show(run, screen)
    write_outputs(run, outputs)
    sys.exit(run.exit_code)
