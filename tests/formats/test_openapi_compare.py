from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.openapi_change import Change, Way
from gates.formats.openapi_compare import Comparison
from gates.formats.openapi_parts import Schema

BOTH = (Way.REQUEST, Way.RESPONSE)


def schema(raw: object, named: Mapping[str, object] | None = None) -> Schema:
    document = {"openapi": "3.1.0", "one": raw, "named": named or {}}
    return (strict_json.read(json.dumps(document).encode(), what="a").member("one"),)


def differ(old: object, new: object, way: Way) -> set[tuple[str, str]]:
    """Rules with pointers of what breaks."""
    found = Comparison().schemas(schema(old), schema(new), way)
    return {(each.rule, each.pointer) for each in found if each.is_breaking}


def thing(*required: str, **properties: object) -> dict[str, object]:
    return {"type": "object", "required": list(required), "properties": properties}


STRING, INTEGER = {"type": "string"}, {"type": "integer"}
FIELD = "/one/properties/b"


@pytest.mark.parametrize(
    ("old", "new", "request_breaks", "answer_breaks"),
    [
        (thing(a=STRING), thing(a=STRING, b=STRING), "", ""),
        (thing(a=STRING), thing("b", a=STRING, b=STRING), "field-required", ""),
        (thing(b=STRING), thing(), "field-removed", "field-removed"),
        (thing(b=STRING), thing("b", b=STRING), "field-required", ""),
        (thing("b", b=STRING), thing(b=STRING), "", "field-optional"),
        (thing(b=STRING), thing(b=INTEGER), "type", "type"),
        (thing(b=INTEGER), thing(b={"type": "number"}), "", "type"),
        (thing(b=STRING), thing(b={**STRING, "readOnly": True}), "field-removed", ""),
        (thing(b=STRING), thing(b={**STRING, "writeOnly": True}), "", "field-removed"),
        (thing(b=STRING), thing(b=True), "", "type"),
    ],
)
def test_fields(old: object, new: object, request_breaks: str, answer_breaks: str) -> None:
    assert differ(old, new, Way.REQUEST) == ({(request_breaks, FIELD)} if request_breaks else set())
    assert differ(old, new, Way.RESPONSE) == ({(answer_breaks, FIELD)} if answer_breaks else set())


@pytest.mark.parametrize(
    ("old", "new", "request_breaks", "answer_breaks"),
    [
        (thing(), thing("b"), {("field-required", "/one")}, set()),
        (thing("b"), thing(), set(), {("field-optional", "/one")}),
        (thing("b"), thing("b", b=STRING), set(), set()),
        (thing("b"), thing(b=STRING), set(), {("field-optional", FIELD)}),
        (thing(b=STRING), thing("b"), {("field-required", "/one"), ("field-removed", FIELD)}, None),
        (thing("b", b=STRING), thing(), {("field-removed", FIELD)}, None),
        (
            thing(b=STRING),
            thing("b", b={**STRING, "readOnly": True}),
            {("field-removed", FIELD)},
            set(),
        ),
        (
            thing("b", b={**STRING, "writeOnly": True}),
            thing(b={**STRING, "writeOnly": True}),
            set(),
            set(),
        ),
    ],
)
def test_fields_must_be_there_without_being_described(
    old: object,
    new: object,
    request_breaks: set[tuple[str, str]],
    answer_breaks: set[tuple[str, str]] | None,
) -> None:
    assert differ(old, new, Way.REQUEST) == request_breaks
    expected = {("field-removed", FIELD)} if answer_breaks is None else answer_breaks
    assert differ(old, new, Way.RESPONSE) == expected


def test_an_alternative_may_ask_for_what_is_not_described() -> None:
    either = {**thing(a=STRING), "anyOf": [{"required": ["c"]}, {"required": ["d"]}]}
    assert {rule for rule, _ in differ(thing(a=STRING), either, Way.REQUEST)} == {"field-required"}
    assert differ(either, thing(a=STRING), Way.REQUEST) == set()


