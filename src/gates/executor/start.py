"""One run from its lock to its result: the front door of the executor."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from gates import __version__
from gates.domain.errors import ConfigError, Problem
from gates.domain.events import Waiting
from gates.domain.moment import Moment
from gates.domain.plan import Plan
from gates.domain.run import GateRun, Run, Selection, Where, cover, verdict_of, verdict_of_shard
from gates.domain.status import Verdict
from gates.domain.waiver import WAIVERS
from gates.executor import baselines, due
from gates.executor.beside import Nothing, SideSeen
from gates.executor.execute import Execution
from gates.executor.project import Project
from gates.executor.schedule import check_selection
from gates.executor.setting import Setting
from gates.toolkit import locks, state
from gates.toolkit.door import one_line, unbroken
from gates.toolkit.git import Git
from gates.toolkit.processes import Processes
from gates.toolkit.trees import TreeState, tracked_state, tree_state

if TYPE_CHECKING:
    from gates.domain.standing import Standing

CI_SYSTEMS = {"GITHUB_ACTIONS": "github", "GITLAB_CI": "gitlab", "CI": "other"}
"""Environment variables that tell a CI system, the most telling first."""

SHOWN = 3
"""How many of the files that a run left behind are named."""


def execute(plan: Plan, selection: Selection, setting: Setting) -> Run:
    """Run a plan's gates and judge them.

    Must be called in the main thread, before any other thread was started: it forks.

    Raises:
        ConfigError: where the selection names nothing, a run of the same folder is above this one,
            or the checkout brings its own answers.
        StageError: where the base of a change that the command line named is not there.
    """
    check_selection(plan, selection)
    for folder in dict.fromkeys((setting.root, setting.home)):
        locks.refuse_nested(folder, setting.environ)
    git = setting.git
    refuse_planted(git)
    runs = state.runs_folder(setting.home)

    if setting.side is not None or setting.message:
        # What is judged is nobody else's: a commit never waits for another run.
        return _locked(plan, selection, setting, git)

    def waits(text: str) -> None:
        setting.observer.event(Waiting(text))

    with locks.folder_lock(runs.parent / "run.lock", wait=True, on_wait=waits):
        return _locked(plan, selection, setting, git)


def _locked(plan: Plan, selection: Selection, setting: Setting, git: Git) -> Run:
    started, began = setting.clock.now_utc(), setting.clock.monotonic_s()
    share = setting.share
    seen = _seen(setting)
    before = seen.tree
    here = where(setting.environ)
    plan, left_out = baselines.settle(plan, selection.level, setting.home, here)
    folder = state.create_run(setting.home, started)
    if any(each.baseline for gate in plan.up_to(selection.level) for each in gate.conditions):
        (folder / state.COMPARED).touch()
    project = Project(
        plan=plan,
        root=setting.root,
        folder=folder,
        state=_state(setting),
        environ=setting.environ,
        clock=setting.clock,
        git=git,
        changed_from=selection.changed_from,
        side=setting.side,
    )
    held = (setting.side.lock,) if setting.side else ()
    with Processes(held=held, late=True) as processes:
        execution = Execution(
            setting=setting, selection=selection, project=project, processes=processes
        )
        gates = execution.run()
    verdict = verdict_of_shard(gates, share.shard) if share.shard else verdict_of(gates)
    stopped = execution.interrupted_by
    changed, note = seen.changed_since(git)
    if (changed or stopped is not None) and verdict is not Verdict.FAILED:
        verdict = Verdict.ERRORED
    state.prune_runs(setting.home)
    is_whole = selection.changed_from is None and share.shard is None
    is_whole &= selection.moment is Moment.CI
    waivers = standing(setting, gates, is_whole=is_whole)
    told = (
        *plan.policy.notes,
        *((share.shard.note,) if share.shard else ()),
        *((note,) if note else ()),
        *due.note(plan.up_to(selection.level), selection),
        *(setting.side.notes if setting.side else ()),
        *waiver_notes(setting, waivers),
        *project.notes(),
        *left_out,
    )
    return Run(
        id=folder.name,
        plan=plan,
        level=selection.level,
        gates=gates,
        verdict=verdict,
        exit_code=verdict.exit_code if stopped is None else 128 + stopped,
        complete=stopped is None,
        started=started,
        seconds=Decimal(str(round(setting.clock.monotonic_s() - began, 3))),
        commit=before.commit if before else None,
        tree=before.tree if before else None,
        dirty=before.is_dirty if before else False,
        base=project.known_base,
        selection=project.clean(selection.text) if selection.text else None,
        where=here,
        originator=originator(setting.environ),
        gates_version=__version__,
        criteria=cover(plan, selection.level, gates),
        notes=told,
        waivers=waivers,
        folder=str(folder),
        prefix=_prefix(git),
        shard=share.shard,
    )


def _prefix(git: Git) -> str:
    """The folder of gates.yaml in its repository, with `/` at the end; empty at its top."""
    top = git.toplevel()
    if top is None or not git.root.resolve().is_relative_to(top):
        return ""
    inside = git.root.resolve().relative_to(top).as_posix()
    return "" if inside == "." else f"{unbroken(inside)}/"


def _seen(setting: Setting) -> Seen | SideSeen | Nothing:
    """The files that are judged, before anything runs."""
    if setting.message:
        return Nothing()
    if setting.side is not None:
        return SideSeen.of(setting.git, setting.side)
    return Seen.of(setting.git, setting.share.aside)


def _state(setting: Setting) -> Path:
    """What is kept for speed; of a side tree, in its slot, so that no two runs share a cache."""
    if setting.side is None:
        return state.state_folder(setting.root, setting.git, setting.environ)
    inside = os.path.relpath(setting.root, setting.side.top)
    return state.own_folder(setting.side.state / state.digest(inside))


def standing(setting: Setting, gates: Iterable[GateRun], *, is_whole: bool) -> Standing | None:
    """How the project's waivers stand; None where it has no file of them."""
    if setting.waiver_file is None:
        return None
    from gates.domain.standing import stand

    judged = {gate.name: gate.judged for gate in gates}
    today = setting.clock.today()
    return stand(setting.waiver_file, judged, today=today, is_whole=is_whole)


