from __future__ import annotations

import json

import pytest
from formats.cuts import refuses_every_cut
from formats.openapi_samples import data, document, get, raw

from gates.domain.errors import OutputUnreadable
from gates.formats.openapi_document import read

YAML = b"""\
openapi: 3.0.3
info: {title: a, version: "1"}
servers:
  - url: https://{host}/api/{stage}/
    variables:
      host: {default: api.example}
      stage: {default: v1}
paths:
  /orders:
    get:
      responses:
        200: {description: one}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
"""


def test_a_document_in_json_tells_what_it_is_and_where_things_stand() -> None:
    found = document({"/a": get()})
    assert (found.name, found.version, found.title, found.api_version) == (
        "openapi.json",
        "3.1.0",
        "a",
        "1",
    )
    assert [one.label for one in found.operations] == ["GET /a"]
    assert found.base_path == ""
    assert found.security_schemes == {}
    line = found.line(found.operations[0].pointer)
    assert json.dumps(raw({"/a": get()}), indent=1).splitlines()[line - 1].strip() == '"get": {'
    assert found.line("/nowhere") == 0
    assert found.line("/openapi") == 2


def test_a_document_in_yaml_is_read_alike() -> None:
    found = read(YAML, "openapi.yaml")
    assert found.version == "3.0.3"
    assert found.base_path == "/api/v1"
    assert [one.status for one in found.operations[0].responses] == ["200"]
    assert found.security_schemes == {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    assert found.line("/paths/~1orders/get") == 10
    assert found.line("/servers/0") == 4


def test_a_mark_of_the_byte_order_changes_nothing() -> None:
    assert read(b"\xef\xbb\xbf" + data({"/a": get()}), "a").line("/paths") == 7


def test_a_document_of_31_may_have_no_paths_and_one_of_30_may_not() -> None:
    bare = {"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "components": {}}
    assert read(json.dumps(bare).encode(), "a").operations == ()
    with pytest.raises(OutputUnreadable, match="no `paths`"):
        read(json.dumps({**bare, "openapi": "3.0.1"}).encode(), "a")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (b" \n", "openapi-empty"),
        (b"[]", "json-type"),
        (b"{", "json-syntax"),
        (b"a: &x 1\n", "yaml-anchor"),
        (b"- a\n", "yaml-top-level"),
        (b'{"swagger": "2.0"}', "openapi-version"),
        (b'{"openapi": "3.2.0"}', "openapi-version"),
        (b'{"openapi": "3.1"}', "openapi-version"),
        (b'{"openapi": "3.1.0"}', "json-missing"),
        (b'{"openapi": "3.1.0", "info": {"title": "a"}}', "json-missing"),
        (b'{"openapi": "3.1.0", "info": {"title": "a", "version": 1}}', "json-type"),
    ],
)
def test_what_is_no_document_is_refused(text: bytes, slug: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        read(text, "openapi")
    assert caught.value.problem.slug == slug
    assert caught.value.problem.place.startswith("openapi")


def test_a_server_without_a_path_has_no_base_path() -> None:
    servers = [{"url": "https://api.example"}, {"url": "/v2"}]
    assert document({"/a": get()}, servers=servers).base_path == ""
    assert document({"/a": get()}, servers=[]).base_path == ""
    assert document({"/a": get()}, servers=[{"url": "/"}]).base_path == ""


def test_a_security_scheme_may_be_a_reference() -> None:
    key = {"type": "apiKey", "in": "header", "name": "X-Key"}
    schemes = {"one": {"$ref": "#/components/securitySchemes/key"}, "key": key}
    made = document({"/a": get()}, components={"securitySchemes": schemes})
    assert made.security_schemes == {"one": key, "key": key}


def test_a_document_that_was_cut_off_is_refused() -> None:
    refuses_every_cut(lambda cut: read(cut, "openapi.json"), data({"/a": get()}))
