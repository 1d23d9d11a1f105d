from __future__ import annotations

from dataclasses import replace

import pytest
from samples import gate, plan

from gates import stages
from gates.config.extends import Reference
from gates.config.load import load
from gates.config.problems import Problems
from gates.config.shared import loosened, reference
from gates.domain.plan import Plan
from gates.formats import strict_yaml

FULL = "0123456789abcdef" * 4


def read(value: str) -> tuple[Reference | None, Problems]:
    document = strict_yaml.read(f"extends: {value}\n".encode(), name="gates.yaml")
    problems = Problems(document)
    return reference(document.value["extends"], problems), problems


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("../x.yaml", Reference("../x.yaml")),
        (
            f"{{git: 'https://git.example/p', rev: '{FULL}'}}",
            Reference("gates.yaml", "https://git.example/p", FULL),
        ),
        (
            f"{{git: ../p, rev: {FULL[:40]}, path: a/b.yaml}}",
            Reference("a/b.yaml", "../p", FULL[:40]),
        ),
    ],
)
def test_a_path_or_a_whole_revision_is_named(value: str, named: Reference) -> None:
    found, problems = read(value)
    assert found == named
    assert not problems


@pytest.mark.parametrize(
    "value",
    ["/x", "''", "true", "{git: x}", f"{{git: x, rev: {FULL[:39]}}}", "{git: x, rev: HEAD}"],
)
def test_anything_else_is_told(value: str) -> None:
    found, problems = read(value)
    assert found is None
    assert problems


def test_what_the_shared_policy_leaves_open_is_the_projects() -> None:
    shared = plan(gate())
    own = replace(shared, include=("src",), exclude=("old",), environment=".env", project="x")
    assert loosened(shared, own, stages.load) == ()
    (problem,) = loosened(replace(shared, include=("src",)), own, stages.load)
    assert problem.slug == "loosens-shared"


def test_a_lost_gate_is_told_with_its_source() -> None:
    shared = plan(gate(name="lint"), gate(name="style"))
    (problem,) = loosened(shared, plan(gate(name="lint")), stages.load)
    assert problem.summary == (
        "gate `style` is looser than the policy that is extended: `ruff at Level 1: errors == 0`"
    )
    assert "`gates.yaml`" in problem.hint


def test_what_the_shared_policy_asks_of_a_change_stays() -> None:
    def asking(said: str) -> Plan:
        text = f"version: 1\npolicy: {said}\nlevels: {{1: [ruff]}}\n".encode()
        return load(text, name="gates.yaml", default_project="x")

    shared = asking("{require: [skips == 0]}")
    (problem,) = loosened(shared, asking("{require: [skips <= 1]}"), stages.load)
    assert "condition on `skips` of gate `policy` is looser" in problem.summary
    assert loosened(shared, asking("{require: [skips == 0, omits == 0]}"), stages.load) == ()
