"""Services: the programs under test, as gates.yaml describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class ReadyBy(StrEnum):
    """What tells that a service can be asked."""

    HTTP = "http"
    TCP = "tcp"
    LOG = "log"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """How it is known that a service can be asked.

    Attributes:
        by: what tells it.
        value: a path on the service for HTTP, a regular expression for a log line, empty for TCP.
        command: the words of a command that ends with 0; its placeholders are not filled in.
        timeout_s: seconds until the service must be ready.
    """

    by: ReadyBy = ReadyBy.TCP
    value: str = ""
    command: tuple[str, ...] = ()
    timeout_s: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlan:
    """One service; placeholders such as `{port}` are filled in when it starts.

    Attributes:
        name: unique in the file.
        run: the words of its command; none for one that runs elsewhere.
        url: where one that runs elsewhere is found; empty for one that is started here.
        setup: commands that run, in order, before it starts.
        ready: when it can be asked.
        env: additions to its environment.
        cwd: folder that it starts in, relative to that of gates.yaml; empty for that one.
        needs: names of services that are ready before it starts.
        shared: one instance serves all gates of a run.
        expected_traffic: requests a second that it is made for, or None.
        grace_s: seconds between the polite end and the hard one.
        place: `file:line:column` in gates.yaml.
    """

    name: str
    run: tuple[str, ...] = ()
    url: str = ""
    setup: tuple[tuple[str, ...], ...] = ()
    ready: Ready = field(default_factory=Ready)
    env: tuple[tuple[str, str], ...] = ()
    cwd: str = ""
    needs: tuple[str, ...] = ()
    shared: bool = False
    expected_traffic: Decimal | None = None
    grace_s: int = 10
    place: str = ""
