from __future__ import annotations

import pytest

from gates.formats.openapi_change import Change, Place, Way, broken, compatible
from gates.formats.strict_json import Value

ROOT = Value({"a": {"b": {}}, "c": {}}, "openapi.json")
OLD, NEW = (ROOT.member("a", "b"),), (ROOT.member("c"),)


@pytest.mark.parametrize(
    ("way", "narrowed", "widened", "expected"),
    [
        (Way.REQUEST, True, False, [True]),
        (Way.REQUEST, False, True, [False]),
        (Way.RESPONSE, True, False, [False]),
        (Way.RESPONSE, False, True, [True]),
        (Way.REQUEST, True, True, [True]),
        (Way.RESPONSE, True, True, [True]),
        (Way.REQUEST, False, False, []),
    ],
)
def test_a_request_may_allow_more_and_an_answer_less(
    way: Way, *, narrowed: bool, widened: bool, expected: list[bool]
) -> None:
    found = Place(OLD, NEW, way).moved("type", "told", narrowed=narrowed, widened=widened)
    assert [each.is_breaking for each in found] == expected


def test_a_change_is_told_in_the_new_document_where_that_has_the_place() -> None:
    def told(place: Place) -> tuple[str, bool]:
        change: Change = place.change("type", "told")
        return change.pointer, change.is_old

    place = Place(OLD, NEW, Way.REQUEST)
    assert told(place) == ("/c", False)
    assert told(Place(OLD, (), Way.REQUEST)) == ("/a/b", True)
    assert told(place.at(OLD, is_old=True)) == ("/a/b", True)
    assert told(place.at(NEW)) == ("/c", False)
    assert place.at(()) is place


def test_a_change_that_is_no_schemas_is_made_alike() -> None:
    one = broken("rule", "text", "/a", "GET /a", is_old=True)
    assert one == Change(
        rule="rule", is_breaking=True, text="text", pointer="/a", is_old=True, where="GET /a"
    )
    other = compatible("rule", "text", "/a", "GET /a")
    assert (other.is_breaking, other.is_old) == (False, False)
