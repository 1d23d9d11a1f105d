from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from executor import stages
from executor.conftest import scripted
from repositories import Repo
from samples import plan

from gates import __version__
from gates.domain.errors import ConfigError, StageError
from gates.domain.moment import Moment
from gates.domain.plan import Extended, GatePlan, Plan, ProjectEntry
from gates.domain.service import ServicePlan
from gates.domain.shards import CiRun, Piece, Shard, ShardPlan
from gates.executor import shards
from gates.executor.shards import Division, Here
from gates.formats import shard_plan
from gates.plugin import Options, Stage
from gates.toolkit.trees import TreeState

THREE = tuple(Shard(index=at, pieces=(Piece("unit", at, 3),)) for at in (1, 2, 3))
TREE = TreeState("c" * 40, "t" * 40, is_dirty=False)
MADE = datetime(2026, 1, 31, tzinfo=UTC)


class Suite(stages.Shell):
    """Can be split, and hands its data over."""

    uses = "tests"
    divisible = True
    hands_over = ("data/*",)


class Cover(stages.Shell):
    """Takes the data of tests at a merge."""

    uses = "cover"
    measures_at_merge = True


def load(name: str) -> type[Stage[Options]]:
    found: dict[str, type[Stage[Options]]] = {"tests": Suite, "cover": Cover}
    return found.get(name, stages.Shell)


def suite(name: str, count: int = 1, **fields: object) -> GatePlan:
    made = scripted(name, uses="tests", shards=count)
    return replace(made, **fields)  # type: ignore[arg-type]


def cover(*names: str, name: str = "cover", **fields: object) -> GatePlan:
    asks = tuple((each, ("coverage",)) for each in names)
    made = scripted(name, uses="cover", needs=names, asks=asks)
    return replace(made, **fields)  # type: ignore[arg-type]


def divided(
    *gates: GatePlan,
    count: int | None = None,
    known: Mapping[str, float] | None = None,
    services: tuple[ServicePlan, ...] = (),
    level: int = 1,
) -> ShardPlan:
    here = Here(replace(plan(*gates), services=services), TREE, CiRun("7", "1"))
    division = Division(level=level, count=count, known=known or {}, made=MADE)
    return shard_plan.sealed(shards.divided(here, division, load))


def together(found: ShardPlan) -> list[list[str]]:
    return [[piece.label for piece in shard.pieces] for shard in found.shards]


def test_gates_are_spread_and_each_stands_once() -> None:
    found = divided(*(scripted(f"g{at}") for at in range(10)), count=4)

    assert len(found.shards) == 4
    assert sorted(name for shard in together(found) for name in shard) == sorted(
        f"g{at}" for at in range(10)
    )
    assert found.ci == CiRun("7", "1")
    assert (found.commit, found.tree) == ("c" * 40, "t" * 40)


def test_the_longest_gate_has_a_machine_to_itself() -> None:
    known = {"slow": 100.0, "a": 1.0, "b": 1.0, "c": 1.0}
    gates = [scripted(name) for name in ("a", "slow", "b", "c")]

    found = divided(*gates, known=known)

    assert together(found) == [["slow"], ["a", "b", "c"]]
    assert [str(shard.expected_s) for shard in found.shards] == ["100.0", "3.0"]


def test_a_gate_goes_where_what_it_needs_goes() -> None:
    gates = (scripted("a"), scripted("b"), scripted("c", needs=("a",)), scripted("d"))

    found = divided(*gates, count=4)

    assert ["a", "c"] in together(found)


def test_a_gate_over_one_whole_gate_stays_with_it() -> None:
    found = divided(suite("unit"), cover("unit"), scripted("lint"), count=3)

    assert found.at_merge == ()
    assert ["unit", "cover"] in together(found)


def test_a_gate_over_several_waits_for_the_merge() -> None:
    gates = (suite("a"), suite("b"), cover("a", "b"))

    found = divided(*gates, count=2)

    assert found.at_merge == ("cover",)
    assert together(found) == [["a"], ["b"]]
    assert shards.handing(found, gates, 1) == ("a",)


