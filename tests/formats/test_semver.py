from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats.semver import MAX_LENGTH, Version, canonical, read

_ORDERED = (
    "0.0.0-0",
    "0.0.0",
    "0.9.10",
    # section 11 of the specification
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.9.0",
    "1.10.0-1",
    "1.10.0-1.0",
    "1.10.0--",
    "1.10.0-A",
    "1.10.0-a",
    "1.10.0-a-",
    "1.10.0-a0",
    "1.10.0",
    "2.0.0",
    f"{10**80}.0.0",
)


def of(text: str) -> Version:
    version = read(text)
    assert version is not None
    return version


def test_versions_stand_in_the_order_of_the_specification() -> None:
    assert sorted({*_ORDERED}, key=of) == list(_ORDERED)
    assert all(of(one) < of(other) for one, other in pairwise(_ORDERED))


def test_build_metadata_makes_no_difference() -> None:
    assert of("1.0.0+001") == of("1.0.0+exp.sha-5") == of("1.0.0")
    assert of("1.0.0-a+b") == of("1.0.0-a")
    assert (canonical("1.0.0-a+b"), canonical("1.0.0"), canonical("1.0+b")) == (
        "1.0.0-a",
        "1.0.0",
        "1.0+b",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "01.2.3",
        "1.02.3",
        "1.2.03",
        "v1.2.3",
        "=1.2.3",
        " 1.2.3",
        "1.2.3\n",
        "1.2.-3",
        "1.2.x",
        "1.2.3-",
        "1.2.3-a..b",
        "1.2.3-01",
        "1.2.3-a.00",
        "1.2.3+",
        "1.2.3+a..b",
        "1.2.3-a_b",
        "1.2.3beta",
        "1.2.3-\u00e4",
        "1.2.\u0663",
        "*",
        f"1.2.{'3' * MAX_LENGTH}",
    ],
)
def test_what_is_no_version(text: str) -> None:
    assert read(text) is None
    assert canonical(text) == text


@pytest.mark.parametrize(
    "text", ["1.2.3-0a", "1.2.3-a.0", "1.2.3--1", "1.2.3+01", "1.2.3-x+0.0", "1.2.3----.--"]
)
def test_what_is_a_version(text: str) -> None:
    assert read(text) is not None


_NUMBERS = st.integers(0, 20).map(str)
_PARTS = st.lists(st.from_regex(r"(0|[1-9]|[a-c-]{1,2}|0a)", fullmatch=True), max_size=3)
_VERSIONS = st.builds(
    lambda numbers, parts: ".".join(numbers) + ("-" + ".".join(parts) if parts else ""),
    st.tuples(_NUMBERS, _NUMBERS, _NUMBERS),
    _PARTS,
)


def by_the_letter(one: str, other: str) -> int:
    """Section 11, step by step: -1, 0 or 1 as the first is lower, equal or higher."""
    first, _, pre = one.partition("-")
    second, _, other_pre = other.partition("-")
    for left, right in zip(first.split("."), second.split("."), strict=True):
        if int(left) != int(right):
            return -1 if int(left) < int(right) else 1
    if not pre or not other_pre:
        return bool(other_pre) - bool(pre)
    mine, theirs = pre.split("."), other_pre.split(".")
    for left, right in zip(mine, theirs, strict=False):
        if left == right:
            continue
        if left.isdecimal() and right.isdecimal():
            return -1 if int(left) < int(right) else 1
        if left.isdecimal() != right.isdecimal():
            return -1 if left.isdecimal() else 1
        return -1 if left < right else 1
    return (len(mine) > len(theirs)) - (len(mine) < len(theirs))


@given(_VERSIONS, _VERSIONS)
def test_the_order_is_that_of_the_specification_read_by_the_letter(one: str, other: str) -> None:
    expected = by_the_letter(one, other)
    left, right = of(one), of(other)
    assert (left > right) - (left < right) == expected
