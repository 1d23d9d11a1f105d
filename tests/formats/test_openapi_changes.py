from __future__ import annotations

import copy
from collections.abc import Mapping

import pytest
from formats.openapi_samples import JSON, answers, document, get, parameter, post
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.formats.openapi_changes import Change, changes

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
OAUTH = {"type": "oauth2", "flows": {}}
SCHEMES = {"securitySchemes": {"key": KEY, "oauth": OAUTH}}
OLDER = {"securitySchemes": {"key": {**KEY, "name": "X-Old"}, "oauth": OAUTH}}


def differ(
    old: Mapping[str, object], new: Mapping[str, object], **more: object
) -> tuple[Change, ...]:
    return changes(document(old, **more), document(new, **more))


def broken(old: Mapping[str, object], new: Mapping[str, object], **more: object) -> list[str]:
    return [each.rule for each in differ(old, new, **more) if each.is_breaking]


def wide(**more: object) -> dict[str, object]:
    return {"get": {"responses": {**answers(), **more}}}


def header(**more: object) -> dict[str, object]:
    return get() | {"get": {"responses": {"200": {"description": "a", "headers": {"X": more}}}}}


def media(name: str) -> dict[str, object]:
    content = {name: {"schema": STRING}}
    return {"get": {"responses": {"200": {"description": "a", "content": content}}}}


@pytest.mark.parametrize(
    ("old", "new", "rules", "reverse"),
    [
        (get(), {}, ["operation-removed"], []),
        (get() | {"post": {"responses": answers()}}, get(), ["operation-removed"], []),
        (get(parameters=[parameter("q")]), get(), ["parameter-removed"], []),
        (get(), get(parameters=[parameter("q", required=True)]), ["parameter-required"], None),
        (
            get(parameters=[parameter("q")]),
            get(parameters=[parameter("q", required=True)]),
            ["parameter-required"],
            [],
        ),
        (
            get(parameters=[parameter("q")]),
            get(parameters=[parameter("q", schema={**STRING, "maxLength": 3})]),
            ["maxLength"],
            [],
        ),
        (
            get(parameters=[parameter("q")]),
            get(parameters=[parameter("q", explode=False)]),
            ["parameter-style"],
            ["parameter-style"],
        ),
        (
            get(parameters=[parameter("X-A", "header")]),
            get(parameters=[parameter("x-a", "header", example="b")]),
            [],
            [],
        ),
        (post(STRING), post(STRING, required=True), ["body-required"], []),
        (post(STRING), {"post": {"responses": answers(status="201")}}, ["body-removed"], []),
        (post(STRING), post(INTEGER), ["type"], ["type"]),
        (post(STRING), post({**STRING, "minLength": 1}), ["minLength"], []),
        (get(STRING), get({**STRING, "minLength": 1}), [], ["minLength"]),
        (get(STRING), get(), ["media-type-removed"], []),
        (media("text/csv"), media("text/plain"), ["media-type-removed"], ["media-type-removed"]),
        (media("text/csv"), media("text/*"), ["media-type-removed"], []),
        (media("text/csv"), media("*/*"), ["media-type-removed"], []),
        (get(), {"get": {"responses": answers(status="204")}}, ["success-removed"], None),
        (wide(**answers(status="404")), wide(), [], []),
        (
            wide(**answers(status="404")),
            wide(**answers(status="410")),
            ["answer-removed"],
            ["answer-removed"],
        ),
        (wide(**answers(status="404")), wide(**answers(status="4XX")), [], []),
        (wide(**answers(status="404")), wide(**answers(status="default")), [], None),
        (header(), get(), ["header-removed"], []),
        (header(required=True), header(), ["header-optional"], []),
        (header(schema=STRING), header(schema=INTEGER), ["type"], ["type"]),
        (get(), get(deprecated=True), [], []),
    ],
)
def test_what_breaks(
    old: dict[str, object], new: dict[str, object], rules: list[str], reverse: list[str] | None
) -> None:
    before, after = {"/a": old}, {"/a": new}
    assert broken(before, after) == rules
    assert differ(before, after) or "X-A" in str(before)
    if reverse is not None:
        assert broken(after, before) == reverse
    assert differ(before, copy.deepcopy(before)) == ()


def test_the_names_in_a_path_are_free_and_their_order_is_not() -> None:
    one = {"/a/{x}/{y}": get(parameters=[parameter("x", "path"), parameter("y", "path")])}
    other = {"/a/{p}/{q}": get(parameters=[parameter("q", "path"), parameter("p", "path")])}
    assert differ(one, other) == ()
    wrong = copy.deepcopy(other)
    wrong["/a/{p}/{q}"]["get"]["parameters"][0]["schema"] = INTEGER  # type: ignore[index]
    (found,) = differ(one, wrong)
    assert found.where == "GET /a/{p}/{q}, path parameter `q`"
    assert found.pointer == "/paths/~1a~1{p}~1{q}/get/parameters/0/schema"