def test_a_new_field_must_be_what_a_free_one_could_be() -> None:
    free = {"type": "object", "additionalProperties": STRING}
    for way in BOTH:
        assert differ(free, {**free, **thing(b=INTEGER)}, way) == {("type", FIELD)}
        assert differ(free, {**free, **thing(b=STRING)}, way) == set()
        assert differ({"type": "object"}, thing(b=INTEGER), way) == set()
    hidden = {**free, **thing(b={**INTEGER, "readOnly": True})}
    assert differ(hidden, {**free, **thing(b=INTEGER)}, Way.REQUEST) == set()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (thing(b={**INTEGER, "default": 50}), thing(b={**INTEGER, "default": 10}), [True]),
        (thing(b={**INTEGER, "default": 50}), thing(b=INTEGER), [True]),
        (thing(b=INTEGER), thing(b={**INTEGER, "default": 50}), [False]),
        (thing(b=INTEGER), thing(b={**INTEGER, "default": None}), []),
        (thing("b", b={**INTEGER, "default": 5}), thing("b", b={**INTEGER, "default": 1}), []),
        (thing(b={"allOf": [INTEGER], "default": 5}), thing(b={**INTEGER, "default": 5}), []),
    ],
)
def test_leaving_a_field_out_of_a_request_means_what_it_did(
    old: object, new: object, expected: list[bool]
) -> None:
    found = Comparison().schemas(schema(old), schema(new), Way.REQUEST)
    assert [each.is_breaking for each in found if each.rule == "default"] == expected
    assert len(found) == len(expected)
    assert Comparison().schemas(schema(old), schema(new), Way.RESPONSE) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"contentMediaType": "image/png"}, {"contentMediaType": "application/json"}),
        ({}, {"contentMediaType": "image/png"}),
        ({"contentEncoding": "base64"}, {"contentEncoding": "base32"}),
    ],
)
def test_what_a_text_holds_cannot_be_compared(
    old: dict[str, object], new: dict[str, object]
) -> None:
    for way in BOTH:
        found = differ({**STRING, **old}, {**STRING, **new}, way)
        assert "not-comparable" in {rule for rule, _ in found}


def test_deeper_schemas_are_compared_each_its_way() -> None:
    old = {"type": "array", "items": thing(b={"type": "object", "additionalProperties": INTEGER})}
    new = {"type": "array", "items": thing(b={"type": "object", "additionalProperties": STRING})}
    place = "/one/items/properties/b/additionalProperties"
    for way in BOTH:
        assert differ(old, new, way) == {("type", place)}
        assert differ(old, old, way) == set()
    assert differ({"type": "array"}, old, Way.REQUEST) == {("type", "/one/items")}
    assert ("type", "/one/items") in differ(old, {"type": "array"}, Way.RESPONSE)


def test_fields_without_a_name_may_be_refused_in_a_request_alone() -> None:
    closed = {**thing(), "additionalProperties": False}
    assert differ(thing(), closed, Way.REQUEST) == {("closed", "/one")}
    assert differ(closed, thing(), Way.REQUEST) == set()
    assert differ(thing(), closed, Way.RESPONSE) == set()
    assert differ(closed, thing(), Way.RESPONSE) == set()


@pytest.mark.parametrize("word", ["anyOf", "oneOf"])
def test_each_alternative_must_have_one_that_it_fits(word: str) -> None:
    two, three = {word: [STRING, {"type": "null"}]}, {word: [{"type": "null"}, INTEGER, STRING]}
    assert differ(two, three, Way.REQUEST) == set()
    assert differ(three, two, Way.REQUEST) == {("alternative", "/one")}
    assert differ(two, three, Way.RESPONSE) == {("alternative", "/one")}
    assert differ(three, two, Way.RESPONSE) == set()
    tight = {word: [{**STRING, "maxLength": 3}, {"type": "null"}]}
    assert differ(two, tight, Way.REQUEST) == {("maxLength", f"/one/{word}/0")}


