from __future__ import annotations

import json
from decimal import Decimal

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.openapi_shape import (
    ALL_TYPES,
    Bound,
    Schema,
    alternatives_of,
    canonical,
    is_tighter,
    parts_of,
    pointer_of,
    shape_of,
)


def schema(raw: object, version: str = "3.1.0", **named: object) -> Schema:
    document = {"openapi": version, "one": raw, "named": named}
    return (strict_json.read(json.dumps(document).encode(), what="a").member("one"),)


def test_no_schema_allows_everything_and_false_nothing() -> None:
    assert shape_of(()).types == ALL_TYPES
    assert shape_of(schema(True)).types == ALL_TYPES
    assert shape_of(schema(False)).types == frozenset()


def test_all_keywords_are_read() -> None:
    shape = shape_of(
        schema(
            {
                "type": ["object", "null"],
                "enum": [1, 1.0, "a"],
                "const": 1,
                "pattern": "x",
                "format": "uuid",
                "multipleOf": 2,
                "uniqueItems": True,
                "minimum": 1,
                "exclusiveMaximum": 9,
                "minLength": 2,
                "maxLength": 3,
                "properties": {"a": {"type": "string"}},
                "required": ["a"],
                "additionalProperties": {"type": "string"},
                "items": {},
                "title": "told",
                "x-told": 1,
                "if": {},
            }
        )
    )
    assert shape.types == {"object", "null"}
    assert shape.values == frozenset({"1"})
    assert (shape.patterns, shape.formats, shape.steps) == ({"x"}, {"uuid"}, {Decimal(2)})
    assert shape.is_unique
    assert shape.lower == {"minimum": Bound(Decimal(1)), "minLength": Bound(Decimal(2))}
    assert shape.upper == {
        "maximum": Bound(Decimal(9), is_open=True),
        "maxLength": Bound(Decimal(3)),
    }
    assert list(shape.properties) == ["a"]
    assert shape.required == {"a"}
    assert len(shape.more) == len(shape.items) == 1
    assert not shape.is_closed
    assert list(shape.others) == ["if"]


def test_the_words_of_30_are_read_as_those_of_31() -> None:
    old = {"type": "number", "nullable": True, "minimum": 1, "exclusiveMinimum": True}
    shape = shape_of(schema(old, "3.0.3"))
    assert shape.types == {"number", "integer", "null"}
    assert shape.lower == {"minimum": Bound(Decimal(1), is_open=True)}
    beside = {"$ref": "#/named/a", "type": "object"}
    assert shape_of(schema(beside, "3.0.3", a={"type": "string"})).types == {"string"}
    assert shape_of(schema(beside, "3.1.0", a={"type": "string"})).types == frozenset()


def test_parts_hold_together() -> None:
    shape = shape_of(
        schema(
            {
                "allOf": [
                    {"$ref": "#/named/a"},
                    {"additionalProperties": False, "properties": {"x": {"maximum": 2}}},
                    {"minimum": 3, "enum": [1, 2]},
                    {"minimum": 1, "enum": [2, 3]},
                    True,
                ],
                "additionalProperties": True,
            },
            a={"type": "object", "properties": {"x": {"minimum": 1}}, "const": 2},
        )
    )
    assert shape.types == {"object"}
    assert shape.is_closed
    assert len(shape.properties["x"]) == 2
    assert shape.lower == {"minimum": Bound(Decimal(3))}
    assert shape.values == frozenset({"2"})


def test_a_part_that_holds_itself_ends() -> None:
    one = schema({"$ref": "#/named/a"}, a={"allOf": [{"$ref": "#/named/a"}, {"type": "string"}]})
    assert shape_of(one).types == {"string"}
    assert len(parts_of(one)) == 4


def test_too_many_parts_are_refused() -> None:
    with pytest.raises(OutputUnreadable, match="more than 500 parts"):
        parts_of(schema({"allOf": [{}] * 501}))


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "text"},
        {"type": 1},
        {"enum": "a"},
        {"minimum": "1"},
        {"required": "a"},
        {"properties": []},
        {"uniqueItems": 1},
        {"anyOf": {}},
        [],
    ],
)
def test_a_keyword_with_a_value_that_it_cannot_have_is_refused(raw: object) -> None:
    with pytest.raises(OutputUnreadable):
        shape_of(schema(raw))


def test_alternatives_hold_what_stands_beside_them() -> None:
    one = schema(
        {"$ref": "#/named/a", "maxLength": 3},
        a={"minLength": 1, "anyOf": [{"type": "string"}, {"type": "null"}]},
    )
    found = [shape_of(each) for each in alternatives_of(one)]
    assert [shape.types for shape in found] == [{"string"}, {"null"}]
    assert all(shape.lower and shape.upper and not shape.alternatives for shape in found)
    assert {pointer_of(part) for part in alternatives_of(one)[0]} == {
        "/one",
        "/named/a",
        "/named/a/anyOf/0",
    }


def test_several_types_are_alternatives() -> None:
    found = alternatives_of(schema({"type": ["number", "null"]}))
    assert [shape_of(each).types for each in found] == [{"null"}, {"number", "integer"}]
    for whole in ({"type": "string"}, {}, True):
        one = schema(whole)
        assert alternatives_of(one) == (one,)
    assert alternatives_of(()) == ((),)


def test_values_that_are_equal_have_one_text() -> None:
    assert canonical(Decimal("1.0")) == canonical(1) != canonical(True)
    assert canonical({"a": [Decimal("1.50")], "b": 2}) == canonical({"b": 2, "a": [Decimal("1.5")]})
    assert canonical(Decimal("1.5")) != canonical("1.5")


def test_which_bound_allows_less() -> None:
    low, high, above = Bound(Decimal(1)), Bound(Decimal(2)), Bound(Decimal(1), is_open=True)
    assert is_tighter(high, low, lower=True)
    assert not is_tighter(high, low, lower=False)
    assert is_tighter(above, low, lower=True)
    assert not is_tighter(low, above, lower=False)