def test_a_parameter_may_hold_a_document() -> None:
    def held(schema: object) -> dict[str, object]:
        one = {"name": "q", "in": "query", "content": {JSON: {"schema": schema}}}
        return {"/a": get(parameters=[one])}

    assert broken(held(STRING), held(INTEGER)) == ["type"]
    assert broken(held(STRING), {"/a": get(parameters=[parameter("q")])}) == ["parameter-style"]


@pytest.mark.parametrize(
    ("old", "new", "breaks"),
    [
        ([], [{"key": []}], True),
        ([{"key": []}], [], False),
        ([{"key": []}], [{"key": [], "oauth": []}], True),
        ([{"key": [], "oauth": []}], [{"key": []}], False),
        ([{"key": []}, {"oauth": []}], [{"key": []}], True),
        ([{"key": []}], [{"oauth": []}, {"key": []}], False),
        ([{"oauth": ["read"]}], [{"oauth": ["read", "write"]}], True),
        ([{"oauth": ["read", "write"]}], [{"oauth": ["read"]}], False),
        ([{}], [{"key": []}], True),
        ([{"key": []}], [{"key": []}], False),
    ],
)
def test_credentials_that_were_enough_must_be_so(
    old: list[object], new: list[object], *, breaks: bool
) -> None:
    found = differ({"/a": get(security=old)}, {"/a": get(security=new)}, components=SCHEMES)
    assert [each.rule for each in found if each.is_breaking] == (["security"] if breaks else [])
    assert bool(found) == (old != new)


def test_a_scheme_of_the_same_name_may_be_another_one() -> None:
    paths = {"/a": get()}
    one = document(paths, components=SCHEMES, security=[{"key": []}])
    other = document(paths, components=OLDER, security=[{"key": []}])
    assert [each.rule for each in changes(other, one)] == ["security"]


def test_another_path_of_the_server_breaks_once() -> None:
    paths = {"/a": get()}
    old, new = document(paths), document(paths, servers=[{"url": "/v2"}])
    assert [(each.rule, each.pointer) for each in changes(old, new)] == [("base-path", "/servers")]


SERVERS = {
    "": {},
    "v1": {"servers": [{"url": "/v1"}]},
    "v2": {"servers": [{"url": "/v2/"}]},
    "both": {"servers": [{"url": "/v2"}, {"url": "/v1"}]},
    "host": {"servers": [{"url": "https://a.example/v1"}]},
    "other": {"servers": [{"url": "https://b.example/v1"}]},
}


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("", "v2", ["base-path"]),
        ("v1", "", ["base-path"]),
        ("v1", "both", []),
        ("both", "v1", ["base-path"]),
        ("v1", "host", []),
        ("host", "other", ["server-host"]),
    ],
)
def test_each_path_of_a_server_must_still_be_one(old: str, new: str, rules: list[str]) -> None:
    paths = {"/a": get()}
    found = changes(document(paths, **SERVERS[old]), document(paths, **SERVERS[new]))
    assert [each.rule for each in found] == rules
    assert all(each.is_breaking == (each.rule == "base-path") for each in found)
    own = changes(document({"/a": get(**SERVERS[old])}), document({"/a": get(**SERVERS[new])}))
    of_path = changes(
        document({"/a": {**get(), **SERVERS[old]}}), document({"/a": {**get(), **SERVERS[new]}})
    )
    assert [each.rule for each in own] == [each.rule for each in of_path] == rules
    assert {each.where for each in (*own, *of_path)} <= {"GET /a"}


def test_servers_of_an_operation_may_say_what_those_of_the_document_said() -> None:
    old = document({"/a": get()}, **SERVERS["v1"])
    new = document({"/a": get(**SERVERS["v1"])}, **SERVERS["v2"])
    assert changes(old, new) == ()


@pytest.mark.parametrize("word", ["allowEmptyValue", "allowReserved"])
def test_a_parameter_may_be_written_in_fewer_ways(word: str) -> None:
    plain, eased = (
        {"/a": get(parameters=[parameter("q")])},
        {"/a": get(parameters=[parameter("q", **{word: True})])},
    )
    assert broken(eased, plain) == ["parameter-style"]
    assert broken(plain, eased) == []


