from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gates.domain.service import ServicePlan, fill, placeholders, reach


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--port {port}", (("", "port"),)),
        ("{db.url}?x={my-db_2.port}", (("db", "url"), ("my-db_2", "port"))),
        ("{{port}} {prt}", (("", "prt"),)),
        ("{{port} {port}}", (("", "port"), ("", "port"))),
        ('{"a": {"b": 1}} {2,3} {} {a b} {.port} {port.}', ()),
        ("${HOME} {PORT}", (("", "HOME"), ("", "PORT"))),
    ],
)
def test_what_is_a_placeholder(text: str, expected: tuple[tuple[str, str], ...]) -> None:
    assert placeholders(text) == expected


def test_values_are_filled_in_once() -> None:
    values = {"port": "{url}", "db.port": "5", "url": "no"}
    assert fill("{port} {db.port} {{port}} {", values) == "{url} 5 {port} {"


def test_a_placeholder_without_value_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"db\.port"):
        fill("{db.port}", {"port": "1"})


@given(some.text(alphabet="{}ab.\"' ", max_size=30))
def test_filling_needs_what_was_told(text: str) -> None:
    values = {f"{name}.{what}" if name else what: "X" for name, what in placeholders(text)}
    assert len(fill(text, values)) <= len(text) + len(values)


def test_what_a_service_needs_stands_before_it() -> None:
    plans = [
        ServicePlan(name="web", needs=("api", "cache")),
        ServicePlan(name="api", needs=("db",)),
        ServicePlan(name="db"),
        ServicePlan(name="cache", needs=("db", "gone")),
        ServicePlan(name="other"),
    ]
    assert [each.name for each in reach("web", plans)] == ["db", "api", "cache", "web"]
    assert reach("gone", plans) == ()


def test_a_circle_does_not_hang() -> None:
    plans = [ServicePlan(name="a", needs=("b",)), ServicePlan(name="b", needs=("a",))]
    assert [each.name for each in reach("a", plans)] == ["b", "a"]


def test_a_service_with_an_address_runs_elsewhere() -> None:
    assert ServicePlan(name="a", run=("x",)).is_local
    assert not ServicePlan(name="a", url="http://127.0.0.1").is_local
