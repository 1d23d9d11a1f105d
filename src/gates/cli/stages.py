"""`gates stages`: list the stages, show one with all that it declares, or try one."""

from __future__ import annotations

import os
import sys

import click

from gates import stages
from gates.cli.terminal import wants_colour
from gates.domain.errors import ConfigError, Problem
from gates.formats.nearest import nearest
from gates.plugin import Options, Stage
from gates.reports.stage_text import list_lines, stage_lines, trial_lines
from gates.reports.style import render

CHECK = "check"
"""The word before the name of a stage that is to be tried."""

NOT_PROVED = 3
"""The exit code where the kit could not try all that it should."""


@click.command(name="stages", options_metavar="[--all]")
@click.argument("words", nargs=-1, metavar="[[check] NAME]")
@click.option("--all", "whole", is_flag=True, help="With check: show every single trial.")
def command(words: tuple[str, ...], *, whole: bool) -> int:
    """List the stages that can be used here, show the stage NAME, or try it.

    `check NAME` measures the stage's sample with its real tools, and then again with everything
    that can go wrong with them. It ends with 1 where the stage passes without proof, and with 3
    where that could not be tried: the sample cannot be measured here, or lacks something.
    """
    match words:
        case ():
            lines = list_lines([stages.load(each) for each in stages.names()])
        case (name,) if name != CHECK:
            lines = stage_lines(_stage(name))
        case ("check", name):
            return _check(_stage(name), whole=whole)
        case _:
            raise click.UsageError("give one name: gates stages [check] NAME")
    sys.stdout.write(render(lines, colour=wants_colour(sys.stdout, os.environ)))
    return 0


def _check(stage: type[Stage[Options]], *, whole: bool) -> int:
    from gates.testing import check

    found = check(stage)
    lines = trial_lines(found.stage, found.trials, found.gaps, whole=whole)
    sys.stdout.write(render(lines, colour=wants_colour(sys.stdout, os.environ)))
    return 1 if found.broken else 0 if found.is_proved else NOT_PROVED


def _stage(name: str) -> type[Stage[Options]]:
    names = stages.names()
    if name in names:
        return stages.load(name)
    guess = nearest(name, names)
    hint = f"did you mean `{guess}`?" if guess else "`gates stages` lists them"
    raise ConfigError(Problem("unknown-stage", f"no stage is named `{name}`", hint=hint))
