"""A `Context` that only looks: for asking a stage which files it would examine, without a run."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from gates.domain.plan import Plan
from gates.domain.stage_result import Tool
from gates.plugin import (
    Change,
    Completed,
    Metric,
    Needed,
    Report,
    Service,
    Services,
    SourceSet,
)
from gates.survey.scene import Scene
from gates.toolkit import changes, sources
from gates.toolkit.clock import SystemClock
from gates.toolkit.door import one_line


class NotAsked(Exception):
    """The stage wants more than a look: it would run something, or read what a run leaves."""


@dataclass(slots=True)
class Probe:
    """What a stage may look at before any run.

    Attributes:
        scene: the project.
        plan: what gates.yaml says.
        level: the level of the gate.
    """

    scene: Scene
    plan: Plan
    level: int = 1
    asked: frozenset[str] = frozenset()
    timeout_s: int = 60
    needed: Mapping[str, Needed] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The folder of gates.yaml."""
        return self.scene.root

    @property
    def out(self) -> Path:
        """No stage writes while it is only asked; this folder is not there."""
        return Path(tempfile.gettempdir()) / "gates-writes-nothing-here"

    @property
    def portion(self) -> None:
        """All of the gate's work is asked about."""

    @property
    def today(self) -> date:
        """The day (UTC)."""
        return SystemClock().today()

    @property
    def service(self) -> Service:
        """No service is started.

        Raises:
            NotAsked: always.
        """
        raise NotAsked("a service")

    @property
    def services(self) -> Services:
        """No service is started."""
        return {}

    def undecided(self, metrics: Sequence[Metric]) -> tuple[str, ...]:
        """Nothing was measured, so nothing is open."""
        del metrics
        return ()

    def itself(self) -> Tool:
        """The interpreter that runs `gates`; it is not run here."""
        return Tool(name="gates", version="", path=sys.executable)

    def sources(self, *suffixes: str) -> SourceSet:
        """The sources, as a run would find them.

        Raises:
            StageError: an entry of `sources:` matches nothing.
        """
        include, exclude = self.plan.include, self.plan.exclude
        if not include:
            include = sources.detect_sources(self.root, suffixes)
            exclude = (*exclude, *sources.no_sources(suffixes))
        return sources.find_sources(self.root, include=include, exclude=exclude, suffixes=suffixes)

    def files(self, *patterns: str) -> tuple[str, ...]:
        """Files of the project that match any of the patterns."""
        return sources.find_files(self.root, patterns)

    def change(self) -> Change:
        """What differs from the base of the change."""
        git = self.scene.git
        base = changes.resolve_base(git, named=None, environ=self.scene.environ)
        return changes.changed_lines(git, base, self.root)

    def tool(self, name: str, *, ask: bool = True) -> Tool:
        """Find a program; none is asked for its version.

        Raises:
            ToolMissing: none of the places holds it.
        """
        del ask
        return self.scene.tool(name)

    def run(
        self,
        tool: Tool,
        *arguments: str,
        ok: tuple[int, ...] = (0,),
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Nothing is run.

        Raises:
            NotAsked: always.
        """
        del arguments, ok, env
        raise NotAsked(tool.name)

    def report(self, path: Path, *, max_bytes: int = 0) -> Report:
        """There is no report before a run.

        Raises:
            NotAsked: always.
        """
        del max_bytes
        raise NotAsked(str(path))

    def given_report(self, path: str, *, max_bytes: int = 0) -> Report:
        """A report is judged in a run alone.

        Raises:
            NotAsked: always.
        """
        del max_bytes
        raise NotAsked(path)

    def given_reports(
        self, patterns: Sequence[str], *, max_bytes: int = 0, may_repeat: bool = False
    ) -> tuple[Report, ...]:
        """Reports are judged in a run alone.

        Raises:
            NotAsked: always.
        """
        del max_bytes, may_repeat
        raise NotAsked(", ".join(patterns))

    def before(self, path: str) -> bytes | None:
        """Nothing is compared with the base of the change.

        Raises:
            NotAsked: always.
        """
        raise NotAsked(path)

    def kept_cache(self, name: str, files: Sequence[str]) -> Path:
        """No cache is used.

        Raises:
            NotAsked: always.
        """
        del files
        raise NotAsked(name)

    def plant(self, name: str, data: bytes) -> Path:
        """Nothing is planted.

        Raises:
            NotAsked: always.
        """
        del data
        raise NotAsked(name)

    def setting(self, name: str) -> str:
        """An environment variable of `gates`, or empty."""
        return self.scene.environ.get(name, "")

    def clean(self, text: str | bytes) -> str:
        """Foreign text on one safe line."""
        return one_line(text)

    def note(self, text: str) -> None:
        """Nobody repeats it."""

    def progress(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        """Nobody watches."""
