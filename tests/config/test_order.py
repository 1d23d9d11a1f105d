from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from gates.config.load import load
from gates.domain.errors import ConfigError, Problem
from gates.domain.plan import Plan

LoadText = Callable[[str], Plan]
Refuse = Callable[[str], tuple[Problem, ...]]
Lines = Callable[[str], list[str]]


def _gates(*gates: str, level: int = 1) -> str:
    return f"version: 1\nlevels:\n  {level}:\n    gates:\n" + "".join(
        f"      {gate}\n" for gate in gates
    )


def test_the_only_gate_that_can_serve_is_found(load_text: LoadText) -> None:
    plan = load_text(_gates("cov: coverage", "unit: pytest"))
    gate = plan.gate("cov")
    assert gate.needs == ("unit",)
    assert gate.asks == (("unit", ("coverage",)),)
    assert gate.options == {"tests": "unit"}
    assert plan.gate("unit").needs == ()


def test_the_gate_that_the_option_names_is_taken(load_text: LoadText) -> None:
    plan = load_text(
        _gates("unit: pytest", "whole: pytest", "coverage: {with: {tests: whole}, needs: unit}")
    )
    gate = plan.gate("coverage")
    assert gate.needs == ("unit", "whole")
    assert gate.asks == (("whole", ("coverage",)),)


def test_a_wanted_gate_that_is_also_needed_is_needed_once(load_text: LoadText) -> None:
    gate = load_text(_gates("unit: pytest", "coverage: {needs: [unit]}")).gate("coverage")
    assert gate.needs == ("unit",)


def test_a_stage_that_wants_nothing_asks_nothing(load_text: LoadText) -> None:
    gate = load_text(_gates("coverage: {with: {report: a.json}}")).gate("coverage")
    assert (gate.needs, gate.asks, gate.options) == ((), (), {"report": "a.json"})


def test_a_gate_of_a_level_below_serves_and_one_above_does_not(
    load_text: LoadText, lines: Lines
) -> None:
    below = load_text("version: 1\nlevels: {1: [pytest], 2: [coverage]}\n")
    assert below.gate("coverage").needs == ("pytest",)
    assert lines("version: 1\nlevels: {2: [pytest], 1: [coverage]}\n") == [
        "2:27 no-gate: gate `coverage` needs a gate that uses `pytest`, and there is none"
    ]


def test_several_gates_that_could_serve_are_named(refuse: Refuse) -> None:
    (problem,) = refuse(_gates("a: pytest", "b: pytest", "coverage: {}"))
    assert problem.summary == "gate `coverage` could take its data from `a`, `b`"
    assert problem.hint == "name one: `with: {tests: a}`"


def test_no_gate_is_missed_while_one_cannot_be_read(lines: Lines) -> None:
    assert len(lines(_gates("a: pytets", "coverage: {}"))) == 1
    assert len(lines(_gates("a: {uses: 5}", "coverage: {}"))) == 1
    assert len(lines(_gates("a: 5", "coverage: {}"))) == 1


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        (
            ["lint: ruff", "unit: {uses: pytest, needs: lnt}"],
            "6:35 unknown-gate: no gate is named `lnt`",
        ),
        (
            ["lint: ruff", "unit: {uses: pytest, needs: [lint, lint]}"],
            "6:42 same-need: `lint` is needed twice",
        ),
        (
            ["lint: ruff", "coverage: {with: {tests: lint}}"],
            "6:32 wrong-gate: gate `lint` uses `ruff`, not `pytest`",
        ),
        (
            ["unit: pytest", "coverage: {with: {tests: unti}}"],
            "6:32 unknown-gate: no gate is named `unti`",
        ),
        (
            ["a: {uses: ruff, needs: a}"],
            "5:30 needs-cycle: `a` needs `a`: none of them could start",
        ),
        (
            [
                "a: {uses: ruff, needs: b}",
                "b: {uses: ruff, needs: [c]}",
                "c: {uses: ruff, needs: a}",
            ],
            "needs-cycle",
        ),
        (
            ["unit: {uses: pytest, needs: coverage}", "coverage: {}"],
            "needs-cycle",
        ),
    ],
)
def test_an_order_that_cannot_be_is_refused(lines: Lines, gates: list[str], expected: str) -> None:
    (line,) = lines(_gates(*gates))
    assert expected in line


def test_a_cycle_names_its_gates_in_the_order_of_the_needs(refuse: Refuse) -> None:
    needs = {"a": "b", "b": "c", "c": "a"}
    (problem,) = refuse(
        _gates(*(f"{name}: {{uses: ruff, needs: {need}}}" for name, need in needs.items()))
    )
    names = [part.strip("`") for part in problem.summary.split(":")[0].split(" needs ")]
    assert len(names) == 4
    assert all(needs[left] == right for left, right in pairwise(names))


def test_a_need_of_a_level_above_is_refused(refuse: Refuse) -> None:
    (problem,) = refuse("version: 1\nlevels: {1: [{uses: ruff, needs: pytest}], 2: [pytest]}\n")
    assert problem.summary == ("gate `ruff` of Level 1 cannot need `pytest`, which is of Level 2")
    assert problem.slug == "need-above"


def test_a_named_gate_of_a_level_above_is_refused(lines: Lines) -> None:
    (line,) = lines(
        "version: 1\nlevels: {1: [{uses: coverage, with: {tests: pytest}}], 2: [pytest]}\n"
    )
    assert "need-above" in line


SERVED = "version: 1\nservices: {api: {run: serve}}\nlevels:\n  1:\n    gates:\n"


def test_a_stage_that_takes_any_gate_reads_the_pages_of_its_service(load_text: LoadText) -> None:
    plan = load_text(
        f"{SERVED}      unit: {{uses: pytest, service: api}}\n"
        "      watch: {uses: watching, with: {tests: unit}}\n"
    )
    assert plan.gate("watch").needs == ("unit",)
    assert plan.gate("watch").asks == (("unit", ("scrape /metrics",)),)


def test_a_gate_without_service_has_no_page(lines: Lines) -> None:
    found = lines(_gates("unit: pytest", "watch: {uses: watching, with: {tests: unit}}"))
    assert found == ["6:45 wrong-gate: gate `unit` names no service, so it has no page to be read"]


def test_a_stage_that_takes_any_gate_must_be_told_which(lines: Lines) -> None:
    assert lines(_gates("unit: pytest", "watch: watching")) == [
        "6:7 missing-key: gate `watch` does not say which gate it is about"
    ]


SEVERAL = """\
version: 1
levels:
  1:
    gates:
      a: pytest
      b: pytest
      coverage: {{with: {{tests: {tests}}}}}
"""


def test_coverage_may_name_several_gates_of_tests() -> None:
    text = SEVERAL.format(tests="[b, a]")
    gate = load(text.encode(), name="gates.yaml", default_project="x").gate("coverage")
    assert gate.needs == ("b", "a")
    assert gate.asks == (("b", ("coverage",)), ("a", ("coverage",)))
    assert gate.options["tests"] == ["b", "a"]
    one = load(SEVERAL.format(tests="a").encode(), name="gates.yaml", default_project="x")
    assert one.gate("coverage").options["tests"] == ["a"]


@pytest.mark.parametrize(("tests", "slug"), [("[a, a]", "same-need"), ("[a, z]", "unknown-gate")])
def test_a_list_of_gates_names_each_once_and_none_that_is_not_there(tests: str, slug: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(SEVERAL.format(tests=tests).encode(), name="gates.yaml", default_project="x")
    assert [problem.slug for problem in error.value.problems] == [slug]
