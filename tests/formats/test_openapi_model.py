from __future__ import annotations

import pytest
from formats.openapi_samples import document, get, parameter

from gates.formats.openapi_model import Operation


def operation(path: str, *parameters: object, **more: object) -> Operation:
    return document({path: get(parameters=list(parameters), **more)}).operations[0]


@pytest.mark.parametrize(
    ("path", "parameters", "expected"),
    [
        ("/a", [], "/a"),
        ("/a/{id}", [parameter("id", "path", example="x y/z")], "/a/x%20y%2Fz"),
        ("/a/{id}", [parameter("id", "path", example=7)], "/a/7"),
        ("/a/{id}", [parameter("id", "path", example=1.50)], "/a/1.5"),
        ("/a/{id}", [parameter("id", "path", example=True)], "/a/true"),
        ("/a/{id}", [parameter("id", "path", example=[1, 2])], "/a/1,2"),
        ("/a/{id}", [parameter("id", "path")], None),
        ("/a/{id}", [parameter("id", "path", example="")], None),
        ("/a/{id}", [parameter("id", "path", example={"b": 1})], None),
        ("/a/{id}", [parameter("id", "path", example=[])], None),
        ("/a/{id}", [parameter("id", "path", example=[{}])], None),
        ("/a", [parameter("q")], "/a"),
        ("/a", [parameter("q", required=True)], None),
        ("/a", [parameter("q", required=True, example="a&b")], "/a?q=a%26b"),
        ("/a", [parameter("q", required=True, example=["x", "y"])], "/a?q=x&q=y"),
        ("/a", [parameter("q", required=True, explode=False, example=["x", "y"])], "/a?q=x%2Cy"),
        ("/a", [parameter("X-Key", "header", required=True)], "/a"),
    ],
)
def test_a_path_is_filled_with_what_the_document_gives(
    path: str, parameters: list[object], expected: str | None
) -> None:
    assert operation(path, *parameters).example_path() == expected


def test_headers_and_cookies_are_filled_too() -> None:
    one = operation(
        "/a",
        parameter("X-Key", "header", required=True, example="k"),
        parameter("X-More", "header", example="left out"),
        parameter("theme", "cookie", required=True, example="dark"),
        parameter("lang", "cookie", required=True, example="en"),
    )
    assert one.example_headers() == {"X-Key": "k", "Cookie": "theme=dark; lang=en"}
    assert operation("/a").example_headers() == {}
    assert operation("/a", parameter("X", "header", required=True)).example_headers() is None


def test_an_operation_is_public_where_an_empty_alternative_is_enough() -> None:
    components = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "K"}}}
    for security, is_public in (([], True), ([{}], True), ([{"key": []}, {}], True)):
        made = document({"/a": get(security=security)}, components=components)
        assert made.operations[0].is_public is is_public
    made = document({"/a": get()}, components=components, security=[{"key": []}])
    assert not made.operations[0].is_public
    assert made.operations[0].security == (("key",),)
    made = document({"/a": get(security=[])}, components=components, security=[{"key": []}])
    assert made.operations[0].is_public
