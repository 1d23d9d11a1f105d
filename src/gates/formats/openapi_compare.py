"""Two schemas compared: what a client of the old one may rely on, and the new one does not keep.

A request breaks where the new schema allows less than the old one, an answer where it allows more:
a client sends what the old one allowed, and expects what the old one allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats.openapi_change import Change, Place, Way
from gates.formats.openapi_keywords import keywords
from gates.formats.openapi_parts import Schema, parts_of, settled
from gates.formats.openapi_sameness import is_same
from gates.formats.openapi_shape import Shape, alternatives_of, canonical, shape_of

_MAX_DEPTH = 120
_MAX_ALTERNATIVES = 64
_Key = tuple[tuple[str, ...], tuple[str, ...], Way]


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found of a pair, and the pairs that were taken to have no change meanwhile.

    It holds as long as these are under way, since each of them tells its own changes.
    """

    changes: tuple[Change, ...]
    assumed: frozenset[_Key]


class Comparison:
    """Compares schemas of two documents; each pair is looked at once a way."""

    def __init__(self) -> None:
        self._done: dict[_Key, _Found] = {}
        self._open: dict[_Key, set[_Key]] = {}  # pairs under way, with what each took for granted

    def schemas(self, old: Schema, new: Schema, way: Way) -> tuple[Change, ...]:
        """What differs, both what breaks and what does not.

        A pair that is met again inside itself is taken to have no change there: whatever it has is
        told where it was met first.

        Raises:
            OutputUnreadable: a schema cannot be read.
        """
        old, new = settled(old), settled(new)
        if len(old) == len(new) and all(map(is_same, old, new)):
            return ()
        key = (_pointers(old), _pointers(new), way)
        known = self._done.get(key)
        if known is not None and known.assumed <= self._open.keys():
            return self._counted(known)
        if key in self._open:
            return self._counted(_Found((), frozenset({key})))
        if len(self._open) >= _MAX_DEPTH:
            raise OutputUnreadable(
                "openapi-depth",
                f"schemas refer to each other more than {_MAX_DEPTH} deep",
                place=(old or new)[0].what,
            )
        self._open[key] = set()
        found = tuple(self._compared(old, new, way))
        assumed = self._open.pop(key) - {key}
        self._done[key] = _Found(found, frozenset(assumed))
        return self._counted(self._done[key])

    def _counted(self, found: _Found) -> tuple[Change, ...]:
        """The changes, after the innermost pair under way was told what they stand on."""
        if self._open:
            next(reversed(self._open.values())).update(found.assumed)
        return found.changes

    def _compared(self, old: Schema, new: Schema, way: Way) -> Iterator[Change]:
        shapes = shape_of(old), shape_of(new)
        if any(shape.alternatives for shape in shapes):
            yield from self._alternatives(old, new, way)
            return
        place = Place(old, new, way)
        yield from keywords(*shapes, place)
        yield from self._members(*shapes, place)
        if _has(shapes, "array"):
            yield from self.schemas(shapes[0].items, shapes[1].items, way)
        yield from self._others(*shapes, place)

    def _alternatives(self, old: Schema, new: Schema, way: Way) -> Iterator[Change]:
        """Each alternative that a client knows must still have one that it fits."""
        before, after = alternatives_of(old), alternatives_of(new)
        if max(len(before), len(after)) > _MAX_ALTERNATIVES:
            raise OutputUnreadable(
                "openapi-alternatives",
                f"`{Place(old, new, way).pointer}` has more than {_MAX_ALTERNATIVES} alternatives",
                place=(new or old)[0].what,
            )
        held, offered = (before, after) if way is Way.REQUEST else (after, before)
        for one in held:
            nearest: tuple[Change, ...] | None = None
            is_near = True
            for other in offered:
                pair = (one, other) if way is Way.REQUEST else (other, one)
                found = self.schemas(*pair, way)
                breaking = tuple(each for each in found if each.is_breaking)
                fits = not _is_other(breaking, settled(pair[1]))
                if nearest is None or (not fits, len(breaking)) < (not is_near, len(nearest)):
                    nearest, is_near = breaking, fits
            if is_near:
                yield from nearest or ()
            else:
                yield Place(old, new, way).change("alternative", _ALTERNATIVE[way])

    def _members(self, old: Shape, new: Shape, place: Place) -> Iterator[Change]:
        if not _has((old, new), "object"):
            return
        way = place.way
        before, after = _visible(old, way), _visible(new, way)
        for name in sorted(before.keys() - after.keys()):
            text = f"the field `{name}` is no longer {_GONE[way]}"
            yield place.at(before[name], is_old=True).change("field-removed", text)
        for name in sorted(after.keys() - before.keys()):
            if way is Way.RESPONSE or name not in new.required:
                text = f"the field `{name}` is new"
                yield place.at(after[name]).change("field-added", text, is_breaking=False)
            if old.more and not old.is_closed and name not in old.properties:
                yield from self.schemas(old.more, after[name], way)  # it could be sent before
        for name in sorted(before.keys() & after.keys()):
            yield from self.schemas(before[name], after[name], way)
            if way is Way.REQUEST and name not in old.required | new.required:
                yield from defaults(before[name], after[name], place.at(after[name]))
        yield from _needs((old, new), place, after)
        if new.is_closed and not old.is_closed and way is Way.REQUEST:
            yield place.change("closed", "fields that are not documented are refused now")
        elif old.more or new.more:
            yield from self.schemas(old.more, new.more, way)

    def _others(self, old: Shape, new: Shape, place: Place) -> Iterator[Change]:
        """Keywords that are not understood here: the same on both sides, or a finding."""
        for key in sorted(old.others.keys() | new.others.keys()):
            before, after = old.others.get(key, []), new.others.get(key, [])
            if len(before) != len(after) or not all(map(is_same, before, after)):
                text = f"`{key}` changed, and cannot be compared"
                yield place.at(tuple(after)).change("not-comparable", text)


