from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats import broadcast_plan
from gates.formats.broadcast_plan import (
    BroadcastLogin,
    BroadcastPlan,
    BroadcastProtocol,
    TokenReader,
    Told,
    name_of,
    token,
)

PLAN = BroadcastPlan(
    nonce="n",
    url="http://127.0.0.1:80",
    protocol=BroadcastProtocol.SSE,
    path="/events",
    subscribers=3,
    messages=4,
    reconnect=1,
    replay=True,
    method="POST",
    target="http://127.0.0.1:80/b",
    body="{message}",
    command=("a", "b"),
    pointer="/m",
    answer="/id",
    login=BroadcastLogin(
        method="POST", path="/l", kind="text/plain", body="b", take="/t", header="A: {token}"
    ),
    subscribe="s",
    confirmed="c",
    headers=(("A", "1"),),
    headers_from=(("B", "TOKEN"),),
    deadline_us=1,
    connect_us=2,
    settle_us=3,
    pause_us=4,
    listen_us=5,
)


def test_a_plan_is_read_as_it_was_written() -> None:
    assert broadcast_plan.read(broadcast_plan.write(PLAN), what="plan") == PLAN
    assert (PLAN.rounds, PLAN.published) == (2, 8)
    plain = replace(PLAN, login=None)
    assert broadcast_plan.read(broadcast_plan.write(plain), what="plan") == plain


@pytest.mark.parametrize("change", [{"schema": "other"}, {"messages": -1}, {"headers": [[1, "x"]]}])
def test_what_is_no_plan_is_refused(change: dict[str, object]) -> None:
    data = json.dumps({**json.loads(broadcast_plan.write(PLAN)), **change}).encode()
    with pytest.raises(OutputUnreadable):
        broadcast_plan.read(data, what="plan")


def test_a_token_is_found_anywhere() -> None:
    reader = TokenReader("n")
    one, two = token("n", 1), token("n", 12)
    assert (one, two) == ("n-000001", "n-000012")
    assert reader.told(f"x{two}9, {one}, {two}") == Told((12, 1))
    assert reader.told("n-1 m-000001") == Told()


def test_a_token_counts_only_at_its_place() -> None:
    reader = TokenReader("n", "/data/0/id")
    assert reader.told('{"data": [{"id": "n-000003"}]}') == Told((3,))
    for text in (
        '{"data": [{"id": "xn-000003"}]}',
        '{"data": [{"id": 3, "n-000003": 1}]}',
        '{"id": "n-000003"}',
        "n-000003",
    ):
        assert reader.told(text) == Told(is_misplaced=True)
    assert reader.told('{"data": []}') == Told()


@pytest.mark.parametrize("pointer", ["", "/m"])
def test_a_token_in_json_that_breaks_off_does_not_count(pointer: str) -> None:
    reader = TokenReader("n", pointer)
    assert reader.told('{"m": "n-000003", "pri') == Told(is_broken=True)
    assert reader.told('{"m": "n-000003"}') == Told((3,))
    assert reader.told('{"m": "other", "pri') == Told()


def test_a_name_is_read_at_its_place() -> None:
    reader = TokenReader("n", "/data/id", is_named=True)
    assert reader.told('{"data": {"id": 7}}') == Told(name="7")
    assert reader.told('{"data": {"id": "7"}}') == Told(name='"7"')
    for text in ('{"data": {"id": true}}', '{"id": 7}', "n-000007", '{"data": {"id": ""}}'):
        assert reader.told(text) == Told()
    with pytest.raises(OutputUnreadable, match="no text and no whole number"):
        name_of({"id": 1.5}, "/id")


def test_many_different_texts_do_not_fill_the_memory() -> None:
    reader = TokenReader("n")
    for number in range(5000):
        assert reader.told(token("n", number)) == Told((number,))
    assert len(reader._known) < 4097
