from __future__ import annotations

import json

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.openapi_parts import Schema, nullness, parts_of, pointer_of, settled
from gates.formats.strict_json import Value


def schema(raw: object, version: str = "3.1.0", **named: object) -> Schema:
    document = {"openapi": version, "one": raw, "named": named}
    return (strict_json.read(json.dumps(document).encode(), what="a").member("one"),)


def pointers(found: Schema) -> list[str]:
    return [value.pointer for value in found]


REF = {"$ref": "#/named/a"}


def test_references_and_what_holds_together_are_parts() -> None:
    one = schema({**REF, "allOf": [{"type": "string"}, True]}, a={"allOf": [REF]})
    assert sorted(pointers(parts_of(one))) == [
        "/named/a",
        "/named/a/allOf/0",
        "/one",
        "/one/allOf/0",
        "/one/allOf/1",
    ]
    beside = schema({**REF, "type": "object"}, "3.0.3", a={})
    assert pointers(parts_of(beside)) == ["/named/a"]


def test_too_many_parts_are_refused() -> None:
    with pytest.raises(OutputUnreadable, match="more than 500 parts"):
        parts_of(schema({"allOf": [{}] * 501}))
    with pytest.raises(OutputUnreadable, match="not an object"):
        parts_of(schema([]))


def test_what_only_refers_is_settled() -> None:
    assert pointers(settled(schema({**REF, "title": "b"}, a={}))) == ["/named/a"]
    assert pointers(settled(schema({**REF, "maxLength": 1}, a={}))) == ["/one"]
    assert pointers(settled(schema({**REF, "maxLength": 1}, "3.0.0", a={}))) == ["/named/a"]
    assert pointers(settled(schema({"type": "string"}))) == ["/one"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, None),
        (True, None),
        (False, False),
        ({"type": "string"}, False),
        ({"type": "null"}, None),
        ({"type": ["string", "null"]}, None),
        ({"type": "string", "nullable": True}, True),
        ({"type": "string", "nullable": False}, False),
        ({"allOf": [REF]}, False),
        ({"allOf": [REF], "nullable": True}, True),
        ({"allOf": [{"nullable": True}, REF]}, False),
        ({"allOf": [{"nullable": True}, {}]}, True),
        ({"$ref": "#/named/round"}, None),
        ({**REF, "nullable": True}, False),
    ],
)
def test_nullable_stands_for_all_that_is_held_together(
    raw: object, *, expected: bool | None
) -> None:
    named = {"a": {"type": "string"}, "round": {"allOf": [{"$ref": "#/named/round"}]}}
    assert nullness(schema(raw, "3.0.3", **named)) is expected


def test_a_value_that_is_not_there_has_the_pointer_of_what_it_belongs_to() -> None:
    (one,) = schema({})
    assert pointer_of(one) == "/one"
    assert pointer_of(Value({}, "a", one, "\0null")) == "/one"