def defaults(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    """What leaving a value out of a request means now; that it was told for the first time is well.

    Raises:
        OutputUnreadable: a reference cannot be followed.
    """
    before, after = _default(old), _default(new)
    if before != after:
        text = f"the default is {after or 'not told'}, and was {before or 'not told'}"
        yield place.change("default", text, is_breaking=bool(before))


def _default(schema: Schema) -> str:
    """The nearest default as text; empty where there is none."""
    for part in parts_of(schema):
        found = part.raw.get("default") if isinstance(part.raw, dict) else None
        if found is not None:
            return canonical(found)
    return ""


def _needs(
    shapes: tuple[Shape, Shape], place: Place, after: Mapping[str, Schema]
) -> Iterator[Change]:
    """Fields that must be there now, or need not be any more, whether they are described or not."""
    was, now = (_needed(shape, place.way) for shape in shapes)
    for name in sorted(now - was):
        here = place.at(after.get(name, ()))
        is_new = name not in shapes[0].properties
        text = (
            f"the new field `{name}` is required"
            if is_new
            else f"the field `{name}` is required now"
        )
        yield here.change("field-required", text, is_breaking=place.way is Way.REQUEST)
    for name in sorted(was - now):
        if name not in shapes[0].properties or name in shapes[1].properties:
            text = f"the field `{name}` may be left out now"
            is_breaking = place.way is Way.RESPONSE
            here = place.at(after.get(name, ()))
            yield here.change("field-optional", text, is_breaking=is_breaking)


def _needed(shape: Shape, way: Way) -> set[str]:
    """What must be sent this way."""
    hidden = shape.properties.keys() - _visible(shape, way).keys()
    return shape.required - hidden


_GONE = {Way.REQUEST: "taken", Way.RESPONSE: "sent"}
_ALTERNATIVE = {
    Way.REQUEST: "one of the alternatives is no longer taken",
    Way.RESPONSE: "there is a new alternative",
}


def _visible(shape: Shape, way: Way) -> dict[str, Schema]:
    """The members that go this way: what is `readOnly` is not sent to the service."""
    hidden = "readOnly" if way is Way.REQUEST else "writeOnly"
    return {
        name: schema
        for name, schema in shape.properties.items()
        if not any(
            isinstance(part.raw, dict) and part.raw.get(hidden) is True for part in parts_of(schema)
        )
    }


def _has(shapes: tuple[Shape, Shape], kind: str) -> bool:
    return all(kind in shape.types for shape in shapes)


def _is_other(changes: tuple[Change, ...], schema: Schema) -> bool:
    """Whether an alternative is not the one that is looked for: of another type itself."""
    pointer = Place((), schema, Way.REQUEST).pointer if schema else None
    return any(each.rule == "type" and each.pointer == pointer for each in changes)


def _pointers(schema: Schema) -> tuple[str, ...]:
    return tuple(value.pointer for value in schema)
