"""What a stage is given while it runs: the project, its tools, and supervised commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from gates import __version__
from gates.domain.errors import OutputUnreadable, StageError, ToolCrashed, ToolTimedOut
from gates.domain.events import GateProgressed
from gates.domain.judge import left_open
from gates.domain.metric import Metric
from gates.domain.plan import GatePlan
from gates.domain.service import ServiceRun
from gates.domain.stage_result import Artifact, Tool
from gates.executor.project import Project
from gates.plugin import Completed, Handed, Needed, Portion, Service, Services, ServiceTrace
from gates.toolkit import planting
from gates.toolkit.changes import Change
from gates.toolkit.files import Report, folder_stamp_ns, read_report
from gates.toolkit.processes import Cause, Command, Ended, Processes
from gates.toolkit.sources import SourceSet

PYTHONPATH = "PYTHONPATH"

OUTPUT_LIMIT = 64 * 1024 * 1024
"""Bytes of a tool's standard output that a stage may read."""

GIVEN_LIMIT = 256 * 1024 * 1024
"""Bytes of all reports of earlier steps that one gate may judge."""

SLUG_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
"""What the name of a log may hold."""

VERSION_LIMIT_S = 10.0
"""A program that does not say its version in this time is run without it."""

SLUG_LENGTH = 60
"""Characters of a program's name in the name of its log."""


