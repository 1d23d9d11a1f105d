"""`PATH:NAME`: a gate of a project, as `gates explain` takes it in the folder above."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gates import app
from gates.config import policy
from gates.domain.errors import ConfigError, Problem
from gates.domain.rollup import OWN, ProjectRun, RollUp
from gates.domain.run import Run
from gates.formats.nearest import nearest
from gates.reports.rollup_console import closing
from gates.reports.rollup_v1 import open_gates
from gates.reports.style import Line, line

Addressed = tuple[Path, Run | RollUp | None, str | None]
"""The folder of a gate, its run or the roll-up where that is known, and the gate's bare name."""


def addressed(start: Path, gate: str | None, record: str | None) -> Addressed:
    """Find what a gate's name, or none, speaks of.

    Args:
        start: the folder that `gates` was started in.
        gate: a name, `PATH:NAME`, or None for all that did not pass.
        record: the record that the command line named, or None for the last one.

    Raises:
        ConfigError: where the name leads to no gate, or to several.
        OutputUnreadable: where the roll-up cannot be read.
    """
    rollup = app.rolled(start, record)
    if rollup is None:
        return _without_rollup(start, gate)
    if gate is None:
        return start, rollup, None
    path, colon, name = gate.rpartition(":")
    path = (path.rstrip("/") or path).removeprefix("./")
    entry = _at(rollup, path) if colon else _holding(rollup, name)
    root = policy.find(start.resolve()).parent
    if entry.run is None:
        summary = f"`{entry.path}` was not judged in {rollup.id}: {entry.reason}"
        hint = f"`gates -C {entry.path} explain` tells of its own last run"
        raise ConfigError(Problem("no-record", summary, place=entry.path, hint=hint))
    run = replace(entry.run, folder=str((root / entry.record).parent))
    return root / entry.path, run, name


def overview_of(rollup: RollUp) -> Iterator[Line]:
    """Every project and gate that did not pass, and how to see more of it."""
    yield from closing(rollup)
    for entry in rollup.projects:
        for gate in open_gates(entry):
            yield line(("more: ", "faint"), f"gates explain {entry.path}:{gate.name}")


def _without_rollup(start: Path, gate: str | None) -> Addressed:
    path, colon, name = (gate or "").rpartition(":")
    if not colon:
        return start, None, gate
    folder = policy.find(start.resolve()).parent / path
    if not (folder / policy.NAME).is_file():
        summary = f"no project lies at `{path}`"
        raise ConfigError(Problem("unknown-project", summary, hint="write `PATH:NAME`"))
    return folder, None, name


def _at(rollup: RollUp, path: str) -> ProjectRun:
    paths = [entry.path for entry in rollup.projects]
    if path in paths:
        return rollup.projects[paths.index(path)]
    guess = nearest(path, paths)
    hint = f"did you mean `{guess}`?" if guess else "`gates explain` lists the projects"
    summary = f"no project of {rollup.id} lies at `{path}`"
    raise ConfigError(Problem("unknown-project", summary, hint=hint))


def _holding(rollup: RollUp, name: str) -> ProjectRun:
    """The project that has a gate of this name: the folder itself first, else the only one."""
    holding = [
        entry
        for entry in rollup.projects
        if entry.run is not None and any(gate.name == name for gate in entry.run.gates)
    ]
    if len(holding) == 1 or (holding and holding[0].path == OWN):
        return holding[0]
    if holding:
        names = ", ".join(f"`{entry.path}:{name}`" for entry in holding)
        summary = f"several projects have a gate `{name}`"
        raise ConfigError(Problem("unknown-gate", summary, hint=f"name one of {names}"))
    summary = f"no project of {rollup.id} has a gate `{name}`"
    known = [gate.name for entry in rollup.projects if entry.run for gate in entry.run.gates]
    guess = nearest(name, known)
    hint = f"did you mean `{guess}`?" if guess else "`gates explain` lists what did not pass"
    raise ConfigError(Problem("unknown-gate", summary, hint=hint))
