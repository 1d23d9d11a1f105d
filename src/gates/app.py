"""The composition root: joins config, executor, stages and reports; short."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gates.config import cache, policy
from gates.domain.errors import ConfigError, Problem
from gates.domain.plan import GatePlan, Plan
from gates.domain.run import Run, Selection
from gates.domain.waiver import WaiverFile
from gates.toolkit import state
from gates.toolkit.files import sha256_file, write_atomic
from gates.toolkit.git import Git
from gates.toolkit.programs import reset_sigchld

if TYPE_CHECKING:
    from gates.domain.rollup import RollUp
    from gates.domain.survey import Diagnosis, Proposal
    from gates.executor.parts import Part
    from gates.executor.setting import Observer
    from gates.executor.stamps import Stamp
    from gates.toolkit.side_tree import SideTree

RECORD = "run.json"
"""Name of the run record in a run's folder."""


ROLLUP = "rollup.json"
"""Name of a roll-up's record in a run's folder."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A project whose gates.yaml was read.

    Attributes:
        root: the folder of gates.yaml, absolute.
        plan: what it says.
        git: the repository that holds it, also where there is none.
        state: where what is kept for speed lives.
        waivers: the exceptions beside it, or None where there is no file of them.
        side: the files that are judged in place of the working tree's; `root` lies in them.
        message: the file of a message that is judged in place of files, or empty.
    """

    root: Path
    plan: Plan
    git: Git
    state: Path
    waivers: WaiverFile | None = None
    side: SideTree | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Monorepo:
    """A folder whose gates.yaml names projects, each of which was read.

    Attributes:
        top: the folder.
        projects: the projects by their path in it.
        notes: what every output must tell of folders that are not judged.
    """

    top: Loaded
    projects: Mapping[str, Loaded]
    notes: tuple[str, ...]

    def of(self, path: str) -> Loaded:
        """The project at a path; the folder itself for its own gates."""
        return self.projects.get(path, self.top)


def load(start: Path, environ: Mapping[str, str]) -> Loaded:
    """Find and read the gates.yaml that governs a folder.

    Raises:
        ConfigError: where there is none, or it or the file of waivers beside it cannot be used.
    """
    reset_sigchld()
    path = policy.find(start.resolve())
    root = path.parent
    git = Git(root, environ)
    kept = state.state_folder(root, git, environ)
    # What is kept in CI may come from a cache that another branch wrote; read gates.yaml there.
    trusted = None if environ.get("CI") else kept
    shelf = cache.shelf_of(root, git, kept, environ)
    plan = cache.load_cached(path, state=trusted, shelf=shelf)
    waivers = cache.load_waivers(root, plan, state=trusted)
    return Loaded(root=root, plan=plan, git=git, state=kept, waivers=waivers)


def load_projects(top: Loaded, environ: Mapping[str, str]) -> Monorepo:
    """Read the gates.yaml of each project that a folder names.

    Raises:
        ConfigError: with all that is wrong in any of them, or with the entries that name nothing.
    """
    from gates.config import projects
    from gates.executor.parts import located

    found = projects.find(top.root, top.plan.projects, top.git)
    read: dict[str, Loaded] = {}
    problems: list[Problem] = []
    for path in found.projects:
        try:
            read[path] = replace(load(top.root / path, environ), side=top.side)
        except ConfigError as error:
            problems += [located(problem, path) for problem in error.problems]
    problems += projects.nested({path: loaded.plan for path, loaded in read.items()})
    if problems:
        raise ConfigError(*problems)
    return Monorepo(top, read, found.notes())


def parts_of(monorepo: Monorepo, selection: Selection) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """What a selection judges of each project, and what every output must tell.

    Raises:
        ConfigError: where it names nothing, or a project does not have the level.
    """
    from gates.executor import parts

    plans = {path: loaded.plan for path, loaded in monorepo.projects.items()}
    divided, notes = parts.parts_of(monorepo.top.plan, plans, selection)
    return divided, (*monorepo.notes, *notes)


def gates_of(loaded: Loaded, selection: Selection) -> tuple[GatePlan, ...]:
    """The gates that a selection runs, what they need included.

    Raises:
        ConfigError: where the selection names nothing.
    """
    from gates.executor.due import due
    from gates.executor.schedule import check_selection, ordered

    check_selection(loaded.plan, selection)
    return ordered(due(loaded.plan.up_to(selection.level), selection))


def durations_of(loaded: Loaded) -> dict[str, float]:
    """Seconds that each gate took last time, by name."""
    from gates.executor import durations

    return durations.read(loaded.state)


def check(
    loaded: Loaded, selection: Selection, environ: Mapping[str, str], observer: Observer
) -> Run:
    """Run and judge the gates, and write the record into the run's folder.

    Raises:
        ConfigError: where the selection cannot be used.
        StageError: where the named base of a change is not there.
    """
    from gates.executor.setting import Setting
    from gates.executor.start import execute
    from gates.reports import record_v1

    setting = Setting(
        root=loaded.root,
        git=loaded.git,
        environ=environ,
        observer=observer,
        waiver_file=loaded.waivers,
        side=loaded.side,
        message=loaded.message,
    )
    run = execute(loaded.plan, selection, setting)
    write_atomic(Path(run.folder) / RECORD, record_v1.render(run).encode(), sync=True)
    return run


def stamp(
    start: Path, patterns: Sequence[str], environ: Mapping[str, str]
) -> tuple[tuple[str, Stamp], ...]:
    """Stamp reports with the files as they lie there now; each report with its stamp.

    Raises:
        OutputUnreadable: a pattern names nothing, or a report cannot be read or is older than the
            files.
        StageError: there is no repository, or a report is one of its files.
    """
    from gates.executor.freshness import stamped

    reset_sigchld()
    return stamped(start, Git(start.resolve(), environ), patterns)


