"""Keywords of two schemas compared: types, values, bounds, patterns, formats and steps."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from gates.formats.openapi_change import Change, Place
from gates.formats.openapi_shape import ALL_TYPES, Bound, Shape, is_tighter

_WIDER = {"int64": "int32", "double": "float"}
"""Formats that allow all that another one allows."""


def keywords(old: Shape, new: Shape, place: Place) -> Iterator[Change]:
    """What differs in what single values may be; members, items and alternatives are left out.

    Args:
        old: what the old document allows.
        new: what the new one allows.
        place: where that is.
    """
    types = new.types - old.types, old.types - new.types
    text = f"the type is {_listed(new.types)}, and was {_listed(old.types)}"
    if not _is_told_by_values(old, new):
        yield from place.moved("type", text, narrowed=bool(types[1]), widened=bool(types[0]))
    if not old.types & new.types:
        return  # nothing that is left can be compared
    yield from _values(old, new, place)
    for lower in (True, False):
        before, after = (old.lower, new.lower) if lower else (old.upper, new.upper)
        for key in sorted(before.keys() | after.keys()):
            yield from _bounds(key, before.get(key), after.get(key), place, lower=lower)
    text = "the pattern of the text changed"
    yield from place.moved(
        "pattern",
        text,
        narrowed=bool(new.patterns - old.patterns),
        widened=bool(old.patterns - new.patterns),
    )
    yield from _formats(old, new, place)
    yield from place.moved(
        "multiple-of",
        "`multipleOf` changed",
        narrowed=_is_stepped(old.steps, new.steps),
        widened=_is_stepped(new.steps, old.steps),
    )
    yield from place.moved(
        "unique-items",
        "`uniqueItems` changed",
        narrowed=new.is_unique and not old.is_unique,
        widened=old.is_unique and not new.is_unique,
    )


def _is_told_by_values(old: Shape, new: Shape) -> bool:
    """Whether the values that are allowed tell all that is to be said of types."""
    if not old.types & new.types:
        return False
    return (new.values is not None and new.types <= old.types) or (
        old.values is not None and old.types <= new.types
    )


def _values(old: Shape, new: Shape, place: Place) -> Iterator[Change]:
    if old.values == new.values:
        return
    before, after = old.values or frozenset(), new.values or frozenset()
    gone, come = sorted(before - after), sorted(after - before)
    if new.values is None:
        text = "any value is allowed now"
        yield from place.moved("values", text, narrowed=False, widened=True)
    elif old.values is None:
        text = f"only the values {', '.join(sorted(after))} are allowed now"
        yield from place.moved("values", text, narrowed=True, widened=False)
    else:
        told = [f"without {', '.join(gone)}"] if gone else []
        told += [f"with {', '.join(come)}"] if come else []
        text = f"the values that are allowed are {' and '.join(told)} now"
        yield from place.moved("values", text, narrowed=bool(gone), widened=bool(come))


def _bounds(
    key: str, old: Bound | None, new: Bound | None, place: Place, *, lower: bool
) -> Iterator[Change]:
    if old == new:
        return
    tighter = old is None or (new is not None and is_tighter(new, old, lower=lower))
    text = f"`{key}` is {_told(new)}, and was {_told(old)}"
    yield from place.moved(key, text, narrowed=tighter, widened=not tighter)


def _formats(old: Shape, new: Shape, place: Place) -> Iterator[Change]:
    come, gone = new.formats - old.formats, old.formats - new.formats
    if not come and not gone:
        return
    text = f"the format is {_listed(new.formats)}, and was {_listed(old.formats)}"
    if len(come) == len(gone) == 1:
        (after,), (before,) = come, gone
        if _WIDER.get(after) == before:
            come = set()
        elif _WIDER.get(before) == after:
            gone = set()
    yield from place.moved("format", text, narrowed=bool(come), widened=bool(gone))


def _is_stepped(before: set[Decimal], after: set[Decimal]) -> bool:
    """Whether a multiple of all of `before` need not be one of all of `after`."""
    return any(all(one % step for one in before) for step in after)


def _told(bound: Bound | None) -> str:
    if bound is None:
        return "none"
    return f"{bound.value} (not itself)" if bound.is_open else f"{bound.value}"


def _listed(names: frozenset[str] | set[str]) -> str:
    if names == ALL_TYPES:
        return "any"
    shown = sorted(names - ({"integer"} if "number" in names else set()))
    return ", ".join(f"`{name}`" for name in shown) if shown else "none"
