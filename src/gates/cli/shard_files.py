"""What `check --shard` and `merge` share: the plan's file, the records, and the closing lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from gates import app
from gates.cli.outputs import Output
from gates.cli.terminal import wants_colour, wrap_of
from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.run import Run, Selection
from gates.domain.shards import ShardPlan
from gates.executor import shards_bundle
from gates.executor.merge_records import Submission, submitted
from gates.executor.setting import Observer, Setting
from gates.formats import shard_plan
from gates.reports import console, record_v1, shards_record, stored
from gates.reports.style import render
from gates.toolkit.door import one_line
from gates.toolkit.files import read_report, write_atomic

MAX_RECORD_BYTES = 256 << 20
"""How large a record may be."""


def read_plan(path: Path) -> ShardPlan:
    """Read the plan's file.

    Raises:
        OutputUnreadable: it is no whole plan.
    """
    report = read_report(path, max_bytes=shard_plan.MAX_BYTES)
    return shard_plan.read(report.data, what=one_line(path.name))


def loaded_by(policy_from: str | None, level: int) -> app.Loaded:
    """The project in this folder, by its own policy or by that of a revision.

    Raises:
        ConfigError: it cannot be read.
    """
    loaded = app.load(Path.cwd(), os.environ)
    if policy_from is None:
        return loaded
    from gates.cli.policy_base import by_base

    return by_base(loaded, policy_from, Selection(level=level), Path.cwd())


def submissions(paths: Sequence[Path]) -> tuple[Submission, ...]:
    """The records that were handed in, readable or not.

    Raises:
        StageError: a path cannot be read.
    """
    found: list[Path] = []
    try:
        for path in paths:
            found += shards_bundle.records_in(path)
    except OSError as error:
        summary = f"no records can be read from there: {error.strerror}"
        raise StageError("no-record", summary, place=str(error.filename)) from error
    # One that is named twice, or lies in a folder that is named too, is one.
    once = {path.resolve(): path for path in reversed(found)}
    return tuple(submitted(path, _read) for path in reversed(once.values()))


def _read(path: Path) -> tuple[Run, str]:
    """A record, as it was sealed."""
    report = read_report(path, max_bytes=MAX_RECORD_BYTES)
    what = one_line(path.name)
    try:
        run = stored.read(report.data, what=what)
    except OutputUnreadable:
        # An edited record often contradicts itself too; that it was edited says more. One that is
        # no JSON at all has no seal, and the reader has said what it is.
        with suppress(ValueError, RecursionError):
            shards_record.refuse_unsealed(report.data, what=what)
        raise
    shards_record.refuse_unsealed(report.data, what=what)
    return run, report.sha256


def setting_of(loaded: app.Loaded, observer: Observer) -> Setting:
    """The surroundings of a run on this machine."""
    return Setting(
        root=loaded.root,
        git=loaded.git,
        environ=os.environ,
        observer=observer,
        waiver_file=loaded.waivers,
    )


def screen_of(outputs: Sequence[Output]) -> TextIO:
    """Where people read: standard output holds only the format that was asked for."""
    return sys.stderr if any(output.path is None for output in outputs) else sys.stdout


def written(run: Run) -> str:
    """Write the record of a run into its folder; its text."""
    text = record_v1.render(run)
    write_atomic(Path(run.folder) / app.RECORD, text.encode(), sync=True)
    return text


def show(run: Run, screen: TextIO) -> None:
    """Print the closing lines of a run."""
    lines = console.closing(run, wrap=wrap_of(screen))
    screen.write(render(lines, colour=wants_colour(screen, os.environ)))
    screen.flush()


def real(*paths: Path) -> tuple[Path, ...]:
    """Paths as git tells them: absolute, links followed."""
    return tuple(path.resolve() for path in paths)
