"""Who is let in that shows nothing, or something made up."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable

import pytest
from formats.probe_answers import Answers, reply, session

from gates.domain.errors import StageError
from gates.formats import openapi_document
from gates.formats.openapi_document import Document
from gates.formats.probe_authentication import authentication, beside, made_up, unsigned
from gates.formats.probe_model import Ask, Example, Identity, ProbePlan, Step
from gates.toolkit.http_calls import Call, Reply

ADA = Identity(name="ada", headers=(("Authorization", "Bearer right-token"),))
PLAN = ProbePlan(identities={"ada": ADA})


def document(*labels: str, base: str = "") -> Document:
    paths: dict[str, dict[str, object]] = {}
    for label in labels:
        method, _, path = label.partition(" ")
        named = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}}
            for name in named
        ]
        operation = {"parameters": parameters, "responses": {"200": {"description": "good"}}}
        paths.setdefault(path, {})[method.lower()] = operation
    whole: dict[str, object] = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": paths,
    }
    if base:
        whole["servers"] = [{"url": base}]
    return openapi_document.read(json.dumps(whole).encode(), "openapi.json")


WHOLE = document("GET /orders/{id}", "PUT /lines/{line}")


UNSIGNED = "token-not-verified: no answer of 2xx with a token in `Authorization` that nobody signed"


def token_of(call: Call) -> str:
    return dict(call.headers).get("Authorization", "")


def guarded(is_let: Callable[[Call], bool], *, missing: int = 404) -> Callable[[Call], Reply]:
    """A service that lets some requests in, and all that shows the right token."""

    def send(call: Call) -> Reply:
        if not call.target.startswith("/a"):
            return reply(404 if token_of(call).endswith("right-token") else missing)
        return reply(200 if is_let(call) or token_of(call) == "Bearer right-token" else 401)

    return send


def broken(is_let: Callable[[Call], bool], plan: ProbePlan | None = None) -> list[str]:
    talk = session(guarded(is_let), identities=(plan or ProbePlan()).identities)
    found = authentication(talk, document("GET /a"), (), plan or ProbePlan())
    return [
        f"{check.rule.removeprefix('http/')}: {check.expected}"
        for check in found
        if not check.holds
    ]


def test_made_up_credentials_look_like_those_of_the_plan() -> None:
    identities = {
        "a": Identity(name="a", headers=(("Authorization", "Token {token}"), ("X-Key", "${KEY}"))),
        "b": Identity(name="b", headers=(("Authorization", "Bearer x"),)),
    }
    found = dict(made_up(ProbePlan(identities=identities)))

    assert found.keys() == {"Authorization", "X-Key"}
    assert found["Authorization"].startswith("Token ")
    assert " " not in found["X-Key"]
    assert made_up(ProbePlan())[0][0] == "Authorization"
    assert made_up(ProbePlan()) != made_up(ProbePlan())


def test_a_token_that_nobody_signed() -> None:
    head, body, signature = unsigned().split(".")
    assert json.loads(urlsafe_b64decode(head + "==")) == {"alg": "none", "typ": "JWT"}
    assert json.loads(urlsafe_b64decode(body + "=="))["sub"] == "1"
    assert signature == ""


@pytest.mark.parametrize("status", [200, 301, 400, 404, 405, 422, 500])
def test_only_a_refusal_shows_that_somebody_was_kept_out(status: int) -> None:
    answers = Answers({"GET /orders/1": [reply(status)], "PUT /lines/5": [reply(401), reply(403)]})
    whole = document("GET /orders/{id}", "PUT /lines/5")
    found = list(authentication(session(answers), whole, (), ProbePlan()))

    plain = [check for check in found if check.expected.startswith("401 or 403")]
    assert [check.holds for check in plain] == [False, False, True, True]
    assert plain[0].rule == (
        "http/authentication-missing" if status == 200 else "http/authentication-not-shown"
    )
    assert plain[1].rule == (
        "http/token-not-verified" if status == 200 else "http/authentication-not-shown"
    )
    others = [check for check in found if not check.expected.startswith("401 or 403")]
    told = [check.expected for check in others if check.subject == "GET /orders/{id}"]
    sides = [
        "no answer of 2xx with `Authorization: bearer ...`",
        "no answer of 2xx with a token in `Authorization` that nobody signed",
        "no answer of 2xx with a made-up token in the query",
        "no answer of 2xx to HEAD without credentials",
    ]
    # Where the door is open, nobody looks for another; and only an open one is told: an honest
    # service may call what is made up a wrong request.
    assert told == ([] if status == 200 else sides)
    assert all(check.holds for check in others)


@pytest.mark.parametrize(
    ("is_let", "told"),
    [
        (lambda _: False, []),
        (
            lambda call: "token=" in call.target,
            ["token-not-verified: no answer of 2xx with a made-up token in the query"],
        ),
        (
            lambda call: token_of(call).startswith("bearer"),
            ["token-not-verified: no answer of 2xx with `Authorization: bearer ...`"],
        ),
        (
            lambda call: token_of(call).endswith("."),
            [UNSIGNED],
        ),
        (
            lambda call: call.method == "HEAD",
            ["authentication-missing: no answer of 2xx to HEAD without credentials"],
        ),
    ],
)
def test_a_door_at_the_side(is_let: Callable[[Call], bool], told: list[str]) -> None:
    assert broken(is_let) == told


def test_credentials_of_other_forms() -> None:
    keys = ProbePlan(
        identities={
            "a": Identity(name="a", headers=(("X-Key", "${KEY}"), ("Authorization", "basic eA=="))),
        }
    )
    calls: list[Call] = []

    def is_let(call: Call) -> bool:
        calls.append(call)
        return False

    assert broken(is_let, keys) == []
    shown = [dict(call.headers) for call in calls]
    assert any(each.get("X-Key") == unsigned() for each in shown)
    assert any(each.get("Authorization", "").startswith("BASIC ") for each in shown)
    assert not any(each.get("Authorization", "").endswith(".") for each in shown)


def test_a_query_that_is_there_is_kept() -> None:
    ask = Ask(method="POST", path="/a?b=1")
    plan = ProbePlan(examples={"POST /a": Example(ask=ask)})
    answers = Answers()
    list(authentication(session(answers), document("POST /a"), (), plan))
    assert any(call.target.startswith("/a?b=1&token=") for call in answers.calls)
    assert not any(call.method == "HEAD" for call in answers.calls)


def test_a_head_that_the_document_names_is_an_operation_like_others() -> None:
    answers = Answers()
    whole = document("GET /a", "HEAD /a")
    list(authentication(session(answers), whole, ["HEAD /a"], ProbePlan()))
    assert not any(call.method == "HEAD" for call in answers.calls)


@pytest.mark.parametrize("status", [401, 403])
def test_who_refuses_everything_shows_nothing(status: int) -> None:
    for plan in (ProbePlan(), PLAN):
        talk = session(lambda _: reply(status), identities=plan.identities)
        with pytest.raises(StageError) as caught:
            list(authentication(talk, WHOLE, (), plan))
        assert caught.value.problem.slug == "refuses-all"
        assert f"answers {status} to a path that is not there" in caught.value.problem.summary
        assert caught.value.problem.hint


def test_a_gateway_that_lets_somebody_in() -> None:
    talk = session(guarded(lambda _: False, missing=401), identities=PLAN.identities)
    found = list(authentication(talk, document("GET /a"), (), PLAN))
    assert found
    assert all(check.holds for check in found)


def test_who_is_let_in_to_an_operation_alone() -> None:
    def send(call: Call) -> Reply:
        return reply(200 if call.target == "/a" and token_of(call) == "Bearer right-token" else 403)

    talk = session(send, identities=PLAN.identities)
    assert all(each.holds for each in authentication(talk, document("GET /a"), (), PLAN))
    # A failure is no way in.
    broken_one = session(
        lambda call: reply(500 if token_of(call).endswith("right-token") else 401),
        identities=PLAN.identities,
    )
    with pytest.raises(StageError, match="nobody is known to be let in"):
        list(authentication(broken_one, document("GET /a", "POST /a"), (), PLAN))


@pytest.mark.parametrize(
    ("labels", "base", "path"),
    [
        (["GET /a"], "", "/gates-probe-{run}"),
        (["GET /orders", "GET /orders/{id}"], "", "/gates-probe-{run}"),
        (["GET /api/orders", "GET /api/lines/{id}"], "", "/api/gates-probe-{run}"),
        (["GET /orders"], "https://a.example/api/v1", "/api/v1/gates-probe-{run}"),
        (["GET /orders/{id}"], "", "/gates-probe-{run}"),
        (["GET /shops/{id}/orders"], "", "/shops/gates-probe-{run}"),
    ],
)
def test_a_path_that_is_not_there_stands_beside(labels: list[str], base: str, path: str) -> None:
    whole = document(*labels, base=base)
    assert beside(whole, whole.operations) == path


def test_what_an_example_stands_on_is_made_first() -> None:
    step = Step(ask=Ask(method="POST", path="/orders"), capture=(("order", "/id"),))
    ask = Ask(method="GET", path="/orders/{order}")
    plan = ProbePlan(examples={"GET /orders/{id}": Example(ask=ask, before=(step,))})
    answers = Answers(
        {
            "POST /orders": [reply(201, {"id": 4})],
            "GET /orders/4": [reply(401)],
            "PUT /lines/1": [reply(401)],
        }
    )
    assert all(check.holds for check in authentication(session(answers), WHOLE, (), plan))
