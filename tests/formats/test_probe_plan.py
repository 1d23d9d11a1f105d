"""The plan of a probe: read whole, or refused at its place."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from house.tree import text_of
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable
from gates.formats.probe_access import refuse_vacuous
from gates.formats.probe_model import OK, Cell, Kind, Match, ProbePlan
from gates.formats.probe_plan import read

WHOLE = recorded("http/plan.yaml")
LOGIN = "  a:\n    login: {request: POST /login, json: {}}\n"


def plan(text: str) -> ProbePlan:
    return read(text.encode(), name="plan.yaml")


def test_a_whole_plan() -> None:
    found = read(WHOLE, name="plan.yaml")

    assert list(found.identities) == ["customer", "other", "admin"]
    customer = found.identities["customer"]
    assert customer.headers == (("Authorization", "Bearer {token}"),)
    assert customer.login is not None
    assert customer.login.label == "POST /auth/login"
    assert customer.token == "/access_token"
    assert not customer.is_unlimited
    assert customer.before[0].expect.statuses == ((201, 201),)
    assert found.identities["admin"].is_unlimited
    assert found.setup[0].capture == (("order", "/id"), ("where", "Location"))
    expect = found.requests[0].expect
    assert expect.statuses == ((200, 200), (203, 203))
    assert ("Set-Cookie", Match(kind=Kind.ABSENT)) in expect.headers
    assert expect.body == (Match(kind=Kind.CONTAINS, value="first"),)
    assert ("/id", Match(kind=Kind.TYPE, value="integer")) in expect.json
    assert expect.below_s == 10
    assert found.requests[1].ask.body == "{"
    assert found.requests[2].ask.path == "{where}"
    assert found.examples["POST /orders"].ask.json == {"note": "again"}
    assert len(found.examples["DELETE /orders/{order_id}"].before) == 1
    row = found.roles["GET /orders/{order_id}"]
    assert row["other"] == Cell(is_allowed=False, also=((404, 404),))
    assert row["customer"] == Cell(is_allowed=True)
    assert found.place == "plan.yaml"


def test_short_forms() -> None:
    found = plan(
        "identities:\n  a: {login: POST /login, token: '', headers: {X-Key: 7}}\n".replace(
            "''", "/t"
        )
        + "requests:\n"
        "  - GET /health\n"
        "  - request: GET /b\n"
        "    expect: {status: 2xx, time: 0.5s, body: {matches: x}}\n"
        "  - {request: GET /d, expect: {body: ok}}\n"
        "  - request: GET /c\n"
        "    expect: {status: [200-204, 409], json: {/a: null, /b: {equals: {c: 1}}}}\n"
        "roles:\n"
        "  GET /c: {anonymous: denied 401 4xx, a: 'allowed, 409'}\n"
    )
    first, second, short, third = found.requests
    assert short.expect.body == (Match(kind=Kind.CONTAINS, value="ok"),)
    assert first.expect.statuses == OK
    assert second.expect.below_s == Decimal("0.5")
    assert second.expect.body == (Match(kind=Kind.MATCHES, value="x"),)
    assert third.expect.statuses == ((200, 204), (409, 409))
    assert third.expect.json[0] == ("/a", Match(kind=Kind.EQUALS, value=None))
    assert third.expect.json[1] == ("/b", Match(kind=Kind.EQUALS, value={"c": 1}))
    assert found.identities["a"].headers == (("X-Key", "7"),)
    assert found.roles["GET /c"]["anonymous"].also == ((401, 401), (400, 499))
    assert found.roles["GET /c"]["a"].also == ((409, 409),)


@pytest.mark.parametrize(
    ("text", "summary", "place"),
    [
        ("request: []\n", "unknown key `request`", "1:1"),
        ("identities: {anonymous: {}}\n", "`anonymous` is who shows nothing", "1:14"),
        ("identities: {A: {}}\n", "`A` cannot name an identity", "1:14"),
        ("identities: {a: {}}\n", "`a` shows nothing of who it is", "1:14"),
        (f"identities:\n{LOGIN}", "the login of `a` does not say where", "2:3"),
        (
            "identities: {a: {headers: {X: v}, token: /t}}\n",
            "`token:` belongs to a `login:`",
            "1:35",
        ),
        ("identities: {a: {headers: {'X Y': v}}}\n", "`X Y` cannot name a header", "1:28"),
        ("requests: [GET]\n", "`GET` is not understood", "1:12"),
        ("requests: [{identity: anonymous}]\n", "a request is missing here", "1:12"),
        ("requests: [{request: get /}]\n", "`get /` is not understood", "1:22"),
        ("requests: [{request: GET /, identity: b}]\n", "there is no identity `b` here", "1:39"),
        (
            "requests: [{request: GET /, body: a, json: 1}]\n",
            "a request has `body:` or `json:`, not both",
            "1:29",
        ),
        ("requests: [{request: GET /, expect: {}}]\n", "nothing is expected here", "1:37"),
        (
            "requests: [{request: GET /, expect: {status: 600}}]\n",
            "`600` is not understood",
            "1:46",
        ),
        (
            "requests: [{request: GET /, expect: {status: []}}]\n",
            "no status is expected here",
            "1:46",
        ),
        (
            "requests: [{request: GET /, expect: {json: {/a: {type: int}}}}]\n",
            "`int` is no type",
            "1:56",
        ),
        (
            "requests: [{request: GET /, expect: {json: {/a: {present: false}}}}]\n",
            "write `present: true`",
            "1:59",
        ),
        (
            "requests: [{request: GET /, expect: {json: {/a: {}}}}]\n",
            "one expectation is expected",
            "1:49",
        ),
        (
            "requests: [{request: GET /, expect: {json: {a: 1}}}]\n",
            "`a` is not a JSON pointer",
            "1:45",
        ),
        (
            "requests: [{request: GET /, expect: {body: {matches: '('}}}]\n",
            "no regular expression",
            "1:54",
        ),
        ("requests: [{request: GET /, expect: {time: 1h}}]\n", "`1h` is not understood", "1:44"),
        (
            "requests: [{request: GET /, capture: {run: /a}}]\n",
            "`run` cannot name a value",
            "1:39",
        ),
        ("operations: {/a: {}}\n", "`/a` is no operation", "1:14"),
        ("roles: {/a: {}}\n", "`/a` is no operation", "1:9"),
        ("roles: {GET /: {}}\n", "nothing is said of `anonymous`", "1:9"),
        ("roles: {GET /: {anonymous: denied 4x0}}\n", "`denied 4x0` is not understood", "1:28"),
        (
            "roles: {GET /: {anonymous: allowed 401}}\n",
            "`allowed 401` takes an answer for leave that shows none",
            "1:28",
        ),
        ("roles: {GET /: {anonymous: 'allowed 409, 4xx'}}\n", "`allowed 409, 4xx` takes", "1:28"),
        ("roles: {GET /: {anonymous: allowed 403}}\n", "`allowed 403` takes", "1:28"),
        ("roles: {GET /: {anonymous: allowed 500}}\n", "`allowed 500` takes", "1:28"),
        ("roles: {GET /: {anonymous: allowed 5xx}}\n", "`allowed 5xx` takes", "1:28"),
        ("roles: {GET /: {anonymous: denied, b: allowed}}\n", "unknown key `b`", "1:36"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, summary: str, place: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        plan(text)
    assert caught.value.problem.summary.startswith(summary)
    assert caught.value.problem.place == f"plan.yaml:{place}"


def test_the_plan_that_the_docs_show_is_taken() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text_of("docs/http.md"), re.MULTILINE | re.DOTALL)
    (shown,) = (block for block in blocks if block.startswith("identities:"))
    found = plan(shown)

    refuse_vacuous(found)
    assert found.setup
    assert found.examples
    assert found.requests[1].expect.below_s == Decimal("0.5")
