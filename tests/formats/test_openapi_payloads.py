from __future__ import annotations

from collections.abc import Mapping

import pytest
from formats.openapi_samples import JSON, answers, document, get, parameter, post

from gates.formats.openapi_changes import changes

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
PARTS = "multipart/form-data"


def broken(old: Mapping[str, object], new: Mapping[str, object], **more: object) -> list[str]:
    found = changes(document(old, **more), document(new, **more))
    return [each.rule for each in found if each.is_breaking]


def answered(**responses: object) -> dict[str, object]:
    """A path whose GET answers with these schemas, by status after a letter."""
    each = {name.removeprefix("s"): answers(schema)["200"] for name, schema in responses.items()}
    return {"/a": {"get": {"responses": each}}}


@pytest.mark.parametrize(
    ("old", "new", "rules", "reverse"),
    [
        (answered(s200=STRING, default=STRING), answered(default=STRING), ["success-removed"], []),
        (answered(s2XX=STRING), answered(s200=STRING), [], []),
        (answered(s2XX=STRING), answered(s200=INTEGER), ["type"], ["type"]),
        (answered(s2XX=STRING), answered(s2XX=STRING, s201=INTEGER), ["type"], ["type"]),
        (answered(default=STRING), answered(default=STRING, s200=INTEGER), ["type"], None),
        (
            answered(s200=STRING, default=STRING),
            answered(s200=STRING, default=STRING, s404=INTEGER),
            ["type"],
            ["type"],
        ),
        (answered(s200=STRING, s422=STRING), answered(s200=STRING), [], []),
        (
            answered(s200=STRING, s404=STRING),
            answered(s200=STRING, s410=STRING),
            ["answer-removed"],
            ["answer-removed"],
        ),
    ],
)
def test_answers_that_stand_for_others_are_compared(
    old: dict[str, object], new: dict[str, object], rules: list[str], reverse: list[str] | None
) -> None:
    assert broken(old, new) == rules
    if reverse is not None:
        assert broken(new, old) == reverse


def taking(**contents: object) -> dict[str, object]:
    body = {name.replace("_", "/"): {"schema": each} for name, each in contents.items()}
    return {"/a": {"post": {"requestBody": {"content": body}, "responses": answers()}}}


def test_a_range_of_media_types_takes_requests_and_promises_no_answer() -> None:
    wide, one = taking(**{"*_*": STRING}), taking(text_csv=STRING)
    assert broken(one, wide) == []
    assert broken(wide, one) == ["media-type-removed"]
    assert broken(wide, taking(**{"*_*": STRING}, text_csv=INTEGER)) == ["type"]
    utf8 = {"/a": post(STRING)}
    content = {f"{JSON}; charset=utf-8": {"schema": STRING}}
    responses = answers(status="201")
    told = {"/a": {"post": {"requestBody": {"content": content}, "responses": responses}}}
    assert changes(document(utf8), document(told)) == ()


def test_how_the_parts_of_a_body_are_encoded_cannot_be_compared() -> None:
    def encoded(**more: object) -> dict[str, object]:
        one = {"schema": {"type": "object", "properties": {"a": STRING}}, **more}
        return {"/a": {"post": {"requestBody": {"content": {PARTS: one}}, "responses": answers()}}}

    png = {"a": {"contentType": "image/png"}}
    assert broken(encoded(), encoded(encoding=png)) == ["not-comparable"]
    assert broken(encoded(encoding=png), encoded()) == ["not-comparable"]
    assert broken(encoded(encoding=png), encoded(encoding=png)) == []


def sent(schema: object, **more: object) -> dict[str, object]:
    """What the service sends: a path item."""
    return {
        "post": {
            "requestBody": {"content": {JSON: {"schema": schema}}},
            "responses": answers(),
            **more,
        }
    }


def called(item: object, address: str = "{$request.body#/url}") -> dict[str, object]:
    return {"/a": get(callbacks={"done": {address: item, "x-a": 1}})}


OBJECT = {"type": "object", "properties": {"a": STRING}}
RENAMED = {"type": "object", "properties": {"b": STRING}}
MORE = {"type": "object", "properties": {"a": STRING, "b": STRING}}


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        (sent(OBJECT), sent(RENAMED), ["field-removed"]),
        (sent(OBJECT), sent(MORE), []),
        (sent(MORE), sent(OBJECT), ["field-removed"]),
        (sent(OBJECT), sent(OBJECT, summary="told"), []),
        (sent(OBJECT), {}, ["call-removed"]),
        ({}, sent(OBJECT), []),
        (sent(OBJECT), {"post": {"responses": answers()}}, ["media-type-removed"]),
        (sent(OBJECT), sent(OBJECT, parameters=[parameter("q")]), ["not-comparable"]),
        (sent(OBJECT), sent(OBJECT, responses=answers(status="204")), ["not-comparable"]),
        (sent(OBJECT), {**sent(OBJECT), "parameters": [parameter("q")]}, ["not-comparable"]),
        (
            {"post": {"requestBody": {"required": True, "content": {}}}},
            {"post": {"requestBody": {"content": {}}}},
            ["field-optional"],
        ),
    ],
)
def test_what_a_service_sends_on_its_own_is_read_by_clients(
    old: dict[str, object], new: dict[str, object], rules: list[str]
) -> None:
    assert broken(called(old), called(new)) == rules
    before = document({"/a": get()}, webhooks={"done": old, "x-a": 1})
    after = document({"/a": get()}, webhooks={"done": new, "x-a": 1})
    assert [each.rule for each in changes(before, after) if each.is_breaking] == rules


def test_calls_are_told_with_their_name_and_place() -> None:
    (found,) = changes(document(called(sent(STRING))), document(called(sent(INTEGER))))
    assert found.where == f"GET /a, callback `done` {JSON}"
    assert found.pointer.startswith("/paths/~1a/get/callbacks/done/{$request.body#~1url}/post")
    moved = changes(document(called(sent(STRING))), document(called(sent(STRING), "{$url}")))
    assert [(each.rule, each.is_old) for each in moved] == [
        ("call-removed", True),
        ("call-added", False),
    ]


def test_calls_may_be_references() -> None:
    def made(schema: object) -> dict[str, object]:
        return {"callbacks": {"C": {"{$url}": {"$ref": "#/components/pathItems/P"}}}} | {
            "pathItems": {"P": sent(schema)}
        }

    paths = {"/a": get(callbacks={"done": {"$ref": "#/components/callbacks/C"}})}
    old = document(paths, components=made(STRING))
    new = document(paths, components=made(INTEGER))
    assert [each.rule for each in changes(old, new)] == ["type"]
