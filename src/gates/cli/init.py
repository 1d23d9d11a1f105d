"""`gates init`: a first gates.yaml for the project in this folder, without a question."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

from gates import app
from gates.cli.init_projects import write_all, write_new
from gates.cli.shell import of_shell
from gates.cli.terminal import show_error, wants_colour, width_of, wrap_of
from gates.domain.errors import ConfigError, GatesError, Problem
from gates.domain.run import Run, Selection
from gates.reports import console
from gates.reports.init_text import next_lines, proposal_lines, written_lines
from gates.reports.progress import PlainProgress
from gates.reports.style import render
from gates.survey import roof
from gates.survey.choice import QUICK_S
from gates.survey.scene import from_shell

INTERRUPTED = 128


@click.command(name="init")
@click.option(
    "--dry-run", is_flag=True, help="Print the file to standard output, and write nothing."
)
@click.option(
    "--ci",
    type=click.Choice(("github", "gitlab")),
    help="Also write the files by which this CI system runs gates.",
)
def command(*, dry_run: bool, ci: str | None) -> None:
    """Write a gates.yaml with the gates that can run in this folder now, and run the quickest.

    Where the folder only holds projects, each of them gets a file, and one here names them.

    A file that is there is never overwritten. The exit code is 0 if the file was written, whatever
    its gates say, and 2 if it was not. With --ci, a gates.yaml that is there is taken as it is.
    """
    folder = Path.cwd().resolve()
    if ci is None:
        _write_policy(folder, dry_run=dry_run)
        return
    from gates.cli.init_ci import has_policy, write_files

    if not has_policy(folder):
        _write_policy(folder, dry_run=dry_run)
    write_files(ci, folder, os.environ, dry_run=dry_run)


def _write_policy(folder: Path, *, dry_run: bool) -> None:
    """Write the gates.yaml, and run the quickest of its gates.

    Raises:
        ConfigError: one is there, none can run yet, or the file cannot be written.
    """
    path = None if dry_run else app.vacant(folder)
    environ = of_shell(os.environ)
    found = roof.look(folder, environ)
    if found is not None:
        write_all(found, folder, environ, dry_run=dry_run)
        return
    proposal = app.propose(folder, environ)
    screen = sys.stderr if dry_run else sys.stdout
    colour = wants_colour(screen, os.environ)
    columns = wrap_of(screen)
    screen.write(render(proposal_lines(proposal, folder.name, columns), colour=colour))
    screen.flush()
    if not proposal.chosen:
        hint = next((gate.hint for gate in proposal.left_out if gate.hint), "")
        summary = "no gate can run here yet, so no file is written"
        raise ConfigError(Problem("no-gates", summary, place=str(folder), hint=hint))
    text = app.first_policy(proposal, folder)
    if path is None:
        sys.stdout.write(text)
        return
    write_new(path, text)
    quick = proposal.quick
    sys.stdout.write(render(written_lines(path.name, proposal.chosen, quick), colour=colour))
    run = _run(folder, quick, {**os.environ, **dict(proposal.environ)}) if quick else None
    here = from_shell(folder, folder, environ)
    lines = next_lines(proposal.launcher, quick, here, columns)
    sys.stdout.write(render(lines, colour=colour))
    if run is not None and run.exit_code > INTERRUPTED:
        sys.exit(run.exit_code)


def _run(folder: Path, names: tuple[str, ...], environ: Mapping[str, str]) -> Run | None:
    """Run some gates; what hinders that is shown, and is no failure of writing the file."""
    try:
        loaded = app.load(folder, environ)
        gates = tuple(
            replace(gate, timeout_s=min(gate.timeout_s, QUICK_S)) for gate in loaded.plan.gates
        )
        loaded = replace(loaded, plan=replace(loaded.plan, gates=gates))
        selection = Selection(gates=names)
        progress = PlainProgress(
            gates=app.gates_of(loaded, selection),
            title=(loaded.plan.project, 1, loaded.plan.levels[0].name),
            out=sys.stdout,
            pulse=sys.stderr,
            now=time.monotonic,
            colour=wants_colour(sys.stdout, os.environ),
            width=width_of(sys.stdout),
        )
        run = app.check(loaded, selection, environ, progress)
    except GatesError as error:
        sys.stdout.flush()
        show_error(error)
        return None
    colour = wants_colour(sys.stdout, os.environ)
    wrap = wrap_of(sys.stdout)
    sys.stdout.write(render(console.closing(run, wrap=wrap), colour=colour))
    return run
