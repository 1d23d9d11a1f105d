"""`gates check` and `gates plan` where gates.yaml names projects: one after another."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gates import app
from gates.cli.outputs import Output, write_outputs
from gates.cli.terminal import is_live, wants_colour, width_of, wrap_of
from gates.domain.plan import GatePlan, Plan
from gates.domain.run import Run, Selection
from gates.reports import console
from gates.reports.progress import PlainProgress
from gates.reports.style import Line, line, render

if TYPE_CHECKING:
    from gates.executor.parts import Part
    from gates.reports.live import LiveProgress


def progress_of(
    plan: Plan, gates: tuple[GatePlan, ...], level: int, screen: TextIO
) -> LiveProgress | PlainProgress:
    """Who shows the progress of a run: redrawn on a terminal, else in plain lines."""
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


def check_projects(
    loaded: app.Loaded,
    selection: Selection,
    outputs: Sequence[Output],
    policy_from: str | None = None,
) -> int:
    """Check all projects that a folder names, show each and the roll-up; the exit code.

    Args:
        loaded: the folder.
        selection: what the command line asks for.
        outputs: the reports that it asks for.
        policy_from: the revision by whose policy they are judged, or None for the present one.

    Raises:
        ConfigError: where one of them cannot be judged as it stands.
    """
    from gates.reports import rollup_console

    screen = sys.stderr if any(output.path is None for output in outputs) else sys.stdout
    monorepo = app.load_projects(loaded, os.environ)
    if policy_from is not None:
        from gates.cli.policy_base import projects_by_base

        monorepo = projects_by_base(monorepo, policy_from, selection, Path.cwd())
    rollup = app.check_all(monorepo, selection, os.environ, _judge(screen))
    colour = wants_colour(screen, os.environ)
    lines = rollup_console.closing(rollup, wrap=wrap_of(screen))
    screen.write(render(lines, colour=colour))
    write_outputs(rollup, outputs)
    return rollup.exit_code


def plan_projects(loaded: app.Loaded, selection: Selection) -> Iterator[Line]:
    """What `gates check` would run of each project.

    Raises:
        ConfigError: where one of them cannot be judged as it stands.
    """
    from gates.reports.plan_text import plan_lines

    monorepo = app.load_projects(loaded, os.environ)
    parts, notes = app.parts_of(monorepo, selection)
    for part in parts:
        if part.selection is None:
            yield line()
            yield line((part.label, "strong"), (" · not selected on the command line", "faint"))
            continue
        expected = app.durations_of(monorepo.of(part.path))
        plan = replace(part.plan, project=part.label)
        yield from plan_lines(plan, part.gates, part.selection.level, expected)
    for note in notes:
        yield line(("projects: ", "warn"), note)


def _judge(screen: TextIO) -> Callable[[Part, app.Loaded], Run]:
    """Checks one project as `gates check` in its folder would, and shows it."""

    def judge(part: Part, loaded: app.Loaded) -> Run:
        selection = part.selection or Selection()
        plan = replace(part.plan, project=part.label)
        progress = progress_of(plan, part.gates, selection.level, screen)
        try:
            run = app.check(loaded, selection, os.environ, progress)
        finally:
            progress.close()
        record = f"{part.path}/.gates/local/runs/{run.id}/{app.RECORD}".removeprefix("./")
        lines = console.closing(run, record, wrap_of(screen))
        screen.write(render(lines, colour=wants_colour(screen, os.environ)))
        screen.flush()
        return run

    return judge
