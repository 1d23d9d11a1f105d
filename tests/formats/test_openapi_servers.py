from __future__ import annotations

import pytest
from formats.openapi_samples import document, get

from gates.domain.errors import OutputUnreadable
from gates.formats.openapi_servers import servers_of, split_address
from gates.formats.strict_json import Value


def servers(*urls: str) -> dict[str, object]:
    return {"servers": [{"url": url} for url in urls]}


def test_the_nearest_servers_count() -> None:
    made = document(
        {
            "/a": {**get(), **servers("/path")},
            "/b": {**get(**servers("/own", "/more")), **servers("/path")},
            "/c": {**get(**servers()), "servers": []},
        },
        **servers("/whole"),
    )
    assert [(one.servers, one.servers_pointer) for one in made.operations] == [
        (("/path",), "/paths/~1a/servers"),
        (("/own", "/more"), "/paths/~1b/get/servers"),
        (("/whole",), "/servers"),
    ]
    (bare,) = document({"/a": get()}).operations
    assert (bare.servers, bare.servers_pointer) == (("",), "/servers")


def test_a_variable_stands_with_each_of_its_values() -> None:
    variables = {
        "version": {"default": "v2", "enum": ["v1", "v2"]},
        "host": {"default": "api"},
    }
    url = "https://{host}.{tenant}.example/{version}"
    root = Value({"servers": [{"url": url, "variables": variables}]}, "a")
    assert servers_of(root) == (
        ("https://api.{tenant}.example/v2", "https://api.{tenant}.example/v1"),
        "/servers",
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([{}], "no member `url`"),
        ([1], "not an object"),
        ([{"url": "/{a}", "variables": {"a": {}}}], "no member `default`"),
        (
            [
                {
                    "url": "/{a}{b}",
                    "variables": {
                        name: {"default": "0", "enum": [str(one) for one in range(40)]}
                        for name in "ab"
                    },
                }
            ],
            "more than 1000 addresses",
        ),
    ],
)
def test_what_is_no_server_is_refused(found: list[object], words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words):
        servers_of(Value({"servers": found}, "a"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", ("", "")),
        ("/", ("", "")),
        ("/v1/", ("", "/v1")),
        ("v1", ("", "/v1")),
        ("https://API.example", ("https://api.example", "")),
        ("https://api.example/a/b?c", ("https://api.example", "/a/b")),
        ("https://[api", ("", "https://[api")),
    ],
)
def test_an_address_is_split(url: str, expected: tuple[str, str]) -> None:
    assert split_address(url) == expected
