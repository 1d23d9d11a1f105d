"""A service that runs elsewhere: found where gates.yaml says, never started and never ended."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from gates.domain.errors import StageError
from gates.domain.service import ServicePlan
from gates.executor.service_local import filled
from gates.plugin import Usage
from gates.toolkit.readiness import Place, why_not_tcp

LOOKS, LOOK_S = 3, 0.2
"""How often, and how many seconds apart, a service is asked that seems to be gone."""


@dataclass(frozen=True, slots=True)
class RemoteService:
    """A service as stages meet it.

    Attributes:
        plan: what gates.yaml says of it.
        values: what stands for placeholders.
    """

    plan: ServicePlan
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name in gates.yaml."""
        return self.plan.name

    @property
    def is_local(self) -> bool:
        """The run did not start it."""
        return False

    @property
    def url(self) -> str:
        """Its address."""
        return self.plan.url

    @property
    def host(self) -> str:
        """Where it listens."""
        return place_of(self.url).host

    @property
    def port(self) -> int:
        """The TCP port on which it listens."""
        return place_of(self.url).port

    @property
    def folder(self) -> Path:
        """It has none here.

        Raises:
            StageError: always.
        """
        raise StageError("no-folder", f"service `{self.name}` runs elsewhere, and has no folder")

    @property
    def expected_traffic(self) -> Decimal | None:
        """Requests a second that it is made for, as gates.yaml says, or None."""
        return self.plan.expected_traffic

    @property
    def logs(self) -> tuple[Path, ...]:
        """None that can be read here."""
        return ()

    @property
    def usage(self) -> tuple[Usage, ...]:
        """Nothing that can be seen here."""
        return ()

    def filled(self, text: str) -> str:
        """Fill placeholders into a text of gates.yaml."""
        return filled(text, self.values, self.name)

    def trouble(self) -> str:
        """Nothing is known of its processes; only whether a connection can be had."""
        place = place_of(self.url)
        why = why_not_tcp(place)
        for _ in range(LOOKS - 1 if why else 0):
            time.sleep(LOOK_S)
            why = why_not_tcp(place)
            if not why:
                break
        return f"its port {place.port} cannot be reached: {why}" if why else ""


def place_of(url: str) -> Place:
    """Where an address of HTTP leads."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    is_tls = parts.scheme == "https"
    return Place(parts.hostname or "", parts.port or (443 if is_tls else 80), is_tls)
