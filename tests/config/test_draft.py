from __future__ import annotations

from collections.abc import Callable

import pytest

from gates.domain.errors import Problem
from gates.domain.plan import Plan

LoadText = Callable[[str], Plan]
Refuse = Callable[[str], tuple[Problem, ...]]
Lines = Callable[[str], list[str]]


@pytest.mark.parametrize(
    ("level", "names"),
    [
        ("[ruff, pytest]", [("ruff", "ruff"), ("pytest", "pytest")]),
        ("[{uses: ruff, name: lint}]", [("lint", "ruff")]),
        ("[{uses: ruff}]", [("ruff", "ruff")]),
        ("{gates: [ruff]}", [("ruff", "ruff")]),
        ("{name: First, gates: {lint: ruff}}", [("lint", "ruff")]),
        ("{gates: {lint: {uses: ruff}}}", [("lint", "ruff")]),
        ("{gates: {ruff: {warn: errors == 1}}}", [("ruff", "ruff")]),
        ("{gates: {ruff: {}}}", [("ruff", "ruff")]),
        ("{gates: {ruff: pytest}}", [("ruff", "pytest")]),
    ],
)
def test_every_form_of_a_level_is_read(
    load_text: LoadText, level: str, names: list[tuple[str, str]]
) -> None:
    plan = load_text(f"version: 1\nlevels: {{1: {level}}}\n")
    assert [(gate.name, gate.uses) for gate in plan.gates] == names


def test_levels_have_default_names(load_text: LoadText) -> None:
    plan = load_text("version: 1\nlevels: {3: [ruff], 1: [pytest], 2: {gates: {a: ruff}}}\n")
    assert [(level.number, level.name) for level in plan.levels] == [
        (1, "Automated"),
        (2, "Integration"),
        (3, "Business"),
    ]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("[]", "2:10 empty-level: Level 1 holds no gate"),
        ("", "2:10 empty-level: Level 1 holds no gate"),
        ("{gates: []}", "2:14 empty-level: Level 1 holds no gate"),
        ("{gates: {}}", "2:14 empty-level: Level 1 holds no gate"),
        ("{gates: }", "2:14 empty-level: Level 1 holds no gate"),
        ("{name: First}", "2:10 empty-level: Level 1 has no `gates`"),
        ("{}", "2:10 empty-level: Level 1 has no `gates`"),
        ("ruff", "2:13 bad-value: a level should be a list or a mapping, not text"),
        ("{gates: 5}", "2:21 bad-value: the gates of a level should be a list or a mapping,"),
        ("{lint: ruff}", "2:14 unknown-key: unknown key `lint`"),
        ("{nam: x, gates: [ruff]}", "2:14 unknown-key: unknown key `nam`"),
        ("{name: '', gates: [ruff]}", "2:14 empty-value: `name` is empty"),
        ("{name: 5, gates: [ruff]}", "2:20 bad-value: `name` should be text, not a number"),
        ("[[ruff]]", "2:14 bad-value: a gate should be a stage's name or a mapping, not a list"),
        ("[5]", "2:14 bad-value: a gate should be a stage's name or a mapping, not a number"),
        ("[{name: x}]", "2:14 missing-key: a gate has no `uses`"),
        ("[{uses: }]", "2:21 bad-value: `uses` is empty; it should be text"),
        ("[{uses: ruff, name: Lint}]", "2:33 bad-gate-name: `Lint` is not a gate's name"),
        ("[Ruff]", "2:14 bad-gate-name: `Ruff` is not a gate's name"),
        ("{gates: {5: ruff}}", "2:22 bad-gate-name: `5` is not a gate's name"),
        ("[{ruff: {}}]", "2:14 missing-key: a gate has no `uses`"),
        ("[{uses: ruff, 5: x}]", "2:27 unknown-key: unknown key `5`"),
    ],
)
def test_what_is_no_level_is_refused(lines: Lines, level: str, expected: str) -> None:
    (line,) = lines(f"version: 1\nlevels: {{1: {level}}}\n")
    assert line.startswith(expected)


def test_a_name_of_64_letters_is_a_name_and_one_of_65_is_not(
    load_text: LoadText, lines: Lines
) -> None:
    text = "version: 1\nlevels: {1: [{uses: ruff, name: NAME}]}\n"
    assert load_text(text.replace("NAME", "a" * 64)).gates[0].name == "a" * 64
    assert "bad-gate-name" in lines(text.replace("NAME", "a" * 65))[0]
    assert "bad-gate-name" in lines(text.replace("NAME", '"a\\n"'))[0]


def test_a_list_item_written_like_a_named_gate_is_explained(refuse: Refuse) -> None:
    (problem,) = refuse("version: 1\nlevels: {1: [{coverage: {require: [line >= 80%]}}]}\n")
    assert problem.hint == (
        "in a list write `{uses: coverage, ...}`, or name the gates under `gates:`"
    )


def test_two_gates_of_one_name_are_refused_across_levels(lines: Lines) -> None:
    assert lines("version: 1\nlevels:\n  1: [ruff]\n  2:\n    gates:\n      ruff: ruff\n") == [
        "6:7 same-gate-name: two gates are named `ruff`, the other on line 3"
    ]


def test_a_quoted_level_is_explained(refuse: Refuse) -> None:
    problems = refuse('version: 1\nlevels: {"1": [ruff]}\n')
    assert [(each.slug, each.hint) for each in problems] == [
        ("unknown-level", "leave out the quotes")
    ]
    (problem,) = refuse("version: 1\nlevels: {one: [ruff]}\n")
    assert problem.hint == "the levels are 1, 2 and 3"


def test_a_gate_that_cannot_be_read_is_not_told_to_be_absent(lines: Lines) -> None:
    assert lines("version: 1\nlevels: {1: {gates: {a: 5, b: {uses: ruff, needs: a}}}}\n") == [
        "2:25 bad-value: a gate should be a stage's name or a mapping, not a number"
    ]


def test_other_keys_are_judged_where_one_is_refused(lines: Lines) -> None:
    text = """\
    version: 1
    levels:
      1:
        - uses: ruff
          needs: [5, nobody]
          require: [5, error == 0]
          env: {A: 1}
          timeout: 10x
    """
    assert [line.split(":")[1].split()[1] for line in lines(text)] == [
        "bad-value",
        "unknown-gate",
        "bad-value",
        "unknown-metric",
        "bad-value",
        "bad-timeout",
    ]