def test_several_types_say_the_same_as_alternatives() -> None:
    any_of = {"anyOf": [STRING, {"type": "null"}]}
    for way in BOTH:
        assert differ(any_of, {"type": ["string", "null"]}, way) == set()
        assert differ({"type": ["null", "string"]}, any_of, way) == set()
    assert differ(any_of, STRING, Way.REQUEST) == {("alternative", "/one")}
    assert differ(STRING, any_of, Way.RESPONSE) == {("alternative", "/one")}
    assert differ(STRING, any_of, Way.REQUEST) == set()
    assert differ(any_of, True, Way.REQUEST) == set()
    assert {rule for rule, _ in differ(any_of, True, Way.RESPONSE)} == {"alternative"}
    assert differ({"anyOf": [STRING]}, True, Way.REQUEST) == set()


def test_too_many_alternatives_are_refused() -> None:
    many = {"anyOf": [{"const": number} for number in range(65)]}
    with pytest.raises(OutputUnreadable, match="more than 64 alternatives"):
        differ(many, STRING, Way.REQUEST)


FIELDS: dict[str, object] = {
    "value": INTEGER,
    "children": {"type": "array", "items": {"$ref": "#/named/node"}},
    "next": {"anyOf": [{"$ref": "#/named/node"}, {"type": "null"}]},
}
NODE: dict[str, object] = thing("value", **FIELDS)
REF = {"$ref": "#/named/node"}


def nodes(old: object, new: object, way: Way) -> tuple[Change, ...]:
    schemas = schema(REF, {"node": old}), schema(REF, {"node": new})
    return tuple(each for each in Comparison().schemas(*schemas, way) if each.is_breaking)


def test_a_schema_that_holds_itself_is_compared_once() -> None:
    wrong = {**NODE, "properties": {**FIELDS, "value": STRING}}
    for way in BOTH:
        assert nodes(NODE, NODE, way) == ()
        assert {(each.rule, each.pointer) for each in nodes(NODE, wrong, way)} == {
            ("type", "/named/node/properties/value")
        }


def test_a_pair_is_remembered_only_where_nothing_in_it_was_assumed() -> None:
    comparison = Comparison()
    pair = schema(thing(b=STRING)), schema(thing(b=INTEGER))
    first = comparison.schemas(*pair, Way.REQUEST)
    assert comparison.schemas(*pair, Way.REQUEST) is first
    assert comparison.schemas((), (), Way.REQUEST) == ()


def test_schemas_that_do_not_end_are_refused() -> None:
    deep: dict[str, object] = {
        str(number): thing(a={"$ref": f"#/named/{number + 1}"}) for number in range(130)
    }
    deep["130"] = {}
    one = schema({"$ref": "#/named/0"}, deep)
    other = schema({"$ref": "#/named/0"}, deep | {"130": STRING})
    with pytest.raises(OutputUnreadable, match="more than 120 deep"):
        Comparison().schemas(one, other, Way.REQUEST)


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        ({"not": STRING}, {"not": STRING}, True),
        ({"not": STRING}, {"not": INTEGER}, False),
        ({"not": STRING}, {}, False),
        ({"not": STRING, "if": STRING}, {"not": STRING, "if": INTEGER}, False),
        ({}, {"if": STRING}, False),
        ({"prefixItems": [STRING, 1]}, {"prefixItems": [STRING, 1]}, True),
        ({"prefixItems": [STRING]}, {"prefixItems": [STRING, STRING]}, False),
        ({"not": {"$ref": "#/named/a"}}, {"not": {"$ref": "#/named/a"}}, True),
        ({"not": {"$ref": "#/named/b"}}, {"not": {"$ref": "#/named/b"}}, False),
        ({"not": {"$ref": "#/named/round"}}, {"not": {"$ref": "#/named/round"}}, True),
        ({"minContains": 1}, {"minContains": True}, False),
    ],
)
@pytest.mark.parametrize("way", BOTH)
def test_what_is_not_understood_must_be_the_same(
    old: object, new: object, way: Way, *, is_same: bool
) -> None:
    around = {"not": {"$ref": "#/named/round"}}
    schemas = (
        schema(old, {"a": STRING, "b": STRING, "round": around}),
        schema(new, {"a": STRING, "b": INTEGER, "round": around}),
    )
    found = Comparison().schemas(*schemas, way)
    assert [each.rule for each in found] == ([] if is_same else ["not-comparable"])
