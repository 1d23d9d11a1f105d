"""One run of one project: its progress, its closing lines and its reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from gates import app
from gates.cli.outputs import Output
from gates.cli.rollup import progress_of
from gates.cli.terminal import wants_colour, wrap_of
from gates.domain.run import Run, Selection
from gates.reports import console
from gates.reports.style import render


def judged(loaded: app.Loaded, selection: Selection, outputs: Sequence[Output]) -> Run:
    """Run the gates, and show the run; its reports are not written yet.

    Standard output holds only the format that was asked for; people then read the other stream.

    Raises:
        ConfigError: where the selection cannot be used.
        StageError: where the base of the change is not there.
    """
    chosen = app.gates_of(loaded, selection)
    screen = sys.stderr if any(output.path is None for output in outputs) else sys.stdout
    progress = progress_of(loaded.plan, chosen, selection.level, screen)
    try:
        run = app.check(loaded, selection, os.environ, progress)
    finally:
        progress.close()
    colour = wants_colour(screen, os.environ)
    screen.write(render(console.closing(run, wrap=wrap_of(screen)), colour=colour))
    screen.flush()
    return run
