"""Stages for tests of the executor, each with one manner; all run `/bin/sh` under supervision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from samples import ERRORS

from gates.plugin import (
    Context,
    Default,
    Examined,
    Finding,
    Options,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    count,
)

SH = Tool(name="sh", version="1", path="/bin/sh")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellOptions(Options):
    script: str = "echo 0"


class Shell(Stage[ShellOptions]):
    """Its script prints how many errors it found."""

    uses = "shell"
    title = "a shell script"
    options_type = ShellOptions
    metrics = (ERRORS,)
    defaults = (Default(text="errors == 0"),)
    criteria = ("L1-LINT",)
    examines = "scripts"

    def run(self, ctx: Context) -> StageResult:
        done = ctx.run(SH, "-c", self.options.script)
        return StageResult(
            metrics=(count("errors", int(done.stdout)),),
            examined=Examined(count=1, unit="scripts"),
            tool=done.tool,
            findings=(
                Finding(rule="R", severity=Severity.LOW, message=ctx.clean(done.stderr), path="a"),
            ),
        )


class Broken(Shell):
    """Has a defect."""

    uses = "broken"

    def run(self, ctx: Context) -> StageResult:
        raise ZeroDivisionError(f"in {ctx.level}")


class Blind(Shell):
    """Says that it cannot measure."""

    uses = "blind"

    def run(self, ctx: Context) -> StageResult:
        raise StageError("blind", "nothing to see", hint=f"look again on {ctx.today}")


class Curious(Shell):
    """Measures with what another gate left."""

    uses = "curious"
    seen: ClassVar[list[str]] = []

    def run(self, ctx: Context) -> StageResult:
        for needed in ctx.needed.values():
            self.seen.append(f"{needed.name} {needed.result is not None} {needed.out.is_dir()}")
        return super().run(ctx)


class Asked(Shell):
    """Notes what others ask of it."""

    uses = "asked"

    def run(self, ctx: Context) -> StageResult:
        ctx.note(f"asked for {sorted(ctx.asked)}")
        ctx.progress("half way", done=1, total=2)
        return super().run(ctx)


class Pathed(Shell):
    """Has an import path of its own."""

    uses = "pathed"

    def run(self, ctx: Context) -> StageResult:
        done = ctx.run(SH, "-c", self.options.script, env={"PYTHONPATH": "/stage"})
        return StageResult(
            metrics=(count("errors", int(done.stdout)),),
            examined=Examined(count=1, unit="scripts"),
            tool=done.tool,
            findings=(Finding(rule="R", severity=Severity.LOW, message=ctx.clean(done.stderr)),),
        )


class Listed(Shell):
    """Judges Python files."""

    uses = "listed"

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        return ctx.files("**/*.py")


class Judging(Shell):
    """Measures on when its service dies."""

    uses = "judging"
    judges_death = True


class Served(Shell):
    """Notes what it is told of its service, and what was seen of another gate's."""

    uses = "served"
    seen: ClassVar[dict[str, object]] = {}

    def run(self, ctx: Context) -> StageResult:
        for needed in ctx.needed.values():
            self.seen[needed.name] = needed.service
            if needed.service is not None:
                logs = [log.read_text() for log in needed.service.logs]
                self.seen[f"{needed.name} logs"] = logs
        for name, service in ctx.services.items():
            self.seen[name] = service
            self.seen[f"{name} usage"] = service.usage
            self.seen[f"{name} trouble"] = service.trouble()
        return super().run(ctx)


STAGES: dict[str, type[Stage[Options]]] = {}
for _stage in (Shell, Broken, Blind, Curious, Asked, Pathed, Listed, Judging, Served):
    _known: object = _stage
    assert isinstance(_known, type)
    assert issubclass(_known, Stage)
    STAGES[_stage.uses] = _known


def load(uses: str) -> type[Stage[Options]]:
    return STAGES[uses]
