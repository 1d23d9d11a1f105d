from __future__ import annotations

import json

import pytest

from gates.formats import strict_json
from gates.formats.openapi_change import Place, Way
from gates.formats.openapi_keywords import keywords
from gates.formats.openapi_shape import shape_of


def differ(old: dict[str, object], new: dict[str, object]) -> dict[str, tuple[bool, bool]]:
    """The rules by name: whether a request breaks, and whether an answer does."""
    text = json.dumps({"openapi": "3.1.0", "old": old, "new": new})
    root = strict_json.read(text.encode(), what="openapi.json")
    schemas = (root.member("old"),), (root.member("new"),)
    shapes = shape_of(schemas[0]), shape_of(schemas[1])
    found = [
        {each.rule: each.is_breaking for each in keywords(*shapes, Place(*schemas, way))}
        for way in (Way.REQUEST, Way.RESPONSE)
    ]
    assert found[0].keys() == found[1].keys()
    return {rule: (found[0][rule], found[1][rule]) for rule in found[0]}


NARROWED, WIDENED, OTHER = (True, False), (False, True), (True, True)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ({}, {"type": "string"}, "type"),
        ({"type": "number"}, {"type": "integer"}, "type"),
        ({"type": ["string", "null"]}, {"type": "string"}, "type"),
        ({}, {"enum": [1]}, "values"),
        ({"type": "string"}, {"const": "a"}, "values"),
        ({"enum": ["a", 1]}, {"enum": ["a"]}, "values"),
        ({"type": "integer", "minimum": 0}, {"type": "integer", "exclusiveMinimum": 0}, "minimum"),
        ({"type": "integer", "maximum": 5}, {"type": "integer", "maximum": 4.5}, "maximum"),
        ({"enum": [1, 2]}, {"enum": [2]}, "values"),
        ({"enum": [1, 2]}, {"const": 2}, "values"),
        ({}, {"minimum": 1}, "minimum"),
        ({"minimum": 1}, {"minimum": 2}, "minimum"),
        ({"minimum": 1}, {"exclusiveMinimum": 1}, "minimum"),
        ({"maximum": 2}, {"maximum": 1}, "maximum"),
        ({"maxLength": 9}, {"maxLength": 8}, "maxLength"),
        ({}, {"minItems": 1}, "minItems"),
        ({}, {"pattern": "a"}, "pattern"),
        ({}, {"format": "uuid"}, "format"),
        ({"format": "int64"}, {"format": "int32"}, "format"),
        ({"format": "double"}, {"format": "float"}, "format"),
        ({}, {"multipleOf": 2}, "multiple-of"),
        ({"multipleOf": 2}, {"multipleOf": 4}, "multiple-of"),
        ({}, {"uniqueItems": True}, "unique-items"),
    ],
)
def test_what_allows_less_breaks_a_request_and_its_reverse_an_answer(
    old: dict[str, object], new: dict[str, object], rule: str
) -> None:
    assert differ(old, new) == {rule: NARROWED}
    assert differ(new, old) == {rule: WIDENED}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ({"type": "string", "maxLength": 1}, {"type": "object"}, "type"),
        ({"type": ["string", "null"]}, {"type": ["string", "object"]}, "type"),
        ({"enum": [1, 2]}, {"enum": [2, 3]}, "values"),
        ({"type": "string"}, {"const": 1}, "type"),
        ({"const": "a"}, {"const": 1}, "type"),
        ({"pattern": "a"}, {"pattern": "b"}, "pattern"),
        ({"format": "date"}, {"format": "date-time"}, "format"),
        ({"multipleOf": 2}, {"multipleOf": 3}, "multiple-of"),
    ],
)
def test_what_allows_something_else_breaks_both(
    old: dict[str, object], new: dict[str, object], rule: str
) -> None:
    assert differ(old, new) == {rule: OTHER}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "number"}, {"type": ["integer", "number"]}),
        ({"enum": [1, 2.0]}, {"enum": [2, 1.0]}),
        ({"multipleOf": 2}, {"multipleOf": 2.0}),
        ({"title": "a", "description": "b"}, {"title": "c"}),
        ({"const": 1}, {"enum": [1]}),
        ({"const": "x"}, {"type": "string", "const": "x"}),
        ({"enum": [1, 1.5]}, {"type": "number", "enum": [1.5, 1]}),
        ({"enum": ["a", None]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "string", "enum": ["a", 1]}, {"enum": ["a"]}),
        ({"type": "string"}, {"type": "string", "minLength": 0}),
        ({"type": "array"}, {"type": "array", "minItems": 0}),
        ({"type": "object"}, {"type": "object", "minProperties": 0}),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
        ({"type": "integer", "exclusiveMinimum": 0.5}, {"type": "integer", "minimum": 0.5}),
        ({"type": "integer", "exclusiveMaximum": 3}, {"type": "integer", "maximum": 2}),
        ({"type": "integer", "exclusiveMaximum": 2.5}, {"type": "integer", "maximum": 2}),
        ({"type": "integer"}, {"type": "integer", "multipleOf": 1}),
        ({"contentEncoding": "base64"}, {"format": "byte"}),
        ({"contentMediaType": "application/octet-stream"}, {"format": "binary"}),
    ],
)
def test_what_says_the_same_is_no_change(old: dict[str, object], new: dict[str, object]) -> None:
    assert differ(old, new) == {}
