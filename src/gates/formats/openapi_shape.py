"""What a schema of an OpenAPI document allows, flattened so that two of them can be compared.

A schema is a tuple of values that all must hold: `allOf` and what stands beside a `$ref` are parts
of it. None at all allows everything. OpenAPI 3.0's own words (`nullable`, an exclusive bound that
is true or false) are read as the ones of JSON Schema that 3.1 uses.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from gates.formats.openapi_references import REF, follow, reference_of, target
from gates.formats.strict_json import Value

Schema = tuple[Value, ...]
"""Parts that must hold together; none allows everything."""

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
ALL_TYPES = frozenset(TYPES)

LOWER = ("minimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")

SYNTHETIC = "\0"
"""Begins the last step of a pointer that leads to no value of the document."""

_ANNOTATIONS = frozenset(
    {
        "title", "description", "default", "example", "examples", "deprecated", "externalDocs",
        "readOnly", "writeOnly", "$comment", "$id", "$schema", "$defs", "$anchor", "xml",
        "contentMediaType", "$vocabulary",
    }
)  # fmt: skip
_ALTERNATIVES = ("anyOf", "oneOf")
_MAX_PARTS = 500


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


def parts_of(schema: Schema) -> tuple[Value, ...]:
    """All parts of a schema, references and `allOf` followed, each once.

    Raises:
        OutputUnreadable: a reference cannot be followed, or there are too many parts.
    """
    seen: set[str] = set()
    found: list[Value] = []
    waiting = list(schema)
    while waiting:
        value = waiting.pop(0)
        if value.pointer in seen:
            continue
        if len(seen) >= _MAX_PARTS:
            raise value.unreadable(f"has more than {_MAX_PARTS} parts", slug="openapi-schema")
        seen.add(value.pointer)
        if (reference := reference_of(value)) is not None:
            waiting.append(target(value, reference))
            if _is_30(value):
                continue  # what stands beside a reference is ignored there
        if not isinstance(value.raw, bool):
            value.mapping()
            found.append(value)
            if "allOf" in value.mapping():
                waiting += value.member("allOf").items()
        else:
            found.append(value)
    return tuple(found)


def settled(schema: Schema) -> Schema:
    """The schema with the values that references name in place of those that only refer to them.

    Raises:
        OutputUnreadable: a reference cannot be followed.
    """
    return tuple(follow(part) if _only_refers(part) else part for part in schema)


def _only_refers(value: Value) -> bool:
    if reference_of(value) is None:
        return False
    return _is_30(value) or not value.mapping().keys() - _ANNOTATIONS - {REF}


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
                return tuple((*others, each) for each in part.member(word).items())
    types = shape_of(schema).types
    names = sorted(types - ({"integer"} if "number" in types else set()))
    if len(names) == 1 or types == ALL_TYPES or not parts:
        return (schema,)
    return tuple(
        (*parts, Value({"type": name}, parts[0].what, parts[0], f"{SYNTHETIC}{name}"))
        for name in names
    )


def _bare(part: Value, word: str) -> Value:
    """A part without what leads to further parts, and without one of its keywords."""
    dropped = {word, REF, "allOf"}
    if not isinstance(part.raw, dict) or dropped.isdisjoint(part.raw):
        return part
    rest = {key: each for key, each in part.raw.items() if key not in dropped}
    return Value(rest, part.what, part, f"{SYNTHETIC}{word}")


def pointer_of(value: Value) -> str:
    """The pointer of a value that stands in the document."""
    pointer = value.pointer
    return pointer.partition(f"/{SYNTHETIC}")[0]


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
    elif key in {"exclusiveMinimum", "exclusiveMaximum"}:
        if not isinstance(value.raw, bool):
            side = "minimum" if key == "exclusiveMinimum" else "maximum"
            _tighten(shape, side, Bound(value.number(), is_open=True))
    elif key in _ALTERNATIVES:
        shape.alternatives.append(tuple(value.items()))
    elif key not in _ANNOTATIONS and key not in {REF, "allOf"} and not key.startswith("x-"):
        shape.others.setdefault(key, []).append(value)


def _take_type(shape: Shape, value: Value) -> None:
    several = isinstance(value.raw, list)
    allowed = {each.text() for each in value.items()} if several else {value.text()}
    for name in allowed:
        if name not in ALL_TYPES:
            raise value.unreadable(f"is `{name}`, which is no type", slug="openapi-schema")
    if value.above is not None and value.above.mapping().get("nullable") is True:
        allowed.add("null")
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
    shape.steps.add(value.number())


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


def _take_nothing(shape: Shape, value: Value) -> None:
    """`nullable` is read where the type is."""


_SIMPLE: dict[str, Callable[[Shape, Value], None]] = {
    "type": _take_type,
    "nullable": _take_nothing,
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
}


def _take_bound(shape: Shape, part: Value, key: str, value: Value) -> None:
    exclusive = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}.get(key, "")
    is_open = part.mapping().get(exclusive) is True
    _tighten(shape, key, Bound(value.number(), is_open=is_open))


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


def _is_30(value: Value) -> bool:
    while value.above is not None:
        value = value.above
    version = value.mapping().get("openapi")
    return isinstance(version, str) and version.startswith("3.0")
