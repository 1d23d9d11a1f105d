from __future__ import annotations

import pytest
from formats.openapi_samples import JSON, answers, document, get, parameter, post

from gates.domain.errors import OutputUnreadable

ONE = {"responses": answers()}


def test_an_operation_is_read_whole() -> None:
    components = {
        "parameters": {"limit": parameter("limit", schema={"type": "integer", "default": 10})},
        "schemas": {"Order": {"type": "object", "example": {"id": 1}}},
        "responses": {"Gone": {"description": "gone", "headers": {"Retry-After": {}}, "x-more": 1}},
    }
    item = {
        "summary": "orders",
        "x-more": 1,
        "parameters": [parameter("limit"), parameter("tenant", "header")],
        "post": {
            "operationId": "add",
            "summary": "Add",
            "tags": ["orders"],
            "deprecated": True,
            "parameters": [{"$ref": "#/components/parameters/limit"}],
            "requestBody": {
                "required": True,
                "content": {JSON: {"schema": {"$ref": "#/components/schemas/Order"}}},
            },
            "responses": {
                **answers({"$ref": "#/components/schemas/Order"}, "201"),
                "4XX": {"$ref": "#/components/responses/Gone"},
                "x-more": 1,
            },
        },
    }
    (one,) = document({"/orders": item, "x-more": 1}, components=components).operations
    assert (one.label, one.operation_id, one.summary, one.tags) == (
        "POST /orders",
        "add",
        "Add",
        ("orders",),
    )
    assert one.is_deprecated
    assert one.has_body
    assert one.body_required
    assert [(each.media_type, each.example) for each in one.body] == [(JSON, {"id": 1})]
    assert [(each.location, each.name, each.example) for each in one.parameters] == [
        ("query", "limit", 10),
        ("header", "tenant", None),
    ]
    assert one.parameters[0].pointer == "/components/parameters/limit"
    assert [(each.status, each.headers) for each in one.responses] == [
        ("201", ()),
        ("4XX", ("Retry-After",)),
    ]
    assert one.responses[0].content[0].schema == {"type": "object", "example": {"id": 1}}
    assert one.pointer == "/paths/~1orders/post"


def test_a_description_stands_for_a_summary_and_a_body_may_be_left_out() -> None:
    (one,) = document({"/a": post({}) | {"x-a": 1}}).operations
    assert not one.body_required
    (one,) = document({"/a": get(description="why")}).operations
    assert one.summary == "why"
    assert not one.has_body


@pytest.mark.parametrize(
    ("more", "example"),
    [
        ({"example": 0}, 0),
        ({"examples": {"a": {"value": 1}}}, 1),
        ({"examples": {"a": {"externalValue": "x"}}, "schema": {"const": 2}}, 2),
        ({"schema": {"example": 3}}, 3),
        ({"schema": {"default": 4}}, 4),
        ({"schema": {"examples": [5, 6]}}, 5),
        ({"schema": {"enum": [7, 8]}}, 7),
        ({"schema": {"enum": []}}, None),
        ({"schema": True}, None),
        ({"schema": {"$ref": "#/components/schemas/A"}}, 9),
        ({"content": {JSON: {"example": 10}}}, 10),
    ],
)
def test_an_example_is_the_nearest_that_the_document_gives(
    more: dict[str, object], example: object
) -> None:
    made = document(
        {"/a": get(parameters=[parameter("q", **more)])},
        components={"schemas": {"A": {"example": 9}}},
    )
    assert made.operations[0].parameters[0].example == example


def test_a_path_may_be_a_reference() -> None:
    made = document(
        {"/a": {"$ref": "#/components/pathItems/A"}}, components={"pathItems": {"A": get()}}
    )
    assert [one.label for one in made.operations] == ["GET /a"]


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        ({"a": get()}, "does not begin with `/`"),
        ({"/a/{x}": {}, "/a/{y}": {}}, "the same path as `/a/{x}`"),
        ({"/a": {"gett": ONE}}, "no method of OpenAPI 3.0 or 3.1; was `get` meant"),
        ({"/a": {"frobnicate": ONE}}, "no method of OpenAPI 3.0 or 3.1$"),
        ({"/a": {"get": []}}, "not an object"),
        ({"/a": {"get": {}}}, "documents no `responses`"),
        ({"/a": {"get": {"responses": {"x-a": 1}}}}, "documents no answer"),
        ({"/a": {"get": {"responses": {"20": {}}}}}, "is no status"),
        ({"/a": {"get": {"responses": {"200": {}}}}}, "no member `description`"),
        ({"/a/{id}": get()}, "declares no path parameter `id`"),
        ({"/a": get(parameters=[parameter("id", "path")])}, "which `/a` lacks"),
        (
            {"/a/{id}": get(parameters=[parameter("id", "path", required=False)])},
            "must say `required: true`",
        ),
        ({"/a": get(parameters=[parameter("q", "body")])}, "no place of a parameter"),
        ({"/a": get(parameters=[parameter("q"), parameter("q")])}, "stands twice"),
        ({"/a": get(parameters=[{"in": "query"}])}, "no member `name`"),
        ({"/a": get(security=[{"key": []}])}, "security scheme `key`"),
        ({"/a": get(operationId="x"), "/b": get(operationId="x")}, "have one `operationId`"),
        ({"/a": get(requestBody={})}, "no member `content`"),
        ({"/a": {"$ref": "other.json"}}, "outside the document"),
    ],
)
def test_what_the_specification_does_not_allow_is_refused(
    paths: dict[str, object], words: str
) -> None:
    with pytest.raises(OutputUnreadable, match=words):
        document(paths)
