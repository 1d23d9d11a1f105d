"""What a schema of an OpenAPI document allows, flattened so that two of them can be compared.

OpenAPI 3.0's own words (`nullable`, an exclusive bound that is true or false) are read as the ones
of JSON Schema that 3.1 uses; in a document of 3.1 they mean nothing, and count as not understood.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from gates.formats.openapi_parts import ANNOTATIONS, SYNTHETIC, Schema, nullness, parts_of
from gates.formats.openapi_references import REF, is_30
from gates.formats.strict_json import Value

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
ALL_TYPES = frozenset(TYPES)

LOWER = ("minimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")

_ALTERNATIVES = ("anyOf", "oneOf")
_FLAGS = frozenset({"nullable", "exclusiveMinimum", "exclusiveMaximum"})
"""Words of 3.0 that are true or false there."""


@dataclass(slots=True)
class Bound:
    """A limit.

    Attributes:
        value: the limit.
        is_open: whether the limit itself is not allowed.
    """

    value: Decimal
    is_open: bool = False


@dataclass(slots=True)
class Shape:
    """What a schema allows; grows while its parts are read.

    Attributes:
        types: the types that a value may have.
        values: the values that it may have, each as text, or None for any.
        lower: lower bounds by the keyword that they are usually written with.
        upper: upper bounds.
        patterns: regular expressions that all must match.
        formats: formats that all must be kept.
        steps: `multipleOf`.
        is_unique: whether the items of an array differ.
        properties: members of an object.
        required: those that must be there.
        more: what members without a name in `properties` must look like.
        is_closed: whether there may be none of those.
        items: what the items of an array must look like.
        alternatives: groups of which one must hold (`anyOf`, `oneOf`).
        others: keywords that are not understood here, each with all its values.
    """

    types: frozenset[str] = ALL_TYPES
    values: frozenset[str] | None = None
    lower: dict[str, Bound] = field(default_factory=dict)
    upper: dict[str, Bound] = field(default_factory=dict)
    patterns: set[str] = field(default_factory=set)
    formats: set[str] = field(default_factory=set)
    steps: set[Decimal] = field(default_factory=set)
    is_unique: bool = False
    properties: dict[str, Schema] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    more: Schema = ()
    is_closed: bool = False
    items: Schema = ()
    alternatives: list[tuple[Value, ...]] = field(default_factory=list)
    others: dict[str, list[Value]] = field(default_factory=dict)


def shape_of(schema: Schema) -> Shape:
    """What a schema allows.

    Raises:
        OutputUnreadable: a keyword has a value that it cannot have.
    """
    shape = Shape()
    for part in parts_of(schema):
        if isinstance(part.raw, bool):
            shape.types = shape.types if part.raw else frozenset()
            continue
        for key, value in part.entries():
            _take(shape, part, key, value)
    if schema and is_30(schema[0]):
        _take_null(shape, schema)
    _settle_values(shape)
    _settle_bounds(shape)
    return shape


def alternatives_of(schema: Schema) -> tuple[Schema, ...]:
    """The schema as alternatives of which one must hold; itself where it has none.

    Several types count as alternatives, since `anyOf` may say the same.
    """
    parts = parts_of(schema)
    for part in parts:
        for word in _ALTERNATIVES:
            if isinstance(part.raw, dict) and word in part.raw:
                others = tuple(_bare(each, word if each is part else "") for each in parts)
                found = tuple((*others, each) for each in part.member(word).items())
                return (*found, *_null_beside(schema, part))
    types = shape_of(schema).types
    names = sorted(types - ({"integer"} if "number" in types else set()))
    if len(names) == 1 or types == ALL_TYPES or not parts:
        return (schema,)
    return tuple(
        (*schema, Value({"type": name}, parts[0].what, parts[0], f"{SYNTHETIC}{name}"))
        for name in names
    )


def _null_beside(schema: Schema, part: Value) -> tuple[Schema, ...]:
    """The alternative that `nullable: true` beside alternatives adds in 3.0."""
    if not is_30(part) or nullness(schema) is not True:
        return ()
    return ((Value({"type": "null"}, part.what, part, f"{SYNTHETIC}null"),),)


def _bare(part: Value, word: str) -> Value:
    """A part without what leads to further parts, and without one of its keywords."""
    dropped = {word, REF, "allOf"}
    if not isinstance(part.raw, dict) or dropped.isdisjoint(part.raw):
        return part
    rest = {key: each for key, each in part.raw.items() if key not in dropped}
    return Value(rest, part.what, part, f"{SYNTHETIC}{word}")


def canonical(value: object) -> str:
    """One text for all values that JSON Schema holds for equal: 1 is 1.0, and no `true`."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        is_whole = value == value.to_integral_value()
        return int(value) if is_whole else f"\0{value.normalize()}"
    return value


def _take(shape: Shape, part: Value, key: str, value: Value) -> None:
    """Take one keyword of one part in."""
    simple = _SIMPLE.get(key)
    if simple is not None:
        simple(shape, value)
    elif key in LOWER or key in UPPER:
        _take_bound(shape, part, key, value)
    elif key in _FLAGS and isinstance(value.raw, bool):
        if value.raw and not is_30(part):
            shape.others.setdefault(key, []).append(value)
    elif key in {"exclusiveMinimum", "exclusiveMaximum"}:
        side = "minimum" if key == "exclusiveMinimum" else "maximum"
        _tighten(shape, side, Bound(value.number(), is_open=True))
    elif key in _ALTERNATIVES:
        shape.alternatives.append(tuple(value.items()))
    elif key not in ANNOTATIONS and key not in {REF, "allOf"} and not key.startswith("x-"):
        shape.others.setdefault(key, []).append(value)


