from __future__ import annotations

import pytest
from formats.locust_records import record

from gates.domain.errors import StageError
from gates.formats import load_record
from gates.formats.locust_plan import RunPlan, Users, arguments, plan_of, refuse_few_users, whole


def plan(users: Users, **said: str) -> RunPlan:
    given = {"duration": "60s", "warmup": "", "max_duration": "", "patience": "10s", **said}
    return plan_of(
        users,
        duration=given["duration"],
        warmup=given["warmup"],
        max_duration=given["max_duration"],
        patience=given["patience"],
    )


def test_all_users_have_begun_five_seconds_before_the_warm_up_ends() -> None:
    assert plan(Users(100)).spawn_rate == 20
    assert plan(Users(100)).warmup == 10
    assert plan(Users(100, 10)).warmup == 15
    assert plan(Users(1), warmup="1s").warmup == 1


def test_each_run_doubles_what_is_known_up_to_four_times_the_duration() -> None:
    assert plan(Users(5)).runs == (60, 60, 120)
    assert plan(Users(5), max_duration="60s").runs == (60,)
    assert plan(Users(5)).seconds == 3 * (10 + 10 + 20) + 240


def test_a_ramp_is_made_once_and_its_begin_is_the_warm_up() -> None:
    ramp = plan(Users(0, ramp=("10@20s", "0@10s")))

    assert (ramp.ramp, ramp.runs, ramp.warmup, ramp.users) == (((10, 20), (0, 10)), (25,), 5, 10)
    assert plan(Users(0, ramp=("documented-ramp",))).ramp == ((100, 120), (1000, 300), (0, 120))


def test_a_shape_of_the_locust_file_is_made_once() -> None:
    assert plan(Users(0, is_own=True)).runs == (60,)


@pytest.mark.parametrize(
    ("users", "said", "why"),
    [
        (Users(100, 10), {"warmup": "9s"}, "100 users take 10 s to begin"),
        (Users(1), {"duration": "1500ms"}, "whole seconds"),
        (Users(1), {"duration": "0s"}, "`duration`"),
        (Users(1), {"patience": "soon"}, "`patience`"),
        (Users(1), {"max_duration": "59s"}, "shorter than `duration`"),
        (Users(0, ramp=("10@5s",)), {}, "over before"),
        (Users(0, ramp=("1.5@9s",)), {}, "whole users"),
        (Users(0, ramp=("steep",)), {}, "100@2m"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    users: Users, said: dict[str, str], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        plan(users, **said)


def test_locust_is_told_a_limit_beyond_the_planned_end() -> None:
    told = arguments(plan(Users(100)), 2)

    assert told == ("-u", "100", "-r", "20", "-t", "220s", "-s", "10")
    assert arguments(plan(Users(0, ramp=("10@20s",))), 0)[:4] == ("-u", "1", "-r", "1")
    assert arguments(plan(Users(0, is_own=True)), 0)[0] == "-t"


def test_fewer_users_than_asked_are_refused() -> None:
    ten = load_record.read(record(users=10))
    refuse_few_users(ten, plan(Users(10)))
    refuse_few_users(ten, plan(Users(0, ramp=("10@20s",))))
    refuse_few_users(ten, plan(Users(0, is_own=True)))

    with pytest.raises(StageError, match="10 of 11 users"):
        refuse_few_users(ten, plan(Users(11)))
    with pytest.raises(StageError, match="10 of 20 users"):
        refuse_few_users(ten, plan(Users(0, ramp=("20@20s",))))


def test_times_are_whole_seconds() -> None:
    assert whole("2m", "x") == 120