def test_a_gate_is_split_into_parts_on_different_machines() -> None:
    gates = (suite("unit", 3), cover("unit"), scripted("lint"))

    found = divided(*gates, count=3)

    assert found.at_merge == ("cover",)
    assert found.split() == {"unit": 3}
    assert sorted(found.shards_of("unit")) == [1, 2, 3]
    assert shards.handing(found, gates, 2) == ("unit",)


def test_there_are_no_more_parts_than_machines() -> None:
    assert divided(suite("unit", 5), count=2).split() == {"unit": 2}
    assert divided(suite("unit", 5), count=1).split() == {}
    assert len(divided(suite("unit", 5)).shards) == 5


@pytest.mark.parametrize(
    "gates",
    [
        (suite("unit", 3), scripted("after", needs=("unit",))),
        (scripted("first"), suite("unit", 3, needs=("first",))),
        (scripted("unit", shards=3), scripted("b")),
        (suite("unit", 3, options={"report": ["a.xml"]}), scripted("b")),
    ],
)
def test_a_gate_that_cannot_be_split_stays_whole(gates: tuple[GatePlan, ...]) -> None:
    assert divided(*gates, count=3).split() == {}


@pytest.mark.parametrize(
    "last",
    [
        cover("a", "b", options={"report": ["c.json"]}),
        scripted("cover", needs=("a", "b"), asks=(("a", ("x",)), ("b", ("x",)))),
    ],
)
def test_a_gate_that_cannot_wait_is_measured_with_all_that_it_needs(last: GatePlan) -> None:
    found = divided(suite("a"), suite("b"), last, scripted("c"), count=3)

    assert found.at_merge == ()
    assert ["a", "b", "cover"] in together(found)


def test_a_gate_that_others_need_does_not_wait() -> None:
    gates = (suite("a"), suite("b"), cover("a", "b"), scripted("z", needs=("cover",)))

    assert divided(*gates, count=3).at_merge == ()


def test_gates_of_a_shared_service_stay_together() -> None:
    db = ServicePlan(name="db", run=("db",), shared=True)
    api = ServicePlan(name="api", run=("api",), needs=("db",))
    own = ServicePlan(name="own", run=("own",))
    gates = (
        scripted("a", service="api"),
        scripted("b", service="db"),
        scripted("c", service="own"),
        scripted("d", service="own"),
    )

    found = divided(*gates, count=4, services=(db, api, own))

    assert ["a", "b"] in together(found)
    assert len(found.shards) == 3


def test_a_service_elsewhere_is_not_measured_by_two_machines_at_a_time() -> None:
    far = ServicePlan(name="far", url="http://registry.example")
    gates = (scripted("a", service="far"), scripted("b", service="far"))

    assert len(divided(*gates, count=2, services=(far,)).shards) == 2
    timed = (gates[0], replace(gates[1], exclusive=True))
    assert len(divided(*timed, count=2, services=(far,)).shards) == 1


def test_gates_that_are_not_due_in_ci_are_left_out() -> None:
    hook = scripted("hook", when=(Moment.COMMIT,))

    assert divided(hook, scripted("a")).gates == {"a"}
    with pytest.raises(ConfigError, match="nothing to divide"):
        divided(hook)


def test_a_level_without_gates_is_refused() -> None:
    with pytest.raises(ConfigError, match="level 2 has no gates"):
        divided(scripted("a"), level=2)


