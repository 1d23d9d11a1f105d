"""Whose turn it is: which request of a plan is sent at each moment of its load.

The weights say how often each stands in a cycle. A run may be shorter than its cycle; then what it
would not come to is asked once at the beginning of the measured phase, as far as it has requests
for that. So no part of a plan is left out because it is rare.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from gates.formats.load_plan import cycle


def turns(weights: tuple[int, ...], *, warmup: int, measured: int) -> Iterator[int]:
    """The places of requests in their plan, one for each moment; it never ends.

    Args:
        weights: of the requests.
        warmup: moments before the measured phase.
        measured: moments in it.
    """
    order = cycle(weights)
    yield from _part(order, 0, warmup)
    turn = warmup % len(order)
    first: list[int] = []
    while len(first) < measured:
        # What comes first takes a place from the end, which may have been another's only one.
        reached = set(chain(first, _part(order, turn, min(measured - len(first), len(order)))))
        missing = [place for place in range(len(weights)) if place not in reached]
        if not missing:
            break
        first += missing[: measured - len(first)]
    yield from first
    while True:
        yield order[turn]
        turn = (turn + 1) % len(order)


def _part(order: tuple[int, ...], begin: int, many: int) -> Iterator[int]:
    """So many turns of an endless cycle."""
    return (order[turn % len(order)] for turn in range(begin, begin + many))
