"""`gates plan`: what would run, in what order, what is known about it, and why."""

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


@click.command(name="plan")
@click.option("--level", type=click.IntRange(1, 3), default=1, show_default=True)
@click.option("--gate", "gates", multiple=True, metavar="NAME", help="Only this gate; repeatable.")
def command(level: int, gates: tuple[str, ...]) -> None:
    """Show what `gates check` would run, without running anything."""
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
