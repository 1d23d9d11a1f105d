from __future__ import annotations

from collections.abc import Callable

import pytest

from gates.domain.condition import Role
from gates.domain.errors import Problem
from gates.domain.plan import GatePlan, Plan

LoadText = Callable[[str], Plan]
Refuse = Callable[[str], tuple[Problem, ...]]
Lines = Callable[[str], list[str]]


def _text(keys: str, *, uses: str = "coverage", level: int = 1, top: str = "") -> str:
    return f"version: 1\n{top}\nlevels: {{{level}: [pytest, {{uses: {uses}, name: it, {keys}}}]}}\n"


def _shown(gate: GatePlan) -> list[tuple[str, str, str]]:
    return [(each.role.value, each.text, each.replaces) for each in gate.conditions]


def test_a_require_on_a_new_metric_adds(load_text: LoadText) -> None:
    assert _shown(load_text(_text("require: branch >= 80%")).gate("it")) == [
        ("require", "line >= 90%", ""),
        ("require", "changed_line >= 90%", ""),
        ("require", "branch >= 80%", ""),
    ]


def test_a_require_on_the_same_metric_replaces_and_says_so(load_text: LoadText) -> None:
    assert _shown(load_text(_text("require: line >= 95%")).gate("it")) == [
        ("require", "changed_line >= 90%", ""),
        ("require", "line >= 95%", "line >= 90%"),
    ]


def test_a_require_with_tags_leaves_the_whole_alone(load_text: LoadText) -> None:
    gate = load_text(_text("""require: ['line{path="a"} >= 50%']""")).gate("it")
    assert ("require", "line >= 90%", "") in _shown(gate)
    assert ("require", 'line{path="a"} >= 50%', "") in _shown(gate)


def test_a_range_is_kept_and_told_once(load_text: LoadText) -> None:
    assert _shown(load_text(_text("require: [line >= 80%, line < 100%]")).gate("it"))[1:] == [
        ("require", "line >= 80%", "line >= 90%"),
        ("require", "line < 100%", ""),
    ]


def test_a_warn_does_not_replace_a_required_default(load_text: LoadText) -> None:
    assert _shown(load_text(_text("warn: line >= 95%")).gate("it")) == [
        ("require", "line >= 90%", ""),
        ("require", "changed_line >= 90%", ""),
        ("warn", "line >= 95%", ""),
    ]


def test_a_warn_replaces_a_default_that_warns(load_text: LoadText) -> None:
    assert _shown(load_text(_text("warn: warnings <= 5", uses="ruff")).gate("it")) == [
        ("require", "errors == 0", ""),
        ("warn", "warnings <= 5", "warnings == 0"),
    ]


def test_a_require_replaces_a_default_that_warns(load_text: LoadText) -> None:
    assert _shown(load_text(_text("require: warnings <= 5", uses="ruff")).gate("it")) == [
        ("require", "errors == 0", ""),
        ("require", "warnings <= 5", "warnings == 0"),
    ]


def test_a_dropped_default_is_named(load_text: LoadText) -> None:
    gate = load_text(_text("drop: [changed_line]")).gate("it")
    assert gate.dropped == ("changed_line >= 90%",)
    assert _shown(gate) == [("require", "line >= 90%", "")]


def test_a_drop_with_tags_takes_that_default(load_text: LoadText) -> None:
    keys = """with: {critical: {"a.py": 80%, "b.py": 70%}}, drop: ['line{path="a.py"}']"""
    gate = load_text(_text(keys)).gate("it")
    assert gate.dropped == ('line{path="a.py"} >= 80%',)
    assert [text for _, text, _ in _shown(gate)] == [
        "line >= 90%",
        "changed_line >= 90%",
        'line{path="b.py"} >= 70%',
    ]


def test_a_default_stands_only_at_its_levels(load_text: LoadText, lines: Lines) -> None:
    assert _shown(load_text(_text("needs: []", uses="load", level=2)).gate("it")) == [
        ("require", "p95 < 100ms", "")
    ]
    (line,) = lines(_text("needs: []", uses="load", level=1))
    assert "nothing-required: gate `it` requires nothing" in line


