from __future__ import annotations

import pytest

from gates.formats.openapi_sameness import is_same
from gates.formats.strict_json import Value

REF = {"$ref": "#/a"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"one": 1, "a": 1}, {"one": 1, "a": 2}, True),
        ({"one": REF, "a": 1}, {"one": REF, "a": 1}, True),
        ({"one": REF, "a": 1}, {"one": REF, "a": 2}, False),
        ({"one": {**REF, "b": 1}, "a": 1}, {"one": {**REF, "b": 2}, "a": 1}, False),
        ({"one": REF, "a": 1}, {"one": 1, "a": 1}, False),
        ({"one": REF, "a": [REF]}, {"one": REF, "a": [REF]}, True),
        ({"one": [1, 2]}, {"one": [1, 2]}, True),
        ({"one": [1, 2]}, {"one": [1]}, False),
        ({"one": [1, 2]}, {"one": [2, 1]}, False),
        ({"one": {"b": 1}}, {"one": {"b": 1, "c": 1}}, False),
        ({"one": 1}, {"one": True}, False),
        ({"one": None}, {"one": None}, True),
    ],
)
def test_what_is_referred_to_counts(
    old: dict[str, object], new: dict[str, object], *, expected: bool
) -> None:
    pair = Value(old, "old").member("one"), Value(new, "new").member("one")
    assert is_same(*pair) is expected


def test_a_long_chain_is_followed_to_its_end() -> None:
    chain: dict[str, object] = {str(one): [{"$ref": f"#/{one + 1}"}] for one in range(2000)}
    first, other = ({**chain, "2000": last} for last in (1, 2))
    one = Value(first, "openapi.json").member("0")
    assert is_same(one, one)
    assert not is_same(one, Value(other, "openapi.json").member("0"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"description": "a"}, {"description": "b"}, True),
        ({"title": "a"}, {}, True),
        ({"properties": {"title": {"type": "a"}}}, {"properties": {"title": {}}}, False),
        ({"properties": {"title": {}}}, {"properties": {}}, False),
        ({"enum": [{"title": "a"}]}, {"enum": [{"title": "b"}]}, False),
        ({"const": {"title": "a"}}, {"const": {}}, False),
        ({"mapping": {"title": "#/a"}}, {"mapping": {"title": "#/b"}}, False),
        ({"default": {"a": 1}}, {"default": {"a": 1}}, True),
    ],
)
def test_texts_for_people_do_not_count_and_values_do(
    old: dict[str, object], new: dict[str, object], *, expected: bool
) -> None:
    assert is_same(Value(old, "old"), Value(new, "new")) is expected
    assert is_same(Value(new, "new"), Value(old, "old")) is expected


def test_a_reference_below_a_value_is_followed_too() -> None:
    pair = [
        Value({"one": {"default": REF}, "a": number}, "openapi.json").member("one")
        for number in (1, 2)
    ]
    assert not is_same(*pair)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"type": "string"}, True),
        ({"type": "string", "nullable": True}, False),
        ({"type": "string", "nullable": False}, True),
        ({"minimum": 1, "exclusiveMinimum": True}, False),
        ({"a": {"exclusiveMaximum": True}}, False),
        ({"default": {"nullable": True}}, True),
        (REF, True),
        ({**REF, "maxLength": 1}, False),
    ],
)
def test_the_same_words_may_mean_another_thing_in_another_version(
    raw: object, *, expected: bool
) -> None:
    made = [
        Value({"openapi": version, "one": raw, "a": 1}, version).member("one")
        for version in ("3.0.3", "3.1.0")
    ]
    assert is_same(*made) is expected
    assert is_same(made[0], made[0])
    assert is_same(made[1], made[1])
