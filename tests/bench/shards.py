"""How long a level takes on 1 to 256 machines, by simulation.

    PYTHONPATH=tests .venv/bin/python -m bench.shards [--runs 100] [--setup 20]

Each run draws the seconds of 10, 100 or 1,000 gates, from an exponential distribution and from a
log-normal one with a standard deviation of 1.2 on the logarithmic scale, both with a mean of 20 s;
divides them with the functions of the product over 1 to 256 machines; and adds what a machine takes
to be ready. Nothing is started, and a machine measures one gate after another.

`wall` is when the last machine ends. `bound` is what no division can beat: the longest gate, or an
even share of all work. `robin` deals the gates out in the order of the file, as a list of them in a
workflow does. `balance` is the mean load of the machines by the load of the fullest one. `stale` is
the wall time where the durations that the plan knows are those of an earlier run, each wrong by a
log-normal factor with a deviation of 0.3; `unknown` where it knows none. Medians over all runs.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence

from gates.domain.shards import Piece
from gates.domain.shards_balance import Load, balanced, lower_bound, useful

MEAN_S = 20.0
SIGMA = 1.2
DRIFT = 0.3
GATES = (10, 100, 1_000)
MACHINES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SEED = 20_260_131
LEAST = 15

Draw = Callable[[random.Random], float]


def exponential(chance: random.Random) -> float:
    return chance.expovariate(1 / MEAN_S)


def log_normal(chance: random.Random) -> float:
    return chance.lognormvariate(math.log(MEAN_S) - SIGMA**2 / 2, SIGMA)


DISTRIBUTIONS: dict[str, Draw] = {"exponential": exponential, "log-normal": log_normal}


def loads(seconds: Sequence[float]) -> list[Load]:
    return [Load((Piece(f"g{at:04}"),), value) for at, value in enumerate(seconds)]


def wall(planned: Sequence[float], real: Sequence[float], count: int) -> tuple[float, float]:
    """When the last machine ends, divided by the planned seconds; and the balance."""
    sums = [
        sum(real[int(load.pieces[0].gate[1:])] for load in machine)
        for machine in balanced(loads(planned), count)
    ]
    return max(sums), statistics.fmean(sums) / max(sums)


def robin(real: Sequence[float], count: int) -> float:
    return max(sum(real[at::count]) for at in range(min(count, len(real))))


def rows(name: str, draw: Draw, runs: int, setup_s: float) -> Iterator[str]:
    for gates in GATES:
        few = max(runs * GATES[0] // gates, LEAST)
        for count in (count for count in MACHINES if count <= gates):
            chance = random.Random(f"{SEED} {name} {gates}")  # noqa: S311 - the same gates for each count
            table = [_one(chance, draw, gates, count) for _ in range(few)]
            best, bound, dealt, balance, stale, unknown = (
                statistics.median(column) for column in zip(*table, strict=True)
            )
            yield (
                f"{name:12}{gates:6}{count:9}{best + setup_s:9.0f}{bound + setup_s:9.0f}"
                f"{dealt + setup_s:9.0f}{stale + setup_s:9.0f}{unknown + setup_s:9.0f}"
                f"{balance * 100:9.1f} %"
            )
        chance = random.Random(f"{SEED} {name} {gates}")  # noqa: S311 - no secret
        helpful = [useful(loads([draw(chance) for _ in range(gates)])) for _ in range(few)]
        yield f"{name:12}{gates:6}  as many as help: {statistics.median(helpful):.0f} machines"


def _one(
    chance: random.Random, draw: Draw, gates: int, count: int
) -> tuple[float, float, float, float, float, float]:
    real = [draw(chance) for _ in range(gates)]
    earlier = [value * chance.lognormvariate(0, DRIFT) for value in real]
    best, balance = wall(real, real, count)
    return (
        best,
        lower_bound(loads(real), count),
        robin(real, count),
        balance,
        wall(earlier, real, count)[0],
        wall([1.0] * gates, real, count)[0],
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=100, help="runs of ten gates; fewer of more")
    parser.add_argument("--setup", type=float, default=20.0, help="seconds to make a machine ready")
    given = parser.parse_args(arguments)
    sys.stdout.write(
        f"mean {MEAN_S:.0f} s a gate, {given.setup:.0f} s to make a machine ready; in seconds\n"
        f"{'times':12}{'gates':>6}{'machines':>9}{'wall':>9}{'bound':>9}{'robin':>9}{'stale':>9}"
        f"{'unknown':>9}{'balance':>11}\n"
    )
    for name, draw in DISTRIBUTIONS.items():
        for row in rows(name, draw, given.runs, given.setup):
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
