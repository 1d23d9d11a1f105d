"""Where and how a run takes place: everything that the plan does not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gates.domain.events import Event
from gates.domain.waiver import Waiver, WaiverFile
from gates.executor.share import ALL, Share
from gates.plugin import Options, Stage
from gates.stages import load
from gates.toolkit.clock import Clock, SystemClock
from gates.toolkit.git import Git
from gates.toolkit.side_tree import SideTree


class Observer(Protocol):
    """Who is told of a run's progress, always in the main thread."""

    def event(self, event: Event) -> None:
        """Something happened."""

    def tick(self) -> None:
        """Some time passed; called about five times a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The surroundings of a run.

    Attributes:
        root: the folder of gates.yaml, absolute.
        git: its repository, also where there is none.
        environ: the environment of `gates` itself.
        observer: who is told of progress.
        clock: the time.
        waiver_file: the exceptions of this project, or None where it has no file of them.
        load_stage: finds a stage's class by name.
        share: which part of the run's work is done here.
        side: the files that are judged in place of the working tree's; `root` lies in them.
        message: the file of a message that is judged in place of files, or empty.
    """

    root: Path
    git: Git
    environ: Mapping[str, str]
    observer: Observer
    clock: Clock = field(default_factory=SystemClock)
    waiver_file: WaiverFile | None = None
    load_stage: Callable[[str], type[Stage[Options]]] = load
    share: Share = ALL

    side: SideTree | None = None
    message: str = ""

    @property
    def home(self) -> Path:
        """The folder of gates.yaml in the working tree, where tools and run records are."""
        return self.root if self.side is None else self.side.home(self.root)

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The exceptions of this project."""
        return self.waiver_file.waivers if self.waiver_file is not None else ()
