"""`gates check`: run the gates of a level and judge them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gates import app
from gates.cli.one_run import judged
from gates.cli.outputs import FORMATS, parse_outputs, write_outputs
from gates.cli.rollup import check_projects
from gates.domain.run import Selection


@click.command(name="check")
@click.option(
    "--level",
    type=click.IntRange(1, 3),
    default=1,
    show_default=True,
    help="Judge this level and all below it.",
)
@click.option(
    "--gate",
    "gates",
    multiple=True,
    metavar="NAME",
    help="Only this gate and what it needs; PATH:NAME names one of a project; repeatable.",
)
@click.option(
    "--jobs", "-j", type=click.IntRange(1, 256), help="Stages side by side; default: the cores."
)
@click.option(
    "--changed-from",
    metavar="REF",
    help="Judge only gates that the change since REF touches.",
)
@click.option("--staged", is_flag=True, help="Judge the index, as git's hook pre-commit does.")
@click.option(
    "--pre-push", is_flag=True, help="Judge each pushed commit, read from standard input."
)
@click.option("--commit-msg", metavar="FILE", help="Judge the commit message in FILE, and no more.")
@click.option(
    "--policy-from",
    metavar="REF",
    help="Judge by the policy of REF, and judge what the change does to it.",
)
@click.option("--shard", type=click.IntRange(1, 256), help="Judge this shard of --plan alone.")
@click.option(
    "--plan",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --shard: the plan of the shards, as `gates plan --output` wrote it.",
)
@click.option(
    "--bundle",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --shard: where to leave what the merge needs; default: gates-report.",
)
@click.option(
    "--keep-going", is_flag=True, help="Start a level although one below it did not pass."
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT[=PATH]",
    help=f"Write a report ({', '.join(FORMATS)}) to PATH, or to standard output; repeatable.",
)
def command(  # noqa: PLR0913 - one for each option
    *,
    level: int,
    gates: tuple[str, ...],
    jobs: int | None,
    changed_from: str | None,
    staged: bool,
    pre_push: bool,
    commit_msg: str | None,
    policy_from: str | None,
    shard: int | None,
    plan: Path | None,
    bundle: Path | None,
    keep_going: bool,
    reports: tuple[str, ...],
) -> None:
    """Run the gates of a level and of all below it, and judge what they measured.

    Where gates.yaml names `projects:`, each of them is checked as in its own folder, and one
    verdict is told over all.
    """
    outputs = parse_outputs(reports)
    selection = Selection(
        level=level,
        gates=gates,
        changed_from=changed_from,
        jobs=jobs or 0,
        keep_going=keep_going,
    )
    if shard is not None or plan is not None or bundle is not None:
        from gates.cli.check_shard import ShardOptions, check_shard

        options = ShardOptions(index=shard, plan=plan, bundle=bundle, policy_from=policy_from)
        options.refuse_beside(gates, changed_from, staged, pre_push, commit_msg is not None)
        sys.exit(check_shard(options, selection, outputs))
    if staged or pre_push or commit_msg is not None:
        from gates.cli.check_staged import Hook, check_hook

        hook = Hook(staged=staged, pre_push=pre_push, commit_msg=commit_msg)
        hook.refuse_two(changed_from)
        if policy_from is not None:
            # Imported only here: a commit must not wait for what it does not need.
            from gates.cli.policy_base import refuse_beside

            refuse_beside(policy_from)
        sys.exit(check_hook(hook, selection, outputs))
    loaded = app.load(Path.cwd(), os.environ)
    if loaded.plan.projects:
        sys.exit(check_projects(loaded, selection, outputs, policy_from))
    if policy_from is not None:
        from gates.cli.policy_base import by_base

        loaded = by_base(loaded, policy_from, selection, Path.cwd())
    run = judged(loaded, selection, outputs)
    write_outputs(run, outputs)
    sys.exit(run.exit_code)