def _take_type(shape: Shape, value: Value) -> None:
    several = isinstance(value.raw, list)
    allowed = {each.text() for each in value.items()} if several else {value.text()}
    for name in allowed:
        if name not in ALL_TYPES:
            raise value.unreadable(f"is `{name}`, which is no type", slug="openapi-schema")
    if "number" in allowed:
        allowed.add("integer")
    shape.types &= allowed


def _take_values(shape: Shape, value: Value) -> None:
    values = frozenset(canonical(item) for item in value.array())
    shape.values = values if shape.values is None else shape.values & values


def _take_const(shape: Shape, value: Value) -> None:
    values = frozenset({canonical(value.raw)})
    shape.values = values if shape.values is None else shape.values & values


def _take_pattern(shape: Shape, value: Value) -> None:
    shape.patterns.add(value.text())


def _take_format(shape: Shape, value: Value) -> None:
    shape.formats.add(value.text())


def _take_step(shape: Shape, value: Value) -> None:
    step = value.number()
    if step <= 0:
        raise value.unreadable("is no step: it must be above 0", slug="openapi-schema")
    shape.steps.add(step)


def _take_unique(shape: Shape, value: Value) -> None:
    shape.is_unique = shape.is_unique or value.flag()


def _take_properties(shape: Shape, value: Value) -> None:
    for name, each in value.entries():
        shape.properties[name] = (*shape.properties.get(name, ()), each)


def _take_required(shape: Shape, value: Value) -> None:
    shape.required |= {each.text() for each in value.items()}


def _take_more(shape: Shape, value: Value) -> None:
    if value.raw is False:
        shape.is_closed = True
    elif value.raw is not True:
        shape.more = (*shape.more, value)


def _take_items(shape: Shape, value: Value) -> None:
    shape.items = (*shape.items, value)


def _take_media_type(shape: Shape, value: Value) -> None:
    """What 3.0 calls the format `binary`; any other is not understood."""
    if value.raw == "application/octet-stream":
        shape.formats.add("binary")
    else:
        shape.others.setdefault("contentMediaType", []).append(value)


def _take_encoding(shape: Shape, value: Value) -> None:
    """What 3.0 calls the format `byte`; any other is not understood."""
    if value.raw == "base64":
        shape.formats.add("byte")
    else:
        shape.others.setdefault("contentEncoding", []).append(value)


_SIMPLE: dict[str, Callable[[Shape, Value], None]] = {
    "type": _take_type,
    "enum": _take_values,
    "const": _take_const,
    "pattern": _take_pattern,
    "format": _take_format,
    "multipleOf": _take_step,
    "uniqueItems": _take_unique,
    "properties": _take_properties,
    "required": _take_required,
    "additionalProperties": _take_more,
    "items": _take_items,
    "contentMediaType": _take_media_type,
    "contentEncoding": _take_encoding,
}


def _take_bound(shape: Shape, part: Value, key: str, value: Value) -> None:
    exclusive = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}.get(key, "")
    is_open = part.mapping().get(exclusive) is True and is_30(part)
    _tighten(shape, key, Bound(value.number(), is_open=is_open))


def _take_null(shape: Shape, schema: Schema) -> None:
    """Take `nullable` in, which counts for a schema and all that its `allOf` holds."""
    answer = nullness(schema)
    if answer is False:
        shape.types -= {"null"}
    elif answer:
        shape.types |= {"null"}
        if shape.values is not None:
            shape.values |= {"null"}


def _settle_values(shape: Shape) -> None:
    """Leave out values of other types, and types without a value: `type` beside them says less."""
    if shape.values is None:
        return
    shape.values = frozenset(text for text in shape.values if _kind(text) in shape.types)
    shape.types = frozenset(_kind(text) for text in shape.values)


def _kind(text: str) -> str:
    """The type of a value that `canonical` wrote."""
    if text.startswith('"\\u0000'):
        return "number"
    kinds = {'"': "string", "{": "object", "[": "array", "t": "boolean", "f": "boolean"}
    return "null" if text == "null" else kinds.get(text[0], "integer")


def _settle_bounds(shape: Shape) -> None:
    """Write bounds in one way: of integers never open, and none that every value keeps."""
    for key in ("minLength", "minItems", "minProperties"):
        if key in shape.lower and shape.lower[key].value <= 0:
            del shape.lower[key]
    if "number" in shape.types or "integer" not in shape.types:
        return
    shape.steps = {step for step in shape.steps if 1 % step}
    if (low := shape.lower.get("minimum")) is not None:
        value = low.value.to_integral_value(ROUND_FLOOR if low.is_open else ROUND_CEILING)
        shape.lower["minimum"] = Bound(value + low.is_open)
    if (high := shape.upper.get("maximum")) is not None:
        value = high.value.to_integral_value(ROUND_CEILING if high.is_open else ROUND_FLOOR)
        shape.upper["maximum"] = Bound(value - high.is_open)


def _tighten(shape: Shape, key: str, bound: Bound) -> None:
    bounds = shape.lower if key in LOWER else shape.upper
    held = bounds.get(key)
    if held is None or is_tighter(bound, held, lower=key in LOWER):
        bounds[key] = bound


def is_tighter(one: Bound, other: Bound, *, lower: bool) -> bool:
    """Whether one limit allows less than another."""
    if one.value == other.value:
        return one.is_open and not other.is_open
    return one.value > other.value if lower else one.value < other.value
