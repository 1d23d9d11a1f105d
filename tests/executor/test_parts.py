from __future__ import annotations

import pytest
from samples import gate, plan

from gates.domain.errors import ConfigError, Problem
from gates.domain.plan import Plan
from gates.domain.rollup import OWN
from gates.domain.run import Selection
from gates.executor.parts import Part, located, parts_of

API = plan(gate(name="lint"), gate(name="unit", needs=("lint",)), gate(name="load", level=2))
CORE = plan(gate(name="lint"))
EMPTY = plan()
PROJECTS = {"services/api": API, "packages/core": CORE}


def divided(
    *gates: str, own: Plan = EMPTY, level: int = 1, projects: dict[str, Plan] | None = None
) -> dict[str, tuple[int, tuple[str, ...]] | None]:
    """The level and gates of each part; None for one that is left out."""
    chosen = Selection(level=level, gates=gates, jobs=3)
    parts, _ = parts_of(own, projects or PROJECTS, chosen)
    assert all(part.selection is None or part.selection.jobs == 3 for part in parts)
    return {
        part.path: (part.selection.level, tuple(each.name for each in part.gates))
        if part.selection
        else None
        for part in parts
    }


def refused(*gates: str, level: int = 1) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        divided(*gates, level=level)
    return caught.value.problems


def test_without_a_selection_all_gates_of_the_level_are_judged() -> None:
    assert divided() == {"services/api": (1, ("lint", "unit")), "packages/core": (1, ("lint",))}


def test_own_gates_come_first() -> None:
    assert next(iter(divided(own=CORE).items())) == (OWN, (1, ("lint",)))


def test_own_gates_may_end_below_the_level_and_that_is_told() -> None:
    api = {"services/api": API}
    assert divided(own=CORE, level=2, projects=api)[OWN] == (1, ("lint",))
    _, notes = parts_of(CORE, api, Selection(level=2))
    (note,) = notes
    assert "orders itself has no gates at Level 2" in note
    assert note.endswith("its own are of Level 1")


def test_own_gates_may_begin_above_the_level_and_that_is_told() -> None:
    own = plan(gate(name="load", level=2))
    parts, notes = parts_of(own, PROJECTS, Selection())
    assert [part.path for part in parts] == list(PROJECTS)
    assert notes == ("orders itself has no gates at Level 1, its projects have",)


def test_a_gate_of_one_project_is_named_with_its_path() -> None:
    assert divided("services/api:lint") == {
        "services/api": (1, ("lint",)),
        "packages/core": None,
    }
    assert divided("./services/api/:unit")["services/api"] == (1, ("lint", "unit"))
    assert divided(".:lint", own=CORE)["services/api"] is None


def test_a_name_alone_stands_for_every_gate_that_is_called_so() -> None:
    assert divided("lint") == {"services/api": (1, ("lint",)), "packages/core": (1, ("lint",))}
    assert divided("unit")["packages/core"] is None


def test_gates_of_several_projects_can_be_named() -> None:
    assert divided("services/api:unit", "packages/core:lint", "lint") == {
        "services/api": (1, ("lint", "unit")),
        "packages/core": (1, ("lint",)),
    }


@pytest.mark.parametrize(
    ("name", "slug", "summary", "hint"),
    [
        ("lnt", "unknown-gate", "no gate is named `lnt` in any project", "did you mean `lint`?"),
        ("load", "unknown-gate", "no gate is named `load` in any project", "gates: services/api:l"),
        ("packages/core:unit", "unknown-gate", "`unit` in `packages/core`", "gates: lint"),
        ("service/api:lint", "unknown-project", "lies at `service/api`", "did you mean `services/"),
        ("zzz:lint", "unknown-project", "`zzz`", "projects: services/api, packages/core"),
        (":lint", "unknown-project", "``", "projects: "),
    ],
)
def test_what_is_nowhere_is_refused(name: str, slug: str, summary: str, hint: str) -> None:
    (problem,) = refused("lint", name)
    assert problem.slug == slug
    assert summary in problem.summary
    assert problem.hint.startswith(hint)


def test_every_address_that_leads_nowhere_is_told_at_once() -> None:
    assert len(refused("a:b", "ccccc")) == 2


def test_a_project_without_the_level_is_refused_by_name() -> None:
    (problem,) = refused(level=2)
    assert (problem.slug, problem.place) == ("empty-level", "packages/core/gates.yaml")
    assert problem.hint.startswith("levels with gates: 1; each project")
    assert divided("services/api:load", level=2)["services/api"] == (2, ("load",))
    assert refused("packages/core:load", level=2)[0].slug == "empty-level"


def test_many_names_are_cut() -> None:
    many = {f"p{at}": CORE for at in range(20)}
    with pytest.raises(ConfigError) as caught:
        divided("zzzzzzz", projects=many)
    assert caught.value.problems[0].hint.endswith("p11:lint and 8 more")


def test_a_problem_is_placed_in_its_project() -> None:
    def at(place: str, path: str = "a/b") -> str:
        return located(Problem("x", "y", place=place), path).place

    assert at("gates.yaml:1:2") == "a/b/gates.yaml:1:2"
    assert at("") == "a/b/gates.yaml"
    assert at("/srv/gates.yaml") == "/srv/gates.yaml"
    assert at("a/b/.venv/x") == "a/b/.venv/x"
    assert at("gates.yaml", OWN) == "gates.yaml"


def test_a_part_that_is_left_out_has_no_gates() -> None:
    part = Part(path="a", plan=API, selection=None)
    assert (part.gates, part.label) == ((), "a (orders)")
