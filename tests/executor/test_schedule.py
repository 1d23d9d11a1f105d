from dataclasses import replace

from samples import gate

from gates.domain.plan import GatePlan
from gates.domain.status import Status
from gates.executor.schedule import Schedule, ordered, selected


def named(name: str, *needs: str, level: int = 1, exclusive: bool = False) -> GatePlan:
    return replace(gate(name=name, level=level, needs=needs), exclusive=exclusive)


def schedule(*gates: GatePlan, jobs: int = 2, keep_going: bool = False, **s: float) -> Schedule:
    return Schedule(gates=gates, jobs=jobs, expected_s=s, keep_going=keep_going)


def names(gates: tuple[GatePlan, ...]) -> list[str]:
    return [each.name for each in gates]


def test_a_selection_brings_what_it_needs() -> None:
    gates = (named("lint"), named("tests"), named("coverage", "tests"), named("x", "coverage"))
    assert names(selected(gates, ["x"])) == ["tests", "coverage", "x"]
    assert names(selected(gates, [])) == ["lint", "tests", "coverage", "x"]


def test_the_order_respects_needs() -> None:
    gates = (named("coverage", "tests"), named("tests"), named("lint"))
    order = names(ordered(gates))
    assert order.index("tests") < order.index("coverage")


def test_a_gate_waits_for_what_it_needs_whatever_came_of_it() -> None:
    plan = schedule(named("coverage", "tests"), named("tests"), jobs=9)
    assert names(plan.startable()) == ["tests"]
    assert plan.startable() == ()
    plan.end("tests", Status.FAILED)
    assert names(plan.startable()) == ["coverage"]


def test_no_more_than_jobs_run_side_by_side() -> None:
    plan = schedule(*(named(name) for name in "abc"))
    assert len(plan.startable()) == 2
    plan.end("a", Status.PASSED)
    assert names(plan.startable()) == ["c"]


def test_the_longest_way_starts_first() -> None:
    gates = (named("short"), named("tests"), named("coverage", "tests"), named("long"))
    plan = schedule(*gates, jobs=1, short=1, tests=5, coverage=6, long=9)
    assert names(plan.startable()) == ["tests"]
    plan.end("tests", Status.PASSED)
    assert names(plan.startable()) == ["long"]


def test_an_exclusive_gate_runs_alone() -> None:
    plan = schedule(named("bench", exclusive=True), named("lint"), named("types"), jobs=9)
    assert names(plan.startable()) == ["lint", "types"]
    plan.end("lint", Status.PASSED)
    assert plan.startable() == ()
    plan.end("types", Status.PASSED)
    assert names(plan.startable()) == ["bench"]
    assert plan.startable() == ()


def test_a_level_waits_for_the_one_below() -> None:
    plan = schedule(named("load", level=2), named("lint"), jobs=9)
    assert names(plan.startable()) == ["lint"]
    plan.end("lint", Status.PASSED)
    assert plan.blocked() == ()
    assert names(plan.startable()) == ["load"]


def test_a_level_above_a_failure_is_skipped_unless_asked_to_keep_going() -> None:
    gates = (named("lint"), named("load", level=2))
    plan = schedule(*gates)
    plan.startable()
    plan.end("lint", Status.ERRORED)
    assert names(plan.blocked()) == ["load"]
    assert plan.is_done
    going = schedule(*gates, keep_going=True)
    going.startable()
    going.end("lint", Status.ERRORED)
    assert going.blocked() == ()
    assert names(going.startable()) == ["load"]


def test_a_need_that_is_not_part_of_the_run_holds_nothing_up() -> None:
    assert names(schedule(named("coverage", "tests")).startable()) == ["coverage"]


def test_draining_leaves_only_what_runs() -> None:
    plan = schedule(named("a"), named("b"), jobs=1)
    plan.startable()
    assert names(plan.drain()) == ["b"]
    assert names(plan.running) == ["a"]
    assert not plan.is_done


def test_what_is_open_belongs_to_the_level_that_runs_now() -> None:
    found = schedule(named("a"), named("b", "a"), named("load", level=2), jobs=1)

    assert names(found.open()) == ["a", "b"]
    found.end("a", Status.PASSED)
    found.end("b", Status.PASSED)
    assert names(found.open()) == ["load"]
    found.end("load", Status.PASSED)
    assert found.open() == ()
