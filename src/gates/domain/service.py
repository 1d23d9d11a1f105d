"""Services: the programs under test, as gates.yaml describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from gates.domain.metric import Direction, MetricSpec, Unit

PLACES = ("port", "host", "url", "dir")
"""What a placeholder may name of a service: `{port}`, or `{NAME.port}` of one that it needs."""

ADDRESS = "http://{host}:{port}"
"""The address of a service that is started here, where its kind has no other."""

ITSELF = "{itself}"
"""A first word that stands for the interpreter of `gates`; for ready-made services."""

SCRAPE = "scrape "
"""How what is asked of a gate begins where it names a page of that gate's service."""

GRACE_S = 10
"""Seconds that a service may take to end, where nothing else is said."""

_PLACEHOLDER = re.compile(r"(\{)?\{(?:([A-Za-z][A-Za-z0-9_-]*)\.)?([A-Za-z_]+)\}(?(1)\})")

RSS_MAX = MetricSpec(
    name="rss_max",
    unit=Unit.BYTES,
    direction=Direction.LOWER,
    title="largest resident memory of the service while it was measured",
)
RSS_SLOPE = MetricSpec(
    name="rss_slope",
    unit=Unit.BYTES,
    direction=Direction.LOWER,
    title="growth of the service's resident memory in an hour",
)
CPU = MetricSpec(
    name="cpu",
    unit=Unit.NUMBER,
    direction=Direction.LOWER,
    title="processor cores that the service used on average",
)
SERVICE_METRICS = (RSS_MAX, RSS_SLOPE, CPU)
"""What any gate may ask of a service that is started here; measured only where one does."""


def placeholders(text: str) -> tuple[tuple[str, str], ...]:
    """The placeholders in a text: the service that each names, empty for the own one, and what.

    Doubled braces stand for single ones: `{{port}}` is the text `{port}` and no placeholder.
    """
    return tuple((each[2] or "", each[3]) for each in _PLACEHOLDER.finditer(text) if not each[1])


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of placeholders.

    Args:
        text: with placeholders.
        values: by what stands between the braces: `port`, `db.port`.

    Raises:
        KeyError: a placeholder names nothing.
    """

    def value(match: re.Match[str]) -> str:
        whole = match[0]
        return whole[1:-1] if match[1] else values[whole[1:-1]]

    return _PLACEHOLDER.sub(value, text)


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
        address: what `{url}` of one that is started here stands for.
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
    grace_s: int = GRACE_S
    address: str = ADDRESS
    place: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it is started here."""
        return not self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRun:
    """A service as a run met it, for the record.

    Attributes:
        name: its name in gates.yaml.
        url: where it was found.
        is_local: the run started it.
        is_shared: other gates of the run asked the same instance.
        owner: what was seen of who listens on its port: `checked`, or why it was not.
        trouble: why it was no longer the program that was started, or empty.
        logs: what it and its setup commands wrote, relative to the run's folder, in pairs; its own
            pair is the last one.
    """

    name: str
    url: str
    is_local: bool
    is_shared: bool = False
    owner: str = ""
    trouble: str = ""
    logs: tuple[str, ...] = ()


def reach(name: str, services: Iterable[ServicePlan]) -> tuple[ServicePlan, ...]:
    """A service and all that it needs, each behind what it needs; nothing for an unknown name."""
    known = {service.name: service for service in services}
    found: dict[str, ServicePlan] = {}

    def add(each: str, above: tuple[str, ...]) -> None:
        if each in known and each not in found and each not in above:
            for need in known[each].needs:
                add(need, (*above, each))
            found[each] = known[each]

    add(name, ())
    return tuple(found.values())
