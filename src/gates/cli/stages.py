"""`gates stages`: list the stages, or show one with its metrics, options and defaults."""

from __future__ import annotations

import os
import sys

import click

from gates import stages
from gates.cli.terminal import wants_colour
from gates.domain.errors import ConfigError, Problem
from gates.formats.nearest import nearest
from gates.reports.stage_text import list_lines, stage_lines
from gates.reports.style import render


@click.command(name="stages")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List the stages that can be used here, or show the stage NAME."""
    names = stages.names()
    if name is None:
        lines = list_lines([stages.load(each) for each in names])
    elif name in names:
        lines = stage_lines(stages.load(name))
    else:
        guess = nearest(name, names)
        hint = f"did you mean `{guess}`?" if guess else "`gates stages` lists them"
        raise ConfigError(Problem("unknown-stage", f"no stage is named `{name}`", hint=hint))
    sys.stdout.write(render(lines, colour=wants_colour(sys.stdout, os.environ)))
