from __future__ import annotations

import pytest

from gates.config.load import load
from gates.domain.condition import Role
from gates.domain.errors import ConfigError
from gates.domain.plan import Plan


@pytest.mark.parametrize(
    ("gates", "place", "what"),
    [
        ("{policy: ruff}", "gates.yaml:2:22", "is named"),
        ("{mine: policy}", "gates.yaml:2:22", "uses the stage"),
        ("[policy]", "gates.yaml:2:22", "is named"),
        ("[{uses: policy, name: mine}]", "gates.yaml:2:22", "uses the stage"),
    ],
)
def test_the_gate_on_the_policy_is_nobody_elses(gates: str, place: str, what: str) -> None:
    text = f"version: 1\nlevels: {{1: {{gates: {gates}}}}}\n".encode()
    with pytest.raises(ConfigError) as caught:
        load(text, name="gates.yaml", default_project="x")
    (problem,) = caught.value.problems
    assert (problem.slug, problem.place) == ("reserved-gate", place)
    assert problem.summary.startswith(f"a gate {what} `policy`")


def test_the_conformance_kit_may_use_the_stage() -> None:
    text = b"version: 1\nlevels: {1: {gates: {mine: policy}}}\n"
    plan = load(text, name="gates.yaml", default_project="x", is_guarded=False)
    assert plan.gates[0].uses == "policy"


def plan_of(said: str) -> Plan:
    text = f"version: 1\npolicy: {said}\nlevels: {{1: [ruff]}}\n".encode()
    return load(text, name="gates.yaml", default_project="x")


def test_a_team_says_which_metrics_decide() -> None:
    said = plan_of("{require: [suppressions == 0, skips <= 2], warn: omits <= 5, drop: ci_edits}")
    assert said.judging is not None
    asked = {each.text: each.role for each in said.judging.conditions}
    assert [text for text, role in asked.items() if role is Role.REQUIRE] == [
        "loosened == 0", "suppressions == 0", "skips <= 2",
    ]  # fmt: skip
    assert asked["omits <= 5"] is Role.WARN
    assert not {"omits == 0", "skips == 0", "ci_edits == 0"} & asked.keys()
    assert said.judging.dropped == ("ci_edits == 0",)
    assert said.judging.place == "gates.yaml:2:1"
    text = b"version: 1\nlevels: {1: [ruff]}\n"
    assert load(text, name="gates.yaml", default_project="x").judging is None


@pytest.mark.parametrize(
    ("said", "slug", "place"),
    [
        ("{drop: [loosened]}", "reserved-condition", "gates.yaml:2:17"),
        ("{drop: loosened}", "reserved-condition", "gates.yaml:2:16"),
        ("{warn: [loosened == 0]}", "reserved-condition", "gates.yaml:2:17"),
        ("{require: [loosened <= 9]}", "reserved-condition", "gates.yaml:2:20"),
        ("{require: [suppression == 0]}", "unknown-metric", "gates.yaml:2:20"),
        ("{require: [skips]}", "bad-condition", "gates.yaml:2:20"),
        ("{drop: [errors]}", "nothing-dropped", "gates.yaml:2:17"),
        ("{needs: [ruff]}", "unknown-key", "gates.yaml:2:10"),
        ("{require: 3}", "bad-value", "gates.yaml:2:19"),
        ("[skips]", "bad-value", "gates.yaml:2:9"),
    ],
)
def test_what_cannot_be_said_of_it_is_refused(said: str, slug: str, place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plan_of(said)
    (problem,) = caught.value.problems
    assert (problem.slug, problem.place) == (slug, place)
