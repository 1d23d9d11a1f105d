"""`gates check`: run the gates of a level and judge them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gates import app
from gates.cli.outputs import FORMATS, parse_outputs, write_outputs
from gates.cli.rollup import check_projects, progress_of
from gates.cli.terminal import wants_colour, wrap_of
from gates.domain.run import Selection
from gates.reports import console
from gates.reports.style import render


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
def command(
    *,
    level: int,
    gates: tuple[str, ...],
    jobs: int | None,
    changed_from: str | None,
    keep_going: bool,
    reports: tuple[str, ...],
) -> None:
    """Run the gates of a level and of all below it, and judge what they measured.

    Where gates.yaml names `projects:`, each of them is checked as in its own folder, and one
    verdict is told over all.
    """
    outputs = parse_outputs(reports)
    loaded = app.load(Path.cwd(), os.environ)
    selection = Selection(
        level=level,
        gates=gates,
        changed_from=changed_from,
        jobs=jobs or 0,
        keep_going=keep_going,
    )
    if loaded.plan.projects:
        sys.exit(check_projects(loaded, selection, outputs))
    chosen = app.gates_of(loaded, selection)
    # Standard output holds only the format that was asked for; people then read the other stream.
    screen = sys.stderr if any(output.path is None for output in outputs) else sys.stdout
    progress = progress_of(loaded.plan, chosen, level, screen)
    try:
        run = app.check(loaded, selection, os.environ, progress)
    finally:
        progress.close()
    colour = wants_colour(screen, os.environ)
    screen.write(render(console.closing(run, wrap=wrap_of(screen)), colour=colour))
    write_outputs(run, outputs)
    sys.exit(run.exit_code)
