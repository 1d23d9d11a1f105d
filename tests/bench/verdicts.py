"""How often a verdict on `p95 < 100ms` is wrong, by simulation.

    PYTHONPATH=tests .venv/bin/python -m bench.verdicts [--runs 10000] [--cpus 2]

Each run draws how many requests of each second take 100 ms or longer, and is judged by the same
functions that judge a record of load: the exact interval of the share, and the t interval of six
slices. A run that leaves the condition open goes on to twice and to four times its length, as the
stage does, each look with its part of the 5 %.

Response times are log-normal with a median of 40 ms. In a correlated run the level of each second
is an autoregressive series of first order on the logarithmic scale, with the standard deviation
and the correlation from second to second that a row names; the distribution over a long time, and
so the true p95, is the same as in an independent one. `T` is how many seconds such a series takes
to forget: (1 + rho) / (1 - rho).

A verdict is wrong where a run passes while the true p95 is at or above the limit, or fails while
it is below. That may happen in 5 % of runs at most. It holds for independent requests, and for
correlated ones where the first look lasts three times `T` or longer at a deviation of 12 %, ten
times at one of 25 %. A shorter run is wrong more often, and the last column says how often: six
slices of a run cannot show what changes more slowly than the run lasts, and no other reckoning of
these counts could. What makes it hold is a longer run, not more requests a second.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate

from gates.domain.interval import least_above, most_below, student
from gates.formats.load_slices import SLICES, Sliced, slice_of

LIMIT_MS = 100.0
MEDIAN_MS = 40.0
SHARE = 0.05
MISS = 0.05
LOOKS = 3
P95S = (80, 90, 95, 99, 101, 105, 110, 120)
REQUESTS = (500, 2_000, 10_000, 50_000)
Z95 = 1.6448536269514722
"""The 95th percentile of the standard normal distribution."""

FARTHEST = 4.0
"""Deviations of the level beyond which none is drawn."""

STEPS = 64
STEP = 2 * FARTHEST / STEPS
"""Levels of a second between which a correlated run does not tell, and how far apart they are."""


@dataclass(frozen=True, slots=True)
class Model:
    """How the level of the service changes from second to second.

    Attributes:
        deviation: standard deviation of the logarithm of its level.
        likeness: correlation from one second to the next.
        seconds: length of the first look.
    """

    deviation: float
    likeness: float
    seconds: int

    def __str__(self) -> str:
        """A row of the table."""
        if not self.deviation:
            return f"independent, {self.seconds} s"
        memory = (1 + self.likeness) / (1 - self.likeness)
        level = f"sd {self.deviation:.0%}, rho {self.likeness}, T {memory:.0f} s"
        return f"{level}, {self.seconds} s"


MODELS = (
    Model(0.0, 0.0, 60),
    Model(0.05, 0.7, 60),
    Model(0.12, 0.5, 60),
    Model(0.12, 0.7, 60),
    Model(0.12, 0.9, 60),
    Model(0.12, 0.9, 240),
    Model(0.12, 0.97, 60),
    Model(0.25, 0.7, 60),
    Model(0.25, 0.9, 240),
)


@dataclass(slots=True)
class Tally:
    """What came of many runs.

    Attributes:
        passed: how many passed.
        failed: how many failed.
        seconds: how long they lasted together.
        runs: how many there were.
    """

    passed: int = 0
    failed: int = 0
    seconds: int = 0
    runs: int = 0

    @property
    def open(self) -> float:
        """The share of runs that decided nothing."""
        return 1 - (self.passed + self.failed) / self.runs

    def wrong(self, p95: int) -> float:
        """The share of runs whose verdict is wrong."""
        return (self.passed if p95 >= LIMIT_MS else self.failed) / self.runs


@dataclass(slots=True)
class Run:
    """One run that is drawn as far as it is looked at.

    Attributes:
        model: of its level.
        rate: requests of each second.
        p95: the true one, in milliseconds.
        chance: where its numbers come from.
        slow: of each second so far, how many took as long as the limit or longer.
    """

    model: Model
    rate: int
    p95: int
    chance: random.Random
    slow: list[int] = field(default_factory=list)
    _level: float = 0.0

    def __post_init__(self) -> None:
        """Begin anywhere in the series."""
        self._level = self.chance.gauss(0, 1)

    def verdict(self) -> tuple[str, int]:
        """What it ends with, and after how many seconds."""
        found, seconds = "", 0
        for look in range(LOOKS):
            seconds = self.model.seconds * 2**look
            self._draw(seconds)
            found = judged(self.slow, self.rate)
            if found:
                break
        return found, seconds

    def _draw(self, seconds: int) -> None:
        """Go on to so many seconds."""
        model, draw, slow = self.model, self.chance.random, self.slow
        tables = levels(model.deviation, self.rate, self.p95)
        if not model.deviation:
            slow += [bisect_right(tables[0], draw()) for _ in range(seconds - len(slow))]
            return
        likeness, level = model.likeness, self._level
        news = math.sqrt(1 - likeness * likeness)
        gauss = self.chance.gauss
        for _ in range(seconds - len(slow)):
            place = int((level + FARTHEST) / STEP + 0.5)
            slow.append(bisect_right(tables[min(max(place, 0), STEPS)], draw()))
            level = likeness * level + news * gauss(0, 1)
        self._level = level


def judged(slow: list[int], rate: int, looks: int = LOOKS) -> str:
    """Whether so many slow requests a second pass, fail, or leave `p95 < 100ms` open (empty)."""
    seconds = len(slow)
    slices = [0] * SLICES
    sizes = [0] * SLICES
    for at, count in enumerate(slow):
        slices[slice_of(at, seconds)] += count
        sizes[slice_of(at, seconds)] += rate
    few, many, reach = limits(rate * seconds, MISS / looks)
    sliced = Sliced(sizes, reach)
    for place, count in enumerate(slices):
        sliced.add(place, count)
    low, high = sliced.shares()
    if sliced.total <= few and high < SHARE:
        return "passed"
    return "failed" if sliced.total >= many and low > SHARE else ""


@cache
def limits(total: int, miss: float) -> tuple[int, int, float]:
    """Counts that decide, and the reach of the t interval."""
    return (
        most_below(total, SHARE, miss),
        least_above(total, SHARE, miss),
        student(miss, SLICES - 1),
    )


@cache
def levels(deviation: float, rate: int, p95: int) -> tuple[tuple[float, ...], ...]:
    """By the level of a second, the cumulative chances of 0, 1, 2 ... slow requests in it."""
    spread = math.log(p95 / MEDIAN_MS) / Z95
    deviation = min(deviation, 0.95 * spread)
    rest = math.sqrt(spread * spread - deviation * deviation)
    found = []
    for place in range(STEPS + 1 if deviation else 1):
        level = math.log(MEDIAN_MS) + deviation * (place * STEP - FARTHEST)
        share = 0.5 * math.erfc((math.log(LIMIT_MS) - level) / rest / math.sqrt(2))
        found.append(tuple(accumulate(binomial(rate, share))))
    return tuple(found)


def binomial(total: int, share: float) -> Iterator[float]:
    """The chances of 0, 1, 2 ... of so many, each with this chance."""
    whole = math.lgamma(total + 1)
    for count in range(total + 1):
        ways = whole - math.lgamma(count + 1) - math.lgamma(total - count + 1)
        yield math.exp(ways + count * math.log(share) + (total - count) * math.log1p(-share))


def simulated(model: Model, requests: int, p95: int, runs: int) -> Tally:
    """Judge many runs of one kind, always the same ones."""
    chance = random.Random(f"{model} {requests} {p95}")  # noqa: S311 - no secret
    tally = Tally()
    rate = max(round(requests / model.seconds), 1)
    for _ in range(runs):
        verdict, seconds = Run(model, rate, p95, chance).verdict()
        tally.runs += 1
        tally.seconds += seconds
        tally.passed += verdict == "passed"
        tally.failed += verdict == "failed"
    return tally


def _row(kind: tuple[Model, int, int]) -> str:
    model, requests, runs = kind
    cells, worst = [], 0.0
    for p95 in P95S:
        tally = simulated(model, requests, p95, runs)
        wrong = tally.wrong(p95)
        worst = max(worst, wrong)
        length = tally.seconds / tally.runs / model.seconds
        right = 1 - tally.open - wrong
        cells.append(f"{right:.0%}/{tally.open:.0%}/{wrong:.1%} x{length:.1f}")
    told = "holds" if worst <= MISS else f"**{worst:.1%}**"
    return f"| {model} | {requests:,} | {' | '.join(cells)} | {told} |"


def main() -> None:
    """Print the table."""
    from multiprocessing import Pool

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--cpus", type=int, default=2)
    asked = parser.parse_args()
    _tell(
        f"{asked.runs:,} runs a cell; right/inconclusive/wrong, and x the mean length in first"
        " looks. The share of wrong verdicts has to stay at or below 5 %.\n"
    )
    _tell(f"| level, first look | requests | {' | '.join(f'{p95} ms' for p95 in P95S)} | wrong |")
    _tell(f"|---|---:|{'---|' * len(P95S)}---|")
    kinds = [(model, requests, asked.runs) for model in MODELS for requests in REQUESTS]
    with Pool(asked.cpus) as pool:
        for row in pool.imap(_row, kinds):
            _tell(row)


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
