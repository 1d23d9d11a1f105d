from decimal import Decimal

import pytest

from gates.domain.policy_options import (
    Bearing,
    OptionRule,
    Stricter,
    bearing,
    compared,
    shown,
)

SAME, TIGHTER, LOOSER = Bearing.SAME, Bearing.TIGHTER, Bearing.LOOSER
DOUBTFUL, NEUTRAL = Bearing.DOUBTFUL, Bearing.NEUTRAL


@pytest.mark.parametrize(
    ("stricter", "before", "after", "how"),
    [
        ("lower", 10, 5, TIGHTER),
        ("lower", 5, 10, LOOSER),
        ("lower", Decimal("0.1"), Decimal("0.10"), SAME),
        ("lower", "5s", "5000ms", SAME),
        ("lower", "5s", "1min", LOOSER),
        ("lower", "5s", "5%", DOUBTFUL),
        ("lower", "5s", "", DOUBTFUL),
        ("lower", True, 1, DOUBTFUL),
        ("higher", "400/s", "24000/min", SAME),
        ("higher", "400/s", "100/min", LOOSER),
        ("higher", "3x", "4x", TIGHTER),
        ("higher", "3x", "400/s", DOUBTFUL),
        ("higher", "3x", "3y", DOUBTFUL),
        ("lower", {"high": "14d"}, {"high": "7d"}, TIGHTER),
        ("lower", {"high": "14d"}, {"high": "14d", "low": "1d"}, LOOSER),
        ("lower", {"high": "14d"}, {}, TIGHTER),
        ("lower", {"high": "14d"}, {"high": "336h"}, SAME),
        ("lower", {"high": "14d"}, {"high": "soon"}, DOUBTFUL),
        ("higher", {"a.py": "95%"}, {"a.py": "90%"}, LOOSER),
        ("higher", {"a.py": "95%"}, {}, LOOSER),
        ("higher", {}, {"a.py": "95%"}, TIGHTER),
        ("fewer", ("a", "b"), ("a",), TIGHTER),
        ("fewer", ("a",), ("b",), LOOSER),
        ("fewer", ["a", "b"], ("b", "a"), SAME),
        ("fewer", "a", ("a",), SAME),
        ("fewer", "", None, SAME),
        ("fewer", {"GET /x": "why"}, {"GET /x": "because"}, NEUTRAL),
        ("fewer", {"GET /x": "why"}, {}, TIGHTER),
        ("fewer", {}, {"GET /x": "why"}, LOOSER),
        ("more", ("a",), ("a", "b"), TIGHTER),
        ("more", ("a", "b"), ("a",), LOOSER),
        ("more", {"a": "1"}, {"a": "2"}, DOUBTFUL),
        ("more", {"a": "1"}, {"a": "1", "b": "2"}, TIGHTER),
        ("wider", (), ("src",), DOUBTFUL),
        ("wider", ("src",), (), DOUBTFUL),
        ("wider", (), (".",), TIGHTER),
        ("wider", (".",), (), LOOSER),
        ("wider", ("src/a", "src/b"), ("src",), TIGHTER),
        ("wider", ("src",), ("src/a",), LOOSER),
        ("wider", ("src",), ("srcs",), DOUBTFUL),
        ("wider", ("./src/",), ("src",), SAME),
        ("wider", ("src", "src/a"), ("src",), SAME),
        ("on", False, True, TIGHTER),
        ("on", True, False, LOOSER),
        ("off", False, True, LOOSER),
        ("off", True, False, TIGHTER),
        ("absent", (), ("out.xml",), LOOSER),
        ("absent", ("out.xml",), (), TIGHTER),
        ("absent", ("out.xml",), ("other.xml",), DOUBTFUL),
        ("neither", "1", "2", NEUTRAL),
        ("", "1", "2", DOUBTFUL),
        ("", "1", "1", SAME),
    ],
)
def test_each_direction_orders_its_values(
    stricter: str, before: object, after: object, how: Bearing
) -> None:
    assert bearing(before, after, Stricter(stricter)) is how


def test_an_option_that_is_left_out_has_its_default() -> None:
    rules = {"n": OptionRule(Stricter.LOWER, 5), "w": OptionRule(Stricter.NEITHER, "")}
    assert compared({}, {"n": 5}, rules) == ()
    assert compared({"n": 7}, {}, rules) == (("n", TIGHTER, 7, 5),)
    assert compared({}, {"unheard": "of"}, rules) == (("unheard", DOUBTFUL, None, "of"),)


def test_values_are_shown_as_gates_yaml_has_them() -> None:
    assert shown({"a": (1, Decimal("0.5")), "b": True}) == "{a: [1, 0.5], b: true}"
    assert shown(None) == ""
    assert shown(False) == "false"
