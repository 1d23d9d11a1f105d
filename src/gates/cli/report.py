"""`gates report`: render a stored run record."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gates import app
from gates.cli.outputs import FORMATS, parse_outputs, write_outputs, write_text
from gates.cli.terminal import wants_colour, width_of
from gates.domain.errors import ConfigError, Problem
from gates.domain.run import Run
from gates.reports.console import report


@click.command(name="report")
@click.argument("form", metavar="FORMAT", type=click.Choice(tuple(FORMATS)))
@click.option("--record", metavar="PATH|ID", help="The record; default: that of the last run.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="A file; default: standard output."
)
@click.option("--metric", metavar="GATE/METRIC", help="badge: this metric; default: the verdict.")
@click.option("--label", metavar="TEXT", help="badge: what stands on its left.")
def command(
    form: str, record: str | None, output: Path | None, metric: str | None, label: str | None
) -> None:
    """Render a stored run record in FORMAT; the exit code tells only whether that worked."""
    if form != "badge" and (metric is not None or label is not None):
        raise click.UsageError("--metric and --label are options of the format badge")
    try:
        run = app.rolled(Path.cwd(), record) or app.stored(Path.cwd(), record)
        given = record if record and Path(record).is_file() else ""
    except OSError as error:
        summary = f"no record can be read from there: {error.strerror}"
        raise ConfigError(Problem("no-record", summary, place=record or "")) from error
    if form == "console" and output is None:
        colour, width = wants_colour(sys.stdout, os.environ), width_of(sys.stdout)
        is_screen = sys.stdout.isatty()
        if isinstance(run, Run):
            text = report(run, colour=colour, width=width, record=given, is_screen=is_screen)
        else:
            from gates.reports import rollup_console

            text = rollup_console.report(
                run, colour=colour, width=width, record=given, is_screen=is_screen
            )
        sys.stdout.write(text)
        return
    outputs = parse_outputs((f"{form}={output}" if output else form,))
    if form == "badge":
        from gates.reports import badge

        text = badge.report(run, metric=metric or "", label=label or "")
        write_text(text, outputs[0])
        return
    write_outputs(run, outputs, record=given)
