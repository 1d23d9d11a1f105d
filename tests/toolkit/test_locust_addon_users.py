"""How users begin and end with the add-on, without Locust."""

from __future__ import annotations

from types import ModuleType

import pytest

from gates.toolkit.locust_addon_tally import STOPPED, Tally
from gates.toolkit.locust_addon_users import Users


class User:
    def __init__(self) -> None:
        self._state = None
        self._cp_last_wait_time = 2.0
        self.ran = False
        self.stops: list[bool] = []

    def run(self) -> None:
        self.ran = True

    def stop(self, *, force: bool = False) -> bool:
        self.stops.append(force)
        return force


class TaskSet:
    def __init__(self, user: User) -> None:
        self.user = user
        self.slept: list[float] = []
        self._cp_last_wait_time = 0.0

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Joined:
    """A Locust and a gevent that are made up."""

    def __init__(self) -> None:
        self.user, self.task_set = type("Buyer", (User,), {}), type("Tasks", (TaskSet,), {})
        self.slept: list[float] = []
        self.tally = Tally()
        locust, gevent = ModuleType("locust"), ModuleType("gevent")
        vars(locust).update(User=self.user, TaskSet=self.task_set)
        vars(gevent).update(sleep=self.slept.append)
        Users(self.tally, gevent).attach(locust)


@pytest.fixture
def joined() -> Joined:
    return Joined()


def test_a_user_begins_at_a_random_moment_of_a_second(joined: Joined) -> None:
    user = joined.user()
    user.run()

    assert user.ran
    assert 0 <= joined.slept[0] < 1
    assert vars(user)["_state"] == "waiting"


def test_users_are_counted_by_class(joined: Joined) -> None:
    for _ in range(2):
        joined.user().run()

    assert joined.tally.take()["users"] == {"Buyer": 2}
    assert joined.tally.take()["users"] == {}


def test_only_the_first_wait_is_cut_and_pacing_knows_it(joined: Joined) -> None:
    user = joined.user()
    tasks = joined.task_set(user)
    for seconds in (0.0, 2.0, 2.0):
        tasks._sleep(seconds)

    assert tasks.slept[0] == 0
    assert 0 <= tasks.slept[1] < 2
    assert user._cp_last_wait_time == tasks.slept[1]
    assert tasks.slept[2] == 2


def test_a_user_that_is_asked_to_stop_is_marked(joined: Joined) -> None:
    user = joined.user()
    assert STOPPED not in vars(user)

    assert user.stop(force=True)

    assert vars(user)[STOPPED] is True
    assert user.stops == [True]
