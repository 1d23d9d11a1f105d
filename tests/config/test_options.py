from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from gates.domain.errors import Problem
from gates.domain.plan import Plan

LoadText = Callable[[str], Plan]
Refuse = Callable[[str], tuple[Problem, ...]]
Lines = Callable[[str], list[str]]


def _text(options: str, uses: str = "load") -> str:
    return f"version: 1\nlevels: {{2: [pytest, {{uses: {uses}, name: it, with: {options}}}]}}\n"


@pytest.mark.parametrize(
    ("options", "plain"),
    [
        ("{}", {}),
        ("{rate: 1.50}", {"rate": Decimal("1.50")}),
        ("{rate: 3}", {"rate": Decimal(3)}),
        ("{rate: 0.1234567890123456789012345}", {"rate": Decimal("0.1234567890123456789012345")}),
        ("{paths: [a, b]}", {"paths": ["a", "b"]}),
        ("{paths: []}", {"paths": []}),
        ("{parts: a}", {"parts": ["a"]}),
        ("{parts: [a, b]}", {"parts": ["a", "b"]}),
        ("{target: x}", {"target": "x"}),
        ("{target: [x, z]}", {"target": ["x", "z"]}),
        ("{headers: {a: {b: c}}}", {"headers": {"a": {"b": "c"}}}),
        ("{warm: false, shape: ramp}", {"warm": False, "shape": "ramp"}),
    ],
)
def test_options_come_through_exactly(
    load_text: LoadText, options: str, plain: dict[str, object]
) -> None:
    given = load_text(_text(options)).gate("it").options
    assert given == plain
    assert str(given) == str(plain)


@pytest.mark.parametrize(
    ("options", "expected", "hint"),
    [
        ("{rat: 5}", "unknown option `rat`", "did you mean `rate`? options of stage `load`: rate,"),
        ("{rate: fast}", "`rate` should be a number, not text", ""),
        ("{rate: NaN}", "`rate` should be a number, not text", ""),
        ("{rate: true}", "`rate` should be a number, not `true`", ""),
        ("{rate: }", "`rate` is empty; it should be a number", ""),
        ("{shape: stedy}", "`shape` should be `steady` or `ramp`", "did you mean `steady`?"),
        ("{shape: 5}", "`shape` should be `steady` or `ramp`", ""),
        ("{paths: a}", "`paths` should be a list, not text", ""),
        ('{parts: ""}', "`parts` holds an empty text", "write a path or a glob"),
        ('{parts: [a, ""]}', "`parts` holds an empty text", "write a path or a glob"),
        ("{paths: [a, 5]}", "item 2 of `paths` should be text, not a number", "put it in quotes"),
        ("{target: 5}", "`target` should be text or a list, not a number", "put it in quotes"),
        ("{target: [a, 5]}", "item 2 of `target` should be text, not a number", ""),
        ("{headers: {a: b}}", "`a` should be a mapping, not text", ""),
        ("{headers: {a: {b: 5}}}", "`b` should be text, not a number", "put it in quotes"),
        ("{headers: {5: {}}}", "the key `5` is a number", "put it in quotes"),
        ("{paths: [{5: x}]}", "the key `5` is a number", "put it in quotes"),
        ("{warm: 1}", "`warm` should be `true` or `false`, not a number", ""),
        ("{warm: text}", "`warm` should be `true` or `false`, not text", ""),
    ],
)
def test_options_of_another_kind_are_refused(
    refuse: Refuse, options: str, expected: str, hint: str
) -> None:
    hints = {problem.summary: problem.hint for problem in refuse(_text(options))}
    assert hints[expected].startswith(hint)


def test_the_place_is_that_of_the_value(refuse: Refuse) -> None:
    (problem,) = refuse(_text("{paths: [a, 5]}"))
    line, caret = problem.excerpt.split("\n")
    assert line[len(caret) - 1] == "5"


def test_what_the_stage_refuses_is_told_at_with(refuse: Refuse) -> None:
    (problem,) = refuse(_text("{tests: pytest, report: a.xml}", uses="coverage"))
    assert problem.slug == "bad-options"
    assert problem.summary == "`tests` and `report` exclude each other"
    assert problem.place == "gates.yaml:2:55"


def test_what_the_stage_misses_is_told_at_the_gate(refuse: Refuse) -> None:
    (problem,) = refuse("version: 1\nlevels: {1: {gates: {it: {uses: picky}}}}\n")
    assert (problem.summary, problem.place) == ("name a target", "gates.yaml:2:22")


def test_options_that_must_be_given_are_missed(refuse: Refuse) -> None:
    (problem,) = refuse("version: 1\nlevels: {1: {gates: {it: {uses: demanding}}}}\n")
    assert (problem.slug, problem.summary) == ("missing-key", "option `run` is missing")
    assert problem.place == "gates.yaml:2:22"


def test_an_option_of_a_kind_that_cannot_be_kept_is_a_fault_of_the_stage(
    load_text: LoadText,
) -> None:
    with pytest.raises(TypeError, match="an option of type date cannot be kept"):
        load_text(_text("{since: 2026-01-31}", uses="dated"))
