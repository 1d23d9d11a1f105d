"""Places in a strictly read YAML file."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.probe_spot import Spot, opened


def top(text: str) -> Spot:
    return opened(text.encode(), name="plan.yaml")


def test_values_of_each_kind() -> None:
    keys = top("a: text\nb: true\nc: [1, x]\nd: 1.50\ne: {f: g}\n").keys("a", "b", "c", "d", "e")

    assert keys["a"].text() == "text"
    assert keys["b"].flag() is True
    assert [each.word() for each in keys["c"].items()] == ["1", "x"]
    assert keys["d"].word() == "1.50"
    assert keys["d"].raw == Decimal("1.50")
    assert keys["e"].keys("f")["f"].place == "plan.yaml:5:5"
    assert keys["c"].place == "plan.yaml:3:1"


@pytest.mark.parametrize(
    ("text", "read", "summary", "place"),
    [
        ("a: 1\n", lambda of: of.text(), "a text is expected here", "plan.yaml:1:4"),
        ("a: ''\n", lambda of: of.text(), "a text is expected here", "plan.yaml:1:4"),
        ("a: x\n", lambda of: of.flag(), "`true` or `false` is expected here", "plan.yaml:1:4"),
        ("a: true\n", lambda of: of.word(), "a text is expected here", "plan.yaml:1:4"),
        ("a: x\n", lambda of: list(of.items()), "a list is expected here", "plan.yaml:1:4"),
        ("a: x\n", lambda of: list(of.entries()), "keys with values are", "plan.yaml:1:4"),
        ("a: {bcd: 1}\n", lambda of: of.keys("bce"), "unknown key `bcd`", "plan.yaml:1:5"),
        (
            "a: x\n",
            lambda of: of.matching(re.compile("y"), "`y`"),
            "`x` is not understood",
            "plan.yaml:1:4",
        ),
    ],
)
def test_what_is_of_another_kind(text: str, read: object, summary: str, place: str) -> None:
    spot = top(text).keys("a")["a"]
    assert callable(read)
    with pytest.raises(OutputUnreadable) as caught:
        read(spot)
    assert caught.value.problem.summary.startswith(summary)
    assert caught.value.problem.place == place


def test_the_nearest_key_is_named() -> None:
    with pytest.raises(OutputUnreadable) as caught:
        top("requests: 1\n").keys("request", "setup")
    assert caught.value.problem.hint == "did you mean `request`?"
    with pytest.raises(OutputUnreadable) as caught:
        top("zzzzz: 1\n").keys("request", "setup")
    assert caught.value.problem.hint == "known are request, setup"


def test_what_is_no_strict_yaml() -> None:
    with pytest.raises(OutputUnreadable) as caught:
        top("a: &x 1\nb: *x\n")
    assert caught.value.problem.summary == "anchor `&x` (and 1 more problems)"
    assert caught.value.problem.place == "plan.yaml:1:4"
    with pytest.raises(OutputUnreadable, match="the file is empty"):
        top("")
