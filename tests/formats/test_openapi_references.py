from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.openapi_references import follow, is_30, located, reference_of, target
from gates.formats.strict_json import Value

DOCUMENT: dict[str, object] = {
    "a": {"$ref": "#/b"},
    "b": {"$ref": "#/list/1"},
    "list": [0, {"x": 1}],
    "odd/ name": 7,
    "to odd": {"$ref": "#/odd~1%20name"},
    "round": {"$ref": "#/about"},
    "about": {"$ref": "#/round"},
    "far": {"$ref": "other.json#/a"},
    "named": {"$ref": "#Order"},
    "lost": {"$ref": "#/list/9"},
    "lost too": {"$ref": "#/b/x"},
    "whole": {"$ref": "#"},
    "property": {"$ref": {"type": "string"}},
}


def at(key: str) -> Value:
    return Value(DOCUMENT, "openapi.json").member(key)


def test_references_are_followed_to_their_end() -> None:
    assert follow(at("a")).raw == {"x": 1}
    assert follow(at("a")).pointer == "/list/1"
    assert follow(at("to odd")).raw == 7
    assert follow(at("whole")).raw is DOCUMENT
    assert follow(at("list")).raw == [0, {"x": 1}]


def test_a_member_of_that_name_is_no_reference() -> None:
    assert reference_of(at("property")) is None
    assert reference_of(at("list")) is None
    assert reference_of(at("a")) == "#/b"


@pytest.mark.parametrize(
    ("key", "slug", "words"),
    [
        ("round", "openapi-reference", "leads back to itself"),
        ("far", "openapi-remote", "outside the document"),
        ("named", "openapi-reference", "a name and no place"),
        ("lost", "openapi-reference", "`/list/9` is not there"),
        ("lost too", "openapi-reference", "`/b/x` is not there"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused(key: str, slug: str, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words) as caught:
        follow(at(key))
    assert caught.value.problem.slug == slug


@pytest.mark.parametrize("step", ["01x", "²", "99999999999"])
def test_an_index_is_a_plain_number(step: str) -> None:
    with pytest.raises(OutputUnreadable, match="is not there"):
        target(at("a"), f"#/list/{step}")


def test_a_pointer_leads_to_its_place() -> None:
    root = Value(DOCUMENT, "openapi.json")
    assert located(root, "/odd~1 name").raw == 7
    assert located(at("list"), "/list/1/x").pointer == "/list/1/x"
    assert located(root, "").raw is DOCUMENT
    with pytest.raises(OutputUnreadable, match="is not there"):
        located(root, "/lost/x")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"openapi": "3.0.3", "a": {"b": 1}}, True),
        ({"openapi": "3.1.0", "a": {"b": 1}}, False),
        ({"openapi": 3, "a": {"b": 1}}, False),
    ],
)
def test_the_version_is_that_of_the_whole_document(
    raw: dict[str, object], *, expected: bool
) -> None:
    assert is_30(Value(raw, "openapi.json").member("a", "b")) is expected
    assert not is_30(Value([], "openapi.json"))
