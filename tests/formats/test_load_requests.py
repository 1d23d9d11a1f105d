from __future__ import annotations

import json

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.load_plan import Request
from gates.formats.load_requests import MAX_REQUESTS, login, of_file, of_line

WHOLE = """\
requests:
  - path: /orders?page={random}
    weight: 3
  - name: place an order
    method: POST
    path: /orders
    headers: {X-Client: load}
    body: {customer: 7, price: 1.5, note: "order {n}"}
    status: [200, 201]
    min_bytes: 20
    max_bytes: 500
    json: {/state: open, /total: 2.0}
    present: [/id]
  - path: /text
    method: PUT
    body: plain
    headers: {Content-Type: text/plain}
  - path: /list
    method: PUT
    body: [1]
    headers: {content-type: application/x}
    status: 204
"""


@pytest.mark.parametrize(
    ("line", "method", "path", "name"),
    [
        ("GET /orders", "GET", "/orders", "GET /orders"),
        ("/orders?a=1", "GET", "/orders?a=1", "GET /orders"),
        ("DELETE /orders/{n}", "DELETE", "/orders/{n}", "DELETE /orders/{n}"),
    ],
)
def test_the_short_form_is_a_method_and_a_path(
    line: str, method: str, path: str, name: str
) -> None:
    assert of_line(line) == Request(name=name, method=method, path=path)


@pytest.mark.parametrize("line", ["", "orders", "get /orders", "GET  /a b", "GET /é", "TRACE /"])
def test_other_lines_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match="write a method and a path"):
        of_line(line)


def test_the_long_form_says_what_is_sent_and_what_must_come() -> None:
    first, second, third, fourth = of_file(WHOLE.encode(), what="load.yaml")
    assert first == Request(name="GET /orders", path="/orders?page={random}", weight=3)
    assert second == Request(
        name="place an order",
        method="POST",
        path="/orders",
        headers=(("Content-Type", "application/json"), ("X-Client", "load")),
        body='{"customer": 7, "price": 1.5, "note": "order {n}"}',
        statuses=(200, 201),
        min_bytes=20,
        max_bytes=500,
        equals=(("/state", '"open"'), ("/total", "2")),
        present=("/id",),
    )
    assert (third.body, third.headers) == ("plain", (("Content-Type", "text/plain"),))
    assert (fourth.body, fourth.headers) == ("[1]", (("content-type", "application/x"),))
    assert fourth.statuses == (204,)


def test_the_long_form_may_be_json() -> None:
    data = json.dumps({"requests": [{"path": "/", "body": {"a": None}, "method": "POST"}]})
    (request,) = of_file(data.encode(), what="load.json")
    assert request.body == '{"a": null}'


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"path": "orders"}, "`/requests/0/path` is no path"),
        ({"path": "/a b"}, "is no path"),
        ({"method": "get"}, "`/requests/0/method` is none of"),
        ({"pth": "/"}, "unknown key `pth`; was `path` meant?"),
        ({"zzzzzz": 1}, "unknown key `zzzzzz`$"),
        ({"weight": 0}, "is 0, not 1 to 1000"),
        ({"weight": 1001}, "not 1 to 1000"),
        ({"headers": {"X": "a\r\nB: c"}}, "is no field of a header"),
        ({"headers": {"X Y": "a"}}, "is no field of a header"),
        ({"headers": {"Content-Length": "5"}}, "is written by the generator"),
        ({"status": 99}, "is no status"),
        ({"status": []}, "names none"),
        ({"status": "2xx"}, "a string, not an integer"),
        ({"json": {"state": 1}}, "not a JSON pointer"),
        ({"present": ["id"]}, "not a JSON pointer"),
        ({"min_bytes": -1}, "not a count"),
    ],
)
def test_a_request_that_cannot_be_sent_is_refused_with_its_place(
    change: dict[str, object], problem: str
) -> None:
    data = json.dumps({"requests": [{"path": "/"} | change]})
    with pytest.raises(OutputUnreadable, match=problem):
        of_file(data.encode(), what="load.json")


@pytest.mark.parametrize("number", [0, MAX_REQUESTS + 1])
def test_a_file_has_some_requests_and_not_too_many(number: int) -> None:
    data = json.dumps({"requests": [{"path": "/"}] * number})
    with pytest.raises(OutputUnreadable, match=f"holds {number} requests"):
        of_file(data.encode(), what="load.json")


@pytest.mark.parametrize("data", [b"requests: [a: b\n", b"- /orders\n", b"{", b"", b"paths: []\n"])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        of_file(data, what="load.yaml")


def test_a_login_has_defaults() -> None:
    found = login({"path": "/login", "take": "/access_token"})
    assert found.request == Request(
        name="POST /login",
        method="POST",
        path="/login",
        headers=(("Content-Type", "application/json"),),
    )
    assert (found.take, found.header) == ("/access_token", "Authorization: Bearer {token}")


def test_a_login_may_say_everything() -> None:
    found = login(
        {
            "path": "/token",
            "method": "PUT",
            "body": "a=b",
            "content_type": "application/x-www-form-urlencoded",
            "take": "/t",
            "header": "X-Session: {token}",
        }
    )
    assert (found.request.method, found.request.body) == ("PUT", "a=b")
    assert found.header == "X-Session: {token}"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"pth": "x"}, "unknown key `pth`; was `path` meant?"),
        ({"zzzzzz": "x"}, "unknown key `zzzzzz`; known are path, method"),
        ({"take": "token"}, "not a JSON pointer"),
        ({"header": "Authorization"}, "write `NAME: {token}`"),
        ({"header": "Authorization: Bearer"}, "write `NAME: {token}`"),
        ({"header": "A\n: {token}"}, "write `NAME: {token}`"),
        ({"method": "post"}, "is no request"),
        ({"path": "login"}, "is no request"),
        ({"content_type": "a\r\nb"}, "which is none"),
    ],
)
def test_a_login_that_cannot_be_is_refused(change: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        login({"path": "/login", "take": "/t"} | change)


@pytest.mark.parametrize("missing", ["path", "take"])
def test_a_login_needs_a_path_and_a_pointer(missing: str) -> None:
    given = {"path": "/login", "take": "/t"}
    del given[missing]
    with pytest.raises(ValueError, match=f"needs `{missing}`"):
        login(given)
