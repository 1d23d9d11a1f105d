from __future__ import annotations

import pytest

from gates.formats.log_leaks import Leaks
from gates.formats.log_texts import texts


def secret(document: object) -> list[str]:
    """The pointers below which a value stands under a secret name."""
    leaks = Leaks()
    return [pointer for pointer, key, text in texts(document) if any(leaks.under(key, text))]


def test_texts_numbers_and_names_with_the_name_above() -> None:
    document = {"a": [1, {"b": "x"}], "c": None, "d": True}

    assert list(texts(document)) == [
        ("/*", "", "a"),
        ("/a/*", "a", "1"),
        ("/a/*/*", "", "b"),
        ("/a/*/b", "b", "x"),
        ("/*", "", "c"),
        ("/*", "", "d"),
    ]


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ({"password": {"value": "hunter"}}, ["/password/value"]),
        ({"password": {"old": "a", "new": ["b"]}}, ["/password/old", "/password/new/*"]),
        ({"cookie": {"sid": "abc"}}, ["/cookie/sid"]),
        ({"headers": [["authorization", "Basic Ym9i"], ["host", "x"]]}, ["/headers/*/*"]),
        ({"form": [["password", "hunter"]]}, ["/form/*/*"]),
        ({"raw": ["host", "x", "authorization", "Basic Ym9i"]}, ["/raw/*"]),
        ({"h": [{"name": "authorization", "value": "Basic Ym9i"}]}, ["/h/*/value"]),
        ({"loc": ["body", "password"], "input": "hunter"}, ["/input"]),
        ({"token": [{"value": "abc"}]}, ["/token/*/value"]),
    ],
)
def test_a_secret_name_reaches_its_value(document: object, pointers: list[str]) -> None:
    assert secret(document) == pointers


@pytest.mark.parametrize(
    "document",
    [
        {"missing": ["password", "email"]},
        {"errors": [["password", "is too short"]]},
        {"token": {"type": "bearer", "expires_in": 3600}},
        {"name": "token", "value": "expired"},
        {"loc": [], "input": "x"},
        {"name": "host", "value": "x"},
        {"password": {"length": 8}, "pairs": [["a", None]], "none": [], "token": None},
    ],
)
def test_what_is_no_secret(document: object) -> None:
    assert secret(document) == []
