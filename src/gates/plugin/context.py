"""What a stage is given: the project, its tools, and what the gates that it needs handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from gates.domain.metric import Metric
from gates.domain.stage_result import StageResult, Tool
from gates.plugin.service import Service, Services, Usage
from gates.toolkit.changes import Change
from gates.toolkit.files import Report
from gates.toolkit.sources import SourceSet


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTrace:
    """What was seen of a service while a gate measured.

    Attributes:
        name: the service.
        logs: what it wrote to its standard output and standard error meanwhile.
        before: pages that were fetched just before the measurement, by path, each as often as
            it was asked; only those that a gate which needs this one asked for.
        after: the same pages just after it.
        seconds: how long the measurement took.
        usage: what the service took meanwhile.
    """

    name: str
    logs: tuple[Path, ...] = ()
    before: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    after: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    seconds: float = 0.0
    usage: tuple[Usage, ...] = ()


@dataclass(frozen=True, slots=True)
class Portion:
    """The part of a gate's work that is done here; others do the rest on other machines.

    Attributes:
        index: which part, from 1.
        count: how many there are, at least two.
    """

    index: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What a gate's stage left in its folder, on this machine or, before a merge, on another.

    Attributes:
        out: the folder, here.
        root: the folder of gates.yaml where it was measured, real path.
        started_ns: the files are not older, in nanoseconds since the epoch.
        portion: which part of the gate's work it is, or None for all of it.
    """

    out: Path
    root: Path
    started_ns: int
    portion: Portion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What a needed gate's stage handed over, for the stage that needs it.

    Attributes:
        name: the gate.
        result: its result, or None where it could not measure.
        out: the folder in which it left its files.
        started_ns: when it began, in nanoseconds since the epoch.
        service: what was seen of its service while it measured, or None where it names none.
        handed: what was left of it on other machines; empty where it was measured on this one.
    """

    name: str
    result: StageResult | None
    out: Path
    started_ns: int
    service: ServiceTrace | None = None
    handed: tuple[Handed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A command that ended by itself with an exit code that the stage called a result.

    Attributes:
        tool: the program.
        argv: the whole command.
        exit_code: its exit code.
        stdout: what it wrote to standard output, at most 64 MiB.
        stderr: what it wrote to standard error, at most 64 MiB.
        seconds: wall time.
    """

    tool: Tool
    argv: tuple[str, ...]
    exit_code: int
    stdout: bytes
    stderr: bytes
    seconds: float


class Context(Protocol):
    """What a stage is given: the project, its tools, and the one way to run them."""

    @property
    def root(self) -> Path:
        """The folder of gates.yaml, absolute."""

    @property
    def out(self) -> Path:
        """A private, fresh folder for this stage's files, outside the sources."""

    @property
    def level(self) -> int:
        """The level of the gate."""

    @property
    def asked(self) -> frozenset[str]:
        """What gates that need this one ask of it."""

    @property
    def portion(self) -> Portion | None:
        """The part of the gate's work that is done here, or None where all of it is."""

    @property
    def needed(self) -> Mapping[str, Needed]:
        """What the gates named in `needs` handed over, by name."""

    @property
    def today(self) -> date:
        """The day of the run (UTC)."""

    @property
    def timeout_s(self) -> int:
        """The gate's time limit in seconds."""

    @property
    def service(self) -> Service:
        """The service that the gate names, ready.

        Raises:
            StageError: the gate names none.
        """

    @property
    def services(self) -> Services:
        """The service that the gate names and all that it needs, by name; empty without one."""

    def undecided(self, metrics: Sequence[Metric]) -> tuple[str, ...]:
        """The conditions of the gate that these values leave open, as they are written.

        A condition is open where the interval of its metric holds its limit. A stage that can
        measure longer does so while there are any; it never learns the limits.
        """

    def itself(self) -> Tool:
        """The interpreter that runs `gates`, to run a module of it as a program of its own."""

    def sources(self, *suffixes: str) -> SourceSet:
        """The project's source files with these suffixes (`.py`), by its `sources:`.

        Raises:
            StageError: where an entry of `sources:` matches nothing.
        """

    def files(self, *patterns: str) -> tuple[str, ...]:
        """Files of the project that match any of these patterns, relative, sorted."""

    def change(self) -> Change:
        """What differs from the base of the change, uncommitted work included.

        Raises:
            StageError: outside git, or where the named base is not there.
        """

    def tool(self, name: str, *, ask: bool = True) -> Tool:
        """Find a program in the project's environment, by absolute path.

        Args:
            name: the program's file name.
            ask: run it with `--version` where its environment does not tell the version; only for
                a program that is known to do nothing else then.

        Raises:
            ToolMissing: where none of the places holds it.
        """

    def run(
        self,
        tool: Tool,
        *arguments: str,
        ok: tuple[int, ...] = (0,),
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run a program in `root` under supervision, and wait for it.

        Args:
            tool: the program.
            arguments: its arguments.
            ok: exit codes that are results of this tool; others raise.
            env: additions to its environment.

        Raises:
            ToolCrashed: for any other exit code, a signal, a lost status, too much output.
            ToolTimedOut: where the gate's time is up.
        """

    def report(self, path: Path, *, max_bytes: int = 64 * 1024 * 1024) -> Report:
        """Read a file that a tool wrote during this stage; its digest goes into the record.

        Raises:
            OutputUnreadable: where it is absent, empty, too large, not a regular file of ours, or
                older than the stage.
        """

    def given_report(self, path: str, *, max_bytes: int = 64 * 1024 * 1024) -> Report:
        """Read a report that an earlier step wrote (`with: {report: PATH}`).

        Raises:
            OutputUnreadable: where it is tracked by git, or not made from this tree: older than
                HEAD's commit or than a file that differs from HEAD.
        """

    def given_reports(
        self,
        patterns: Sequence[str],
        *,
        max_bytes: int = 256 * 1024 * 1024,
        may_repeat: bool = False,
    ) -> tuple[Report, ...]:
        """Read the reports that `report:` names, each once, sorted by path.

        Args:
            patterns: paths, or globs in which `**` stands for any folders.
            max_bytes: how large all of them may be together.
            may_repeat: two may hold the same bytes, as lists of findings do where there are none.

        Raises:
            OutputUnreadable: a pattern matches nothing, two of the files hold the same bytes, or
                one of them cannot be judged (see `given_report`).
        """

    def before(self, path: str) -> bytes | None:
        """What a file of the project held at the base of the change; None where it was not there.

        Raises:
            StageError: outside git, or where the named base is not there.
        """

    def kept_cache(self, name: str, files: Sequence[str]) -> Path:
        """A folder that a tool may keep its cache in between runs.

        It is handed over empty where one of `files` changed its content while its size and time
        did not, so that a cache keyed on those cannot answer for another text.
        """

    def plant(self, name: str, data: bytes) -> Path:
        """Write a known-bad file for a canary, outside the checkout and every source of it.

        Args:
            name: its file name.
            data: what is in it.

        Returns:
            Its absolute path, alone in a private folder that is removed when the gate ends.

        Raises:
            StageError: where there is no place for it.
        """

    def setting(self, name: str) -> str:
        """An environment variable of `gates` itself that the stage documents, or empty."""

    def clean(self, text: str | bytes) -> str:
        """Make foreign text fit to be shown: one line, no control sequences, secrets redacted."""

    def note(self, text: str) -> None:
        """Tell something that every output must repeat."""

    def progress(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        """Tell how far the stage is, for live output."""
