"""The nearest known name to one that nobody knows, for hints."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a typing error most likely stood for, or None.

    Letters, digits and case are compared by edit distance, where swapping two neighbours is one
    edit; `-`, `_` and case alone never count. At most a third of the letters may differ.
    """
    wanted = _folded(name)
    best: str | None = None
    best_distance = max(1, len(wanted) // 3) + 1
    for candidate in sorted(known):
        folded = _folded(candidate)
        # The cheap bound first: this many insertions are needed whatever the letters are.
        if abs(len(folded) - len(wanted)) >= best_distance:
            continue
        distance = _distance(wanted, folded)
        if distance < best_distance and distance < max(len(wanted), len(folded)):
            best, best_distance = candidate, distance
    return best


def _folded(name: str) -> str:
    return name.casefold().replace("_", "-")


def _distance(left: str, right: str) -> int:
    """Optimal string alignment distance: insert, delete, replace, swap neighbours."""
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            cost = min(
                previous[column] + 1,
                current[-1] + 1,
                previous[column - 1] + (letter != other),
            )
            swapped = row > 1 and column > 1 and letter == right[column - 2]
            if swapped and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]
