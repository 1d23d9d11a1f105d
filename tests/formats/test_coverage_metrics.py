from __future__ import annotations

import pytest

from gates.formats.coverage_metrics import CONDITIONS, METRICS, floors, refuse_odd


def test_each_condition_is_on_a_metric() -> None:
    names = {spec.name for spec in METRICS}
    assert {condition.split()[0] for condition in CONDITIONS} <= names


def test_floors() -> None:
    assert floors({"src/a.ts": "95%", "src/pay": "99.5 %"}) == (
        'line{path="src/a.ts"} >= 95%',
        'line{path="src/pay"} >= 99.5 %',
    )
    refuse_odd({"src/a.ts": "95%", "src/pay": "99.5 %"}, 1)


@pytest.mark.parametrize(
    ("path", "floor", "least", "words"),
    [
        ("a", "0.8", 1, "percentage"),
        ("a", "101%", 1, "percentage"),
        ('"a', "80%", 1, "cannot name"),
        ("\\a", "80%", 1, "cannot name"),
        ("", "80%", 1, "cannot name"),
        ("a", "80%", 0, "at least"),
    ],
)
def test_what_no_condition_can_hold(path: str, floor: str, least: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        refuse_odd({path: floor}, least)
