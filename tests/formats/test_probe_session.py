"""Who asks, with what; and what is never told."""

from __future__ import annotations

from decimal import Decimal

import pytest
from formats.probe_answers import Answers, reply, session

from gates.domain.errors import StageError
from gates.formats.probe_model import Ask, Expect, Identity, Step
from gates.formats.probe_session import encoded, holds
from gates.toolkit.http_calls import Reply

KEY = Identity(name="service", headers=(("X-Key", "${API_KEY}"),))
CUSTOMER = Identity(
    name="customer",
    headers=(("Authorization", "Bearer {token}"),),
    login=Ask(method="POST", path="/login", json={"name": "c-{run}"}, has_json=True),
    token="/token",
    before=(Step(ask=Ask(method="POST", path="/users"), expect=Expect(statuses=((201, 201),))),),
)
GET = Ask(method="GET", path="/a")


def shop() -> Answers:
    return Answers(
        {
            "POST /users": [reply(201)],
            "POST /login": [reply(200, {"token": "token-1234"})],
            "GET /a": [reply(200, {"id": 7, "name": "x", "rate": 1.5}, Location="/a/7")],
        }
    )


def as_(name: str, ask: Ask = GET) -> Ask:
    return Ask(method=ask.method, path=ask.path, identity=name)


def test_an_identity_logs_in_once() -> None:
    answers = shop()
    found = session(answers, identities={"customer": CUSTOMER})

    for _ in range(2):
        found.ask(as_("customer"))

    assert [call.target for call in answers.calls] == ["/users", "/login", "/a", "/a"]
    assert answers.calls[1].body == b'{"name":"c-0a"}'
    assert answers.calls[2].headers == (("Authorization", "Bearer token-1234"),)
    assert found.made == {"anonymous": 2, "customer": 2}
    assert [each.path for each in found.asked] == ["/users", "/login", "/a", "/a"]


def test_a_setting_goes_out_and_is_never_told() -> None:
    answers = shop()
    found = session(answers, identities={"service": KEY}, settings={"API_KEY": "k-123456"})

    found.ask(as_("service"))

    assert answers.calls[0].headers == (("X-Key", "k-123456"),)
    assert found.hidden("it said k-123456!") == "it said ***!"
    assert found.curl(as_("service")).endswith('-H "X-Key: ${API_KEY}"')


def test_a_short_secret_is_not_masked_everywhere() -> None:
    found = session(shop(), settings={"KEY": "a"})
    found.filled("${KEY}")
    assert found.hidden("banana") == "banana"


def test_headers_of_a_request_stand_before_those_of_its_identity() -> None:
    answers = shop()
    found = session(answers, identities={"service": KEY}, settings={"API_KEY": "k"})
    given = (("x-key", "forged"), ("Content-Type", "text/json"))
    found.ask(
        Ask(method="GET", path="/a", identity="service", headers=given, json=[], has_json=True)
    )
    assert answers.calls[0].headers == given
    assert answers.calls[0].body == b"[]"


def test_values_are_kept_and_filled_in() -> None:
    answers = shop()
    found = session(answers)
    step = Step(ask=GET, capture=(("id", "/id"), ("name", "/name"), ("where", "Location")))

    found.perform(step)
    found.ask(
        Ask(
            method="POST",
            path="{where}?n={name}",
            json={"id": "{id}", "text": "no. {id} of {run}", "rest": [None, 1]},
            has_json=True,
        )
    )
    found.ask(Ask(method="PUT", path="/b", body='{"id": {id}}'))

    assert answers.calls[1].target == "/a/7?n=x"
    assert answers.calls[1].body == b'{"id":7,"text":"no. 7 of 0a","rest":[null,1]}'
    assert answers.calls[2].body == b'{"id": 7}'
    assert found.curl(Ask(method="GET", path="{where}/{lost}")).endswith(
        "'http://127.0.0.1:8000/a/7/{lost}'"
    )


@pytest.mark.parametrize(
    ("step", "slug", "words"),
    [
        (Step(ask=Ask(method="GET", path="/lost")), "step-failed", "it answered 404"),
        (Step(ask=GET, capture=(("b", "/b"),)), "not-captured", "has no member `b`"),
        (Step(ask=GET, capture=(("b", "B"),)), "not-captured", "it is not there"),
        (Step(ask=Ask(method="GET", path="/{b}")), "no-value", "captured as `b`"),
        (
            Step(ask=Ask(method="GET", path="/", headers=(("a", "${B}"),))),
            "no-setting",
            "`B` is not set",
        ),
        (Step(ask=as_("nobody")), "no-identity", "no identity `nobody`"),
    ],
)
def test_a_step_that_does_not_succeed(step: Step, slug: str, words: str) -> None:
    with pytest.raises(StageError) as caught:
        session(shop()).perform(step)
    assert caught.value.problem.slug == slug
    assert words in caught.value.problem.summary
    assert caught.value.problem.hint


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(401), "POST /login answered 401"),
        (reply(200, {"token": 7}), "`/token` of the answer is no text"),
        (reply(200, {"token": ""}), "`/token` of the answer is no text"),
        (Reply(status=200, body=b"{"), "`/token` of the answer is no text"),
    ],
)
def test_a_login_that_fails(answer: Reply, words: str) -> None:
    answers = shop()
    answers.given["POST /login"] = [answer]
    with pytest.raises(StageError) as caught:
        session(answers, identities={"customer": CUSTOMER}).ask(as_("customer"))
    assert caught.value.problem.slug == "login-failed"
    assert words in caught.value.problem.summary


def test_a_limit_shows_nothing() -> None:
    answers = Answers({"GET /a": [reply(429)]})
    with pytest.raises(StageError, match="refused by a rate limit"):
        session(answers).answered(GET)
    assert session(answers).ask(GET).status == 429


def test_values_in_answers() -> None:
    answer = reply(200, {"status": "ok", "count": 3})
    assert holds(answer, "/status", "ok")
    assert holds(answer, "/count", "3")
    assert not holds(answer, "/count", "4")
    assert not holds(answer, "/lost", "ok")


def test_json_with_numbers_as_they_were_written() -> None:
    value = {"a": Decimal("1.50"), "b": [True, None, 'x"'], 3: {}}
    assert encoded(value) == '{"a":1.50,"b":[true,null,"x\\""],"3":{}}'
