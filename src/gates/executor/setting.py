"""Where and how a run takes place: everything that the plan does not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gates.domain.events import Event
from gates.domain.waiver import Waiver, WaiverFile
from gates.plugin import Options, Stage
from gates.stages import load
from gates.toolkit.clock import Clock, SystemClock
from gates.toolkit.git import Git


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
    """

    root: Path
    git: Git
    environ: Mapping[str, str]
    observer: Observer
    clock: Clock = field(default_factory=SystemClock)
    waiver_file: WaiverFile | None = None
    load_stage: Callable[[str], type[Stage[Options]]] = load

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The exceptions of this project."""
        return self.waiver_file.waivers if self.waiver_file is not None else ()