@pytest.mark.parametrize(
    ("environ", "run"),
    [
        ({}, CiRun()),
        ({"GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "2"}, CiRun("7", "2")),
        ({"CI_PIPELINE_ID": "9"}, CiRun("9")),
        ({"GATES_CI_RUN": "5", "CI_PIPELINE_ID": "9"}, CiRun("5")),
        ({"GITHUB_RUN_ID": "7 8", "GITHUB_RUN_ATTEMPT": "x"}, CiRun()),
    ],
)
def test_the_run_of_ci_is_a_number_or_nothing(environ: dict[str, str], run: CiRun) -> None:
    assert shards.ci_run(environ) == run


def whole() -> tuple[Here, ShardPlan]:
    found = replace(divided(suite("unit", 2), cover("unit")), gates_version=__version__)
    here = Here(plan(suite("unit", 2), cover("unit")), TREE, CiRun("7", "1"))
    return here, found


def test_the_planned_checkout_is_taken() -> None:
    shards.refuse_other(*whole(), load)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"gates_version": "0"}, "the version of gates is"),
        ({"commit": "d" * 40}, "the commit is `cccc"),
        ({"commit": None}, "`none` in the plan"),
        ({"tree": "d" * 40}, "the tree is"),
        ({"policy": "gates.yaml@main"}, "the policy is `gates.yaml` here and `gates.yaml@main`"),
        ({"extends": (Extended("../a.yaml", "1" * 64),)}, "extends is `none` here and `../a.yaml"),
        ({"policy_sha256": "1" * 64}, "gates.yaml, by its digest, is"),
        ({"ci": CiRun("8", "1")}, "the run of CI is `7` here and `8`"),
        ({"ci": CiRun("7", "2")}, "the attempt of that run is `1` here and `2`"),
        ({"shards": THREE}, "the plan of the shards has 3 parts of `unit`"),
        ({"at_merge": ()}, "do not hold the same gates: `cover`"),
    ],
)
def test_another_checkout_policy_or_run_is_refused(fields: dict[str, object], words: str) -> None:
    here, found = whole()

    with pytest.raises(StageError, match=words):
        shards.refuse_other(here, replace(found, **fields), load)  # type: ignore[arg-type]


def test_what_makes_the_tree_another_is_named() -> None:
    here, found = whole()
    dirty = TreeState("c" * 40, "sha256:x", is_dirty=True, paths=frozenset({"a.py", "b.py"}))

    with pytest.raises(StageError) as error:
        shards.refuse_other(replace(here, tree=dirty), found, load)

    assert "a.py" in error.value.problem.hint
    assert "1 more" in error.value.problem.hint


def test_a_share_tells_what_gates_elsewhere_ask(repo: Repo) -> None:
    here, found = whole()

    share = shards.share_of(here, found, 1, root=repo.root, aside=())

    assert share.shard is not None
    assert share.shard.pieces == (Piece("unit", 1, 2),)
    assert share.asks == {"unit": frozenset({"coverage"})}
    with pytest.raises(ConfigError, match="there is no shard 3: the plan has 2"):
        shards.share_of(here, found, 3, root=repo.root, aside=())


def test_what_lies_here_is_looked_at_without_what_the_work_brings(repo: Repo) -> None:
    repo.write("a.txt", "a")
    repo.commit()
    clean = Here.of(plan(scripted("a")), repo.ask(), {}, ())
    path = repo.write("gates-report/plan.json", "{}")

    assert Here.of(plan(scripted("a")), repo.ask(), {}, (path,)) == clean
    assert Here.of(plan(scripted("a")), repo.ask(), {}, ()).tree.is_dirty
    repo.git("add", "gates-report/plan.json")
    assert Here.of(plan(scripted("a")), repo.ask(), {}, (path,)).tree.is_dirty


@pytest.mark.parametrize("inside", [".", "..", "src"])
def test_a_folder_with_files_of_the_project_is_not_set_aside(repo: Repo, inside: str) -> None:
    repo.write("src/a.txt", "a")
    repo.commit()
    repo.write("src/conftest.py", "hidden = True")

    with pytest.raises(StageError, match="files of the project lie in the folder"):
        Here.of(plan(scripted("a")), repo.ask(), {}, ((repo.root / inside).resolve(),))


def test_projects_and_folders_outside_git_are_refused(repo: Repo) -> None:
    rolled: Plan = replace(plan(scripted("a")), projects=(ProjectEntry("a", "gates.yaml:1:1"),))

    with pytest.raises(ConfigError, match="shards divide one project"):
        Here.of(rolled, repo.ask(), {}, ())
    with pytest.raises(StageError, match="in no repository"):
        Here.of(plan(scripted("a")), repo.ask().at(repo.root.parent), {}, ())
