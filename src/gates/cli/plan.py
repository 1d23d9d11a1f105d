"""`gates plan`: what would run, in what order, what is known about it, and why; and its shards."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gates import app
from gates.cli.rollup import plan_projects
from gates.cli.terminal import wants_colour
from gates.domain.run import Selection
from gates.reports.plan_text import plan_lines
from gates.reports.style import render

FORMATS = ("github-matrix", "gitlab")
"""What the shards can be printed as."""


@click.command(name="plan")
@click.option(
    "--level",
    type=click.IntRange(1, 3),
    default=1,
    show_default=True,
    help="The gates of this level and of all below it.",
)
@click.option("--gate", "gates", multiple=True, metavar="NAME", help="Only this gate; repeatable.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="Divide the gates over machines, and print the shards for this CI system.",
)
@click.option(
    "--shards",
    "count",
    type=click.IntRange(1, 256),
    help="With --format: how many machines; default: as many as make the wait shorter.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --format: the file for the whole plan, which shards and merge are given.",
)
@click.option(
    "--durations",
    metavar="PATH|ID",
    help="With --format: a stored record that tells how long gates take.",
)
@click.option(
    "--policy-from",
    metavar="REF",
    help="With --format: plan by the policy of REF, as `check` does.",
)
def command(  # noqa: PLR0913 - one for each option
    *,
    level: int,
    gates: tuple[str, ...],
    form: str | None,
    count: int | None,
    output: Path | None,
    durations: str | None,
    policy_from: str | None,
) -> None:
    """Show what `gates check` would run, without running anything."""
    if form is not None:
        if gates or output is None:
            missing = "add --output FILE: the shards and the merge are given that file"
            raise click.UsageError("shards hold all gates: leave out --gate" if gates else missing)
        from gates.cli.plan_shards import Wanted, print_shards

        wanted = Wanted(level, count, durations, policy_from)
        print_shards(form, wanted, output)
        return
    if count or output or durations or policy_from:
        raise click.UsageError("--shards, --output, --durations and --policy-from need --format")
    loaded = app.load(Path.cwd(), os.environ)
    selection = Selection(level=level, gates=gates)
    if loaded.plan.projects:
        shown = render(
            plan_projects(loaded, selection), colour=wants_colour(sys.stdout, os.environ)
        )
        sys.stdout.write(shown)
        return
    chosen = app.gates_of(loaded, selection)
    expected = app.durations_of(loaded)
    lines = plan_lines(loaded.plan, chosen, level, expected)
    sys.stdout.write(render(lines, colour=wants_colour(sys.stdout, os.environ)))
