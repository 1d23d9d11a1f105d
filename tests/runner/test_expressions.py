"""Expressions are evaluated as GitHub evaluates them."""

from __future__ import annotations

import pytest
from runner.expressions import BadExpressionError, Surroundings, Value, condition, evaluate, filled

HERE = Surroundings(
    {
        "inputs": {"level": "1", "install-only": "false", "name": "Ann"},
        "steps": {"check": {"outputs": {"sarif": "true"}, "outcome": "success"}},
        "needs": {"a": {"result": "success"}, "b": {"result": "failure"}},
        "github": {"event": {"number": 3}},
    },
    {"always": lambda _: True, "failure": lambda _: False},
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("inputs.level", "1"),
        ("inputs.level == 1", True),
        ("inputs.name == 'ANN'", True),
        ("inputs.missing == ''", True),
        ("inputs.missing.deeper", None),
        ("inputs.install-only != 'true'", True),
        ("steps.check.outputs.sarif == 'true' && steps.check.outcome != 'failure'", True),
        ("'' || inputs.name", "Ann"),
        ("inputs.name && 'x'", "x"),
        ("!(inputs.level == '2')", True),
        ("'it''s'", "it's"),
        ("format('{0}-{1}', 'a', inputs.level)", "a-1"),
        ("contains(needs.*.result, 'failure')", True),
        ("contains('abc', 'B')", True),
        ("startsWith('abc', 'AB') && endsWith('abc', 'C')", True),
        ("join(needs.*.result, '+')", "success+failure"),
        ("fromJSON('[1]')", [1]),
        ("toJSON(inputs.level)", '"1"'),
        ("true != false", True),
        ("null == 0", True),
        ("'x' == 0", False),
        ("github.event.number == 3", True),
    ],
)
def test_a_value(text: str, value: Value) -> None:
    assert evaluate(text, HERE) == value


@pytest.mark.parametrize(
    "text", ["", "inputs.level ==", "unknown.x", "unknown()", "(inputs.level", "a b", "1 ? 2", ")"]
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(BadExpressionError):
        evaluate(text, HERE)


def test_a_text_with_places() -> None:
    assert filled("level-${{ inputs.level }}/${{ 1.5 }}${{ true }}", HERE) == "level-1/1.5true"


@pytest.mark.parametrize(
    ("text", "has_failed", "is_run"),
    [
        (None, False, True),
        (None, True, False),
        ("inputs.level == '1'", True, False),
        ("always() && inputs.level == '1'", True, True),
        ("${{ always() }}", True, True),
        ("failure()", True, False),
        (False, False, False),
    ],
)
def test_when_a_step_is_run(text: object, has_failed: bool, is_run: bool) -> None:  # noqa: FBT001
    assert condition(text, HERE, has_failed=has_failed) is is_run
