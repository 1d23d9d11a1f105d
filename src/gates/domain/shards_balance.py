"""How work is divided over machines so that the last one ends early: pure arithmetic.

Longest processing time first (Graham 1969) gives each load, the longest first, to the machine that
has least; it is never worse than 4/3 of the best. Where that leaves a gap to what no division can
beat, MULTIFIT (Coffman, Garey and Johnson 1978) looks for a better one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from gates.domain.plan import GatePlan
from gates.domain.shards import MOST, Piece

UNKNOWN_S = 1.0
"""Seconds that a gate is taken to need where nothing at all is known."""

LEAST_S = 0.001
"""No load weighs less, so that loads of no known weight are spread too."""

ROUNDS = 12
"""How often MULTIFIT halves the gap."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one machine must measure together.

    Attributes:
        pieces: the pieces.
        seconds: what they are expected to take, one behind another.
        apart: parts of one gate have its name here: no two of them go to one machine.
    """

    pieces: tuple[Piece, ...]
    seconds: float
    apart: str = ""


def expected_s(gates: Sequence[GatePlan], known: Mapping[str, float]) -> dict[str, float]:
    """Seconds that each gate is expected to take.

    Where a gate's are not known, those that are typical (the median) of its stage stand for them,
    else those of all gates.

    Args:
        gates: the gates.
        known: what they took last time, by name.
    """
    told = {gate.name: known[gate.name] for gate in gates if gate.name in known}
    by_stage: dict[str, list[float]] = {}
    for gate in gates:
        if gate.name in told:
            by_stage.setdefault(gate.uses, []).append(told[gate.name])
    usual = median(told.values()) if told else UNKNOWN_S
    return {
        gate.name: told.get(
            gate.name, median(by_stage[gate.uses]) if gate.uses in by_stage else usual
        )
        for gate in gates
    }


def useful(loads: Sequence[Load]) -> int:
    """How many machines shorten the wait: more than this end no earlier, by the longest load."""
    total = sum(_weight(load) for load in loads)
    longest = max((_weight(load) for load in loads), default=LEAST_S)
    apart = [load.apart for load in loads if load.apart]
    least = max((apart.count(name) for name in set(apart)), default=1)
    return max(1, min(MOST, len(loads), max(least, ceil(total / longest))))


def balanced(loads: Sequence[Load], count: int) -> tuple[tuple[Load, ...], ...]:
    """Divide loads over machines; machines that would stay empty are left out.

    Args:
        loads: what there is to do; of one gate no more parts than machines.
        count: how many machines there are.

    Raises:
        ValueError: there is no machine, or a gate has more parts than there are machines.
    """
    if count < 1:
        raise ValueError("there is no machine")
    order = sorted(loads, key=lambda load: (-_weight(load), load.pieces[0].label))
    bins = _longest_first(order, count)
    best = lower_bound(loads, count)
    low, high = best, span(bins)
    for _ in range(ROUNDS):
        if high - low <= best / 1000:
            break
        limit = (low + high) / 2
        found = _first_fit(order, count, limit)
        if found is None:
            low = limit
        else:
            bins, high = found, span(found)
    return tuple(tuple(each) for each in bins if each)


def lower_bound(loads: Sequence[Load], count: int) -> float:
    """Seconds that no division can beat: the longest load, or an even share."""
    weights = [_weight(load) for load in loads]
    return max(max(weights, default=0.0), sum(weights) / count)


def span(bins: Iterable[Iterable[Load]]) -> float:
    """Seconds until the last machine ends."""
    return max((sum(_weight(load) for load in each) for each in bins), default=0.0)


def _weight(load: Load) -> float:
    return max(load.seconds, LEAST_S)


def _longest_first(order: Sequence[Load], count: int) -> list[list[Load]]:
    bins: list[list[Load]] = [[] for _ in range(count)]
    sums = [0.0] * count
    for load in order:
        free = [at for at in range(count) if _may(load, bins[at])]
        if not free:
            raise ValueError(f"`{load.apart}` has more parts than there are machines")
        at = min(free, key=sums.__getitem__)
        bins[at].append(load)
        sums[at] += _weight(load)
    return bins


def _first_fit(order: Sequence[Load], count: int, limit: float) -> list[list[Load]] | None:
    """A division in which no machine takes longer than a limit, or None where none was found."""
    bins: list[list[Load]] = [[] for _ in range(count)]
    sums = [0.0] * count
    for load in order:
        weight = _weight(load)
        at = next(
            (i for i in range(count) if sums[i] + weight <= limit and _may(load, bins[i])), None
        )
        if at is None:
            return None
        bins[at].append(load)
        sums[at] += weight
    return bins


def _may(load: Load, machine: Iterable[Load]) -> bool:
    return not load.apart or all(other.apart != load.apart for other in machine)
