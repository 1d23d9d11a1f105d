"""`gates doctor`: tools and surroundings, and each gate that cannot run or could not fail."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gates import app
from gates.cli import doctor_load
from gates.cli.shell import of_shell
from gates.cli.terminal import wants_colour, wrap_of
from gates.domain.errors import StageError
from gates.domain.survey import Weight
from gates.reports.doctor_text import diagnosis_lines
from gates.reports.style import line, render


@click.group(name="doctor", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Look at tools, versions and surroundings, and at each gate that could not fail today.

    Nothing is measured, and tools are only asked for their version. The exit code is 3 if a gate
    cannot run, else 0.
    """
    if context.invoked_subcommand is None:
        _diagnose()


command.add_command(doctor_load.command)


def _diagnose() -> None:
    environ = of_shell(os.environ)
    loaded = app.load(Path.cwd(), environ)
    diagnosis = app.diagnose(loaded, environ)
    colour = wants_colour(sys.stdout, os.environ)
    lines = diagnosis_lines(diagnosis, wrap_of(sys.stdout))
    sys.stdout.write(render(lines, colour=colour))
    if loaded.plan.projects:
        told = "the folders of `projects:` are looked at one by one: `gates -C DIR doctor`"
        sys.stdout.write(render([line(("projects: ", "warn"), told)], colour=colour))
    if any(each.weight is Weight.CANNOT_RUN for each in diagnosis.remarks):
        sys.exit(StageError.exit_code)
