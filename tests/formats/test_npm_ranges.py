from __future__ import annotations

import pytest

from gates.formats.npm_ranges import affects, fixed_in


@pytest.mark.parametrize(
    ("range_", "version", "is_affected"),
    [
        ("<1.2.3", "1.2.2", True),
        ("<1.2.3", "1.2.3", False),
        ("<1.2.3", "1.2.3-rc.1", True),
        ("<=1.2.3", "1.2.3", True),
        (">1.2.3", "1.2.3", False),
        (">=1.2.3", "1.2.3", True),
        ("=1.2.3", "1.2.3", True),
        ("1.2.3", "1.2.4", False),
        (">=1.0.0 <1.2.3", "0.9.0", False),
        (">= 1.0.0, < 1.2.3", "1.1.0", True),
        ("<0.2.1 || >=1.0.0 <1.2.3", "0.2.1", False),
        ("<0.2.1 || >=1.0.0 <1.2.3", "1.0.0", True),
        ("*", "9.9.9", True),
        ("", "9.9.9", True),
        ("<2", "1.9.9", True),
        ("<1.0.0-beta.11", "1.0.0-beta.2", True),
        ("<1.0.0-beta", "1.0.0-1", True),
        ("<1.0.0-beta", "1.0.0-beta.1", False),
        ("=1.2.3", "1.2.3+build", True),
    ],
)
def test_affected(range_: str, version: str, is_affected: bool) -> None:  # noqa: FBT001 - a row
    assert affects(range_, version) is is_affected


@pytest.mark.parametrize(
    ("range_", "version"),
    [
        ("^1.2.3", "1.2.3"),
        ("1.2", "1.2.3"),
        ("=1", "1.2.3"),
        ("1.x", "1.2.3"),
        ("<1.2.3 nonsense", "1.0.0"),
        ("<1.2.3", "not a version"),
        ("<1.2.3 || ~1", "1.0.0"),
        ("<1.2.3 " * 1000, "1.0.0"),
    ],
)
def test_what_cannot_be_read_is_not_known(range_: str, version: str) -> None:
    assert affects(range_, version) is None
    assert fixed_in(range_, version) == ""


def test_what_mends_it() -> None:
    assert fixed_in("<0.2.1 || >=1.0.0 <1.2.3", "1.1.0") == "1.2.3"
    assert fixed_in("<0.2.1 || >=1.0.0 <1.2.3", "0.1.0") == "0.2.1"
    assert fixed_in("<=1.2.3", "1.0.0") == ""
    assert fixed_in("<1.2.3", "2.0.0") == ""
