"""The composition root: joins config, executor, stages and reports; short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gates.config import cache, policy
from gates.domain.errors import ConfigError, Problem
from gates.domain.plan import GatePlan, Plan
from gates.domain.run import Run, Selection
from gates.toolkit import state
from gates.toolkit.files import write_atomic
from gates.toolkit.git import Git
from gates.toolkit.programs import reset_sigchld

if TYPE_CHECKING:
    from gates.executor.setting import Observer

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
    """

    root: Path
    plan: Plan
    git: Git
    state: Path


def load(start: Path, environ: Mapping[str, str]) -> Loaded:
    """Find and read the gates.yaml that governs a folder.

    Raises:
        ConfigError: where there is none, or it cannot be used.
    """
    reset_sigchld()
    path = policy.find(start.resolve())
    root = path.parent
    git = Git(root, environ)
    kept = state.state_folder(root, git, environ)
    # What is kept in CI may come from a cache that another branch wrote; read gates.yaml there.
    plan = cache.load_cached(path, state=None if environ.get("CI") else kept)
    return Loaded(root=root, plan=plan, git=git, state=kept)


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

    setting = Setting(root=loaded.root, git=loaded.git, environ=environ, observer=observer)
    run = execute(loaded.plan, selection, setting)
    write_atomic(Path(run.folder) / RECORD, record_v1.render(run).encode(), sync=True)
    return run


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
