"""The parts of a schema of an OpenAPI document.

A schema is a tuple of values that all must hold: `allOf` and what stands beside a `$ref` are parts
of it. None at all allows everything.
"""

from __future__ import annotations

from gates.formats.openapi_references import REF, follow, is_30, reference_of, target
from gates.formats.strict_json import Value

Schema = tuple[Value, ...]
"""Parts that must hold together; none allows everything."""

SYNTHETIC = "\0"
"""Begins the last step of a pointer that leads to no value of the document."""

ANNOTATIONS = frozenset(
    {
        "title", "description", "default", "example", "examples", "deprecated", "externalDocs",
        "readOnly", "writeOnly", "$comment", "$id", "$schema", "$defs", "$anchor", "xml",
        "$vocabulary",
    }
)  # fmt: skip
"""Keywords that allow no less and no more."""

_MAX_PARTS = 500


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
            if is_30(value):
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
    return is_30(value) or not value.mapping().keys() - ANNOTATIONS - {REF}


def nullness(schema: Schema) -> bool | None:
    """What a schema of 3.0 says of null: taken by `nullable: true`, refused by a type, or nothing.

    `nullable` stands for all that its `allOf` holds: that is how a reference is made so.

    Raises:
        OutputUnreadable: a reference cannot be followed.
    """
    answer: bool | None = None
    seen: set[str] = set()
    waiting = list(schema)
    while waiting:
        part = waiting.pop()
        if part.pointer in seen:
            continue
        seen.add(part.pointer)
        if (reference := reference_of(part)) is not None:
            waiting.append(target(part, reference))
        elif not isinstance(part.raw, dict):
            if part.raw is False:
                return False
        elif part.raw.get("nullable") is True:
            answer = True
        elif "null" not in str(part.raw.get("type", "null")):  # one type, or a list of them
            return False
        elif "allOf" in part.raw:
            waiting += part.member("allOf").items()
    return answer


def pointer_of(value: Value) -> str:
    """The pointer of a value that stands in the document."""
    pointer = value.pointer
    return pointer.partition(f"/{SYNTHETIC}")[0]