def check_all(
    monorepo: Monorepo,
    selection: Selection,
    environ: Mapping[str, str],
    judge: Callable[[Part, Loaded], Run],
) -> RollUp:
    """Check the projects one after another, and write the record of their roll-up.

    Args:
        monorepo: the projects.
        selection: what is judged of them.
        environ: the environment of `gates`.
        judge: calls `check` for one of them, and shows it.

    Raises:
        ConfigError: where a project cannot be judged as it stands.
        StageError: where the named base of a change is not there.
    """
    from gates.executor import affected, rollup
    from gates.reports import rollup_v1
    from gates.toolkit.clock import SystemClock

    parts, notes = parts_of(monorepo, selection)
    chosen = [part.path for part in parts if part.selection is not None]
    rollup.refuse_unfit({path: monorepo.of(path).git for path in chosen}, environ)
    top, base = monorepo.top, selection.changed_from
    change = None
    if base is not None:
        change = affected.affected(top.git, tuple(monorepo.projects), named=base, environ=environ)

    def judged(part: Part) -> tuple[Run, str]:
        run = judge(part, monorepo.of(part.path))
        return run, sha256_file(Path(run.folder) / RECORD)

    asked = rollup.RollUpPlan(
        plan=top.plan, parts=parts, selection=selection, affected=change, notes=notes, side=top.side
    )
    done = rollup.roll_up(asked, judged, git=top.git, environ=environ, clock=SystemClock())
    write_atomic(Path(done.folder) / ROLLUP, rollup_v1.render(done).encode(), sync=True)
    return done


def vacant(folder: Path) -> Path:
    """Where the first gates.yaml of a folder goes.

    Raises:
        ConfigError: where one is there already, also under a name that is not taken for it.
    """
    try:
        found = policy.find(folder)
    except ConfigError as error:
        found = Path(error.problems[0].place)
    if found.parent == folder:
        summary = f"`{found.name}` is there already, and is never overwritten"
        hint = "`gates init --dry-run` shows what would be written; remove the file to start anew"
        raise ConfigError(Problem("policy-exists", summary, place=str(found), hint=hint))
    return folder / policy.NAME


def propose(folder: Path, environ: Mapping[str, str]) -> Proposal:
    """Choose the gates that suit a project and can run now.

    Raises:
        ConfigError: where no Python project lies in the folder.
        StageError: where it cannot be read.
    """
    from gates.survey.choice import propose

    reset_sigchld()
    return propose(folder, environ)


def first_policy(proposal: Proposal, folder: Path) -> str:
    """A proposal as the text of a gates.yaml, which was read once before it is handed over."""
    from gates.config.load import load
    from gates.survey.policy_text import policy_text

    text = policy_text(proposal)
    try:
        plan = load(text.encode(), name=policy.NAME, default_project=folder.name)
    except ConfigError as error:
        raise RuntimeError(f"a gates.yaml was made that cannot be used:\n{text}") from error
    chosen = [(gate.name, gate.uses) for gate in proposal.chosen]
    if plan.include != proposal.sources or [(g.name, g.uses) for g in plan.gates] != chosen:
        raise RuntimeError(f"a gates.yaml was made that says something else:\n{text}")
    return text


def diagnose(loaded: Loaded, environ: Mapping[str, str]) -> Diagnosis:
    """Look at tools and surroundings, and at each gate that cannot run or could not fail.

    Raises:
        StageError: where the environment that gates.yaml names is not there.
    """
    from gates.survey.diagnose import diagnose

    return diagnose(loaded.plan, loaded.git, loaded.state, environ)


def rolled(start: Path, record: str | None) -> RollUp | None:
    """Read a stored roll-up and the records behind it; None where that is the record of one run.

    Args:
        start: a folder of the project.
        record: the path or id of a record; None for that of the last check.

    Raises:
        OutputUnreadable: where it is no whole roll-up, or a record is not the one that it names.
    """
    root = policy.find(start.resolve()).parent
    if record is not None and Path(record).is_file():
        path = Path(record)
    elif record is not None:
        path = root / ".gates" / "local" / "runs" / record / ROLLUP
    else:
        written = (RECORD, ROLLUP)
        runs = [
            each for each in state.list_runs(root) if any((each / n).is_file() for n in written)
        ]
        path = runs[-1] / ROLLUP if runs else root / ROLLUP
    if not path.is_file():
        return None
    data = path.read_bytes()
    if path.name != ROLLUP and b'"gates/rollup/' not in data:
        return None
    from gates.reports.rollup_stored import of_folder

    return of_folder(data, path, root)


def stored(start: Path, record: str | None) -> Run:
    """Read a stored record: the one named, by path or id, else that of the last run.

    Raises:
        ConfigError: where there is none.
        OutputUnreadable: where it is no whole record.
    """
    from gates.reports.stored import read

    root = policy.find(start.resolve()).parent
    runs = root / ".gates" / "local" / "runs"
    if record is None:
        folder = state.latest_run(root)
        path = folder / RECORD if folder is not None else runs / RECORD
    else:
        path = Path(record) if Path(record).is_file() else runs / record / RECORD
    try:
        data = path.read_bytes()
    except OSError:
        summary = f"there is no run `{record}`" if record else "there is no run yet"
        hint = "run `gates check` first"
        raise ConfigError(Problem("no-record", summary, place=str(path), hint=hint)) from None
    return replace(read(data, what=path.name), folder=str(path.parent))
