"""Judges the projects of a folder one after another, and rolls their runs up to one verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from gates import __version__
from gates.domain.errors import ConfigError, GatesError, Problem
from gates.domain.plan import Plan
from gates.domain.rollup import GRAVITY, OWN, Outcome, ProjectRun, RollUp, verdict_over
from gates.domain.run import Run, Selection
from gates.domain.status import Verdict
from gates.executor.affected import Affected
from gates.executor.beside import SideSeen
from gates.executor.execute import INTERRUPTED
from gates.executor.parts import Part, located
from gates.executor.start import Seen, originator, refuse_planted, where
from gates.toolkit import locks, state
from gates.toolkit.clock import Clock
from gates.toolkit.door import Door, Redactor
from gates.toolkit.git import Git
from gates.toolkit.side_tree import SideTree

SIGNAL_BASE = 128
SIGINT = 2

Judge = Callable[[Part], tuple[Run, str]]
"""Judges a part: its run, and the digest of the record that was written of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUpPlan:
    """What a roll-up judges.

    Attributes:
        plan: the plan of the folder that names the projects.
        parts: what is judged of each.
        selection: what the command line asked for.
        affected: which of them a change affects, where only a change is judged.
        notes: what every output must tell.
        side: the files that are judged in place of the working tree's, or None.
    """

    plan: Plan
    parts: tuple[Part, ...]
    selection: Selection
    affected: Affected | None = None
    notes: tuple[str, ...] = ()
    side: SideTree | None = None


def refuse_unfit(projects: Mapping[str, Git], environ: Mapping[str, str]) -> None:
    """Refuse all projects at once where one of them would be refused when its turn comes.

    Raises:
        ConfigError: a run of a project is above this one, or brings its own answers.
    """
    problems: list[Problem] = []
    for path, git in projects.items():
        try:
            locks.refuse_nested(git.root, environ)
            refuse_planted(git)
        except ConfigError as error:
            problems += [located(problem, path) for problem in error.problems]
    if problems:
        # What is planted above several projects is told of each.
        raise ConfigError(*dict.fromkeys(problems))


def roll_up(
    asked: RollUpPlan,
    judge: Judge,
    *,
    git: Git,
    environ: Mapping[str, str],
    clock: Clock,
) -> RollUp:
    """Judge each project, and tell one verdict over all.

    Args:
        asked: what is judged.
        judge: judges one of them; an interrupt ends its run and leaves the others unjudged.
        git: the repository, asked in the folder that names the projects.
        environ: the environment of `gates`.
        clock: the time.
    """
    started, began = clock.now_utc(), clock.monotonic_s()
    seen = Seen.of(git) if asked.side is None else SideSeen.of(git, asked.side)
    home = git.root if asked.side is None else asked.side.home(git.root)
    door = Door(Redactor(environ))
    done, stopped = _judged(asked, judge, door)
    verdict = verdict_over(done)
    changed, note = seen.changed_since(git)
    if (changed or stopped is not None) and GRAVITY.index(verdict) < GRAVITY.index(Verdict.ERRORED):
        verdict = Verdict.ERRORED
    run_id, folder = _folder(done, home, started)
    # Also told of each run; a change between two runs only here.
    own_notes = (*((note,) if note else ()), *asked.notes)
    text = asked.selection.text
    return RollUp(
        id=run_id,
        project=asked.plan.project,
        level=asked.selection.level,
        projects=done,
        verdict=verdict,
        exit_code=verdict.exit_code if stopped is None else SIGNAL_BASE + stopped,
        complete=stopped is None,
        started=started,
        seconds=Decimal(str(round(clock.monotonic_s() - began, 3))),
        commit=seen.tree.commit if seen.tree else None,
        tree=seen.tree.tree if seen.tree else None,
        dirty=seen.tree.is_dirty if seen.tree else False,
        base=asked.affected.base if asked.affected else None,
        selection=door.line(text) if text else None,
        where=where(environ),
        originator=originator(environ),
        gates_version=__version__,
        policy=asked.plan.policy,
        notes=own_notes,
        folder=folder,
    )


def _judged(
    asked: RollUpPlan, judge: Judge, door: Door
) -> tuple[tuple[ProjectRun, ...], int | None]:
    """What became of each part, and the signal that ended it all, if one did."""
    stopped: int | None = None
    done: list[ProjectRun] = []
    for part in asked.parts:
        entry = _left_out(part, asked.affected)
        if entry is None and stopped is None:
            try:
                entry = _entry(part, judge, asked.affected, door)
            except KeyboardInterrupt:
                # It came between two runs, or while one waited for its turn.
                stopped = SIGINT
            if entry is not None and entry.run is not None and not entry.run.complete:
                stopped = entry.run.exit_code - SIGNAL_BASE
        done.append(entry or _errored(part, INTERRUPTED))
    return tuple(done), stopped


def _left_out(part: Part, affected: Affected | None) -> ProjectRun | None:
    """The outcome of a part that is not to be judged; None where it is."""
    if part.selection is None:
        reason = "not selected on the command line"
        return ProjectRun(
            path=part.path, name=part.plan.project, outcome=Outcome.SKIPPED, reason=reason
        )
    if affected is None or part.path not in affected.listed:
        return None
    listed = affected.listed[part.path]
    since = affected.base[:12]
    return ProjectRun(
        path=part.path,
        name=part.plan.project,
        outcome=Outcome.UNAFFECTED,
        reason=f"the change since {since} touches none of its {listed} files, nor what they name",
        listed=listed,
    )


def _entry(part: Part, judge: Judge, affected: Affected | None, door: Door) -> ProjectRun:
    try:
        run, sha256 = judge(part)
    except GatesError as error:
        found = located(error.problems[0], part.path)
        summary, place, hint = map(door.line, (found.summary, found.place, found.hint))
        return _errored(part, Problem(found.slug, summary, place=place, hint=hint))
    inside = f".gates/local/runs/{run.id}/run.json"
    return ProjectRun(
        path=part.path,
        name=part.plan.project,
        outcome=Outcome.JUDGED,
        reason=affected.why.get(part.path, "") if affected else "",
        run=run,
        record=inside if part.path == OWN else f"{part.path}/{inside}",
        sha256=sha256,
    )


def _errored(part: Part, problem: Problem) -> ProjectRun:
    return ProjectRun(
        path=part.path,
        name=part.plan.project,
        outcome=Outcome.ERRORED,
        reason=problem.summary,
        problem=problem,
    )


def _folder(done: Iterable[ProjectRun], root: Path, started: datetime) -> tuple[str, str]:
    """The id and the folder of the roll-up: those of the folder's own run, where it has one."""
    for entry in done:
        if entry.path == OWN and entry.run is not None:
            return entry.run.id, entry.run.folder
    folder = state.create_run(root, started)
    state.prune_runs(root)
    return folder.name, str(folder)
