"""What a load generator did, second by second: the model of `gates/load/v1`."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

UNFINISHED = "unfinished"
"""The reason of requests that had no answer when patience was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The requests to one endpoint that were to start in one second.

    Attributes:
        at: the second, from the begin of the measured phase; negative in the warm-up.
        endpoint: its place among the endpoints.
        times: microseconds of those that did not fail, each once, ascending.
        counts: how many took each of these times.
        failed: how many failed, by reason.
    """

    at: int
    endpoint: int
    times: array[int]
    counts: array[int]
    failed: tuple[tuple[str, int], ...] = ()

    @property
    def succeeded(self) -> int:
        """How many did not fail."""
        return sum(self.counts)

    @property
    def failures(self) -> int:
        """How many failed, those without an answer among them."""
        return sum(count for _, count in self.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """What the generator told of itself in one second.

    Attributes:
        at: the second, as in `Cell`.
        probes: how often its timer of 10 ms came.
        late: how often it came more than 5 ms late.
        worst_us: how late it came at worst, in microseconds.
        cpu: share of one core that its busiest process used.
        workers: processes that were there.
        users: users that were there, or None where it has none.
        asked: requests that should have started, or None where none are asked for.
    """

    at: int
    probes: int
    late: int
    worst_us: int
    cpu: Decimal
    workers: int
    users: int | None
    asked: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRecord:
    """One run of a generator, or several put together.

    Attributes:
        generator: its name.
        version: its version.
        started: begin of the measured phase, in seconds since the epoch.
        endpoints: what was asked, as conditions name it.
        rate: requests a second that were asked for, or None.
        connections: connections that were to be held open, or None.
        warmup_s: planned length of the warm-up.
        duration_s: planned length of the measured phase.
        seconds: its true length.
        unfinished: requests of the measured phase without an answer.
        redirects: answers of the measured phase that count as a success and lead elsewhere.
        cells: the requests.
        beats: the seconds, ascending; none of the measured phase is missing.
    """

    generator: str
    version: str
    started: Decimal
    endpoints: tuple[str, ...]
    rate: Decimal | None
    connections: int | None
    warmup_s: Decimal
    duration_s: Decimal
    seconds: Decimal
    unfinished: int
    cells: tuple[Cell, ...]
    beats: tuple[Second, ...]
    redirects: int = 0

    @property
    def measured(self) -> tuple[Cell, ...]:
        """The requests of the measured phase."""
        return tuple(cell for cell in self.cells if cell.at >= 0)

    @property
    def phase(self) -> tuple[Second, ...]:
        """The seconds of the measured phase."""
        return tuple(beat for beat in self.beats if beat.at >= 0)

    @property
    def failures(self) -> tuple[tuple[str, int], ...]:
        """How many requests of the measured phase failed, by reason, most frequent first."""
        reasons: Counter[str] = Counter()
        for cell in self.measured:
            reasons.update(dict(cell.failed))
        return tuple(reasons.most_common())

    @property
    def unasked(self) -> tuple[str, ...]:
        """The endpoints that got no request in the measured phase."""
        asked = {cell.endpoint for cell in self.measured}
        return tuple(name for at, name in enumerate(self.endpoints) if at not in asked)
