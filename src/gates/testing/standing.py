"""Hosts that hand over something else in the place of a service.

A tape holds what the programs of a stage did, so nobody asks the service when it is played: what
the stage is told of it stands on its own. Where something is to befall a service, a relay stands
before it, also for the pages that the executor fetches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Self

from gates.executor.service_local import LocalService
from gates.executor.service_remote import RemoteService
from gates.executor.services import Scope, ServiceHost
from gates.plugin import Services, Usage
from gates.testing.relay import Fault, Relay, end


@dataclass(frozen=True, slots=True)
class StandIn(RemoteService):
    """A service that ran, and is described as it was.

    Attributes:
        place: the folder that it had.
    """

    place: Path = Path()

    @classmethod
    def of(cls, service: LocalService) -> Self:
        """Describe a service."""
        plan = replace(service.plan, run=(), url=service.url)
        return cls(plan, dict(service.values), service.folder)

    @property
    def is_local(self) -> bool:
        """The run had started it."""
        return True

    @property
    def folder(self) -> Path:
        """Its private folder, which is gone."""
        return self.place

    def trouble(self) -> str:
        """Nothing: it is only described, and nobody can look."""
        return ""


@dataclass(frozen=True, slots=True)
class Relayed(RemoteService):
    """A service that runs, and is found where a relay listens.

    Attributes:
        inner: the service itself.
    """

    inner: LocalService | None = None

    @classmethod
    def of(cls, service: LocalService, port: int) -> Self:
        """Describe a service behind a relay.

        Args:
            service: it.
            port: where the relay listens.
        """

        def moved(text: str) -> str:
            return text.replace(f"{service.port}", f"{port}")

        plan = replace(service.plan, run=(), url=moved(service.url))
        own = {key: moved(value) for key, value in service.values.items()}
        return cls(plan, own | {"dir": str(service.folder)}, service)

    @property
    def is_local(self) -> bool:
        """The run started it."""
        return True

    @property
    def folder(self) -> Path:
        """Its private folder."""
        return self._itself.folder

    @property
    def logs(self) -> tuple[Path, ...]:
        """What it writes."""
        return self._itself.logs

    @property
    def usage(self) -> tuple[Usage, ...]:
        """What it takes."""
        return self._itself.usage

    def trouble(self) -> str:
        """Why it is no longer the program that was started."""
        return self._itself.trouble()

    @property
    def _itself(self) -> LocalService:
        if self.inner is None:
            raise AssertionError(self)
        return self.inner


@dataclass(slots=True, kw_only=True)
class StandInHost(ServiceHost):
    """Hands over stand-ins, and starts nothing.

    Attributes:
        known: by name.
    """

    known: Mapping[str, StandIn] = field(default_factory=dict)

    def open(self, scope: Scope) -> None:
        """Hand all of them over."""
        scope.services.update(self.known)


@dataclass(slots=True, kw_only=True)
class FaultyHost(ServiceHost):
    """Starts services, and lets the one that the gate names befall something.

    Attributes:
        fault: what befalls it; those that need no relay are others' business.
    """

    fault: Fault
    _relays: list[Relay] = field(default_factory=list)

    def open(self, scope: Scope) -> None:
        """Start them, and put a relay before the one that the gate names."""
        ServiceHost.open(self, scope)
        service = scope.services[scope.named]
        if self.fault.is_relayed and isinstance(service, LocalService):
            place = service.host, service.port
            relay = Relay(self.fault, place, partial(end, service))
            self._relays.append(relay)
            relay.open()
            scope.services[scope.named] = Relayed.of(service, relay.port)

    def close(self) -> None:
        """End all that is left, and the relays."""
        for relay in self._relays:
            relay.close()
        ServiceHost.close(self)


def described(services: Services) -> dict[str, StandIn]:
    """Stand-ins for all services that the run started."""
    return {
        name: StandIn.of(service)
        for name, service in services.items()
        if isinstance(service, LocalService)
    }
