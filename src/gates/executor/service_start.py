"""Starts one service: its setup commands, then itself on a free port, until it can be asked."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.domain.errors import Problem, StageError, ToolMissing
from gates.domain.service import ITSELF, ReadyBy, ServicePlan
from gates.executor.context import SLUG_CHARACTERS, SLUG_LENGTH
from gates.executor.project import Project
from gates.executor.service_local import LocalService, filled
from gates.executor.service_ready import Readiness
from gates.plugin import Service
from gates.toolkit import ports
from gates.toolkit.ports import LOOPBACK
from gates.toolkit.processes import Cause, Command, Ended, Processes
from gates.toolkit.readiness import last_lines

ATTEMPTS = 3
"""How often a start is tried, each time on another port, where the port is taken meanwhile."""

POLL_S = 0.025
"""Seconds between two looks at whether a service can be asked."""

PATIENCE_S = 2.0
"""Seconds in which a service in whose place another program answers may end by itself."""

LIFETIME_S = 7 * 24 * 3600.0
"""Seconds after which a service that was forgotten is ended."""

LAST_LINES = 3
"""Lines of a log that stand in a reason."""

# Python writes to a file only when a block is full: what it said would be lost, and come late.
_FIXED = {"PYTHONUNBUFFERED": "1"}


@dataclass(slots=True, kw_only=True)
class Starting:
    """The start of one service.

    Attributes:
        plan: what gates.yaml says of it.
        project: what the gates of the run share.
        processes: the one way to start a program.
        needs: the services that it needs, ready, by name; also those that they need.
        env: additions of the gate to its environment, placeholders in them.
        logs_folder: where its logs go; made when it starts.
        pick_port: finds a free port.
    """

    plan: ServicePlan
    project: Project
    processes: Processes
    needs: Mapping[str, Service]
    env: Mapping[str, str]
    logs_folder: Path
    pick_port: Callable[[], int] = ports.free_port
    logs: list[Path] = field(default_factory=list)

    def start(self) -> LocalService:
        """Start it, and wait until it can be asked.

        Raises:
            StageError: it ended, was not ready in time, or another program answers in its place.
        """
        self.logs_folder.mkdir(parents=True, mode=0o700)
        outcome = self._attempt()
        for _ in range(ATTEMPTS - 1):
            if isinstance(outcome, LocalService):
                break
            outcome = self._attempt()
        if isinstance(outcome, Problem):
            raise StageError(outcome.slug, outcome.summary, hint=outcome.hint)
        return outcome

    def _attempt(self) -> LocalService | Problem:
        """Start it once; a problem where somebody else has its port, and another may be free."""
        port = self.pick_port()
        # Outside the run's folder: another user may have to reach it, as that of a database.
        place = self.project.environ.get("TMPDIR") or None
        folder = Path(tempfile.mkdtemp(prefix=f"gates-{self.plan.name}-", dir=place))
        values = self._values(port, folder)
        service = None
        try:
            for words in self.plan.setup:
                self._set_up(words, values)
            service = self._spawn(port, folder, values)
            return self._until_ready(service)
        except BaseException:
            if service is not None:
                service.end()
            _remove(folder)
            raise

    def _values(self, port: int, folder: Path) -> dict[str, str]:
        """What stands for placeholders; the own ones also under the service's own name."""
        address = {"host": LOOPBACK, "port": f"{port}"}
        own = {**address, "url": filled(self.plan.address, address, self.plan.name)}
        own["dir"] = str(folder)
        values = {f"{self.plan.name}.{key}": value for key, value in own.items()}
        for name, service in self.needs.items():
            values |= {
                f"{name}.host": service.host,
                f"{name}.port": f"{service.port}",
                f"{name}.url": service.url,
            }
            if service.is_local:
                values[f"{name}.dir"] = str(service.folder)
        return {**values, **own, "itself": sys.executable}

    def _set_up(self, words: tuple[str, ...], values: Mapping[str, str]) -> None:
        ended, logs = self._run(words, values, self.plan.ready.timeout_s)
        if ended.cause is Cause.EXITED and ended.exit_code == 0:
            return
        how = {
            Cause.EXITED: f"ended with exit code {ended.exit_code}",
            Cause.SIGNALLED: f"was ended by signal {ended.signal}",
            Cause.TIMED_OUT: f"was ended after {ended.seconds:.0f} s",
            Cause.CANCELLED: "was ended, because the run was interrupted",
        }.get(ended.cause, f"did not end well: {ended.cause.value} {ended.detail}".rstrip())
        program = Path(words[0]).name
        summary = f"`{program}`, which sets service `{self.plan.name}` up, {how}"
        raise StageError("setup-failed", summary + said(logs), hint=f"see {logs[1]}")

    def _spawn(self, port: int, folder: Path, values: Mapping[str, str]) -> LocalService:
        command = self._command(self.plan.run, values, LIFETIME_S)
        return LocalService(
            plan=self.plan,
            port=port,
            url=values["url"],
            folder=folder,
            running=self.processes.start(command),
            logs=(Path(command.stdout), Path(command.stderr)),
            values=values,
            clock=self.project.clock,
        )

    def _until_ready(self, service: LocalService) -> LocalService | Problem:
        readiness = Readiness(service, self._ready_command)
        until = self.project.clock.monotonic_s() + self.plan.ready.timeout_s
        while True:
            why = readiness.why_not()
            how = service.how_it_ended()
            if how:
                return self._gone(service, how)
            is_over = self.project.clock.monotonic_s() >= until
            if not why or is_over:
                owner = service.owner()
                if not why and not owner.strangers:
                    service.settle(owner)
                    return service
                if is_over:
                    raise self._late(service, why, owner.strangers)
                # It may be about to end because it found its port taken: then another one is tried.
                until = min(until, self.project.clock.monotonic_s() + PATIENCE_S)
            time.sleep(POLL_S)

    def _late(self, service: LocalService, why: str, strangers: tuple[str, ...]) -> StageError:
        if strangers:
            return self._error("port-taken", _replaced(service, strangers), service)
        waited = f"service `{service.name}` was not ready after {self.plan.ready.timeout_s} s"
        return self._error("not-ready", f"{waited}: {why}{_elsewhere(service)}", service)

    def _gone(self, service: LocalService, how: str) -> Problem:
        """It ended before it was ready: because somebody else has its port, or for good.

        Raises:
            StageError: for good.
        """
        strangers = service.owner().strangers
        what = how.removeprefix("it ")
        error = self._error(
            "service-ended", f"service `{service.name}` {what} before it was ready", service
        )
        service.end()
        if not strangers:
            raise error
        who = f"service `{service.name}` {what}: `{strangers[0]}` has its port {service.port}"
        return Problem("port-taken", who + said(service.logs), hint="end that program")

    def _error(self, slug: str, summary: str, service: LocalService) -> StageError:
        log = next((each for each in reversed(service.logs) if last_lines(each, 1)), None)
        hint = (
            f"see {log}" if log is not None else f"it wrote nothing; see {service.logs[1].parent}"
        )
        if slug == "not-ready":
            hint += "; a longer deadline: `ready: {..., timeout: 60s}`"
        return StageError(slug, summary + said(service.logs), hint=hint)

    def _ready_command(self, service: LocalService) -> str:
        """Why the command that tells readiness says no, or empty."""
        words = self.plan.ready.command
        ended, logs = self._run(words, service.values, self.plan.ready.timeout_s)
        for log in logs:
            self.logs.remove(log)
        lines = [*last_lines(logs[1], 1), *last_lines(logs[0], 1)]
        for log in logs:
            log.unlink(missing_ok=True)
        if ended.cause is Cause.EXITED and ended.exit_code == 0:
            return ""
        how = f"`{Path(words[0]).name}` ended with {ended.exit_code}"
        if ended.cause is not Cause.EXITED:
            how = f"`{Path(words[0]).name}`: {ended.cause.value}"
        return ": ".join((how, *lines[:1]))

    def _run(
        self, words: tuple[str, ...], values: Mapping[str, str], limit_s: float
    ) -> tuple[Ended, tuple[Path, Path]]:
        command = self._command(words, values, limit_s)
        return self.processes.run(command), (Path(command.stdout), Path(command.stderr))

    def _command(
        self, words: tuple[str, ...], values: Mapping[str, str], limit_s: float
    ) -> Command:
        name = self.plan.name
        program, *arguments = (filled(word, values, name) for word in words)
        cwd = self.project.root / self.plan.cwd
        if not cwd.is_dir():
            summary = f"service `{name}` starts in `{self.plan.cwd}`, which is no folder"
            raise StageError("no-folder", summary, hint="correct its `cwd`", place=self.plan.place)
        env = {key: filled(text, values, name) for key, text in (*self.plan.env, *self.env.items())}
        number = len(self.logs) // 2 + 1
        stem = self.logs_folder / f"{number:02d}-{_slug(Path(program).name)}"
        stdout, stderr = Path(f"{stem}.stdout"), Path(f"{stem}.stderr")
        self.logs += [stdout, stderr]
        return Command(
            argv=(self._program(words[0], program), *arguments),
            cwd=str(cwd),
            env=self.project.child_environment({**_FIXED, **env}),
            stdout=str(stdout),
            stderr=str(stderr),
            timeout_s=limit_s,
            grace_s=self.plan.grace_s,
        )

    def _program(self, word: str, program: str) -> str:
        """A program by name from the project's environment, or by path: the project's own."""
        if word == ITSELF:
            return program
        if "/" not in program:
            return self.project.tool(program, None).path
        path = self.project.root / program
        if not (path.is_file() and os.access(path, os.X_OK)):
            raise ToolMissing(
                "tool-missing",
                f"`{program}`, which service `{self.plan.name}` names, is not a program",
                hint="a path is relative to the folder of gates.yaml, and must be executable",
                place=self.plan.place,
            )
        return str(path)


def said(logs: tuple[Path, ...]) -> str:
    """The last lines that a service wrote, for the end of a sentence."""
    for log in reversed(logs):
        lines = last_lines(log, LAST_LINES)
        if lines:
            return f": {' | '.join(lines)}"
    return ""


def _replaced(service: LocalService, strangers: tuple[str, ...]) -> str:
    return f"`{strangers[0]}` answers on port {service.port} in place of service `{service.name}`"


def _elsewhere(service: LocalService) -> str:
    """On which other ports it listens, where it does not on its own."""
    if service.plan.ready.by not in {ReadyBy.HTTP, ReadyBy.TCP}:
        return ""
    found = ports.ports_of(service.tree())
    if not found or service.port in found:
        return ""
    listed = ", ".join(map(str, found))
    return f"; it listens on port {listed}, not on {service.port}: write `{{port}}` in its command"


def _slug(name: str) -> str:
    """A program's name as part of a file name that any shell, log and record can hold."""
    return "".join(char if char in SLUG_CHARACTERS else "_" for char in name)[:SLUG_LENGTH]


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
