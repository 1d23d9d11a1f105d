"""Where and how a run takes place: everything that the plan does not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gates.domain.events import Event
from gates.domain.waiver import Waiver
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
        waivers: exceptions that hold in this project.
        load_stage: finds a stage's class by name.
    """

    root: Path
    git: Git
    environ: Mapping[str, str]
    observer: Observer
    clock: Clock = field(default_factory=SystemClock)
    waivers: Sequence[Waiver] = ()
    load_stage: Callable[[str], type[Stage[Options]]] = load
