"""A running service, as a stage meets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Usage:
    """What a service's processes took at one moment.

    Attributes:
        at_s: seconds since the service was ready.
        rss_bytes: resident memory of all its processes together.
        cpu_s: processor time of all its processes since their start, in seconds.
        processes: how many they were.
    """

    at_s: float
    rss_bytes: int
    cpu_s: float
    processes: int


class Service(Protocol):
    """A service that is ready: started by the run, or found where gates.yaml says."""

    @property
    def name(self) -> str:
        """Its name in gates.yaml."""

    @property
    def is_local(self) -> bool:
        """Whether the run started it."""

    @property
    def host(self) -> str:
        """Where it listens; `127.0.0.1` for a local one."""

    @property
    def port(self) -> int:
        """The TCP port on which it listens."""

    @property
    def url(self) -> str:
        """Its address without a path and without a slash at the end."""

    @property
    def folder(self) -> Path:
        """Its private folder, `{dir}` of its commands; empty when it started."""

    @property
    def expected_traffic(self) -> Decimal | None:
        """Requests a second that it is made for, as gates.yaml says, or None."""

    @property
    def logs(self) -> tuple[Path, ...]:
        """The files that hold its standard output and standard error; none for one elsewhere."""

    @property
    def usage(self) -> tuple[Usage, ...]:
        """What it took so far, about twice a second; none for one elsewhere."""

    def filled(self, text: str) -> str:
        """Fill placeholders (`{port}`, `{url}`, `{NAME.url}`) into a text of gates.yaml.

        Raises:
            StageError: for a placeholder that names nothing.
        """

    def trouble(self) -> str:
        """Why it is no longer the program that was started, or empty.

        It ended, or started anew, or another program listens on its port.
        """


Services = Mapping[str, Service]
"""The services of a gate by name: the one that it names and all that this one needs."""
