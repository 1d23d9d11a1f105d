from dataclasses import replace
from decimal import Decimal

import pytest
from samples import ERRORS, LINE, P95, condition

from gates.domain.advice import distance, singular, unmeasured
from gates.domain.metric import Direction, Metric, MetricSpec, Unit, count, flag, ratio

TESTS = MetricSpec(
    name="tests", unit=Unit.COUNT, direction=Direction.HIGHER, title="tests", noun="tests"
)
RATE = MetricSpec(
    name="error_rate", unit=Unit.RATIO, direction=Direction.LOWER, title="x", noun="failed requests"
)


@pytest.mark.parametrize(
    ("text", "spec", "metric", "advice"),
    [
        ("line >= 90%", LINE, ratio("line", 100, 200), "80 more covered lines would pass"),
        ("line > 90%", LINE, ratio("line", 180, 200), "1 more covered line would pass"),
        ("line == 100%", LINE, ratio("line", 198, 200), "2 more covered lines would pass"),
        (
            "error_rate < 0.1%",
            RATE,
            ratio("error_rate", 1, 1000),
            "1 fewer failed request would pass",
        ),
        (
            "error_rate <= 1%",
            RATE,
            ratio("error_rate", 15, 1000),
            "5 fewer failed requests would pass",
        ),
        ("errors == 0", ERRORS, count("errors", 3), "3 fewer errors would pass"),
        ("errors < 3", ERRORS, count("errors", 3), "1 fewer error would pass"),
        ("errors <= 2", ERRORS, count("errors", 3), "1 fewer error would pass"),
        ("tests >= 60", TESTS, count("tests", 58), "2 more tests would pass"),
        ("tests > 60", TESTS, count("tests", 58), "3 more tests would pass"),
        (
            "p95 < 100ms",
            P95,
            Metric(name="p95", value=Decimal("0.12")),
            "20 ms above the limit",
        ),
        ("p95 > 1s", P95, Metric(name="p95", value=Decimal("0.5")), "500 ms below the limit"),
    ],
)
def test_the_distance_names_what_would_pass(
    text: str, spec: MetricSpec, metric: Metric, advice: str
) -> None:
    assert distance(condition(text, spec), metric, spec) == advice


def test_what_advice_promises_holds() -> None:
    bound = condition("line >= 90%", LINE)
    for covered in range(180):
        told = distance(bound, ratio("line", covered, 200), LINE)
        more = int(told.split()[0])
        assert bound.operator.holds((covered + more, 200), bound.limit)
        assert not bound.operator.holds((covered + more - 1, 200), bound.limit)


def test_there_is_no_advice_where_none_is_true() -> None:
    strict = MetricSpec(name="strict", unit=Unit.FLAG, direction=Direction.HIGHER, title="strict")
    assert distance(condition("strict == 1", strict), flag("strict", holds=False), strict) == ""
    impossible = replace(condition("line > 90%", LINE), limit=Decimal(2))
    assert distance(impossible, ratio("line", 5, 10), LINE) == ""


@pytest.mark.parametrize(
    ("noun", "one"),
    [
        ("errors", "error"),
        ("files to reformat", "file to reformat"),
        ("tests with errors", "test with errors"),
        ("uses of Any", "use of Any"),
        ("functions not fully typed", "function not fully typed"),
        ("vulnerabilities", "vulnerability"),
        ("unexpected passes", "unexpected pass"),
        ("`type: ignore` comments", "`type: ignore` comment"),
        ("counted as `bad`", "counted as `bad`"),
    ],
)
def test_one_of_something_is_named_in_the_singular(noun: str, one: str) -> None:
    assert singular(noun) == one
    changed = replace(ERRORS, noun=noun)
    told = distance(condition("errors == 0", changed), count("errors", 1), changed)
    assert told == f"1 fewer {one} would pass"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'line{path="src/oders.py"} >= 80%',
            (
                '`line{path="src/oders.py"}` has no value with these tags; did you mean'
                ' `line{path="src/orders.py"}`?'
            ),
        ),
        ('line{path="zzz"} >= 80%', '`line{path="zzz"}` has no value with these tags'),
        ('branch{path="a"} >= 80%', '`branch{path="a"}` was not measured'),
        ("branch >= 80%", "`branch` was not measured"),
    ],
)
def test_what_was_not_measured_is_told_with_what_it_may_have_meant(text: str, words: str) -> None:
    branch = replace(LINE, name="branch")
    metrics = [
        ratio("line", 9, 10),
        ratio("line", 9, 10, path="src/orders.py"),
        ratio("line", 9, 10, path="src/users.py"),
    ]
    spec = LINE if text.startswith("line") else branch
    assert unmeasured(condition(text, spec), metrics) == words