def waiver_notes(setting: Setting, waivers: Standing | None) -> tuple[str, ...]:
    """What every output must tell of the waivers."""
    if waivers is None:
        return ()
    from gates.domain.standing import notes

    told = tuple(notes(waivers, setting.clock.today()))
    # Those of another commit were reviewed when they came into it.
    unseen = _unreviewed(setting, waivers.sha256) if waivers.source == WAIVERS else ""
    return (unseen, *told) if unseen else told


def _unreviewed(setting: Setting, sha256: str) -> str:
    """What to tell of a file of waivers that is not as it was committed, or empty."""
    git = setting.git
    if git.toplevel() is None:
        return ""
    if not git.is_tracked(setting.root / WAIVERS):
        why, mend = "is not tracked by git", f"git add {WAIVERS}"
        if not git.at(setting.root).ls_files([WAIVERS], untracked=True):
            why, mend = "is ignored by git", f"git add -f {WAIVERS}, or change what ignores it"
        return f"`{WAIVERS}` {why}, so nobody can review it: {mend}"
    committed = git.at(setting.root).committed(WAIVERS)
    if committed is None:
        return f"`{WAIVERS}` is in no commit yet, so nobody has reviewed it"
    # Git may have been told to give a checkout the line ends of another system.
    from hashlib import sha256 as digest_of

    either = (committed, committed.replace(b"\n", b"\r\n"))
    if sha256 in {digest_of(data).hexdigest() for data in either}:
        return ""
    return f"`{WAIVERS}` differs from the committed one, and nobody has reviewed what differs"


def refuse_planted(git: Git) -> None:
    """Refuse a checkout that brings its own answers or tools.

    Raises:
        ConfigError: where run records, an environment or node_modules are tracked by git.
    """
    planted = git.tracked_forbidden()
    if planted:
        import shlex

        first = planted[0]
        raise ConfigError(
            Problem(
                "planted",
                f"`{first}` is tracked by git; a checkout must not bring its own tools or answers",
                place=first,
                hint=f"git rm -r --cached {shlex.quote(_planted_folder(first))}",
            )
        )


def _planted_folder(path: str) -> str:
    """The part of a planted path that has no place in git, and no more than that."""
    for folder in (".gates/local", ".venv", "venv", "node_modules"):
        head, found, _ = f"/{path}".partition(f"/{folder}/")
        if found:
            return f"{head}/{folder}".lstrip("/")
    return path


def where(environ: Mapping[str, str]) -> Where:
    """The machine that this runs on."""
    ci = next((name for variable, name in CI_SYSTEMS.items() if environ.get(variable)), None)
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = os.uname()
    return Where(
        host=system.nodename,
        os=f"{system.sysname} {system.release}",
        cpus=cpus or 1,
        ci=ci,
    )


def originator(environ: Mapping[str, str]) -> str:
    """Who started the run: `User:name`, or `CI:name` in a CI system."""
    actor = environ.get("GITHUB_ACTOR") or environ.get("GITLAB_USER_LOGIN")
    if actor:
        return f"CI:{actor}"
    return f"User:{environ.get('USER') or environ.get('LOGNAME') or os.getuid()}"


@dataclass(frozen=True, slots=True)
class Seen:
    """The files as they lay there before a run.

    Attributes:
        tree: all of them, untracked ones included.
        tracked: the tracked ones.
        aside: files and folders that belong to no tree.
    """

    tree: TreeState | None
    tracked: str | None
    aside: tuple[Path, ...] = ()

    @classmethod
    def of(cls, git: Git, aside: tuple[Path, ...] = ()) -> Seen:
        """Look at them."""
        return cls(tree_state(git, aside=aside), tracked_state(git), aside)

    def changed_since(self, git: Git) -> tuple[bool, str]:
        """Whether tracked files changed since, and what to tell; new files alone are only told.

        Numbers that were measured while their sources changed belong to no one tree.
        """
        if tracked_state(git) != self.tracked:
            return True, "tracked files changed while they were judged; run it again"
        after = tree_state(git, aside=self.aside)
        if self.tree is not None and after is not None and after.tree != self.tree.tree:
            return False, _left_behind(self.tree, after)
        return False, ""


def _left_behind(before: TreeState, after: TreeState) -> str:
    """What to tell of files that a run left, or changed, beside the tracked ones."""
    new = sorted(after.paths - before.paths)
    if not new:
        return "files that git neither tracks nor ignores changed during the run"
    more = f" and {len(new) - SHOWN} more" if len(new) > SHOWN else ""
    names = ", ".join(f"`{one_line(name)}`" for name in new[:SHOWN])
    return (
        f"the run left files behind that git does not ignore: {names}{more};"
        " add them to .gitignore, or let the gate write elsewhere"
    )
