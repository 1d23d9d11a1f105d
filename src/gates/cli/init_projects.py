"""`gates init` in a folder that only holds projects: a gates.yaml for each, and one over all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gates import app
from gates.cli.terminal import wants_colour, wrap_of
from gates.config import policy
from gates.domain.errors import ConfigError, GatesError, Problem
from gates.domain.survey import Proposal
from gates.reports.init_text import (
    next_of_projects,
    own_lines,
    projects_lines,
    proposal_lines,
    skipped_lines,
    wrote,
)
from gates.reports.style import Line, line, render
from gates.survey.policy_text import roof_text
from gates.survey.roof import Roof
from gates.survey.scene import from_shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What becomes of a project.

    Attributes:
        path: its folder, relative.
        proposal: what is written; None where nothing is.
        text: of its gates.yaml.
        is_kept: it has a gates.yaml already.
        why: why it gets none, or empty.
        hint: the next step, or empty.
    """

    path: str
    proposal: Proposal | None = None
    text: str = ""
    is_kept: bool = False
    why: str = ""
    hint: str = ""


def write_all(found: Roof, folder: Path, environ: Mapping[str, str], *, dry_run: bool) -> None:
    """Write a gates.yaml for each project that has none, and one that names them.

    Args:
        found: the projects.
        folder: the folder that holds them.
        environ: the environment of `gates`.
        dry_run: print the files to standard output, and write none.

    Raises:
        ConfigError: no project has gates that can run, or a file cannot be written.
    """
    screen = sys.stderr if dry_run else sys.stdout
    colour, columns = wants_colour(screen, os.environ), wrap_of(screen)

    def tell(lines: Iterable[Line]) -> None:
        screen.write(render(lines, colour=colour))
        screen.flush()

    tell(projects_lines(found.name or folder.name, found.projects, columns))
    parts = []
    for path in found.projects:
        part = _part(found, folder, path, environ)
        parts.append(part)
        if part.proposal is not None:
            tell(proposal_lines(part.proposal, path, columns, place=path))
        else:
            tell(skipped_lines(path, part.why, part.hint, columns))
    judged = tuple(part.path for part in parts if part.is_kept or part.text)
    if not judged:
        hint = next((part.hint for part in parts if part.hint), "")
        summary = "no gate can run in any of the projects yet, so no file is written"
        raise ConfigError(Problem("no-gates", summary, place=str(folder), hint=hint))
    text = _roof_text(found, judged, folder)
    tell(own_lines(found.chosen, found.left_out, columns))
    if dry_run:
        for part in parts:
            sys.stdout.write(f"# {part.path}/{policy.NAME}\n{part.text}\n" if part.text else "")
        sys.stdout.write(f"# {policy.NAME}\n{text}")
        return
    tell([line()])
    for part in parts:
        if part.proposal is not None:
            write_new(folder / part.path / policy.NAME, part.text)
            tell([wrote(f"{part.path}/{policy.NAME}", part.proposal.chosen)])
    write_new(folder / policy.NAME, text)
    tell([wrote(policy.NAME, found.chosen, projects=len(judged))])
    here = from_shell(folder, folder, environ)
    left = tuple(part.path for part in parts if part.path not in judged)
    tell(next_of_projects(_launcher(parts), here, left, columns))


def write_new(path: Path, text: str) -> None:
    """Write a new file; one that appeared meanwhile stays as it is.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        summary = f"`{path.name}` cannot be written: {error.strerror}"
        raise ConfigError(Problem("policy-unwritten", summary, place=str(path))) from error


def _part(found: Roof, folder: Path, path: str, environ: Mapping[str, str]) -> Part:
    """What becomes of one project; what hinders it is told, and hinders no other."""
    place = folder / path
    if (place / policy.NAME).exists():
        return Part(path=path, is_kept=True, why=f"has a {policy.NAME} already, which stays")
    try:
        app.vacant(place)
        proposal = app.propose(place, environ)
    except GatesError as error:
        problem = error.problems[0]
        return Part(path=path, why=problem.summary, hint=problem.hint)
    proposal = replace(
        proposal,
        chosen=tuple(gate for gate in proposal.chosen if gate.uses not in found.shared),
        left_out=tuple(gate for gate in proposal.left_out if gate.criterion not in found.told),
    )
    if not proposal.chosen:
        hint = next((gate.hint for gate in proposal.left_out if gate.hint), "")
        return Part(path=path, why="no gate can run here yet", hint=hint)
    return Part(path=path, proposal=proposal, text=app.first_policy(proposal, place))


def _roof_text(found: Roof, judged: tuple[str, ...], folder: Path) -> str:
    """The text of the file that names the projects, which was read once."""
    from gates.config.load import load

    text = roof_text(found.name, judged, found.chosen, found.left_out)
    plan = load(text.encode(), name=policy.NAME, default_project=folder.name)
    if tuple(entry.pattern for entry in plan.projects) != judged:
        raise RuntimeError(f"a gates.yaml was made that says something else:\n{text}")
    return text


def _launcher(parts: list[Part]) -> str:
    """What must stand before `gates`, where that is one thing for all projects."""
    launchers = {part.proposal.launcher for part in parts if part.proposal is not None}
    return launchers.pop() if len(launchers) == 1 else ""
