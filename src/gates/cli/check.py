"""`gates check`: run the gates of a level and judge them."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from gates import app
from gates.cli.outputs import FORMATS, parse_outputs, write_outputs
from gates.cli.terminal import is_live, wants_colour, width_of, wrap_of
from gates.domain.plan import GatePlan
from gates.domain.run import Selection
from gates.reports import console
from gates.reports.progress import PlainProgress
from gates.reports.style import render

if TYPE_CHECKING:
    from gates.reports.live import LiveProgress


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
    help="Only this gate and what it needs; repeatable.",
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
    """Run the gates of a level and of all below it, and judge what they measured."""
    outputs = parse_outputs(reports)
    loaded = app.load(Path.cwd(), os.environ)
    selection = Selection(
        level=level,
        gates=gates,
        changed_from=changed_from,
        jobs=jobs or 0,
        keep_going=keep_going,
    )
    chosen = app.gates_of(loaded, selection)
    # Standard output holds only the format that was asked for; people then read the other stream.
    screen = sys.stderr if any(output.path is None for output in outputs) else sys.stdout
    progress = _progress(loaded, chosen, level, screen)
    try:
        run = app.check(loaded, selection, os.environ, progress)
    finally:
        progress.close()
    colour = wants_colour(screen, os.environ)
    screen.write(render(console.closing(run, wrap=wrap_of(screen)), colour=colour))
    write_outputs(run, outputs)
    sys.exit(run.exit_code)


def _progress(
    loaded: app.Loaded, gates: tuple[GatePlan, ...], level: int, screen: TextIO
) -> LiveProgress | PlainProgress:
    plan = loaded.plan
    name = next((each.name for each in plan.levels if each.number == level), "")
    title = (plan.project, level, name)
    colour, width = wants_colour(screen, os.environ), width_of(screen)
    if is_live(screen, os.environ):
        from gates.reports.live import LiveProgress

        return LiveProgress(
            gates=gates, title=title, out=screen, now=time.monotonic, colour=colour, width=width
        )
    return PlainProgress(
        gates=gates,
        title=title,
        out=screen,
        pulse=sys.stderr,
        now=time.monotonic,
        colour=colour,
        width=width,
    )
