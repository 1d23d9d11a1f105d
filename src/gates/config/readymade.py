"""Ready-made services: what `uses: postgres` stands for."""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.service import ITSELF, Ready, ReadyBy


@dataclass(frozen=True, slots=True)
class Readymade:
    """A service whose command is known.

    Attributes:
        run: the words of its command.
        ready: when it can be asked.
        address: what its `{url}` stands for.
    """

    run: tuple[str, ...]
    ready: Ready
    address: str


def readymade(kind: str, name: str) -> Readymade:
    """The command of a kind of service.

    Args:
        kind: `postgres` or `redis`.
        name: the service's name, which a database takes too.
    """
    if kind == "redis":
        return Readymade(
            run=(
                "redis-server", "--port", "{port}", "--bind", "{host}", "--dir", "{dir}",
                "--save", "", "--appendonly", "no",
            ),
            ready=Ready(by=ReadyBy.LOG, value="Ready to accept connections"),
            address="redis://{host}:{port}/0",
        )  # fmt: skip
    database = name.replace("-", "_")
    module = "gates.toolkit.postgres_launch"
    return Readymade(
        run=(
            ITSELF, "-P", "-m", module, "--dir", "{dir}", "--port", "{port}",
            "--database", database,
        ),
        ready=Ready(
            by=ReadyBy.LOG, value="database system is ready to accept connections", timeout_s=60
        ),
        address=f"postgresql://postgres@{{host}}:{{port}}/{database}",
    )  # fmt: skip
