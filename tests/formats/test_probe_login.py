"""What refusals of a login give away, and the body that a wrong login has."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from formats.probe_answers import reply, session

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.probe_limits import Limit
from gates.formats.probe_login import Login, alike_but_for, login, replaced
from gates.formats.probe_model import Ask, Identity
from gates.toolkit.http_calls import Call, Reply

RIGHT = {"users": [{"name": "ada@shop.test", "password": "right"}]}
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
    assert len(checks) == 6
    names = [strict_json.Value(each, "").member("users").array()[0] for each in bodies]
    assert names[0] == names[-1] == RIGHT["users"][0]
    strangers = [str(name) for name in names[1:3]]
    assert all("nobody-" in name and "@shop.test" in name for name in strangers)
    assert strangers[0] != strangers[1]
    assert all("wrong-" in str(name) and "ada@" in str(name) for name in names[3:-1])
    assert "right" not in checks[0].curl


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