@dataclass(slots=True)
class StageContext:
    """One stage's `Context` in one run; used by its worker thread alone.

    Attributes:
        gate: the gate that is measured.
        project: what all gates of the run share.
        processes: the one way to start a program.
        folder: the gate's private folder in the run's folder.
        needed: what the gates that it needs handed over.
        asked: what the gates that need it ask of it.
        tell: passes progress on.
        portion: the part of the gate's work that is done here, or None.
        handed: what the parts of its work left elsewhere, to be joined here.
        services: the gate's service and all that it needs, by name, each ready.
        trace: what was seen of the service while it was measured.
        told_services: what the record tells of the services.
    """

    gate: GatePlan
    project: Project
    processes: Processes
    folder: Path
    needed: Mapping[str, Needed]
    asked: frozenset[str]
    tell: Callable[[GateProgressed], None]
    portion: Portion | None = None
    handed: tuple[Handed, ...] = ()
    services: Services = field(default_factory=dict)
    trace: ServiceTrace | None = None
    told_services: tuple[ServiceRun, ...] = ()
    notes: list[str] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    planted: list[Path] = field(default_factory=list)
    argv: tuple[str, ...] = ()
    tool_exit: int | None = None
    started_ns: int = 0
    _silent: set[str] = field(default_factory=set)
    _deadline: float = 0.0

    def __post_init__(self) -> None:
        """Start the gate's clock; `begin` dates its folder."""
        self._deadline = self.project.clock.monotonic_s() + self.gate.timeout_s

    def begin(self) -> None:
        """Make the stage's folder; what is written before this moment is no report of it.

        The gate's time counts from here: what its services took to start is not its own.
        """
        self._deadline = self.project.clock.monotonic_s() + self.gate.timeout_s
        self.out.mkdir(parents=True, mode=0o700)
        self.started_ns = folder_stamp_ns(self.out)

    @property
    def root(self) -> Path:
        """The folder of gates.yaml, absolute."""
        return self.project.root

    @property
    def out(self) -> Path:
        """A private, fresh folder for this stage's files."""
        return self.folder / "out"

    @property
    def level(self) -> int:
        """The level of the gate."""
        return self.gate.level

    @property
    def today(self) -> date:
        """The day of the run (UTC)."""
        return self.project.clock.today()

    @property
    def timeout_s(self) -> int:
        """The gate's time limit in seconds."""
        return self.gate.timeout_s

    @property
    def service(self) -> Service:
        """The service that the gate names, ready."""
        if self.gate.service not in self.services:
            hint = f"name one: `service:` of gate `{self.gate.name}`"
            raise StageError("no-service", "the gate names no service", hint=hint)
        return self.services[self.gate.service]

    def undecided(self, metrics: Sequence[Metric]) -> tuple[str, ...]:
        """The conditions of the gate that these values leave open."""
        return left_open(self.gate.conditions, metrics)

    def itself(self) -> Tool:
        """The interpreter that runs `gates`."""
        return Tool(name="gates", version=__version__, path=sys.executable)

    def sources(self, *suffixes: str) -> SourceSet:
        """The project's source files with these suffixes."""
        return self.project.sources(suffixes)

    def files(self, *patterns: str) -> tuple[str, ...]:
        """Files of the project that match any of these patterns, relative, sorted."""
        return self.project.files(patterns)

    def change(self) -> Change:
        """What differs from the base of the change."""
        return self.project.change()

    def tool(self, name: str, *, ask: bool = True) -> Tool:
        """Find a program in the project's environment, with its version."""
        return self.project.tool(name, self._version if ask else None)

    def setting(self, name: str) -> str:
        """An environment variable of `gates` itself, or empty."""
        return self.project.environ.get(name, "")

    def clean(self, text: str | bytes) -> str:
        """Make foreign text fit to be shown, on one line."""
        return self.project.clean(text)

    def named(self, path: str) -> str:
        """A path fit to be recorded: whole and on one line, without secrets."""
        return self.project.named(path)

    def note(self, text: str) -> None:
        """Tell something that every output must repeat."""
        self.notes.append(self.project.clean(text))

    def progress(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        """Tell how far the stage is."""
        self.tell(GateProgressed(self.gate.name, self.project.clean(text), done, total))

    def kept_cache(self, name: str, files: Sequence[str]) -> Path:
        """A folder that a tool may keep its cache in between runs."""
        return self.project.kept_cache(f"{self.gate.name}-{name}", files)

    def plant(self, name: str, data: bytes) -> Path:
        """Write a known-bad file for a canary, outside the checkout."""
        outside = self.project.git.toplevel() or self.root
        path = planting.plant(name, data, environ=self.project.environ, outside=outside)
        self.planted.append(path)
        return path

    def tidy(self) -> None:
        """Remove what was planted; the gate has ended."""
        for path in self.planted:
            planting.remove(path)

    def report(self, path: Path, *, max_bytes: int = OUTPUT_LIMIT) -> Report:
        """Read a file that a tool wrote during this stage."""
        report = read_report(path, since_ns=self.started_ns, max_bytes=max_bytes)
        base = self.project.folder if path.is_relative_to(self.project.folder) else self.root
        shown = path.relative_to(base).as_posix()
        self.artifacts.append(Artifact(path=self.named(shown), sha256=report.sha256))
        return report

    def given_report(self, path: str, *, max_bytes: int = OUTPUT_LIMIT) -> Report:
        """Read a report that an earlier step wrote."""
        report = self.project.given_report(path, max_bytes=max_bytes)
        self.artifacts.append(Artifact(path=self.named(path), sha256=report.sha256))
        return report

    def given_reports(
        self, patterns: Sequence[str], *, max_bytes: int = GIVEN_LIMIT, may_repeat: bool = False
    ) -> tuple[Report, ...]:
        """Read the reports that `report:` names, each once, sorted by path."""
        reports = self.project.given_reports(patterns, max_bytes=max_bytes, may_repeat=may_repeat)
        for report in reports:
            shown = os.path.relpath(report.path, self.project.home)
            self.artifacts.append(Artifact(path=self.named(shown), sha256=report.sha256))
        return reports

    def before(self, path: str) -> bytes | None:
        """What a file of the project held at the base of the change."""
        return self.project.before(path)

    def run(
        self,
        tool: Tool,
        *arguments: str,
        ok: tuple[int, ...] = (0,),
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run a program in `root` under supervision, and wait for it."""
        argv = (tool.path, *arguments)
        ended, stdout, stderr = self._supervised(argv, env or {})
        if not self.argv:
            # The first command is the one that measures; what follows reads or compares.
            self.argv, self.tool_exit = argv, ended.exit_code
            self.logs = [*self.logs[-2:], *self.logs[:-2]]
        code = self._exit_code(tool, ended, stderr)
        if code not in ok:
            raise ToolCrashed(
                "tool-crashed",
                f"`{tool.name}` ended with exit code {code}{self._last_words(stderr, stdout)}",
                hint=f"see {stderr}",
            )
        return Completed(
            tool=tool,
            argv=argv,
            exit_code=code,
            stdout=self._output(stdout),
            stderr=self._output(stderr),
            seconds=ended.seconds,
        )

    def _supervised(
        self, argv: tuple[str, ...], env: Mapping[str, str], *, limit_s: float | None = None
    ) -> tuple[Ended, Path, Path]:
        left = self._deadline - self.project.clock.monotonic_s()
        if limit_s is not None:
            left = min(left, limit_s)
        program = self._slug(Path(argv[0]).name)
        stem = f"{len(self.logs) // 2 + 1:02d}-{program}"
        stdout, stderr = self.folder / f"{stem}.stdout", self.folder / f"{stem}.stderr"
        paths = [p.relative_to(self.project.folder).as_posix() for p in (stdout, stderr)]
        self.logs += [self.named(path) for path in paths]
        command = Command(
            argv=argv,
            cwd=str(self.root),
            env=self.project.child_environment(self._additions(env)),
            stdout=str(stdout),
            stderr=str(stderr),
            timeout_s=max(left, 0.01),
        )
        ended = self.processes.run(command)
        if ended.leaked:
            names = ", ".join(ended.leaked[:5])
            self.note(f"{len(ended.leaked)} processes outlived `{program}` and were ended: {names}")
        return ended, stdout, stderr

    def _slug(self, name: str) -> str:
        """A program's name as part of a file name that any shell, log and record can hold."""
        known = self.named(name)
        kept = "".join(char if char in SLUG_CHARACTERS else "_" for char in known)
        return kept[:SLUG_LENGTH]

    def _additions(self, env: Mapping[str, str]) -> dict[str, str]:
        """The gate's own `env:` and what the stage needs; import paths of both are kept."""
        own = dict(self.gate.env)
        if self.gate.service in self.services:
            service = self.service
            own = {name: service.filled(text) for name, text in own.items()}
            address = {"URL": service.url, "HOST": service.host, "PORT": f"{service.port}"}
            own |= {f"GATES_SERVICE_{name}": text for name, text in address.items()}
        paths = [each[PYTHONPATH] for each in (env, own) if each.get(PYTHONPATH)]
        joined = {PYTHONPATH: os.pathsep.join(paths)} if paths else {}
        return {**own, **env, **joined}

    def _exit_code(self, tool: Tool, ended: Ended, stderr: Path) -> int:
        if ended.cause is Cause.EXITED and ended.exit_code is not None:
            return ended.exit_code
        if ended.cause is Cause.TIMED_OUT:
            raise ToolTimedOut(
                "timed-out",
                f"`{tool.name}` was ended after {ended.seconds:.0f} s",
                hint=f"give the gate more time with `timeout:`, or see {stderr}",
            )
        what = {
            Cause.SIGNALLED: f"was ended by signal {ended.signal}",
            Cause.CANCELLED: "was ended, because the run was interrupted",
            Cause.LOG_OVERFLOW: "wrote more output than a log may hold",
            Cause.NOT_STARTED: f"could not be started: {ended.detail}",
        }.get(ended.cause, f"ended, and its exit status was lost: {ended.detail}")
        summary = self.clean(f"`{tool.name}` {what}")
        raise ToolCrashed("tool-crashed", summary, hint=f"see {stderr}")

    def _last_words(self, *logs: Path) -> str:
        """The last line that a tool wrote, so that the reason shows without opening a log."""
        for log in logs:
            try:
                lines = self._output(log)[-4096:].splitlines()
            except StageError:
                continue
            for line in reversed(lines):
                text = self.clean(line).strip()
                if text:
                    return f": {text}"
        return ""

    def _output(self, log: Path) -> bytes:
        try:
            with log.open("rb") as file:
                data = file.read(OUTPUT_LIMIT + 1)
        except OSError as error:
            raise OutputUnreadable("log-unreadable", f"{log.name}: {error.strerror}") from error
        if len(data) > OUTPUT_LIMIT:
            raise OutputUnreadable("log-too-large", f"{log.name} is larger than 64 MiB")
        return data

    def _version(self, tool: Tool) -> Tool:
        """Ask a program for its version, where its environment does not say it."""
        if tool.path in self._silent:
            return tool
        asked = (tool.path, "--version")
        ended, stdout, stderr = self._supervised(asked, {}, limit_s=VERSION_LIMIT_S)
        if ended.cause is Cause.TIMED_OUT:
            # The gate's own time is for its work.
            self._deadline += ended.seconds
            self._silent.add(tool.path)
            self.note(f"`{tool.name} --version` did not end, so its version is not known")
        if ended.cause is not Cause.EXITED or ended.exit_code != 0:
            return tool
        words = self.clean(self._output(stdout) or self._output(stderr)).split()
        numbers = [word.strip(",v()") for word in words if any(c.isdigit() for c in word)]
        return replace(tool, version=numbers[0] if numbers else "")
