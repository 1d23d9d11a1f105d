from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats.load_turns import turns


def taken(weights: tuple[int, ...], measured: int, *, warmup: int = 0) -> list[int]:
    found = islice(turns(weights, warmup=warmup, measured=measured), warmup + measured)
    return list(found)[warmup:]


def test_a_run_as_long_as_its_cycle_is_that_cycle() -> None:
    assert taken((3, 1), 8) == [0, 0, 1, 0] * 2


def test_the_measured_phase_goes_on_where_the_warm_up_ended() -> None:
    assert taken((3, 1), 4, warmup=2) == [1, 0, 0, 0]


def test_what_a_run_would_not_come_to_is_asked_first() -> None:
    found = taken((1000, 1, 200), 300)
    assert found[0] == 1
    assert found.count(1) == 1
    assert found.count(2) == pytest.approx(50, abs=1)


def test_what_comes_first_takes_nobody_elses_only_turn() -> None:
    assert sorted(set(taken((9, 1, 1), 3))) == [0, 1, 2]


def test_where_there_are_too_few_turns_some_are_left_out() -> None:
    assert taken((5, 1, 1), 1) in ([0], [1], [2])
    assert taken((5, 1, 1), 0) == []


@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=6), st.integers(0, 400), st.integers(0, 400)
)
def test_everything_is_asked_where_there_is_a_turn_for_each(
    weights: list[int], more: int, warmup: int
) -> None:
    found = taken(tuple(weights), len(weights) + more, warmup=warmup)
    assert set(found) == set(range(len(weights)))
