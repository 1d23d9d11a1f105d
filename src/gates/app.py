"""The composition root: joins config, executor, stages and reports; short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gates.config import cache, policy
from gates.domain.errors import ConfigError, OutputUnreadable, Problem
from gates.domain.plan import GatePlan, Plan
from gates.domain.run import Run, Selection
from gates.domain.waiver import WaiverFile
from gates.toolkit import state
from gates.toolkit.files import write_atomic
from gates.toolkit.git import Git
from gates.toolkit.programs import reset_sigchld

if TYPE_CHECKING:
    from gates.domain.survey import Diagnosis, Proposal
    from gates.executor.setting import Observer
    from gates.executor.stamps import Stamp

RECORD = "run.json"
"""Name of the run record in a run's folder."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A project whose gates.yaml was read.

    Attributes:
        root: the folder of gates.yaml, absolute.
        plan: what it says.
        git: the repository that holds it, also where there is none.
        state: where what is kept for speed lives.
        waivers: the exceptions beside it, or None where there is no file of them.
    """

    root: Path
    plan: Plan
    git: Git
    state: Path
    waivers: WaiverFile | None = None


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
    plan = cache.load_cached(path, state=trusted)
    waivers = cache.load_waivers(root, plan, state=trusted)
    return Loaded(root=root, plan=plan, git=git, state=kept, waivers=waivers)


def gates_of(loaded: Loaded, selection: Selection) -> tuple[GatePlan, ...]:
    """The gates that a selection runs, what they need included.

    Raises:
        ConfigError: where the selection names nothing.
    """
    from gates.executor.schedule import check_selection, ordered, selected

    check_selection(loaded.plan, selection)
    return ordered(selected(loaded.plan.up_to(selection.level), selection.gates))


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
    )
    run = execute(loaded.plan, selection, setting)
    write_atomic(Path(run.folder) / RECORD, record_v1.render(run).encode(), sync=True)
    return run


def stamp(
    start: Path, patterns: Sequence[str], environ: Mapping[str, str]
) -> tuple[tuple[str, Stamp], ...]:
    """Stamp reports with the files as they lie there now; each report with its stamp.

    Raises:
        OutputUnreadable: a pattern names nothing, or a report cannot be read.
        StageError: there is no repository, or a report is one of its files.
    """
    from gates.executor import stamps
    from gates.toolkit.globs import expanded

    reset_sigchld()
    git = Git(start.resolve(), environ)
    absent = [pattern for pattern in patterns if not expanded(start, (pattern,))]
    if absent:
        raise OutputUnreadable("report-absent", f"no report matches `{absent[0]}`", place=absent[0])
    return tuple((path, stamps.put(start / path, git)) for path in expanded(start, patterns))


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


def stored(start: Path, record: str | None) -> Run:
    """Read a stored record: the one named, by path or id, else that of the last run.

    Raises:
        ConfigError: where there is none.
        OutputUnreadable: where it is no whole record.
    """
    from dataclasses import replace

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
