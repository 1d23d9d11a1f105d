"""What refusals of a login give away, and the body that a wrong login has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from formats.probe_answers import reply, session

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.probe_limits import Limit
from gates.formats.probe_login import (
    Login,
    alike_but_for,
    login,
    replaced,
    spellings,
    told_by_header,
)
from gates.formats.probe_model import Ask, Identity
from gates.toolkit.http_calls import Call, Reply

RIGHT = {"users": [{"name": "ada@shop.test", "password": "right"}]}  # pragma: allowlist secret
WANTED = Login(
    identity="ada",
    user="/users/0/name",
    password="/users/0/password",
    attempts=Limit(count=2, window_s=60),
)
ADA = Identity(
    name="ada",
    login=Ask(method="POST", path="/login", json=RIGHT, has_json=True),
    token="/token",
    headers=(("X-Token", "{token}"),),
)


def test_a_whole_login() -> None:
    bodies: list[object] = []

    def send(call: Call) -> Reply:
        document = strict_json.loads(call.body or b"", what="")
        bodies.append(document)
        if len(bodies) == 1:
            return reply(200, {"token": "token-1234"})
        if len(bodies) > 5:
            return reply(423, None, Retry_After="30")
        return reply(401, {"code": "wrong"})

    talk = session(send, identities={"ada": ADA})
    checks = list(login(talk, WANTED, tolerance=0, now=lambda: datetime.now(UTC)))

    assert [check.rule for check in checks if not check.holds] == []
    assert len(checks) == 10
    names = [strict_json.Value(each, "").member("users").array()[0] for each in bodies]
    assert names[0] == names[6] == RIGHT["users"][0]
    assert [strict_json.Value(each, "").member("name").text() for each in names[7:]] == [
        "ADA@SHOP.TEST",
        " ada@shop.test ",
        "ada@shop.test",
    ]
    assert all("'right'" in str(name) for name in names[7:9])
    strangers = [str(name) for name in names[1:3]]
    assert all("nobody-" in name and "@shop.test" in name for name in strangers)
    assert strangers[0] != strangers[1]
    assert all("wrong-" in str(name) and "ada@" in str(name) for name in (*names[3:6], names[9]))
    assert "right" not in checks[0].curl


@dataclass(slots=True)
class Door:
    """A login with two attempts for each name; its answers can be changed.

    Attributes:
        user_of: whom a name stands for.
        caller_of: whose attempts are counted, by name and headers.
        wrong: the answer to a wrong password, by name and how many were wrong.
        locked: the answer where the attempts are used up, to a right password or a wrong one.
    """

    user_of: Callable[[str], str] = str
    caller_of: Callable[[str, dict[str, str]], str] = lambda name, _: name
    wrong: Callable[[str, int], Reply] = lambda _, __: reply(401)
    locked: Callable[[bool], Reply] = lambda _: reply(429, None, Retry_After="30")
    used: Counter[str] = field(default_factory=Counter)

    def __call__(self, call: Call) -> Reply:
        given = strict_json.Value(strict_json.loads(call.body or b"", what=""), "")
        user = next(given.member("users").items())
        name, password = user.member("name").text(), user.member("password").text()
        caller = self.caller_of(name, dict(call.headers))
        is_right = self.user_of(name) == "ada@shop.test" and password == "right"
        if self.used[caller] >= 2:
            return self.locked(is_right)
        if is_right:
            return reply(200, {"token": "token-1234"})
        self.used[caller] += 1
        return self.wrong(name, self.used[caller])


def tried(door: Door) -> tuple[list[str], list[str]]:
    talk = session(door, identities={"ada": ADA})
    found = login(talk, WANTED, tolerance=0, now=lambda: datetime.now(UTC))
    told = [f"{each.rule[5:]}: {each.expected}" for each in found if not each.holds]
    return told, talk.notes


def lower(name: str) -> str:
    return name.strip().lower()


BYPASS = "login-limit-bypassed: the right password to be refused too"
MADE_UP = "login-limit-bypassed: a refusal also with a made-up `X-Forwarded-For`"


@pytest.mark.parametrize(
    ("door", "told"),
    [
        (Door(), []),
        (Door(user_of=lower, caller_of=lambda name, _: lower(name)), []),
        (
            Door(user_of=str.lower),
            [f"{BYPASS} for the name in other letters (capitals for small ones)"],
        ),
        (Door(user_of=str.strip), [f"{BYPASS} for the name with a blank at each end"]),
        (
            Door(locked=lambda is_right: reply(302) if is_right else reply(429, Retry_After="30")),
            [f"{BYPASS} while the limit holds"],
        ),
        (
            Door(locked=lambda is_right: reply(500) if is_right else reply(429, Retry_After="30")),
            [f"{BYPASS} while the limit holds"],
        ),
        (
            Door(caller_of=lambda name, named: f"{name} {named.get('X-Forwarded-For')}"),
            [MADE_UP],
        ),
        (
            Door(wrong=lambda _, __: reply(500)),
            ["login-failing: a wrong password to be answered by 4xx"],
        ),
        (
            Door(wrong=lambda _, at: reply(401 if at == 1 else 503)),
            ["login-failing: a wrong password to be answered by 4xx"],
        ),
        (
            Door(wrong=lambda name, at: reply(200 if "ada" in name and at == 2 else 401)),
            ["wrong-password-accepted: a wrong password to be refused"],
        ),
        (
            Door(wrong=lambda name, _: reply(401, None, **({"X": "1"} if "ada" in name else {}))),
            ["users-told: an unknown user to be answered as a wrong password"],
        ),
    ],
)
def test_ways_around(door: Door, told: list[str]) -> None:
    assert tried(door) == (told, [])


def test_the_command_of_a_way_around_shows_it() -> None:
    talk = session(Door(), identities={"ada": ADA})
    found = list(login(talk, WANTED, tolerance=0, now=lambda: datetime.now(UTC)))
    around = [check.curl for check in found if check.rule == "http/login-limit-bypassed"]
    assert [
        ("ADA@SHOP.TEST" in each, "X-Forwarded-For: 198.18.0.7" in each) for each in around
    ] == [
        (False, False),
        (True, False),
        (False, False),
        (False, True),
    ]
    assert not any("right" in each for each in around)


def test_a_limit_by_the_address_that_a_proxy_tells() -> None:
    def last(_: str, named: dict[str, str]) -> str:
        return named.get("X-Forwarded-For", "").split(", ")[-1]

    door = Door(caller_of=last, used=Counter({"": -2}))  # the unknown users are counted too
    told, notes = tried(door)
    assert told == []
    assert [each.partition(" counts by")[0] for each in notes] == ["POST /login"]


def test_a_name_without_letters_is_written_in_one_way_more() -> None:
    assert [how for how, _ in spellings("0049123")] == ["with a blank at each end"]
    assert dict(spellings("Ada"))["in other letters (capitals for small ones)"] == "aDA"


@pytest.mark.parametrize(
    ("unknown", "known", "name"),
    [
        ([{}, {}], [{}], ""),
        ([{}, {}], [{"X": "1"}, {"X": "2"}], "x"),
        ([{"X": "1"}, {"X": "2"}], [{}], "x"),
        ([{}, {"X": "1"}], [{"X": "1"}], ""),
        ([{}, {}], [{}, {"X": "1"}], ""),
        ([{"X": "1"}, {"X": "1"}], [{"X": "2"}, {"X": "2"}], "x"),
        ([{"X": "1"}, {"X": "2"}], [{"X": "3"}, {"X": "3"}], ""),
        ([{"X": "1"}, {"X": "1"}], [{"X": "2"}, {"X": "3"}], ""),
        ([{"Date": "1"}, {"Date": "1"}], [{"Date": "2"}], ""),
        ([{"X-RateLimit-Remaining": "4"}] * 2, [{"X-RateLimit-Remaining": "3"}], ""),
        ([{"Set-Cookie": "s=1; Path=/"}] * 2, [{"Set-Cookie": "s=2"}], ""),
        ([{}, {}], [{"Set-Cookie": "u=1"}], "set-cookie: u"),
    ],
)
def test_headers_that_tell_a_known_user(
    unknown: list[dict[str, str]], known: list[dict[str, str]], name: str
) -> None:
    sides = [
        [Reply(status=401, headers=tuple(each.items())) for each in side]
        for side in (unknown, known)
    ]
    assert told_by_header(*sides) == name


def test_a_login_without_a_body_of_json() -> None:
    plain = Identity(name="ada", headers=(("X-Key", "1"),))
    with pytest.raises(StageError, match="has no login with a body of JSON"):
        list(
            login(
                session(lambda _: reply(200), identities={"ada": plain}),
                WANTED,
                tolerance=0,
                now=lambda: datetime.now(UTC),
            )
        )


def test_a_value_is_put_where_a_pointer_leads() -> None:
    document = {"a": [1, {"b": 2}], "c": 3}
    assert replaced(document, "/a/1/b", 9) == {"a": [1, {"b": 9}], "c": 3}
    assert document == {"a": [1, {"b": 2}], "c": 3}
    assert replaced(document, "", 9) == 9
    for pointer in ("/d", "/a/7", "/c/d"):
        with pytest.raises(OutputUnreadable):
            replaced(document, pointer, 9)


@pytest.mark.parametrize(
    ("first", "second", "third", "alike"),
    [
        (b'{"a": 1}', b'{"a": 1}', b'{"a": 1}', True),
        (b'{"a": 1}', b'{"a": 1}', b'{"a": 2}', False),
        (b'{"a": 1, "id": 1}', b'{"a": 1, "id": 2}', b'{"a": 1, "id": 3}', True),
        (b'{"a": 1}', b'{"a": 1}', b'{"a": 1, "b": 2}', False),
        (b'{"a": [1, 2]}', b'{"a": [1, 3]}', b'{"a": [1, 4]}', True),
        (b'{"a": [1]}', b'{"a": [1]}', b'{"a": [1, 4]}', False),
        (b"wrong user 1", b"wrong user 2", b"wrong user 3", True),
        (b"wrong user", b"wrong user", b"wrong password", False),
        (b"wrong", b"wrong", b"wrong twice", False),
        (b"", b"", b"", True),
    ],
)
def test_bodies_alike_but_for_what_differs_anyway(
    first: bytes,
    second: bytes,
    third: bytes,
    alike: bool,  # noqa: FBT001
) -> None:
    assert alike_but_for(first, second, third) is alike
