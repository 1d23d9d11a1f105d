from __future__ import annotations

from fractions import Fraction

import pytest
from formats.metric_pages import between

from gates.domain.errors import StageError
from gates.domain.metric import tags_of
from gates.formats.prometheus_query import Selector
from gates.formats.query_rates import by_endpoint, hidden, rate

QUERIES, REQUESTS = Selector("queries_total"), Selector("http_total")


def page(queries: dict[str, int], requests: dict[str, int]) -> str:
    """Counters by the text of their labels."""
    head = "# TYPE {0} counter\n"
    lines = "".join(f"queries_total{{{key}}} {n}\n" for key, n in queries.items())
    more = "".join(f"http_total{{{key}}} {n}\n" for key, n in requests.items())
    return head.format("queries_total") + lines + head.format("http_total") + more


def test_the_worst_endpoint_stands_for_the_whole() -> None:
    a, b, idle = 'to="a"', 'to="b"', 'to="idle"'
    seen = between(
        page({a: 0, b: 0, idle: 1}, {a: 0, b: 0, idle: 1}),
        page({a: 30, b: 30, idle: 1}, {a: 10, b: 2, idle: 1}),
    )

    found = by_endpoint("m", seen, QUERIES, REQUESTS, "to")

    assert [(each.value, each.tags) for each in found] == [
        (15, ()),
        (3, tags_of({"endpoint": "a"})),
        (15, tags_of({"endpoint": "b"})),
    ]


def test_what_was_not_counted() -> None:
    same = page({'to="a"': 1, "": 1}, {'to="a"': 1})
    nameless = page({'to="a"': 1, "": 4}, {'to="a"': 2})

    with pytest.raises(StageError, match="`queries_total` did not grow"):
        by_endpoint("m", between(same, same), QUERIES, REQUESTS, "to")
    with pytest.raises(StageError, match="has a series without `to`, and counted 3"):
        by_endpoint("m", between(same, nameless), QUERIES, REQUESTS, "to")
    with pytest.raises(StageError, match="9 queries ran, and no request"):
        rate("m", Fraction(9), Fraction(0), "")


@pytest.mark.parametrize(
    ("requests", "is_told"),
    [
        ({'to="a"': 9, 'to="b"': 1}, True),
        ({'to="a"': 9, 'to="b"': 0}, False),
        ({'to="a",status="200"': 9, 'to="a",status="404"': 1}, False),
        ({'method="GET"': 9, 'method="PUT"': 1}, True),
        ({"": 9}, False),
    ],
)
def test_requests_that_may_hide_others(requests: dict[str, int], *, is_told: bool) -> None:
    before = page({"": 0}, dict.fromkeys(requests, 0))

    assert bool(hidden("m", between(before, page({"": 9}, requests)), REQUESTS)) is is_told
