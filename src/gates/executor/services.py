"""The services of a run: a fresh one for each gate that names it, or one for all where shared."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.domain.errors import Problem, StageError
from gates.domain.plan import GatePlan
from gates.domain.service import ServicePlan, ServiceRun, reach
from gates.executor.project import Project
from gates.executor.service_local import LocalService
from gates.executor.service_ready import Readiness
from gates.executor.service_remote import RemoteService
from gates.executor.service_start import POLL_S, Starting
from gates.plugin import Service
from gates.toolkit import ports
from gates.toolkit.processes import Processes

SHARED = "_services"
"""Folder of the logs of shared services, in the run's folder; no gate can be named so."""

Hosted = LocalService | RemoteService


@dataclass(slots=True, kw_only=True)
class Scope:
    """The services that one gate, or the whole run, holds.

    Attributes:
        folder: where their logs go, one folder below it for each.
        env: additions to the environment of the service that the gate names.
        named: that service; empty for the run.
        services: those that are ready, by name.
        own: those that end with this scope, in the order of their start.
        starts: the starts, also those that failed, by name.
        notes: what every output must tell.
    """

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    named: str = ""
    services: dict[str, Hosted] = field(default_factory=dict)
    own: list[LocalService] = field(default_factory=list)
    starts: dict[str, Starting] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def close(self) -> None:
        """End what ends with it, the last one first."""
        for service in reversed(self.own):
            note = service.end()
            if note:
                self.notes.append(note)


@dataclass(slots=True, kw_only=True)
class ServiceHost:
    """Starts services for gates, and ends them; may be called from any thread.

    Attributes:
        project: what the gates of the run share.
        processes: the one way to start a program.
        pick_port: finds a free port.
    """

    project: Project
    processes: Processes
    pick_port: Callable[[], int] = ports.free_port
    _scopes: list[Scope] = field(default_factory=list)
    _run: Scope = field(init=False)
    _failed: dict[str, Problem] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        """Prepare the scope of the whole run."""
        self._run = Scope(folder=self.project.folder / SHARED)
        self._scopes.append(self._run)

    def scope(self, gate: GatePlan, folder: Path) -> Scope:
        """A scope for the services of a gate, still empty.

        Args:
            gate: the gate.
            folder: its folder in the run's folder.
        """
        scope = Scope(folder=folder / "services", env=dict(gate.env), named=gate.service)
        self._scopes.append(scope)
        return scope

    def open(self, scope: Scope) -> None:
        """Start the service that a gate names, and all that it needs.

        Raises:
            StageError: one of them could not be started.
        """
        self._ensure(scope.named, scope)
        for plan in reach(scope.named, self.project.plan.services):
            if plan.name not in scope.services:
                # A need of a shared service: that one holds it.
                scope.services[plan.name] = self._run.services[plan.name]

    def close(self) -> None:
        """End all that is left; the run is over."""
        for scope in self._scopes:
            scope.close()

    def runs(self, scope: Scope) -> tuple[ServiceRun, ...]:
        """What the record tells of a gate's services, the named one first."""
        plans = reversed(reach(scope.named, self.project.plan.services))
        return tuple(self._told(plan, scope) for plan in plans if self._is_known(plan, scope))

    def _ensure(self, name: str, scope: Scope) -> None:
        plan = self._plan(name)
        if name in scope.services:
            return
        # What a gate adds to the environment of its service must reach it, so it gets its own.
        is_changed = name == scope.named and bool(scope.env)
        if plan.shared and scope is not self._run and not is_changed:
            scope.services[name] = self._shared(plan)
            return
        if plan.shared and is_changed:
            scope.notes.append(
                f"service `{name}` is shared, but the gate has an `env:`, so it got its own"
            )
        for need in plan.needs:
            self._ensure(need, scope)
        scope.services[name] = self._start(plan, scope)

    def _shared(self, plan: ServicePlan) -> Hosted:
        with self._lock:
            if plan.name in self._failed:
                known = self._failed[plan.name]
                raise StageError(known.slug, known.summary, hint=known.hint, place=known.place)
            self._drop_broken(plan)
            try:
                self._ensure(plan.name, self._run)
            except StageError as error:
                self._failed[plan.name] = error.problem
                raise
            return self._run.services[plan.name]

    def _drop_broken(self, plan: ServicePlan) -> None:
        """Take away a shared service that is no longer itself, and what needs it."""
        gone: set[str] = set()
        for each in reach(plan.name, self.project.plan.services):
            service = self._run.services.get(each.name)
            if service is not None and (gone & set(each.needs) or service.trouble()):
                gone.add(each.name)
                del self._run.services[each.name]
                if isinstance(service, LocalService):
                    service.end()

    def _start(self, plan: ServicePlan, scope: Scope) -> Hosted:
        if not plan.is_local:
            return self._found(plan)
        folder, count = scope.folder / plan.name, 1
        while folder.exists():
            count += 1
            folder = scope.folder / f"{plan.name}.{count}"
        starting = Starting(
            plan=plan,
            project=self.project,
            processes=self.processes,
            needs=self._needs(plan, scope),
            env=scope.env if plan.name == scope.named else {},
            logs_folder=folder,
            pick_port=self.pick_port,
        )
        scope.starts[plan.name] = starting
        service = starting.start()
        scope.own.append(service)
        return service

    def _needs(self, plan: ServicePlan, scope: Scope) -> dict[str, Service]:
        """All that a service needs, also by way of another."""
        names = [each.name for each in reach(plan.name, self.project.plan.services)][:-1]
        found = {name: scope.services.get(name) or self._run.services.get(name) for name in names}
        return {name: service for name, service in found.items() if service is not None}

    def _found(self, plan: ServicePlan) -> RemoteService:
        """A service that runs elsewhere, once it can be asked."""
        import time

        own = {"url": plan.url}
        service = RemoteService(plan)
        own |= {"host": service.host, "port": f"{service.port}"}
        named = {f"{plan.name}.{key}": value for key, value in own.items()}
        service = RemoteService(plan, {**named, **own})
        readiness = Readiness(service)
        clock = self.project.clock
        until = clock.monotonic_s() + plan.ready.timeout_s
        while why := readiness.why_not():
            if clock.monotonic_s() >= until:
                raise StageError(
                    "not-ready",
                    f"service `{plan.name}` at {plan.url} was not ready after"
                    f" {plan.ready.timeout_s} s: {why}",
                    hint="start it, or correct its `url`",
                    place=plan.place,
                )
            time.sleep(POLL_S)
        return service

    def _plan(self, name: str) -> ServicePlan:
        for plan in self.project.plan.services:
            if plan.name == name:
                return plan
        raise StageError("no-service", f"no service is named `{name}`", hint="see `services:`")

    def _is_known(self, plan: ServicePlan, scope: Scope) -> bool:
        return plan.name in scope.services or plan.name in scope.starts

    def _told(self, plan: ServicePlan, scope: Scope) -> ServiceRun:
        service = scope.services.get(plan.name)
        is_shared = plan.name not in scope.starts and plan.is_local
        starting = (self._run if is_shared else scope).starts.get(plan.name)
        logs = starting.logs if starting is not None else []
        base = self.project.folder
        return ServiceRun(
            name=plan.name,
            url=service.url if service is not None else "",
            is_local=plan.is_local,
            is_shared=is_shared,
            owner=service.owner_note if isinstance(service, LocalService) else "",
            trouble=service.seen_trouble if isinstance(service, LocalService) else "",
            logs=tuple(self.project.door.name(each.relative_to(base).as_posix()) for each in logs),
        )
