from __future__ import annotations

from decimal import Decimal

from samples import gate, result

from gates.domain.errors import Problem
from gates.domain.judge import Judged, NotMeasured
from gates.domain.metric import count
from gates.domain.run import GateRun
from gates.domain.shards import CiRun, Piece, ShardRun
from gates.domain.status import Status
from gates.executor.share import ALL, Share, is_unstarted, not_measured, noted, part_reason
from gates.plugin import Portion

LINT, TESTS, OTHER = gate(name="lint"), gate(name="tests"), gate(name="other")

SHARD = ShardRun(
    index=1,
    count=2,
    plan_sha256="d",
    ci=CiRun(),
    pieces=(Piece("lint"), Piece("tests", 2, 3)),
    root="/r",
)


def test_a_run_on_one_machine_tells_of_every_gate() -> None:
    assert ALL.of((LINT, TESTS, OTHER)) == (LINT, TESTS, OTHER)
    assert ALL.portion("tests") is None
    assert ALL.unjudged(TESTS, result(count("errors", 0))) is None


def test_a_shard_tells_of_its_own_gates_and_judges_no_part() -> None:
    share = Share(shard=SHARD)
    problem = NotMeasured(problem=Problem("x", "broke"))

    assert share.of((LINT, TESTS, OTHER)) == (LINT, TESTS)
    assert share.portion("tests") == Portion(2, 3)
    assert share.portion("lint") is share.portion("other") is None
    unjudged = share.unjudged(TESTS, result(count("errors", 9)))
    assert unjudged is not None
    assert (unjudged.status, unjudged.reason) == (Status.SKIPPED, part_reason(Portion(2, 3)))
    assert share.unjudged(TESTS, problem) is None
    assert share.unjudged(LINT, result(count("errors", 9))) is None


def test_a_gate_that_no_machine_measured_is_errored() -> None:
    lost = not_measured(LINT, Problem("shard-missing", "shard 2 is missing"))

    assert (lost.status, lost.judged.reason) == (Status.ERRORED, "shard 2 is missing")
    assert noted(lost, "a", "b").notes == ("a", "b")
    assert lost.seconds == Decimal(0)


def test_a_measured_part_is_told_from_one_that_was_not_started() -> None:
    """Both are skipped."""

    def skipped(reason: str) -> GateRun:
        return GateRun(plan=TESTS, judged=Judged(status=Status.SKIPPED, reason=reason))

    part = skipped(part_reason(Portion(2, 3)))
    assert not is_unstarted(part, Piece("tests", 2, 3))
    assert is_unstarted(part, Piece("tests", 1, 3))
    assert is_unstarted(part, Piece("tests"))
    assert is_unstarted(skipped("a gate of a level below did not pass"), Piece("tests", 2, 3))
