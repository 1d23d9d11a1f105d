from __future__ import annotations

import pytest

from gates.domain.errors import StageError
from gates.domain.stage_result import Tool
from gates.formats import tested

TOOL = Tool(name="t", version="1")


def counts(**some: int) -> dict[str, int]:
    return {**dict.fromkeys(("tests", "passed", "failed", "errors", "flaky", "skipped"), 0), **some}


def test_what_ran_is_summed_up() -> None:
    numbers = counts(tests=3, passed=2, failed=1, skipped=4)
    found = tested.finding("failed", "a: no", path="a.py", line=3, subject="a")
    result = tested.summed_up(numbers, (found,), tool=TOOL, more={"files": 2, "no": 0}, hint="h")
    assert {metric.name: metric.value for metric in result.metrics} == numbers
    assert (result.examined.count, result.examined.unit) == (3, "tests")
    assert result.examined.details == (("skipped", 4), ("files", 2))
    assert [(f.rule, f.severity, f.place, f.counts) for f in result.findings] == [
        ("failed", tested.SEVERITY["failed"], "a.py:3", ("failed",))
    ]


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (counts(), "no test ran: there is none"),
        (counts(skipped=2), "all 2 were skipped"),
        (counts(xfailed=1), "0 were skipped, and 1 marked as expected failures"),
    ],
)
def test_where_none_ran_it_is_errored(numbers: dict[str, int], words: str) -> None:
    with pytest.raises(StageError, match=words) as caught:
        tested.summed_up(numbers, (), tool=TOOL, more={}, hint="look there")
    assert (caught.value.problem.slug, caught.value.problem.hint) == (
        "nothing-examined",
        "look there",
    )


@pytest.mark.parametrize("name", tested.TELLING)
def test_each_outcome_that_shows_something_is_enough(name: str) -> None:
    numbers = counts(**{"tests": 1, name: 1})
    assert tested.summed_up(numbers, (), tool=TOOL, more={}, hint="").examined.count == 1


def test_the_tables_speak_of_the_same_kinds() -> None:
    assert tested.SEVERITY.keys() == tested.RULES.keys()
    found = tested.flaky("a", path="a.py", line=2)
    assert (found.rule, found.place, found.subject) == ("flaky", "a.py:2", "a")
    assert tested.spec("x", "t", "n", optional=True).optional
