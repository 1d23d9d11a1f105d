from __future__ import annotations

import pytest

from gates.config.service_parts import host_of, is_loopback, seconds


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True),
        ("0.0.0.0", False),  # noqa: S104 - read, not bound
        ("10.0.0.1", False), ("a.example", False), ("localhost.example", False),
        ("2130706433", False),
    ],
)  # fmt: skip
def test_loopback(host: str, expected: bool) -> None:  # noqa: FBT001
    assert is_loopback(host) is expected


def test_the_host_of_an_address() -> None:
    assert host_of("HTTPS://A.Example:8443/") == "a.example"
    assert host_of("http://a.example/x") is None


@pytest.mark.parametrize(
    ("text", "expected"), [("9s", 9), ("2m", 120), ("3min", 180), ("1h", 3600)]
)
def test_seconds(text: str, expected: int) -> None:
    assert seconds(text) == expected
