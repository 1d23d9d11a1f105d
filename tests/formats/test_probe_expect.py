"""What is expected of one answer."""

from __future__ import annotations

from decimal import Decimal

import pytest
from formats.probe_answers import Answers, reply, session

from gates.formats.probe_expect import TYPES, checks, meets, same, shortened, type_of, words
from gates.formats.probe_model import Ask, Check, Expect, Kind, Match, Step
from gates.toolkit.http_calls import Reply

ASK = Ask(method="GET", path="/orders")


def compared(expect: Expect, answer: Reply, **settings: str) -> list[Check]:
    voice = session(Answers(), settings=settings)
    return list(checks(Step(ask=ASK, expect=expect, name="list"), answer, voice))


def one(match: Match, document: object, pointer: str = "/a") -> Check:
    return compared(Expect(json=((pointer, match),)), reply(200, document))[1]


@pytest.mark.parametrize(
    ("match", "value", "holds"),
    [
        (Match(kind=Kind.EQUALS, value="x"), "x", True),
        (Match(kind=Kind.EQUALS, value=1), True, False),
        (Match(kind=Kind.EQUALS, value=True), True, True),
        (Match(kind=Kind.EQUALS, value=Decimal("1.0")), 1, True),
        (Match(kind=Kind.EQUALS, value="1"), 1, False),
        (Match(kind=Kind.EQUALS, value=None), None, True),
        (Match(kind=Kind.EQUALS, value=["a", 1]), ["a", 1], True),
        (Match(kind=Kind.EQUALS, value=["a", 1]), ["a", True], False),
        (Match(kind=Kind.EQUALS, value=["a"]), ["a", 1], False),
        (Match(kind=Kind.EQUALS, value={"b": 1}), {"b": 1}, True),
        (Match(kind=Kind.EQUALS, value={"b": 1}), {"b": 1, "c": 2}, False),
        (Match(kind=Kind.CONTAINS, value="b"), "abc", True),
        (Match(kind=Kind.CONTAINS, value=1), "1", False),
        (Match(kind=Kind.CONTAINS, value=1), [2, 1], True),
        (Match(kind=Kind.CONTAINS, value=1), [True], False),
        (Match(kind=Kind.CONTAINS, value=1), 1, False),
        (Match(kind=Kind.PRESENT), None, True),
        (Match(kind=Kind.ABSENT), None, False),
        (Match(kind=Kind.TYPE, value="integer"), 1, True),
        (Match(kind=Kind.TYPE, value="number"), 1, True),
        (Match(kind=Kind.TYPE, value="integer"), True, False),
        (Match(kind=Kind.MATCHES, value="x"), 1, False),
    ],
)
def test_a_value_in_json(match: Match, value: object, holds: bool) -> None:  # noqa: FBT001
    assert one(match, {"a": value}).holds is holds


@pytest.mark.parametrize("kind", Kind)
def test_only_absence_holds_of_what_is_not_there(kind: Kind) -> None:
    check = one(Match(kind=kind, value="null"), {"b": 1})
    assert check.holds is (kind is Kind.ABSENT)
    assert check.got == "none"
    assert check.pattern == ""


def test_a_pattern_waits_for_its_search() -> None:
    check = one(Match(kind=Kind.MATCHES, value="^a"), {"a": "abc"})
    assert (check.pattern, check.text, check.holds) == ("^a", "abc", True)
    assert check.expected == "`/a` to match `^a`"


def test_a_body_that_is_no_json_holds_nothing() -> None:
    expect = Expect(json=(("/a", Match(kind=Kind.ABSENT)),))
    check = compared(expect, Reply(status=200, body=b"<html>"))[1]
    assert not check.holds
    assert check.got.startswith("not JSON")


def test_every_expectation_is_one_check() -> None:
    expect = Expect(
        statuses=((201, 201),),
        headers=(("Location", Match(kind=Kind.EQUALS, value="/orders/{run}")),),
        body=(Match(kind=Kind.CONTAINS, value="x"),),
        below_s=Decimal("0.01"),
    )
    found = compared(expect, Reply(status=201, headers=(("location", "/orders/0a"),), body=b"x"))

    assert [check.rule for check in found] == [
        "http/status",
        "http/header",
        "http/body",
        "http/time",
    ]
    assert all(check.holds for check in found)
    assert {check.subject for check in found} == {"list (GET /orders)"}
    assert found[3].expected == "an answer within 10 ms"


def test_a_slow_answer() -> None:
    answer = Reply(status=200, seconds=0.25)
    check = compared(Expect(below_s=Decimal("0.25")), answer)[1]
    assert not check.holds
    assert check.got == "250.0 ms"


def test_a_setting_is_compared_and_not_told() -> None:
    long = "x" * 95 + "secret-value"
    expect = Expect(body=(Match(kind=Kind.EQUALS, value="${KEY}"),))
    good = compared(expect, Reply(status=200, body=b"secret-value"), KEY="secret-value")[1]
    bad = compared(expect, Reply(status=200, body=long.encode()), KEY="secret-value")[1]

    assert good.holds
    assert not bad.holds
    assert bad.expected == "body to be `${KEY}`"
    assert "secret" not in bad.got + good.got


def test_words() -> None:
    assert words(Match(kind=Kind.PRESENT)) == "to be present"
    assert words(Match(kind=Kind.TYPE, value="array")) == "to be of type `array`"
    assert shortened("a\n b") == "`a b`"
    assert shortened({"a": Decimal(1)}) == '`{"a": "1"}`'
    assert shortened("x" * 101) == f"`{'x' * 100}…`"
    assert not same([1], "1")
    assert not meets(Kind.EQUALS, 1, "1")


def test_each_type_has_its_name() -> None:
    values: tuple[object, ...] = (True, 1, Decimal("1.5"), "a", [], {}, None)
    assert tuple(type_of(value) for value in values) == TYPES
