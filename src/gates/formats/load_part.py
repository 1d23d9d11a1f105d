"""The requests of a run, or of one endpoint of it, as metrics with intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from gates.domain.interval import share_interval, student
from gates.domain.metric import Metric, Tags, count, tags_of
from gates.formats.latency import rounded_out
from gates.formats.load_model import UNFINISHED, Cell, LoadRecord
from gates.formats.load_percentiles import percentiles
from gates.formats.load_slices import SLICES, Sliced, slice_of

_FEWEST = 2
"""Slices, and requests, from which a variation can be told."""


@dataclass(slots=True)
class Part:
    """What is counted of the requests, by slice of the run.

    Attributes:
        endpoint: which requests these are; empty for all.
        has_slices: whether the run is long enough to be cut.
        keyed: successes by time in microseconds times `SLICES` plus the slice.
        succeeded: successes of each slice.
        failures: failures of each slice.
        unanswered: failures without an answer.
        total_us: sum of the times of each slice.
        squares: sum of the squares of all times.
    """

    endpoint: str
    has_slices: bool
    keyed: dict[int, int] = field(default_factory=dict)
    succeeded: list[int] = field(default_factory=lambda: [0] * SLICES)
    failures: list[int] = field(default_factory=lambda: [0] * SLICES)
    total_us: list[int] = field(default_factory=lambda: [0] * SLICES)
    unanswered: int = 0
    squares: int = 0

    @property
    def completed(self) -> int:
        """How many requests did not fail."""
        return sum(self.succeeded)

    @property
    def answered(self) -> int:
        """How many came to an end."""
        return self.requests - self.unanswered

    @property
    def failed(self) -> int:
        """How many failed, those without an answer among them."""
        return sum(self.failures)

    @property
    def requests(self) -> int:
        """All of them."""
        return self.completed + self.failed

    @property
    def tags(self) -> Tags:
        """The tags of its metrics."""
        return tags_of({"endpoint": self.endpoint} if self.endpoint else {})

    def add(self, cell: Cell, place: int) -> None:
        """Count the requests of one second."""
        keyed = self.keyed
        for time, many in zip(cell.times, cell.counts, strict=True):
            key = time * SLICES + place
            keyed[key] = keyed.get(key, 0) + many
            self.total_us[place] += time * many
            self.squares += time * time * many
            self.succeeded[place] += many
        self.failures[place] += cell.failures
        self.unanswered += dict(cell.failed).get(UNFINISHED, 0)

    def metrics(self, *, miss: float, slow_us: int, longest_us: int) -> Iterator[Metric]:
        """Its metrics; those of times only where a request succeeded.

        Args:
            miss: how often an interval may miss the truth.
            slow_us: slower requests are over the limit.
            longest_us: no request takes longer.
        """
        if self.completed:
            yield from self._percentiles(miss, longest_us)
            longest = Decimal(max(self.keyed) // SLICES).scaleb(-6)
            yield Metric(name="max", value=longest, tags=self.tags)
            yield self._mean(miss)
            slow = [0] * SLICES
            for key, many in self.keyed.items():
                time, place = divmod(key, SLICES)
                slow[place] += many * (time > slow_us)
            yield self._share("over", slow, self.succeeded, miss)
        if self.requests:
            asked = [a + b for a, b in zip(self.succeeded, self.failures, strict=True)]
            yield self._share("error_rate", self.failures, asked, miss)
        named = {"endpoint": self.endpoint} if self.endpoint else {}
        yield count("requests", self.answered, **named)

    def _percentiles(self, miss: float, longest_us: int) -> Iterator[Metric]:
        sliced, places = self._sliced(self.succeeded, miss)
        keyed = self.keyed
        if places != tuple(range(SLICES)):
            keyed = {key - key % SLICES + places[key % SLICES]: n for key, n in keyed.items()}
        found = percentiles(keyed, miss=miss, slices=sliced, longest_us=longest_us)
        for name, each in found.items():
            low, value, high = (
                Decimal(time).scaleb(-6) for time in (each.low, each.value, each.high)
            )
            yield Metric(name=name, value=value, tags=self.tags, interval=(low, high))

    def _mean(self, miss: float) -> Metric:
        """The mean, with the wider interval of two: by requests, and by slices."""
        many, total = self.completed, sum(self.total_us)
        mean = total / many
        low, high = 0.0, math.inf
        if many >= _FEWEST:
            variance = max(self.squares - total * total / many, 0.0) / (many - 1)
            away = student(miss, many - 1) * math.sqrt(variance / many)
            low, high = mean - away, mean + away
        sliced, places = self._sliced(self.succeeded, miss)
        if sliced is not None:
            for place, amount in enumerate(self.total_us):
                sliced.add(places[place], amount)
            bounds = sliced.mean()
            low, high = min(low, bounds[0]), max(high, bounds[1])
        value = (Decimal(total) / many).scaleb(-6)
        interval = None
        if high < math.inf:
            interval = rounded_out(value, max(low, 0.0) / 1e6, high / 1e6)
        return Metric(name="mean", value=value, tags=self.tags, interval=interval)

    def _share(self, name: str, some: Sequence[int], of: Sequence[int], miss: float) -> Metric:
        """A share, with the wider interval of two: the exact one, and that of slices."""
        top, bottom = sum(some), sum(of)
        low, high = share_interval(top, bottom, miss)
        sliced, places = self._sliced(of, miss)
        if sliced is not None:
            for place, amount in enumerate(some):
                sliced.add(places[place], amount)
            bounds = sliced.shares()
            low, high = max(min(low, bounds[0]), 0.0), min(max(high, bounds[1]), 1.0)
        return Metric(
            name=name,
            numerator=top,
            denominator=bottom,
            tags=self.tags,
            interval=rounded_out(Decimal(top) / bottom, low, high),
        )

    def _sliced(self, sizes: Sequence[int], miss: float) -> tuple[Sliced | None, tuple[int, ...]]:
        """The slices that hold requests, and the place of each slice among them."""
        held = [place for place, size in enumerate(sizes) if size]
        places = tuple(held.index(place) if place in held else 0 for place in range(SLICES))
        if not self.has_slices or len(held) < _FEWEST:
            return None, places
        reach = student(miss, len(held) - 1)
        return Sliced([sizes[place] for place in held], reach), places


def parts_of(record: LoadRecord) -> tuple[Part, tuple[Part, ...]]:
    """All requests of the measured phase, and those of each endpoint that was asked."""
    seconds = max(beat.at for beat in record.phase) + 1
    has_slices = seconds >= SLICES
    whole = Part("", has_slices)
    parts = [Part(name, has_slices) for name in record.endpoints]
    for cell in record.measured:
        place = slice_of(cell.at, seconds)
        whole.add(cell, place)
        parts[cell.endpoint].add(cell, place)
    return whole, tuple(part for part in parts if part.requests)
