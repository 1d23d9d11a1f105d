"""What pytest-benchmark writes by `--benchmark-json` and `--benchmark-save`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from gates.domain.errors import OutputUnreadable
from gates.domain.interval import student
from gates.formats import strict_json
from gates.formats.latency import MISS, rank, ranks
from gates.formats.strict_json import Value

MAJORS = ("4", "5")
"""Generations of pytest-benchmark whose reports are read."""

_FEWEST = 2
"""Rounds from which a variation can be told."""

_NEAR = Decimal("1e-6")
"""How far sums and means of floating numbers may be off, as a share of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One benchmark.

    Attributes:
        name: node id of its test.
        rounds: how often it was timed.
        iterations: calls in each round; the time of a round is their mean.
        mean: mean time of a call in seconds.
        slowest: the longest time of a round, in seconds per call.
        times: that of each round, in order of length; None where only statistics were saved.
    """

    name: str
    rounds: int
    iterations: int
    mean: Decimal
    slowest: Decimal
    times: tuple[Decimal, ...] | None

    def at(self, percent: int) -> tuple[Decimal, Decimal, Decimal] | None:
        """The percentile of the rounds' times with its interval; None where they were not saved.

        Returns:
            Lower end, nearest rank and upper end; where so few rounds tell no end, all that can be.
        """
        if self.times is None:
            return None
        low, high = ranks(percent, self.rounds)
        return (
            self.times[low - 1] if low else Decimal(0),
            self.times[rank(percent, self.rounds) - 1],
            self.times[high - 1] if high <= self.rounds else self.slowest,
        )

    def average(self) -> tuple[Decimal, Decimal, Decimal]:
        """The mean with its t interval; without the times of rounds, as it was told."""
        if self.times is None or self.rounds < _FEWEST:
            return self.mean, self.mean, self.mean
        squares = sum(((time - self.mean) ** 2 for time in self.times), Decimal(0))
        error = (squares / (self.rounds - 1) / self.rounds).sqrt()
        away = Decimal(student(MISS, self.rounds - 1)) * error
        return max(self.mean - away, Decimal(0)), self.mean, self.mean + away


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmarks:
    """One report.

    Attributes:
        version: of pytest-benchmark.
        benchmarks: in the order of the report; none where none was run.
    """

    version: str
    benchmarks: tuple[Benchmark, ...]


def read(data: bytes, *, what: str) -> Benchmarks:
    """Read a report.

    Args:
        data: the file.
        what: its name, in errors.

    Raises:
        OutputUnreadable: it is no such report, or contradicts itself.
    """
    document = strict_json.read(data, what=what)
    version = document.member("version")
    if version.text().partition(".")[0] not in MAJORS:
        raise version.unreadable(
            f"is `{version.text()}`; pytest-benchmark {' and '.join(MAJORS)} are read",
            slug="benchmark-version",
        )
    found: dict[str, Benchmark] = {}
    for entry in document.member("benchmarks").items():
        benchmark = _benchmark(entry)
        if benchmark.name in found:
            raise _contradiction(entry, f"is `{benchmark.name}` a second time")
        found[benchmark.name] = benchmark
    return Benchmarks(version=version.text(), benchmarks=tuple(found.values()))


def _benchmark(entry: Value) -> Benchmark:
    stats = entry.member("stats")
    rounds, iterations = stats.member("rounds").count(), stats.member("iterations").count()
    least, mean, most, total = (
        stats.member(name).number() for name in ("min", "mean", "max", "total")
    )
    if not rounds or not iterations:
        raise _contradiction(stats, f"has {rounds} rounds of {iterations} calls")
    if least < 0 or not least * (1 - _NEAR) <= mean <= most * (1 + _NEAR):
        raise _contradiction(stats, "has a mean outside its shortest and longest time")
    if abs(mean * rounds - total) > _NEAR * total:
        raise _contradiction(stats, f"has a mean of {mean}, and {total} in {rounds} rounds")
    return Benchmark(
        name=entry.member("fullname").text(),
        rounds=rounds,
        iterations=iterations,
        mean=mean,
        slowest=most,
        times=_times(stats, rounds, (least, most, total)),
    )


def _times(
    stats: Value, rounds: int, told: tuple[Decimal, Decimal, Decimal]
) -> tuple[Decimal, ...] | None:
    """The times of all rounds in order, held against the statistics of them."""
    data = stats.find("data")
    if data is None:
        return None
    times = sorted(item.number() for item in data.items())
    if len(times) != rounds:
        raise _contradiction(data, f"holds {len(times)} times of {rounds} rounds")
    least, most, total = told
    near = abs(sum(times, Decimal(0)) - total) <= _NEAR * total
    if (times[0], times[-1]) != (least, most) or not near:
        raise _contradiction(data, "holds other times than the statistics were made of")
    return tuple(times)


def _contradiction(value: Value, problem: str) -> OutputUnreadable:
    return value.unreadable(problem, slug="benchmark-contradiction")
