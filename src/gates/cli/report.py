"""`gates report`: render a stored run record."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gates import app
from gates.cli.outputs import FORMATS, parse_outputs, write_outputs
from gates.cli.terminal import wants_colour, width_of
from gates.reports.console import report


@click.command(name="report")
@click.argument("form", metavar="FORMAT", type=click.Choice(tuple(FORMATS)))
@click.option("--record", metavar="PATH|ID", help="The record; default: that of the last run.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="A file; default: standard output."
)
def command(form: str, record: str | None, output: Path | None) -> None:
    """Render a stored run record in FORMAT; the exit code tells only whether that worked."""
    run = app.stored(Path.cwd(), record)
    if form == "console" and output is None:
        colour, width = wants_colour(sys.stdout, os.environ), width_of(sys.stdout)
        sys.stdout.write(report(run, colour=colour, width=width))
        return
    write_outputs(run, parse_outputs((f"{form}={output}" if output else form,)))