def test_a_document_in_a_parameter_is_written_in_its_media_type() -> None:
    def held(media_type: str) -> dict[str, object]:
        one = {"name": "q", "in": "query", "content": {media_type: {"schema": STRING}}}
        return {"/a": get(parameters=[one])}

    assert broken(held(JSON), held("text/csv")) == ["parameter-style"]
    assert broken(held(JSON), held(f"{JSON}; charset=utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"default": 50}, {"default": 10}, [("default", True)]),
        ({"default": 50}, {}, [("default", True)]),
        ({}, {"default": 50}, [("default", False)]),
        ({"default": 1}, {"default": 1.0}, []),
    ],
)
def test_leaving_a_parameter_out_means_what_it_did(
    old: dict[str, object], new: dict[str, object], expected: list[tuple[str, bool]]
) -> None:
    def made(schema: dict[str, object], *, required: bool) -> dict[str, object]:
        one = parameter("q", required=required, schema={**INTEGER, **schema})
        return {"/a": get(parameters=[one])}

    found = differ(made(old, required=False), made(new, required=False))
    assert [(each.rule, each.is_breaking) for each in found] == expected
    assert differ(made(old, required=True), made(new, required=True)) == ()
    assert broken(made(old, required=True), made(new, required=False)) == []


def test_a_new_flow_is_another_way_and_a_changed_one_is_gone() -> None:
    def made(**flows: object) -> dict[str, object]:
        return {"securitySchemes": {"o": {"type": "oauth2", "flows": flows}}}

    token = {"tokenUrl": "/token", "scopes": {"read": "all"}}
    paths = {"/a": get(security=[{"o": ["read"]}])}
    old = document(paths, components=made(clientCredentials=token))
    more = document(paths, components=made(clientCredentials=token, password=token))
    other = document(paths, components=made(password={**token, "tokenUrl": "/other"}))
    assert [(each.rule, each.is_breaking) for each in changes(old, more)] == [
        ("security-added", False)
    ]
    assert [each.rule for each in changes(more, old)] == ["security"]
    assert [each.rule for each in changes(old, other)] == ["security"]


def test_words_that_only_one_version_knows_do_not_say_the_same() -> None:
    thing = {"type": "object", "properties": {"a": {"type": "string", "nullable": True}}}
    paths = {"/a": post(thing)}
    old, new = document(paths, openapi="3.0.3"), document(paths)
    assert [each.rule for each in changes(old, new)] == ["type", "not-comparable"]
    told = {**thing, "properties": {"a": {"type": ["string", "null"]}}}
    assert changes(old, document({"/a": post(told)})) == ()


def test_a_change_of_a_shared_schema_is_told_once() -> None:
    ref = {"$ref": "#/components/schemas/A"}
    paths = {"/a": get(ref), "/b": get(ref), "/c": post(ref)}
    old = document(paths, components={"schemas": {"A": STRING}})
    new = document(paths, components={"schemas": {"A": INTEGER}})
    (found,) = changes(old, new)
    assert found.pointer == "/components/schemas/A"
    assert found.where == f"GET /a, answer 200 {JSON}, and 2 more"


SCHEMAS = st.recursive(
    st.sampled_from([STRING, INTEGER, {}, True, {"type": ["string", "null"]}, {"enum": [1, "a"]}]),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("abc"), inner, max_size=2).map(
            lambda found: {"type": "object", "properties": found, "required": sorted(found)[:1]}
        ),
        st.builds(lambda item: {"type": "array", "items": item}, inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda found: {"anyOf": found}),
        st.lists(inner, min_size=1, max_size=2).map(lambda found: {"allOf": found}),
        st.just({"$ref": "#/components/schemas/Round"}),
    ),
    max_leaves=6,
)
ROUND = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Round"}}}


@settings(deadline=None)
@given(SCHEMAS)
def test_a_document_against_itself_has_no_change(schema: object) -> None:
    components = {"schemas": {"Round": {"anyOf": [ROUND, schema]}}}
    paths = {"/a": {**get(schema), **post(schema)}}
    one = document(paths, components=components)
    assert changes(one, document(paths, components=components)) == ()


@settings(deadline=None)
@given(SCHEMAS, SCHEMAS)
def test_what_is_added_and_optional_breaks_nobody(schema: object, added: object) -> None:
    components = {"schemas": {"Round": ROUND}}
    thing = {"type": "object", "properties": {"one": schema}, "required": ["one"]}
    more = {**thing, "properties": {"one": schema, "two": added}}
    old = {"/a": {**get(thing), **post(thing)}}
    new = {
        "/a": {
            **get(more, parameters=[parameter("q", schema=added)]),
            **post(more),
            "put": {"responses": answers(added)},
        },
        "/b": get(added),
    }
    found = differ(old, new, components=components)
    assert found
    assert not [each for each in found if each.is_breaking]
