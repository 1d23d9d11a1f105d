"""Rate limits: neither earlier nor later than documented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from formats.probe_answers import reply, session

from gates.domain.errors import StageError
from gates.formats.probe_limits import Limit, limit_of, rate_limit, retry_after, wait_s
from gates.formats.probe_model import Check
from gates.toolkit.http_calls import Call, Reply

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
LIMIT = Limit(count=5, window_s=60, path="/a")


def limited(count: int, *, wait: str = "60", seconds: float = 0.001) -> Callable[[Call], Reply]:
    """A service that lets so many requests through."""
    made: list[Call] = []

    def send(call: Call) -> Reply:
        made.append(call)
        if len(made) > count:
            return reply(429, None, Retry_After=wait)
        return Reply(status=200, seconds=seconds)

    return send


def changed(
    change: Callable[[int, dict[str, str]], bool], *, limit: Limit = LIMIT, tolerance: int = 0
) -> tuple[list[str], list[str]]:
    """What is told of a service that lets a request through by its number and headers."""
    made: list[Call] = []

    def send(call: Call) -> Reply:
        made.append(call)
        if change(len(made), dict(call.headers)):
            return reply(200)
        return reply(429, None, Retry_After="60")

    talk = session(send)
    found = rate_limit(talk, {"anonymous": limit}, tolerance=tolerance, now=lambda: NOW)
    rules = [check.rule.removeprefix("http/") for check in found if not check.holds]
    return rules, talk.notes


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (lambda at, _: at <= 5, []),
        (lambda at, _: at != 6, ["rate-limit-lifted"]),
        (lambda at, _: at % 6 != 0, ["rate-limit-lifted"]),
        (lambda at, _: at not in {6, 7}, ["rate-limit-lifted"]),
        (lambda at, _: at <= 5 or 6 < at <= 11, []),  # a window ended right after the refusal
        (lambda at, named: at <= 5 or "X-Forwarded-For" in named, ["rate-limit-bypassed"]),
        (lambda at, named: at <= 5 or "X-Real-IP" in named, ["rate-limit-bypassed"]),
    ],
)
def test_a_refusal_lasts(change: Callable[[int, dict[str, str]], bool], rules: list[str]) -> None:
    assert changed(change) == (rules, [])


def test_a_limit_that_refills_needs_tolerance() -> None:
    def refilled(at: int, _: dict[str, str]) -> bool:
        return at <= 5 or at in {7, 10}

    assert changed(refilled)[0] == ["rate-limit-lifted"]
    assert changed(refilled, tolerance=1) == ([], [])


def test_a_service_that_trusts_its_proxy_is_told_of() -> None:
    used: Counter[str] = Counter()

    def counted(at: int, named: dict[str, str]) -> bool:
        caller = named.get("X-Forwarded-For", "").split(", ")[-1]
        used[caller] += 1
        return used[caller] <= 5 and at > 0

    rules, notes = changed(counted)
    assert rules == []
    assert [each.partition(" counts by")[0] for each in notes] == ["GET /a as anonymous"]


def test_the_command_of_a_bypass_holds_the_header() -> None:
    talk = session(limited(5))
    found = list(rate_limit(talk, {"anonymous": LIMIT}, tolerance=0, now=lambda: NOW))
    assert [check.rule.removeprefix("http/") for check in found] == [
        "rate-limit-missing",
        "rate-limit-early",
        "retry-after-invalid",
        "rate-limit-lifted",
        "rate-limit-bypassed",
    ]
    assert "X-Forwarded-For: 198.18.0.7" in found[-1].curl


def broken(count: int, *, tolerance: int = 0, earlier: int = 0, wait: str = "60") -> list[str]:
    talk = session(limited(count, wait=wait))
    talk.made["anonymous"] = earlier
    found = rate_limit(talk, {"anonymous": LIMIT}, tolerance=tolerance, now=lambda: NOW)
    return [check.rule.removeprefix("http/") for check in found if not check.holds]


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("100/15min", Limit(count=100, window_s=900)),
        ("1/s", Limit(count=1, window_s=1)),
        ("10/2h /orders?a=b", Limit(count=10, window_s=7200, path="/orders?a=b")),
        ("7/d", Limit(count=7, window_s=86400)),
    ],
)
def test_a_documented_limit(text: str, limit: Limit) -> None:
    assert limit_of(text) == limit


@pytest.mark.parametrize("text", ["", "100", "0/s", "5/0s", "5/week", "5/s orders", "-1/s", "5/s "])
def test_what_is_no_limit(text: str) -> None:
    with pytest.raises(ValueError, match="is no limit"):
        limit_of(text)


@pytest.mark.parametrize(
    ("count", "tolerance", "earlier", "rules"),
    [
        (5, 0, 0, []),
        (6, 0, 0, ["rate-limit-missing"]),
        (6, 1, 0, []),
        (7, 1, 0, ["rate-limit-missing"]),
        (4, 0, 0, ["rate-limit-early"]),
        (4, 1, 0, []),
        (3, 1, 0, ["rate-limit-early"]),
        (3, 0, 2, []),
        (2, 0, 2, ["rate-limit-early"]),
    ],
)
def test_bounds(count: int, tolerance: int, earlier: int, rules: list[str]) -> None:
    assert broken(count, tolerance=tolerance, earlier=earlier) == rules


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        ("60", 60),
        (" 7 ", 7),
        ("Sat, 31 Jan 2026 12:01:00 GMT", 60),
        ("Sat, 31 Jan 2026 12:01:00 +0100", None),
        ("soon", None),
        ("never GMT", None),
        ("-5", None),
        ("1.5", None),
    ],
)
def test_when_to_come_back(wait: str, seconds: int | None) -> None:
    assert wait_s(wait, NOW) == seconds


@pytest.mark.parametrize(
    ("wait", "holds"),
    [
        ("1", True),
        ("61", True),
        ("62", False),
        ("0", False),
        ("Sat, 31 Jan 2026 11:59:00 GMT", False),
    ],
)
def test_a_wait_lies_within_the_window(wait: str, holds: bool) -> None:  # noqa: FBT001
    check: Check = retry_after("GET /a", reply(429, None, Retry_After=wait), LIMIT, "", lambda: NOW)
    assert check.holds is holds
    assert check.got == f"`{wait}`"
    assert broken(5, wait=wait) == ([] if holds else ["retry-after-invalid"])


def test_a_window_that_went_by_shows_nothing() -> None:
    checks = rate_limit(
        session(limited(99, seconds=25)), {"anonymous": LIMIT}, tolerance=0, now=lambda: NOW
    )
    with pytest.raises(StageError, match="3 requests took longer than the window of 60 s"):
        list(checks)


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_page_that_is_not_answered_well_shows_nothing(status: int) -> None:
    checks = rate_limit(
        session(lambda _: reply(status)), {"anonymous": LIMIT}, tolerance=0, now=lambda: NOW
    )
    with pytest.raises(StageError, match=f"answered {status} at request 1"):
        list(checks)
