"""Who may do what: the cases that a whole service shows badly."""

from __future__ import annotations

import json

import pytest
from formats.probe_answers import Answers, reply, session

from gates.domain.errors import StageError
from gates.formats import openapi_document
from gates.formats.openapi_document import Document
from gates.formats.probe_access import (
    refuse_unknown,
    refuse_vacuous,
    request_of,
    roles,
)
from gates.formats.probe_model import Ask, Cell, Example, Identity, ProbePlan
from gates.toolkit.http_calls import Call, Reply

ALLOWED, DENIED = Cell(is_allowed=True), Cell(is_allowed=False)
HIDDEN = Cell(is_allowed=False, also=((404, 404),))
KEYS = {name: Identity(name=name, headers=(("X-Key", name),)) for name in ("a", "b")}


def document(base: str = "") -> Document:
    item = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    lines = {**item, "name": "line", "example": 5}
    body = {"content": {"application/json": {"example": {"note": "x"}}}}
    responses = {"200": {"description": "good"}}
    paths = {
        "/orders/{id}": {"get": {"parameters": [item], "responses": responses}},
        "/lines/{line}": {
            "put": {"parameters": [lines], "requestBody": body, "responses": responses}
        },
    }
    whole: dict[str, object] = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": paths,
    }
    if base:
        whole["servers"] = [{"url": base}]
    return openapi_document.read(json.dumps(whole).encode(), "openapi.json")


def test_how_an_operation_is_asked() -> None:
    whole = document("https://shop.example/api")
    first, second = (request_of(each, whole, {}) for each in whole.operations)

    assert first == Ask(method="GET", path="/api/orders/1", json={})
    assert second == Ask(method="PUT", path="/api/lines/5", json={"note": "x"}, has_json=True)
    own = Ask(method="GET", path="/orders/9")
    examples = {"GET /orders/{id}": Example(ask=own)}
    assert request_of(whole.operations[0], whole, examples) is own


def test_a_name_that_the_document_does_not_hold() -> None:
    with pytest.raises(StageError) as caught:
        refuse_unknown(document(), ["GET /order/{id}"], what="`public`")
    assert caught.value.problem.hint == "did you mean `GET /orders/{id}`?"
    with pytest.raises(StageError) as caught:
        refuse_unknown(document(), ["TRACE /zzzzzzzzzzzzzzz"], what="`public`")
    assert caught.value.problem.hint == "write it as the document does"


def matrix(**rows: dict[str, Cell]) -> ProbePlan:
    labels = {name: f"GET /{name}" for name in rows}
    return ProbePlan(identities=KEYS, roles={labels[name]: row for name, row in rows.items()})


GOOD = matrix(
    mine={"anonymous": DENIED, "a": ALLOWED, "b": HIDDEN},
    yours={"anonymous": DENIED, "a": DENIED, "b": ALLOWED},
)


def asked(plan: ProbePlan, **statuses: int) -> dict[str, tuple[str, bool]]:
    """The rule and the outcome of each cell, by `path_identity`."""

    def send(call: Call) -> Reply:
        who = dict(call.headers).get("X-Key", "anonymous")
        return reply(statuses.get(f"{call.target.strip('/')}_{who}", 401))

    found = roles(session(send, identities=plan.identities), plan, None, ())
    return {
        check.subject.removeprefix("GET /").replace(" as ", "_"): (check.rule, check.holds)
        for check in found
    }


def test_a_matrix_that_holds() -> None:
    found = asked(GOOD, mine_a=200, mine_b=404, yours_a=403, yours_b=204)
    assert len(found) == 6
    assert all(holds for _, holds in found.values())


@pytest.mark.parametrize(
    ("cell", "status", "rule"),
    [
        ("mine_b", 200, "http/role-exceeded"),
        ("yours_a", 404, "http/role-not-shown"),
        ("yours_a", 500, "http/role-not-shown"),
        ("mine_anonymous", 422, "http/role-not-shown"),
        ("yours_b", 403, "http/role-refused"),
        ("yours_b", 404, "http/role-not-shown"),
    ],
)
def test_a_cell_that_does_not_hold(cell: str, status: int, rule: str) -> None:
    statuses = {"mine_a": 200, "mine_b": 404, "yours_a": 403, "yours_b": 204, cell: status}
    found = asked(GOOD, **statuses)
    assert {name: told for name, (told, holds) in found.items() if not holds} == {cell: rule}


def test_what_is_not_there_shows_no_denial() -> None:
    found = asked(GOOD, mine_a=404, mine_b=404, yours_a=403, yours_b=200)
    assert {name for name, (_, holds) in found.items() if not holds} == {"mine_a", "mine_b"}


def test_further_statuses_of_an_allowed_cell() -> None:
    also = Cell(is_allowed=True, also=((409, 409),))
    plan = matrix(
        mine={"anonymous": DENIED, "a": also, "b": DENIED},
        yours={"anonymous": DENIED, "a": DENIED, "b": ALLOWED},
    )
    assert asked(plan, mine_a=409, yours_b=200)["mine_a"][1]


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (ProbePlan(), "has no matrix"),
        (matrix(x={"anonymous": DENIED, "a": ALLOWED, "b": DENIED}), "`a` is denied nothing"),
        (
            matrix(
                x={"anonymous": ALLOWED, "a": ALLOWED, "b": DENIED},
                y={"anonymous": ALLOWED, "a": DENIED, "b": ALLOWED},
            ),
            "`anonymous` is denied nothing",
        ),
        (
            matrix(
                x={"anonymous": DENIED, "a": ALLOWED, "b": DENIED},
                y={"anonymous": DENIED, "a": DENIED, "b": DENIED},
            ),
            "`b` is allowed nothing",
        ),
    ],
)
def test_a_matrix_that_would_hold_anyway(plan: ProbePlan, words: str) -> None:
    with pytest.raises(StageError) as caught:
        refuse_vacuous(plan)
    assert words in caught.value.problem.summary


def test_a_row_is_asked_as_the_document_says() -> None:
    label = "PUT /lines/{line}"
    plan = ProbePlan(
        identities={"a": KEYS["a"]},
        roles={
            label: {"anonymous": DENIED, "a": ALLOWED},
            "GET /orders/{id}": {"anonymous": DENIED, "a": DENIED},
        },
    )
    answers = Answers({"PUT /lines/5": [reply(401), reply(200)], "GET /orders/1": [reply(403)]})

    talk = session(answers, identities=plan.identities)
    found = list(roles(talk, plan, document(), ()))

    assert all(check.holds for check in found)
    assert [check.rule for check in found[:2]] == ["http/role-not-in-matrix"] * 2
    assert b"note" in (answers.calls[-1].body or b"")
