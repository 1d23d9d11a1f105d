"""A `Service` for tests of stages: whatever it is said to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from gates.plugin import Usage


@dataclass(slots=True, kw_only=True)
class FakeService:
    """A service that is not run.

    Attributes:
        name: its name in gates.yaml.
        port: where it would listen.
        folder: its private folder.
        is_local: whether the run would have started it.
        host: where it would listen.
        expected_traffic: requests a second that it is made for.
        logs: files with what it wrote.
        usage: what it took.
        troubles: answers of `trouble`, one a call; the last one stays.
        values: what stands for placeholders besides `{port}`, `{host}`, `{url}` and `{dir}`.
    """

    name: str = "api"
    port: int = 80
    folder: Path = Path()
    is_local: bool = True
    host: str = "127.0.0.1"
    expected_traffic: Decimal | None = None
    logs: tuple[Path, ...] = ()
    usage: tuple[Usage, ...] = ()
    troubles: list[str] = field(default_factory=lambda: [""])
    values: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.host}:{self.port}"

    def filled(self, text: str) -> str:
        """Fill its own placeholders and `values` into a text."""
        own = {"port": str(self.port), "host": self.host, "url": self.url, "dir": str(self.folder)}
        for name, value in (own | self.values).items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def trouble(self) -> str:
        """The next of `troubles`."""
        return self.troubles.pop(0) if len(self.troubles) > 1 else self.troubles[0]
