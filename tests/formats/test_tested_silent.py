from __future__ import annotations

import pytest

from gates.domain.metric import Examined
from gates.formats import tested_silent


def examined(count: int, **details: int) -> Examined:
    return Examined(count=count, unit="tests", details=tuple(details.items()))


@pytest.mark.parametrize(
    ("given", "note"),
    [
        (examined(1, skipped=99, todo=99), "99 of 100 tests show nothing: 99 skipped"),
        (examined(100, xfailed=99), "99 of 100 tests show nothing: 99 expected to fail"),
        (
            examined(51, skipped=49, xfailed=50),
            "99 of 100 tests show nothing: 49 skipped, 50 expected to fail",
        ),
        (examined(3, xfailed=2, files=1), "2 of 3 tests show nothing: 2 expected to fail"),
    ],
)
def test_tests_of_which_most_show_nothing_are_told(given: Examined, note: str) -> None:
    told = tested_silent.told(given)
    assert told.note == note
    assert (told.count, told.details) == (given.count, given.details)


@pytest.mark.parametrize(
    "given", [examined(2), examined(5, skipped=5), examined(10, xfailed=3, todo=2, files=90)]
)
def test_otherwise_nothing_is_added(given: Examined) -> None:
    assert tested_silent.told(given) == given
