from __future__ import annotations

import json

import pytest

from gates.domain.errors import StageError
from gates.formats.load_operations import Chosen, chosen
from gates.formats.openapi_document import Document, read

JSON = {"application/json": {"schema": {"type": "object"}}}


def operation(*parameters: dict[str, object], **more: object) -> dict[str, object]:
    return {"parameters": list(parameters), "responses": {"200": {"description": "ok"}}, **more}


def document(paths: dict[str, object]) -> Document:
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "servers": [{"url": "/api"}],
        "paths": paths,
    }
    return read(json.dumps(whole).encode(), "openapi.json")


ID: dict[str, object] = {"name": "id", "in": "path", "required": True}


def test_operations_that_need_nothing_or_have_examples_are_asked() -> None:
    found = chosen(
        document(
            {
                "/orders": {"get": operation(), "post": operation()},
                "/orders/{id}": {
                    "get": operation(
                        {**ID, "example": 7},
                        {"name": "X-Tenant", "in": "header", "required": True, "example": "a"},
                        responses={
                            "200": {"description": "ok"},
                            "404": {"description": "none"},
                            "default": {"description": "else"},
                        },
                    )
                },
                "/items/{id}": {"get": operation(ID)},
                "/search": {"get": operation(requestBody={"content": JSON, "required": True})},
            }
        )
    )
    assert [(each.name, each.path, each.headers, each.statuses) for each in found.requests] == [
        ("GET /orders", "/api/orders", (), (200,)),
        ("GET /orders/{id}", "/api/orders/7", (("X-Tenant", "a"),), (200,)),
    ]
    assert found.left_out == ("GET /items/{id}", "GET /search")
    assert found.note.startswith("2 of 4 GET operations are not asked")


def test_where_all_are_asked_nothing_is_told() -> None:
    assert chosen(document({"/orders": {"get": operation()}})).note == ""


def test_of_many_that_are_left_out_some_are_named() -> None:
    note = Chosen((), tuple(f"GET /{number}" for number in range(8))).note
    assert note.endswith("GET /4 and 3 more")


@pytest.mark.parametrize(
    "paths", [{}, {"/o": {"post": operation()}}, {"/{id}": {"get": operation(ID)}}]
)
def test_a_document_without_anything_to_ask_is_refused(paths: dict[str, object]) -> None:
    with pytest.raises(StageError) as raised:
        chosen(document(paths))
    assert raised.value.problem.slug == "no-operations"
