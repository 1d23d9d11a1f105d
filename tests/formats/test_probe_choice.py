"""Which sets there are; stages/test_http.py shows what is refused."""

from __future__ import annotations

import pytest

from gates.formats.probe_choice import BELONGS, NEEDS_PLAN, SETS, check_sets, limits_of, login_of
from gates.formats.probe_limits import Limit


def test_options_belong_to_sets_that_there_are() -> None:
    assert set().union(*BELONGS.values()) <= set(SETS)
    assert set(NEEDS_PLAN) <= set(SETS)


def test_what_uses_a_limit_up_comes_last() -> None:
    assert SETS[-2:] == ("login", "rate-limit")


def test_a_choice_that_fits() -> None:
    check_sets(("headers", "cors"), plan="", given={"pages", "hsts", "origins"})
    check_sets(("login",), plan="plan.yaml", given={"login", "tolerance"})
    check_sets(("rate-limit",), plan="", given={"limits", "pages"})


def test_a_limit_without_a_path_asks_the_first_page() -> None:
    found = limits_of({"anonymous": "5/s", "a": "6/s /b"}, page="/a", plan="plan.yaml")
    assert found == {
        "anonymous": Limit(count=5, window_s=1, path="/a"),
        "a": Limit(count=6, window_s=1, path="/b"),
    }


def test_a_login() -> None:
    found = login_of({"identity": "a", "attempts": "5/15min", "user": "/name"})
    assert (found.user, found.password, found.attempts.count) == ("/name", "/password", 5)
    with pytest.raises(ValueError, match="`login` says"):
        login_of({"identity": "a", "attempts": "5/s", "pasword": "/p"})
