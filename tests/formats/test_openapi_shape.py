from __future__ import annotations

import json
from decimal import Decimal

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.openapi_parts import Schema, pointer_of
from gates.formats.openapi_shape import (
    ALL_TYPES,
    Bound,
    alternatives_of,
    canonical,
    is_tighter,
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
                "enum": [{"a": 1}, {"a": 1.0}, None],
                "const": {"a": 1},
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
    assert shape.types == {"object"}
    assert shape.values == frozenset({'{"a": 1}'})
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


@pytest.mark.parametrize(
    ("raw", "types"),
    [
        ({"type": "string"}, {"string"}),
        ({"type": "string", "nullable": True}, {"string", "null"}),
        ({"type": "string", "nullable": False}, {"string"}),
        ({"allOf": [{"$ref": "#/named/a"}], "nullable": True}, {"string", "null"}),
        ({"allOf": [{"$ref": "#/named/a"}]}, {"string"}),
        ({"allOf": [{"nullable": True}, {"type": "string"}]}, {"string"}),
        ({"type": "string", "nullable": True, "enum": ["b"]}, {"string", "null"}),
        ({"type": "string", "nullable": True, "enum": ["b", None]}, {"string", "null"}),
        ({"type": "string", "enum": ["b", None]}, {"string"}),
        ({"properties": {}}, ALL_TYPES),
    ],
)
def test_nullable_counts_in_30_beside_a_type_or_not(
    raw: dict[str, object], types: set[str]
) -> None:
    assert shape_of(schema(raw, "3.0.3", a={"type": "string"})).types == types


def test_the_words_of_30_are_not_understood_in_31() -> None:
    shape = shape_of(schema({"type": "string", "nullable": True}))
    assert shape.types == {"string"}
    assert list(shape.others) == ["nullable"]
    shape = shape_of(schema({"type": "number", "minimum": 1, "exclusiveMinimum": True}))
    assert shape.lower == {"minimum": Bound(Decimal(1))}
    assert list(shape.others) == ["exclusiveMinimum"]
    idle = {"type": "number", "nullable": False, "exclusiveMaximum": False}
    for version in ("3.0.3", "3.1.0"):
        assert shape_of(schema(idle, version)).others == {}


def test_null_may_stand_beside_alternatives_in_30() -> None:
    either: dict[str, object] = {"oneOf": [{"type": "string"}, {"type": "object"}]}

    def kinds(raw: dict[str, object], version: str = "3.0.3") -> list[set[str]]:
        found = alternatives_of(schema(raw, version, either=either))
        return [set(shape_of(each).types) for each in found]

    assert kinds(either) == [{"string"}, {"object"}]
    beside = [{"string"}, {"object"}, {"null"}]
    assert kinds({**either, "nullable": True}) == beside
    assert kinds({"allOf": [{"$ref": "#/named/either"}], "nullable": True}) == beside
    assert kinds({**either, "nullable": True}, "3.1.0") == [{"string"}, {"object"}]
    whole = {"allOf": [{"type": "string"}], "nullable": True}
    assert kinds(whole) == [{"null"}, {"string"}]


def test_bounds_and_values_are_written_in_one_way() -> None:
    shape = shape_of(
        schema(
            {
                "type": ["integer", "null"],
                "exclusiveMinimum": 0,
                "maximum": 4.5,
                "minLength": 0,
                "multipleOf": 0.5,
            }
        )
    )
    assert shape.lower == {"minimum": Bound(Decimal(1))}
    assert shape.upper == {"maximum": Bound(Decimal(4))}
    assert shape.steps == set()
    number = shape_of(schema({"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5}))
    assert number.lower == {"minimum": Bound(Decimal(0), is_open=True)}
    assert number.steps == {Decimal("0.5")}
    every = [1, 1.5, "a", True, None, [1], {"a": 1}]
    assert shape_of(schema({"enum": every})).types == ALL_TYPES
    for one, kind in zip(
        every, ("integer", "number", "string", "boolean", "null", "array", "object"), strict=True
    ):
        assert shape_of(schema({"const": one})).types == {kind}


def test_parts_hold_together() -> None:
    shape = shape_of(
        schema(
            {
                "allOf": [
                    {"$ref": "#/named/a"},
                    {"additionalProperties": False, "properties": {"x": {"maximum": 2}}},
                    {"minimum": 3, "enum": [{"x": 1}, {"x": 2}]},
                    {"minimum": 1, "enum": [{"x": 2}, 3]},
                    True,
                ],
                "additionalProperties": True,
            },
            a={"type": "object", "properties": {"x": {"minimum": 1}}, "const": {"x": 2}},
        )
    )
    assert shape.types == {"object"}
    assert shape.is_closed
    assert len(shape.properties["x"]) == 2
    assert shape.lower == {"minimum": Bound(Decimal(3))}
    assert shape.values == frozenset({'{"x": 2}'})


def test_a_part_that_holds_itself_ends() -> None:
    one = schema({"$ref": "#/named/a"}, a={"allOf": [{"$ref": "#/named/a"}, {"type": "string"}]})
    assert shape_of(one).types == {"string"}


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
        {"multipleOf": 0},
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


def test_what_holds_together_with_alternatives_is_kept() -> None:
    one = schema({"allOf": [{"maxLength": 3}, True], "anyOf": [{"type": "string"}]})
    (found,) = alternatives_of(one)
    assert shape_of(found).upper == {"maxLength": Bound(Decimal(3))}
    assert shape_of(found).types == {"string"}


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
