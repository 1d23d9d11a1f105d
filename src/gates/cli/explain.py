"""`gates explain`: why a gate of a stored run stands as it does, and how to repeat it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from gates import app
from gates.cli.address import addressed, overview_of
from gates.cli.terminal import wants_colour, wrap_of
from gates.config import policy
from gates.domain.errors import ConfigError, GatesError, OutputUnreadable, Problem
from gates.domain.plan import GatePlan
from gates.domain.rollup import RollUp
from gates.domain.run import GateRun, Run
from gates.formats.nearest import nearest
from gates.reports.explain import Surroundings, gate_lines, overview_lines
from gates.reports.style import Line, render
from gates.toolkit.door import Redactor
from gates.toolkit.files import open_report


@click.command(name="explain")
@click.argument("gate", required=False)
@click.option("--record", metavar="PATH|ID", help="The record; default: that of the last run.")
@click.option(
    "--limit", type=click.IntRange(min=0), help="Findings to show of the gate; default: all."
)
def command(gate: str | None, record: str | None, limit: int | None) -> None:
    """Tell why GATE stands as it does in a stored run, or which gates did not pass and why.

    Where gates.yaml names `projects:`, PATH:NAME is a gate of one of them.
    """
    try:
        start, found, gate = addressed(Path.cwd(), gate, record)
        if isinstance(found, RollUp):
            _show(overview_of(found))
            return
        run = found or app.stored(start, record)
    except OSError as error:
        summary = f"no record can be read from there: {error.strerror}"
        raise ConfigError(Problem("no-record", summary, place=record or "")) from error
    root = policy.find(start).parent
    said, planned = _policy(run, root)
    chosen = _chosen(run, gate, planned) if gate is not None else None
    around = Surroundings(
        width=wrap_of(sys.stdout) or sys.maxsize,
        root=shlex.quote(str(root)),
        policy=said,
        planned=planned,
        reports=_reports(run, chosen, root),
        logs=_logs(run, chosen),
    )
    lines = (
        overview_lines(run, around) if chosen is None else gate_lines(run, chosen, around, limit)
    )
    _show(lines)


def _show(lines: Iterable[Line]) -> None:
    text = render(lines, colour=wants_colour(sys.stdout, os.environ))
    sys.stdout.write(Redactor(os.environ).redact(text))


def _chosen(run: Run, name: str, planned: Mapping[str, GatePlan]) -> GateRun:
    """The gate of a name.

    Raises:
        ConfigError: where the run holds none.
    """
    for gate in run.gates:
        if gate.name == name:
            return gate
    guess = nearest(name, [gate.name for gate in run.gates])
    hint = f"did you mean `{guess}`?" if guess else "`gates explain` lists what did not pass"
    if name in planned:
        hint = f"it was not judged: run `gates check --level {planned[name].level}`"
    raise ConfigError(Problem("unknown-gate", f"run {run.id} holds no gate `{name}`", hint=hint))


def _policy(run: Run, root: Path) -> tuple[str, Mapping[str, GatePlan]]:
    """How today's gates.yaml stands to the run, in words; its gates where it is the same."""
    from hashlib import sha256

    try:
        if sha256(policy.read(root / policy.NAME)).hexdigest() != run.policy.sha256:
            said = (
                "gates.yaml changed since this run: places in it, and what is required, may differ"
            )
            return f"{said}; run `gates check` again", {}
        loaded = app.load(root, os.environ)
    except GatesError as error:
        return f"gates.yaml cannot be used today: {error}", {}
    return "", {gate.name: gate for gate in loaded.plan.gates}


def _reports(run: Run, gate: GateRun | None, root: Path) -> Mapping[str, str]:
    """What became of the files behind a gate's numbers."""
    artifacts = gate.artifacts if gate is not None else ()
    return {each.path: _state(Path(run.folder), root, each.path, each.sha256) for each in artifacts}


def _state(folder: Path, root: Path, path: str, digest: str) -> str:
    """Whether a report is still what was read: below the run's folder, else a given one."""
    said = ""
    for base in (folder, root):
        try:
            with open_report(base / path) as reader:
                found = reader.finish()
        except OutputUnreadable as error:
            if error.problem.slug != "report-absent":
                said = said or str(error)
            continue
        if found == digest:
            return "there, unchanged" + ("" if base == folder else ", in the folder of gates.yaml")
        said = said or f"changed since the run: its sha256 is {found} now"
    return said or "not there any more"


def _logs(run: Run, gate: GateRun | None) -> frozenset[str]:
    logs: tuple[str, ...] = ()
    if gate is not None:
        logs = (*gate.logs, *(log for service in gate.services for log in service.logs))
    return frozenset(log for log in logs if (Path(run.folder) / log).is_file())
