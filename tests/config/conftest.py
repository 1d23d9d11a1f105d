"""Stages made up for the loader's tests, and ways to load a text with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from textwrap import dedent
from typing import ClassVar, Literal

import pytest

from gates.config.load import load
from gates.domain.errors import ConfigError, Problem
from gates.domain.plan import Plan
from gates.plugin import (
    Context,
    Default,
    Direction,
    MetricSpec,
    Options,
    Role,
    Stage,
    StageResult,
    Unit,
    Wants,
)


def _spec(name: str, unit: Unit, *tags: str) -> MetricSpec:
    return MetricSpec(name=name, unit=unit, direction=Direction.LOWER, title=name, tags=tags)


class _Fake:
    examines: ClassVar[str] = "files"

    def run(self, ctx: Context) -> StageResult:
        raise NotImplementedError


class Lint(_Fake, Stage[Options]):
    uses = "ruff"
    title = "lint"
    metrics = (_spec("errors", Unit.COUNT), _spec("warnings", Unit.COUNT))
    defaults = (Default(text="errors == 0"), Default(text="warnings == 0", role=Role.WARN))
    criteria = ("L1-LINT",)


class Tests(_Fake, Stage[Options]):
    uses = "pytest"
    title = "tests"
    metrics = (_spec("failed", Unit.COUNT),)
    defaults = (Default(text="failed == 0"),)
    criteria = ("L1-TESTS",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageOptions(Options):
    tests: str = field(default="", metadata={"help": "the gate whose run is measured"})
    report: str = field(default="", metadata={"help": "a report of an earlier step"})
    critical: Mapping[str, str] = field(default_factory=dict)
    min_changed: int = 20


class Coverage(_Fake, Stage[CoverageOptions]):
    uses = "coverage"
    title = "coverage"
    options_type = CoverageOptions
    metrics = (
        _spec("line", Unit.RATIO, "path"),
        _spec("branch", Unit.RATIO),
        _spec("changed_line", Unit.RATIO),
    )
    defaults = (Default(text="line >= 90%"), Default(text="changed_line >= 90%"))
    criteria = ("L1-COVERAGE",)

    def check(self) -> None:
        if self.options.tests and self.options.report:
            raise ValueError("`tests` and `report` exclude each other")

    def conditions(self) -> tuple[Default, ...]:
        floors = self.options.critical.items()
        return (
            *self.defaults,
            *(Default(text=f'line{{path="{path}"}} >= {floor}') for path, floor in floors),
        )

    def wants(self) -> Wants | None:
        if self.options.report:
            return None
        return Wants(uses=("pytest",), ask="coverage", option="tests")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions(Options):
    rate: Decimal = Decimal(100)
    shape: Literal["steady", "ramp"] = "steady"
    paths: tuple[str, ...] = ()
    parts: tuple[str, ...] = field(default=(), metadata={"or_text": True})
    target: str | tuple[str, ...] = ""
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    warm: bool = True


class Load(_Fake, Stage[LoadOptions]):
    uses = "load"
    title = "load"
    options_type = LoadOptions
    metrics = (
        _spec("p95", Unit.SECONDS, "endpoint"),
        _spec("rate", Unit.PER_SECOND),
        _spec("slope", Unit.NUMBER),
    )
    defaults = (Default(text="p95 < 100ms", from_level=2),)
    criteria = ("L2-LOAD",)
    exclusive = True
    timeout_s = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOptions(Options):
    run: str | tuple[str, ...] = ""
    metrics: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Command(_Fake, Stage[CommandOptions]):
    uses = "command"
    title = "any program"
    options_type = CommandOptions
    metrics = (_spec("exit_status", Unit.COUNT),)
    defaults = (Default(text="exit_status == 0"),)

    def specs(self) -> tuple[MetricSpec, ...]:
        return (*self.metrics, *(_spec(name, Unit.COUNT) for name in self.options.metrics))


class Faulty(_Fake, Stage[Options]):
    uses = "faulty"
    title = "its default is on a metric that it does not measure"
    metrics = (_spec("errors", Unit.COUNT),)
    defaults = (Default(text="errors == 0"), Default(text="gone == 0"))


class Picky(Load):
    uses = "picky"
    defaults = (Default(text="p95 < 100ms"),)

    def check(self) -> None:
        if not self.options.target:
            raise ValueError("name a target")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandingOptions(Options):
    run: str


class Demanding(_Fake, Stage[DemandingOptions]):
    uses = "demanding"
    title = "an option without a default"
    options_type = DemandingOptions
    metrics = (_spec("errors", Unit.COUNT),)
    defaults = (Default(text="errors == 0"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedOptions(Options):
    since: date | None = None


class Asking(_Fake, Stage[CoverageOptions]):
    uses = "asking"
    title = "it cannot measure without a service"
    options_type = CoverageOptions
    metrics = (_spec("failed", Unit.COUNT),)
    defaults = (Default(text="failed == 0"),)

    @property
    def given(self) -> tuple[str, ...]:
        return (self.options.report,) if self.options.report else ()

    def asks_service(self) -> bool:
        return True


class Watching(_Fake, Stage[CoverageOptions]):
    uses = "watching"
    title = "the pages of another gate's service"
    options_type = CoverageOptions
    metrics = (_spec("failed", Unit.COUNT),)
    defaults = (Default(text="failed == 0"),)

    def wants(self) -> Wants | None:
        return Wants(uses=(), ask="scrape /metrics", option="tests")


class Dated(_Fake, Stage[DatedOptions]):
    uses = "dated"
    title = "an option of a kind that a plan does not hold"
    options_type = DatedOptions
    metrics = (_spec("errors", Unit.COUNT),)
    defaults = (Default(text="errors == 0"),)


# What the tests of one thing need beside the stages that hints name.
_ODD: dict[str, object] = {
    "asking": Asking,
    "dated": Dated,
    "demanding": Demanding,
    "faulty": Faulty,
    "not-a-stage": DatedOptions,
    "picky": Picky,
    "watching": Watching,
}
STAGES: dict[str, object] = {
    "command": Command,
    "coverage": Coverage,
    "load": Load,
    "pytest": Tests,
    "ruff": Lint,
}


def load_stage(uses: str) -> type[Stage[Options]]:
    if uses == "broken":
        raise ImportError("no module named `nowhere`")
    if uses == "misspelled":
        raise NameError("name `Stge` is not defined")
    stage = (STAGES | _ODD)[uses]
    if not (isinstance(stage, type) and issubclass(stage, Stage)):
        raise TypeError(f"{uses} is not a Stage")
    return stage


def stage_names() -> tuple[str, ...]:
    return tuple(sorted(STAGES))


LoadText = Callable[[str], Plan]
Refuse = Callable[[str], tuple[Problem, ...]]
Lines = Callable[[str], list[str]]


def _load(text: str) -> Plan:
    return load(
        dedent(text).encode(),
        name="gates.yaml",
        default_project="orders",
        load_stage=load_stage,
        stage_names=stage_names,
    )


def _refuse(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        _load(text)
    return caught.value.problems


def _lines(text: str) -> list[str]:
    return [
        f"{problem.place.removeprefix('gates.yaml:')} {problem.slug}: {problem.summary}"
        for problem in _refuse(text)
    ]


@pytest.fixture
def load_text() -> LoadText:
    """Load a text with the stages of this file."""
    return _load


@pytest.fixture
def refuse() -> Refuse:
    """Load a text that must be refused; its problems."""
    return _refuse


@pytest.fixture
def lines() -> Lines:
    """Load a text that must be refused; `LINE:COLUMN slug: summary` of each problem."""
    return _lines


@pytest.fixture
def stages() -> tuple[Callable[[str], type[Stage[Options]]], Callable[[], tuple[str, ...]]]:
    """The stages of this file, as `load_stage` and `stage_names`."""
    return load_stage, stage_names
