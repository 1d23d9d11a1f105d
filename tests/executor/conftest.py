"""A project whose gates are shell scripts, and one call that runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from executor import stages
from repositories import Repo
from samples import ERRORS, condition, plan

from gates.domain.events import Event
from gates.domain.plan import GatePlan
from gates.domain.run import Run, Selection
from gates.domain.service import ServicePlan
from gates.domain.waiver import WaiverFile
from gates.executor.setting import Setting
from gates.executor.start import execute
from gates.toolkit.git import Git


def scripted(
    name: str, script: str = "echo 0", *, uses: str = "shell", level: int = 1, **fields: object
) -> GatePlan:
    made = GatePlan(
        name=name,
        level=level,
        uses=uses,
        options={"script": script},
        specs=(ERRORS,),
        conditions=(condition("errors == 0", ERRORS),),
        criteria=("L1-LINT",),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


@dataclass(slots=True)
class Recorder:
    """Notes every event."""

    events: list[Event] = field(default_factory=list)
    on_tick: Callable[[], None] = lambda: None

    def event(self, event: Event) -> None:
        self.events.append(event)

    def tick(self) -> None:
        self.on_tick()


@dataclass(slots=True)
class Runner:
    repo: Repo
    recorder: Recorder = field(default_factory=Recorder)

    def __call__(
        self,
        *gates: GatePlan,
        environ: dict[str, str] | None = None,
        choice: Selection | None = None,
        waivers: WaiverFile | None = None,
        services: tuple[ServicePlan, ...] = (),
    ) -> Run:
        setting = Setting(
            root=self.repo.root.resolve(),
            git=Git(self.repo.root.resolve(), self.repo.environ),
            environ={**self.repo.environ, **(environ or {})},
            observer=self.recorder,
            load_stage=stages.load,
            waiver_file=waivers,
        )
        planned = replace(plan(*gates), services=services)
        return execute(planned, choice or Selection(), setting)


@pytest.fixture
def run(repo: Repo) -> Runner:
    repo.write("a.py", "x = 1\n")
    repo.write("README.md", "# text\n")
    repo.write("gates.yaml", "version: 1\n")
    repo.commit()
    return Runner(repo)
