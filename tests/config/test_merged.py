"""Two files laid over each other: what each says, and where it stands."""

from __future__ import annotations

from textwrap import dedent

import pytest

from gates.config.merged import Merged, merged
from gates.formats import strict_yaml


def lay(shared: str, own: str) -> Merged:
    return merged(
        strict_yaml.read(dedent(shared).encode(), name="shared.yaml"),
        strict_yaml.read(dedent(own).encode(), name="own.yaml"),
    )


SHARED = """\
    version: 1
    project: company
    targets: {simple: 50ms, other: 1s}
    levels:
      1:
        name: First
        gates:
          lint: ruff
          coverage:
            uses: coverage
            with: {min_changed: 10}
            require: [line >= 80%, branch >= 70%]
            needs: tests
            drop: [changed_line]
      2: [mypy]
    """
OWN = """\
    version: 1
    extends: shared.yaml
    targets: {simple: 40ms}
    levels:
      1:
        gates:
          coverage:
            with: {tests: unit}
            require: ['line>=90%']
            needs: [tests, more]
          sast: bandit
    """


def test_keys_are_added_and_conditions_on_the_same_metric_replaced() -> None:
    assert lay(SHARED, OWN).value == {
        "version": 1,
        "targets": {"simple": "40ms", "other": "1s"},
        "levels": {
            1: {
                "name": "First",
                "gates": {
                    "lint": {"uses": "ruff"},
                    "coverage": {
                        "uses": "coverage",
                        "with": {"min_changed": 10, "tests": "unit"},
                        "drop": ["changed_line"],
                        "needs": ["tests", "more"],
                        "require": ["branch >= 70%", "line>=90%"],
                    },
                    "sast": {"uses": "bandit"},
                },
            },
            2: {"gates": {"mypy": {"uses": "mypy"}}},
        },
    }


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("targets", "simple"), "own.yaml:3:19"),
        (("targets", "other"), "shared.yaml:3:32"),
        (("levels", 1, "name"), "shared.yaml:6:11"),
        (("levels", 1, "gates", "lint", "uses"), "shared.yaml:8:13"),
        (("levels", 1, "gates", "coverage"), "own.yaml:8:9"),
        (("levels", 1, "gates", "coverage", "uses"), "shared.yaml:10:15"),
        (("levels", 1, "gates", "coverage", "with", "tests"), "own.yaml:8:23"),
        (("levels", 1, "gates", "coverage", "with", "min_changed"), "shared.yaml:11:29"),
        (("levels", 1, "gates", "coverage", "require", 0), "shared.yaml:12:32"),
        (("levels", 1, "gates", "coverage", "require", 1), "own.yaml:9:19"),
        (("levels", 1, "gates", "coverage", "needs", 0), "shared.yaml:13:16"),
        (("levels", 1, "gates", "coverage", "needs", 1), "own.yaml:10:24"),
        (("levels", 1, "gates", "sast", "uses"), "own.yaml:11:13"),
        (("levels", 2, "gates", "mypy", "uses"), "shared.yaml:15:7"),
    ],
)
def test_each_value_knows_its_file(path: strict_yaml.Path, place: str) -> None:
    both = lay(SHARED, OWN)
    assert both.problem("x", "y", path).place == place
    assert both.mark(path).line == int(place.split(":")[1])


def test_a_gate_moves_to_the_level_of_the_later_file() -> None:
    own = "version: 1\nlevels: {1: {gates: {mypy: {timeout: 5m}}}}\n"
    levels = lay(SHARED, own).value["levels"]
    assert isinstance(levels, dict)
    assert list(levels) == [1]
    assert levels[1]["gates"]["mypy"] == {"uses": "mypy", "timeout": "5m"}


def test_a_list_names_gates_by_their_stages() -> None:
    own = "version: 1\nlevels: {1: [ruff-format, {uses: coverage, timeout: 5m}]}\n"
    levels = lay(SHARED, own).value["levels"]
    assert isinstance(levels, dict)
    assert list(levels[1]["gates"]) == ["lint", "coverage", "ruff-format"]
    assert levels[1]["gates"]["coverage"]["timeout"] == "5m"


@pytest.mark.parametrize(
    "levels",
    ["[ruff]", "{1: 3}", "{1: {gates: {lint: 3}}}", "{1: [3]}", "{x: [ruff]}", "{1: {name: x}}"],
)
def test_levels_that_cannot_be_read_are_left_as_they_are_written(levels: str) -> None:
    own = f"version: 1\nlevels: {levels}\n"
    given = strict_yaml.read(own.encode(), name="own.yaml").value["levels"]
    assert lay(SHARED, own).value["levels"] == given


def test_a_later_value_of_another_kind_stands_alone() -> None:
    both = lay(SHARED, "version: 1\ntargets: 3\n")
    assert both.value["targets"] == 3
    assert both.problem("x", "y", ("targets", "simple")).place == "own.yaml:2:1"


def test_a_condition_that_cannot_be_read_replaces_nothing() -> None:
    own = "version: 1\nlevels: {1: {gates: {coverage: {require: [line, 3]}}}}\n"
    levels = lay(SHARED, own).value["levels"]
    assert isinstance(levels, dict)
    require = levels[1]["gates"]["coverage"]["require"]
    assert require == ["line >= 80%", "branch >= 70%", "line", 3]


def test_problems_of_the_later_file_are_its_own() -> None:
    both = lay(SHARED, "version: 1\nversion: 1\n")
    assert [each.slug for each in both.problems] == ["yaml-duplicate-key"]
    assert both.refused == frozenset()


def test_what_is_asked_of_the_policy_is_laid_over_like_a_gate() -> None:
    shared = "version: 1\nlevels: {1: [ruff]}\npolicy: {require: [skips == 0, omits == 0]}\n"
    own = "version: 1\npolicy: {require: [skips <= 1], drop: [ci_edits]}\n"
    both = lay(shared, own)
    assert both.value["policy"] == {"require": ["omits == 0", "skips <= 1"], "drop": ["ci_edits"]}
    path: strict_yaml.Path = ("policy", "require", 1)
    assert both.problem("x", "", path).place == "own.yaml:2:20"
    assert lay(shared, "version: 1\n").value["policy"] == {"require": ["skips == 0", "omits == 0"]}
