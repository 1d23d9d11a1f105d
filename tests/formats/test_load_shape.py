from __future__ import annotations

from decimal import Decimal

import pytest

from gates.formats.load_amounts import ramp
from gates.formats.load_shape import DOCUMENTED_RAMP, PROFILES, constant, looks, of_users


def test_a_constant_rate_is_one_slope() -> None:
    shape = constant(Decimal(400), Decimal(60))
    assert (shape.rates, shape.held) == (((400.0, 400.0, 60.0),), ())
    assert constant(Decimal(10), Decimal(5), held=100).held == ((100.0, 100.0, 5.0),)


@pytest.mark.parametrize(
    ("rate", "held", "connections"),
    [(10, 0, 100), (400, 0, 1600), (9000, 0, 10_000), (10, 12_000, 12_000)],
)
def test_connections_are_enough_for_a_stall(rate: int, held: int, connections: int) -> None:
    assert constant(Decimal(rate), Decimal(5), held=held).connections == connections


def test_users_hold_a_connection_and_come_at_their_pace() -> None:
    shape = of_users(((0.0, 100.0, 60.0),), Decimal(2))
    assert shape.rates == ((0.0, 50.0, 60.0),)
    assert shape.held == ((0.0, 100.0, 60.0),)


def test_the_documented_ramp_is_there() -> None:
    users = ramp(PROFILES[DOCUMENTED_RAMP], name="profile")
    shape = of_users(users, Decimal(1))
    assert shape.rates == ((0, 100, 120), (100, 1000, 300), (1000, 0, 120))


@pytest.mark.parametrize(
    ("duration", "most", "runs"),
    [
        (60, 60, [60]),
        (60, 100, [60]),
        (60, 120, [60, 60]),
        (60, 240, [60, 60, 120]),
        (60, 300, [60, 60, 120, 60]),
        (60, 200, [60, 60, 80]),
        (10, 80, [10, 10, 20, 40]),
    ],
)
def test_what_is_known_doubles_with_each_run(duration: int, most: int, runs: list[int]) -> None:
    assert looks(Decimal(duration), Decimal(most)) == tuple(map(Decimal, runs))
