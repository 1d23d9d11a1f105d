from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gates.domain.errors import Problem
from gates.domain.shards import (
    CiRun,
    Merged,
    MergedShard,
    Piece,
    Shard,
    ShardPlan,
    ShardRun,
    weighed,
)
from gates.domain.status import Verdict

PLAN = ShardPlan(
    project="shop",
    level=1,
    commit="c",
    tree="t",
    policy="gates.yaml",
    policy_sha256="p",
    gates_version="1",
    ci=CiRun(),
    made=datetime(2026, 1, 31, tzinfo=UTC),
    shards=(
        Shard(index=1, pieces=(Piece("tests", 2, 2), Piece("lint")), expected_s=Decimal(3)),
        Shard(index=2, pieces=(Piece("tests", 1, 2),)),
    ),
    at_merge=("coverage",),
)


def test_a_plan_knows_its_gates_and_where_their_parts_are() -> None:
    assert PLAN.gates == {"tests", "lint", "coverage"}
    assert PLAN.split() == {"tests": 2}
    assert PLAN.shards_of("tests") == (2, 1)
    assert PLAN.shards_of("coverage") == ()
    assert PLAN.shards[0].piece("lint") == Piece("lint")
    assert PLAN.shards[1].piece("lint") is None


def test_a_piece_says_which_part_it_is() -> None:
    assert Piece("lint").label == "lint"
    assert Piece("tests", 2, 3).label == "tests 2/3"


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (CiRun(), "no run of a CI system"),
        (CiRun("7"), "run 7"),
        (CiRun("7", "2"), "run 7, attempt 2"),
    ],
)
def test_a_run_of_ci_is_told(run: CiRun, text: str) -> None:
    assert str(run) == text


def test_a_shard_tells_that_it_is_a_part() -> None:
    run = ShardRun(index=2, count=8, plan_sha256="d", ci=CiRun(), pieces=(), root="/r")

    assert "shard 2 of 8" in run.note


@pytest.mark.parametrize("verdict", [Verdict.PASSED, Verdict.PARTIAL, Verdict.PENDING])
def test_whatever_is_wrong_with_a_shard_makes_the_verdict_errored(verdict: Verdict) -> None:
    bad = Problem("shard-missing", "shard 1 is missing")
    shard = MergedShard(index=1, pieces=())
    whole = Merged(plan_sha256="d", ci=CiRun(), shards=(shard,))
    lost = Merged(
        plan_sha256="d", ci=CiRun(), shards=(MergedShard(index=1, pieces=(), problem=bad),)
    )
    stray = Merged(plan_sha256="d", ci=CiRun(), shards=(shard,), refused=(bad,))

    assert weighed(verdict, whole) is verdict
    assert weighed(verdict, lost) is weighed(verdict, stray) is Verdict.ERRORED
    assert weighed(Verdict.FAILED, lost) is Verdict.FAILED
    assert lost.problems == stray.problems == (bad,)
