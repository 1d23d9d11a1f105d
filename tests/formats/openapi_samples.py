"""Small OpenAPI documents for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping

from gates.formats.openapi_document import Document, read

JSON = "application/json"


def raw(
    paths: Mapping[str, object], *, version: str = "3.1.0", **more: object
) -> dict[str, object]:
    """A document with these paths; further members by name."""
    return {"openapi": version, "info": {"title": "a", "version": "1"}, "paths": paths, **more}


def data(paths: Mapping[str, object], *, version: str = "3.1.0", **more: object) -> bytes:
    """The same as a file."""
    return json.dumps(raw(paths, version=version, **more), indent=1).encode()


def document(paths: Mapping[str, object], /, **more: object) -> Document:
    """The same, read; always 3.1."""
    return read(json.dumps(raw(paths) | more, indent=1).encode(), "openapi.json")


def answers(schema: object = None, status: str = "200") -> dict[str, object]:
    """`responses` with one answer, in JSON where a schema is given."""
    content = {} if schema is None else {"content": {JSON: {"schema": schema}}}
    return {status: {"description": "one", **content}}


def get(schema: object = None, **more: object) -> dict[str, object]:
    """A path item with a GET that answers so."""
    return {"get": {"responses": answers(schema), **more}}


def post(schema: object, **more: object) -> dict[str, object]:
    """A path item with a POST that takes a body so."""
    body = {"content": {JSON: {"schema": schema}}, **more}
    return {"post": {"requestBody": body, "responses": answers(status="201")}}


def parameter(name: str, where: str = "query", /, **more: object) -> dict[str, object]:
    """A parameter; one in the path is required."""
    required = {"required": True} if where == "path" else {}
    return {"name": name, "in": where, "schema": {"type": "string"}, **required, **more}
