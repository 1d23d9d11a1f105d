"""The executor's own context under watch: what a stage looks at, asks for and plants."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.domain.stage_result import Tool
from gates.executor.context import StageContext
from gates.executor.service_local import LocalService
from gates.plugin import Completed, Report, ToolMissing
from gates.testing import relay
from gates.testing.tape import in_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched(Completed):
    """A command whose stage is watched: which of its outputs it looks at."""

    looked: set[str]

    def __getattribute__(self, name: str) -> object:
        """An attribute; the outputs are noted."""
        if name in {"stdout", "stderr"}:
            looked = object.__getattribute__(self, "looked")
            looked.add(name)
        return object.__getattribute__(self, name)


@dataclass(slots=True)
class SampleContext(StageContext):
    """The executor's own context; it notes what the stage looks at, and can hide programs.

    Attributes:
        hidden: programs that are not there.
        looked: by number of the run command, the outputs that the stage looked at.
        allowed: by number of the run command, the exit codes that it calls results.
        read: files that it read through `report`.
        wanted: programs that it asked for.
        ends_service: the service that the gate names ends when the stage begins.
    """

    hidden: frozenset[str] = frozenset()
    looked: dict[int, set[str]] = field(default_factory=dict)
    allowed: dict[int, tuple[int, ...]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    wanted: dict[str, None] = field(default_factory=dict)
    ends_service: bool = False

    def begin(self) -> None:
        """Begin, perhaps with a service that just ended."""
        StageContext.begin(self)
        service = self.services.get(self.gate.service)
        if self.ends_service and isinstance(service, LocalService):
            relay.end(service)

    def tool(self, name: str, *, ask: bool = True) -> Tool:
        """Find a program, unless it is hidden."""
        self.wanted[name] = None
        if name in self.hidden:
            raise ToolMissing("tool-missing", f"`{name}` is not installed", place=name)
        return StageContext.tool(self, name, ask=ask)

    def run(
        self,
        tool: Tool,
        *arguments: str,
        ok: tuple[int, ...] = (0,),
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run a program, and watch what the stage looks at."""
        number = len(self.logs) // 2
        self.allowed[number] = ok
        done = StageContext.run(self, tool, *arguments, ok=ok, env=env)
        looked = self.looked.setdefault(number, set())
        return Watched(
            tool=done.tool,
            argv=done.argv,
            exit_code=done.exit_code,
            stdout=done.stdout,
            stderr=done.stderr,
            seconds=done.seconds,
            looked=looked,
        )

    def report(self, path: Path, *, max_bytes: int = 64 * 1024 * 1024) -> Report:
        """Read a report, and note which."""
        if path.is_relative_to(self.out):
            self.read.add(path.relative_to(self.out).as_posix())
        elif path.is_relative_to(self.root):
            self.read.add(in_project(path.relative_to(self.root).as_posix()))
        return StageContext.report(self, path, max_bytes=max_bytes)

    def plant(self, name: str, data: bytes) -> Path:
        """Plant a file at a place that is the same when the tape is played."""
        path = StageContext.plant(self, name, data)
        place = self.project.root.parent / f"planted-{len(self.planted)}" / name
        place.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.move(path, place)
        path.parent.rmdir()
        self.planted[-1] = place
        return place