@pytest.mark.parametrize(
    ("keys", "slug", "hint"),
    [
        ("drop: branch", "nothing-dropped", "the defaults at Level 1: `line >= 90%`, `changed"),
        ("drop: line >= 90%", "bad-drop", "write only the metric"),
        ("drop: [line, line]", "same-drop", ""),
        ("drop: [line, changed_line]", "nothing-required", "add a condition under `require:`"),
        ("require: lin >= 90%", "unknown-metric", "did you mean `line`?"),
        ("warn: lin >= 90%", "unknown-metric", "did you mean `line`?"),
        ("require: line >= 90", "bad-unit", "write it as in `line >= 90%`"),
        ("require: line >= 90ms", "bad-unit", "write it as in `line >= 90%`"),
        ("require: line", "bad-condition", "write METRIC OP LIMIT"),
        ("require: line >= much", "bad-limit", "a limit is a number"),
        ("""require: 'line{pat="a"} >= 1%'""", "unknown-tag", "its tags: `path`"),
        ("require: line >= target.goal", "unknown-target", "add `targets: {goal: 50ms}`"),
        ("require: [line >= 90%, line >= 90.0%]", "same-condition", "delete one of them"),
        ("warn: [line >= 90%, line >= 90%]", "same-condition", "delete one of them"),
    ],
)
def test_what_cannot_be_demanded_is_refused(
    refuse: Refuse, keys: str, slug: str, hint: str
) -> None:
    (problem,) = refuse(_text(keys))
    assert problem.slug == slug
    assert problem.hint.startswith(hint)


def test_the_same_as_require_and_as_warn_is_no_repetition(load_text: LoadText) -> None:
    gate = load_text(_text("require: branch >= 5%, warn: branch >= 5%")).gate("it")
    assert [each.role for each in gate.conditions if each.metric == "branch"] == [
        Role.REQUIRE,
        Role.WARN,
    ]


def test_a_gate_that_only_warns_requires_nothing(lines: Lines) -> None:
    (line,) = lines(_text("drop: errors", uses="ruff"))
    assert "nothing-required" in line


def test_a_target_of_another_dimension_is_refused(lines: Lines) -> None:
    (line,) = lines(_text("require: line >= target.goal", top="targets: {goal: 50ms}"))
    assert "bad-unit" in line


def test_a_target_that_is_misspelled_names_the_nearest(refuse: Refuse) -> None:
    (problem,) = refuse(_text("require: line >= target.gaol", top="targets: {goal: 50%}"))
    assert problem.hint == "did you mean `goal`? targets: goal"


@pytest.mark.parametrize("targets", ["{goal: fast}", "{goal: }", "[goal]", "{goal: target.x}"])
def test_a_target_that_cannot_be_read_is_told_once(lines: Lines, targets: str) -> None:
    (line,) = lines(_text("require: line >= target.goal", top=f"targets: {targets}"))
    assert line.startswith("2:")


def test_a_default_that_the_options_spoil_is_refused_at_them(refuse: Refuse) -> None:
    (problem,) = refuse(_text("with: {critical: {a: '80'}}"))
    assert problem.slug == "bad-default"
    assert problem.summary.startswith('the default condition `line{path="a"} >= 80` cannot be used')
    assert problem.place == "gates.yaml:3:49"


def test_conditions_on_metrics_of_the_options_are_bound(load_text: LoadText) -> None:
    keys = "with: {run: ./x, metrics: {todo: {json: /n}}}, require: todo <= 5"
    gate = load_text(_text(keys, uses="command")).gate("it")
    assert [spec.name for spec in gate.specs] == ["exit_status", "todo"]
    assert [text for _, text, _ in _shown(gate)] == ["exit_status == 0", "todo <= 5"]


def test_a_default_without_its_metric_is_refused(lines: Lines) -> None:
    (line,) = lines(_text("name: it", uses="faulty").replace("name: it, name: it", "name: it"))
    assert "bad-default: the default condition `gone == 0` cannot be used" in line


def test_a_condition_on_a_baseline_stands_beside_a_limit(load_text: LoadText) -> None:
    keys = "require: [line >= 80%, line <= baseline + 1pt]"
    assert _shown(load_text(_text(keys)).gate("it"))[1:] == [
        ("require", "line >= 80%", "line >= 90%"),
        ("require", "line <= baseline + 1pt", ""),
    ]


@pytest.mark.parametrize(
    ("keys", "slug", "hint"),
    [
        ("require: line <= baseline + 5%", "bad-allowance", "write it as in `line <= baseline + 1"),
        ("require: line <= baseline - 1pt", "bad-allowance", "write it as in `line <= baseline + "),
        ("require: line >= baseline", "bad-direction", "write it as in `line <= baseline + 1pt`"),
        ("require: line <= baseline + 100pt", "decided", "write it as in `line <= baseline + 1pt`"),
        ("require: line >= basline", "bad-limit", "a limit is a number with its unit"),
        (
            "require: [line <= baseline + 1pt, line <= baseline+1pt]",
            "same-condition",
            "delete one of them",
        ),
    ],
)
def test_a_baseline_that_cannot_be_demanded_is_refused(
    refuse: Refuse, keys: str, slug: str, hint: str
) -> None:
    (problem,) = refuse(_text(keys))
    assert problem.slug == slug
    assert problem.hint.startswith(hint)
