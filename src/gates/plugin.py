"""The public face for authors of stages: what a stage is, what it is given, what it hands over.

A stage measures and never judges. It runs a tool through its `Context`, reads what the tool wrote,
and returns a `StageResult`, or raises a `StageError` where it could not measure.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import ClassVar, Generic, Protocol, Self, TypeVar

from gates.domain.condition import Role
from gates.domain.errors import (
    OutputUnreadable,
    StageError,
    ToolCrashed,
    ToolMissing,
    ToolTimedOut,
)
from gates.domain.finding import Finding, Severity, fingerprinted
from gates.domain.metric import (
    Direction,
    Examined,
    Metric,
    MetricSpec,
    Unit,
    count,
    flag,
    ratio,
    tags_of,
)
from gates.domain.stage_result import (
    Artifact,
    Inconclusive,
    NotApplicable,
    StageResult,
    Tool,
)
from gates.toolkit.changes import Change
from gates.toolkit.files import Report
from gates.toolkit.sources import SourceSet

__all__ = [
    "Artifact",
    "Change",
    "Completed",
    "Context",
    "Default",
    "Direction",
    "Examined",
    "Finding",
    "Inconclusive",
    "Metric",
    "MetricSpec",
    "Needed",
    "NotApplicable",
    "Options",
    "OutputUnreadable",
    "Report",
    "Role",
    "Severity",
    "SourceSet",
    "Stage",
    "StageError",
    "StageResult",
    "Tool",
    "ToolCrashed",
    "ToolMissing",
    "ToolTimedOut",
    "Unit",
    "Wants",
    "count",
    "fingerprinted",
    "flag",
    "ratio",
    "tags_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Base of a stage's options: a frozen dataclass whose fields are what `with:` may hold.

    Fields are texts, whole numbers, booleans, Decimals, tuples of texts, mappings from text to
    text or to a mapping of texts, each with a default. Unknown keys are refused at the door.
    A field's `metadata={"help": "..."}` is its line in the docs.
    """

    __pydantic_config__: ClassVar[Mapping[str, object]] = {"extra": "forbid", "strict": True}

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> Self:
        """Build options from validated plain values, in which lists stand for tuples."""
        known = {field.name for field in fields(cls)}
        values = {name: _frozen(value) for name, value in plain.items() if name in known}
        return cls(**values)


OptionsT = TypeVar("OptionsT", bound=Options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """A stage's default condition.

    Attributes:
        text: as gates.yaml would write it.
        role: whether it decides or only tells.
        from_level: first level at which it stands.
        to_level: last level at which it stands.
    """

    text: str
    role: Role = Role.REQUIRE
    from_level: int = 1
    to_level: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """A stage's wish for another gate's result.

    Attributes:
        uses: stages that can serve; the gate is named by `option`, else it is the only one of them.
        ask: what is asked of that gate (its stage finds it in `Context.asked`).
        option: name of the option that names the gate.
    """

    uses: tuple[str, ...]
    ask: str
    option: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What a needed gate's stage handed over, for the stage that needs it.

    Attributes:
        name: the gate.
        result: its result, or None where it could not measure.
        out: the folder in which it left its files.
        started_ns: when it began, in nanoseconds since the epoch.
    """

    name: str
    result: StageResult | None
    out: Path
    started_ns: int


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
    def needed(self) -> Mapping[str, Needed]:
        """What the gates named in `needs` handed over, by name."""

    @property
    def today(self) -> date:
        """The day of the run (UTC)."""

    @property
    def timeout_s(self) -> int:
        """The gate's time limit in seconds."""

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

    def kept_cache(self, name: str, files: Sequence[str]) -> Path:
        """A folder that a tool may keep its cache in between runs.

        It is handed over empty where one of `files` changed its content while its size and time
        did not, so that a cache keyed on those cannot answer for another text.
        """

    def setting(self, name: str) -> str:
        """An environment variable of `gates` itself that the stage documents, or empty."""

    def clean(self, text: str | bytes) -> str:
        """Make foreign text fit to be shown: one line, no control sequences, secrets redacted."""

    def note(self, text: str) -> None:
        """Tell something that every output must repeat."""

    def progress(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        """Tell how far the stage is, for live output."""


class Stage(ABC, Generic[OptionsT]):
    """A pluggable kind of measurement. Subclass it, fill in the class attributes, write `run`.

    Attributes:
        uses: its name in gates.yaml.
        title: what it measures, in a few words.
        options_type: its options.
        metrics: what it reports.
        defaults: its default conditions.
        criteria: IDs of the documented criteria that it serves.
        examines: what it counts as examined, plural.
        errored_when: each case in which it could not measure, for the docs.
        programs: names of the programs that it runs.
        exclusive: it measures time, so it runs alone.
        timeout_s: default time limit in seconds.
    """

    uses: ClassVar[str]
    title: ClassVar[str]
    options_type: ClassVar[type[Options]] = Options
    metrics: ClassVar[tuple[MetricSpec, ...]]
    defaults: ClassVar[tuple[Default, ...]]
    criteria: ClassVar[tuple[str, ...]] = ()
    examines: ClassVar[str]
    errored_when: ClassVar[tuple[str, ...]] = ()
    programs: ClassVar[tuple[str, ...]] = ()
    exclusive: ClassVar[bool] = False
    timeout_s: ClassVar[int] = 600

    def __init__(self, options: OptionsT) -> None:
        self.options = options

    def check(self) -> None:
        """Refuse options that do not fit together.

        Raises:
            ValueError: with one line that says why; it becomes an error of gates.yaml.
        """

    def specs(self) -> tuple[MetricSpec, ...]:
        """The metrics that it reports under these options."""
        return self.metrics

    def conditions(self) -> tuple[Default, ...]:
        """The default conditions under these options."""
        return self.defaults

    def wants(self) -> Wants | None:
        """The gate whose result it needs, or None."""
        return None

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """Paths, relative to `root`, of all files on which its outcome depends.

        A change that touches none of them leaves the gate unaffected. Empty: it cannot tell, and
        always runs.
        """
        del ctx
        return ()

    @abstractmethod
    def run(self, ctx: Context) -> StageResult:
        """Measure.

        Raises:
            StageError: where it could not.
        """


def _frozen(value: object) -> object:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _frozen(item) for key, item in value.items()}
    return value
