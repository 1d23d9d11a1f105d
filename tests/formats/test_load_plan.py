from __future__ import annotations

import json
from decimal import Decimal

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.load_plan import LoadPlan, Login, Request, at, cycle, read, scaled

PLAN = LoadPlan(
    url="http://127.0.0.1:8000",
    rates=((100.0, 200.0, 60.0), (200.0, 0.0, 30.5)),
    warmup_s=5.0,
    requests=(
        Request(name="GET /orders", path="/orders?page={random}", weight=3),
        Request(
            name="POST /orders",
            method="POST",
            path="/orders",
            headers=(("X-Client", "load"),),
            body='{"note": "é {n}"}',
            statuses=(201,),
            min_bytes=1,
            max_bytes=500,
            equals=(("/state", '"open"'),),
            present=("/id",),
        ),
        Request(name="GET /orders", path="/orders"),
    ),
    even=True,
    connections=300,
    held=((0.0, 10.0, 90.5),),
    patience_s=2.5,
    login=Login(
        request=Request(name="login", method="POST", path="/login", body="{}"),
        take="/token",
        header="Authorization: Bearer {token}",
    ),
    seed=7,
)


def test_a_plan_comes_back_as_it_was_written() -> None:
    assert read(PLAN.to_json(), what="plan.json") == PLAN


def test_a_plan_without_login_comes_back_too() -> None:
    plan = LoadPlan(url="http://h", rates=((1, 1, 1),), warmup_s=0, requests=PLAN.requests[:1])
    assert read(plan.to_json(), what="plan.json") == plan


def test_a_plan_knows_its_length_and_its_endpoints() -> None:
    assert PLAN.duration_s == 90.5
    assert PLAN.endpoints == ("GET /orders", "POST /orders")


def test_only_requests_with_checks_look_into_a_body() -> None:
    assert [request.reads_body for request in PLAN.requests] == [False, True, False]


@pytest.mark.parametrize(
    "change", [{"schema": "gates/load-plan/v2"}, {"rates": [[1, "2", 3]]}, {"connections": -1}]
)
def test_another_file_is_no_plan(change: dict[str, object]) -> None:
    document: dict[str, object] = json.loads(PLAN.to_json())
    with pytest.raises(OutputUnreadable):
        read(json.dumps(document | change).encode(), what="plan.json")


def test_a_cycle_spreads_what_weighs_more() -> None:
    assert cycle((1, 1, 1)) == (0, 1, 2)
    assert cycle((3, 1)) == (0, 0, 1, 0)
    assert cycle((5, 1, 1)) == (0, 0, 1, 0, 2, 0, 0)


@pytest.mark.parametrize(
    ("second", "value"),
    [(-5, 0), (0, 0), (30, 50), (60, 100), (90, 100), (119, 100), (120, 100), (500, 100)],
)
def test_slopes_have_a_value_at_each_moment(second: float, value: float) -> None:
    slopes = ((0.0, 100.0, 60.0), (100.0, 100.0, 60.0))
    assert at(slopes, second) == value


def test_without_slopes_there_is_nothing() -> None:
    assert at((), 5) == 0


def test_slopes_are_scaled() -> None:
    assert scaled(((1.0, 2.0, 60.0),), Decimal("0.5")) == ((0.5, 1.0, 60.0),)
