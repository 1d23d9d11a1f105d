from samples import gate, plan

from gates.domain import criteria
from gates.domain.judge import Judged
from gates.domain.plan import Exemption
from gates.domain.run import GateRun, Selection, cover, verdict_of
from gates.domain.status import Status, Verdict


def run_of(name: str, status: Status, *ids: str, level: int = 1) -> GateRun:
    planned = gate(name=name, criteria=ids, level=level)
    return GateRun(plan=planned, judged=Judged(status=status, reason=""))


def test_criteria_are_counted_up_to_the_level() -> None:
    gates = (
        run_of("lint", Status.PASSED, "L1-LINT"),
        run_of("tests", Status.FAILED, "L1-TESTS"),
        run_of("audit", Status.SKIPPED, "L1-AUDIT"),
    )
    covered = cover(plan(*(each.plan for each in gates)), 1, gates)
    assert covered.met == ("L1-LINT",)
    assert covered.failed == ("L1-TESTS", "L1-AUDIT")
    assert "L1-SAST" in covered.not_covered
    assert covered.total == len(criteria.up_to(1)) == 11


def test_a_criterion_is_met_only_where_each_gate_that_serves_it_is_good() -> None:
    gates = (
        run_of("lint", Status.PASSED, "L1-LINT"),
        run_of("style", Status.ERRORED, "L1-LINT"),
    )
    assert cover(plan(*(each.plan for each in gates)), 1, gates).failed == ("L1-LINT",)


def test_a_criterion_that_does_not_apply_is_told_with_its_reason() -> None:
    from dataclasses import replace

    exempt = Exemption(criterion="L1-BENCH", reason="no API", owner="ana")
    planned = replace(plan(gate()), not_applicable=(exempt,))
    assert cover(planned, 1, ()).not_applicable == (("L1-BENCH", "no API"),)


def test_the_verdict_is_made_of_status_and_level() -> None:
    assert verdict_of([run_of("a", Status.INCONCLUSIVE)]) is Verdict.PASSED
    assert verdict_of([run_of("a", Status.INCONCLUSIVE, level=2)]) is Verdict.ERRORED


def test_a_selection_is_told_only_where_it_selects() -> None:
    assert Selection().text is None
    assert Selection(gates=("a", "b"), changed_from="main").text == (
        "--gate a --gate b --changed-from main"
    )
