from __future__ import annotations

from dataclasses import fields, replace

import pytest
from samples import gate, plan

from gates.domain.plan import Exemption, LevelPlan, Plan, ProjectEntry
from gates.domain.policy_change import Kind, PolicyChange, PolicyFile, PolicySide
from gates.domain.policy_compare import compare

PLAN = replace(
    plan(gate(name="lint"), gate(name="style", level=2)),
    include=("src",),
    exclude=("src/old",),
    environment=".venv",
    allow_hosts=("a",),
    not_applicable=(Exemption(criterion="L2-LOAD", reason="batch", owner="ana"),),
    projects=(ProjectEntry("services/*", "gates.yaml:3:3"),),
)


def changes(after: Plan, before: Plan = PLAN) -> tuple[PolicyChange, ...]:
    return compare(PolicySide(plan=before), PolicySide(plan=after), {})


EXEMPT = Exemption(criterion="L2-LOAD", reason="none", owner="ana")


@pytest.mark.parametrize(
    ("changed", "kind", "what"),
    [
        ({"include": ("src/a",)}, Kind.LOOSENED, "`sources`"),
        ({"include": ("src", "lib")}, Kind.TIGHTENED, "`sources`"),
        ({"include": ()}, Kind.LOOSENED, "`sources` (cannot be told to be as strict)"),
        ({"exclude": ("src/old", "b")}, Kind.LOOSENED, "what `sources` excludes"),
        ({"exclude": ()}, Kind.TIGHTENED, "what `sources` excludes"),
        ({"allow_hosts": ("a", "b")}, Kind.LOOSENED, "`allow_hosts`"),
        ({"allow_hosts": ()}, Kind.TIGHTENED, "`allow_hosts`"),
        ({"environment": "x"}, Kind.LOOSENED, "`environment` (cannot be told to be as strict)"),
        ({"project": "other"}, Kind.CHANGED, "the project's name"),
        ({"not_applicable": ()}, Kind.TIGHTENED, "`L2-LOAD` under `not_applicable`"),
        ({"not_applicable": (EXEMPT,)}, Kind.CHANGED, "`L2-LOAD` under `not_applicable`"),
        ({"projects": ()}, Kind.REMOVED, "entry of `projects`"),
    ],
)
def test_each_part_of_the_head_is_compared(
    changed: dict[str, object], kind: Kind, what: str
) -> None:
    (found,) = changes(replace(PLAN, **changed))  # type: ignore[arg-type]
    assert (found.kind, found.said) == (kind, what)


def test_what_is_exempt_for_the_first_time_loosens() -> None:
    (found,) = changes(PLAN, replace(PLAN, not_applicable=()))
    assert (found.kind, found.before, found.after) == (Kind.LOOSENED, "", "batch (ana)")


def test_an_entry_that_comes_is_told_at_its_place() -> None:
    (found,) = changes(PLAN, replace(PLAN, projects=()))
    assert (found.kind, found.place) == (Kind.ADDED, "gates.yaml:3:3")


def test_a_removed_gate_is_told_with_what_it_required() -> None:
    (found,) = changes(replace(PLAN, gates=PLAN.gates[1:]))
    assert found == PolicyChange(
        kind=Kind.REMOVED,
        what="gate `lint`",
        before="ruff at Level 1: errors == 0",
        place="gates.yaml",
    )


def test_an_added_gate_is_no_loosening() -> None:
    (found,) = changes(PLAN, replace(PLAN, gates=PLAN.gates[1:]))
    assert (found.kind, found.loosens) == (Kind.ADDED, False)


def test_a_gate_of_another_name_that_asks_the_same_is_renamed() -> None:
    lint = replace(PLAN.gates[0], name="ruff", place="gates.yaml:8:1")
    (found,) = changes(replace(PLAN, gates=(lint, PLAN.gates[1])))
    assert (found.kind, found.before, found.after) == (Kind.CHANGED, "lint", "ruff")
    weaker = replace(lint, level=2)
    kinds = [each.kind for each in changes(replace(PLAN, gates=(weaker, PLAN.gates[1])))]
    assert kinds == [Kind.REMOVED, Kind.ADDED]


def test_names_of_levels_are_told() -> None:
    levels = (LevelPlan(number=1, name="First"), PLAN.levels[1])
    (found,) = changes(replace(PLAN, levels=levels))
    assert (found.kind, found.before, found.after) == (Kind.CHANGED, "Level 1", "First")


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (PolicyFile("a"), PolicyFile("b"), Kind.LOOSENED),
        (PolicyFile("a"), None, Kind.LOOSENED),
        (None, PolicyFile("a"), Kind.ADDED),
        (PolicyFile("a", is_counted=False), PolicyFile("b", is_counted=False), Kind.CHANGED),
    ],
)
def test_further_files_are_compared_by_their_digests(
    before: PolicyFile | None, after: PolicyFile | None, kind: Kind
) -> None:
    old, new = ({".gates/x": each} if each else {} for each in (before, after))
    (found,) = compare(PolicySide(plan=PLAN, files=old), PolicySide(plan=PLAN, files=new), {})
    assert (found.kind, found.place) == (kind, ".gates/x")
    assert compare(PolicySide(plan=PLAN, files=old), PolicySide(plan=PLAN, files=old), {}) == ()


def test_the_worst_comes_first() -> None:
    after = replace(PLAN, project="x", exclude=(), gates=PLAN.gates[1:], include=("src/a",))
    assert [each.kind for each in changes(after)] == [
        Kind.LOOSENED,
        Kind.REMOVED,
        Kind.CHANGED,
        Kind.TIGHTENED,
    ]


def test_equal_policies_have_no_change() -> None:
    assert changes(PLAN) == ()


def test_no_part_of_a_plan_is_forgotten() -> None:
    assert {each.name for each in fields(Plan)} == {
        "policy",  # says where it came from
        "project", "levels", "gates", "include", "exclude", "environment", "not_applicable",
        "projects", "services", "allow_hosts", "judging",
    }  # fmt: skip
