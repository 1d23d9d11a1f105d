from __future__ import annotations

from dataclasses import fields, replace

import pytest
from samples import gate

from gates.domain.moment import IN_CI
from gates.domain.plan import GatePlan
from gates.domain.policy_change import Kind
from gates.domain.policy_gates import compare_gate, gate_text, is_renamed
from gates.domain.policy_options import OptionRule, Stricter

GATE = replace(gate(name="lint", level=2), place="gates.yaml:5:7", needs=("tests",))
RULES = {"paths": OptionRule(Stricter.WIDER, (".",)), "report": OptionRule(Stricter.ABSENT, ())}


def changes(**changed: object) -> list[tuple[Kind, str]]:
    after = replace(GATE, **changed)  # type: ignore[arg-type]
    return [(each.kind, each.said) for each in compare_gate(GATE, after, RULES)]


DOUBT = " (cannot be told to be as strict)"


@pytest.mark.parametrize(
    ("changed", "kind", "what"),
    [
        ({"level": 3}, Kind.LOOSENED, "level of gate `lint`"),
        ({"level": 1}, Kind.TIGHTENED, "level of gate `lint`"),
        ({"when": IN_CI}, Kind.SKIPPED, "`when` of gate `lint`"),
        ({"shards": 4}, Kind.CHANGED, "`shards` of gate `lint`"),
        ({"timeout_s": 900}, Kind.CHANGED, "`timeout` of gate `lint`"),
        ({"uses": "mypy"}, Kind.LOOSENED, f"stage of gate `lint`{DOUBT}"),
        ({"env": (("A", "1"),)}, Kind.LOOSENED, f"`env` of gate `lint`{DOUBT}"),
        ({"service": "api"}, Kind.LOOSENED, f"`service` of gate `lint`{DOUBT}"),
        ({"needs": ()}, Kind.LOOSENED, f"`needs` of gate `lint`{DOUBT}"),
        ({"needs": ("tests", "more")}, Kind.CHANGED, "`needs` of gate `lint`"),
        ({"criteria": ()}, Kind.LOOSENED, "`criteria` of gate `lint`"),
        ({"criteria": ("L1-LINT", "L1-ARCH")}, Kind.ADDED, "`criteria` of gate `lint`"),
        ({"options": {"paths": ["src"]}}, Kind.LOOSENED, "option `paths` of gate `lint`"),
        ({"options": {"report": ["a.json"]}}, Kind.LOOSENED, "option `report` of gate `lint`"),
        ({"options": {"other": "x"}}, Kind.LOOSENED, f"option `other` of gate `lint`{DOUBT}"),
    ],
)
def test_each_part_of_a_gate_is_compared(changed: dict[str, object], kind: Kind, what: str) -> None:
    assert changes(**changed) == [(kind, what)]


@pytest.mark.parametrize(
    "changed",
    [
        {"options": {"paths": ["."]}},
        {"place": "gates.yaml:50:1"},
        {"options_sha256": "0"},
        {"criteria": ("L1-LINT",)},
    ],
)
def test_what_asks_the_same_is_no_change(changed: dict[str, object]) -> None:
    assert changes(**changed) == []


def test_a_gate_that_is_due_more_often_is_tightened() -> None:
    rarely = replace(GATE, when=IN_CI)
    (found,) = compare_gate(rarely, GATE, RULES)
    assert (found.kind, found.before, found.after) == (Kind.TIGHTENED, "ci", "commit, push, ci")


def test_in_place_of_a_run_is_told_as_that() -> None:
    after = replace(GATE, options={"report": ["a.json"]})
    (found,) = compare_gate(GATE, after, RULES)
    assert (found.before, found.after) == ("runs the tool", "[a.json]")
    (found,) = compare_gate(after, GATE, RULES)
    assert found.kind is Kind.TIGHTENED


def test_a_gate_is_told_by_stage_level_and_what_it_requires() -> None:
    assert gate_text(GATE) == "ruff at Level 2: errors == 0"


def test_a_renamed_gate_says_the_same() -> None:
    assert is_renamed(GATE, replace(GATE, name="style", place="gates.yaml:8:1"))
    assert not is_renamed(GATE, replace(GATE, name="style", level=3))


DERIVED = {
    "name",  # by which two gates are held against each other
    "place", "options_sha256",  # say where and in short
    "specs", "asks", "exclusive",  # follow from the stage, its options and what needs it
    "dropped",  # is seen in the conditions
}  # fmt: skip
COMPARED = {
    "level", "uses", "options", "conditions", "criteria", "needs", "timeout_s", "env", "service",
    "when", "shards",
}  # fmt: skip


def test_no_part_of_a_gate_is_forgotten() -> None:
    assert {each.name for each in fields(GatePlan)} == DERIVED | COMPARED
