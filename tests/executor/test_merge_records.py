"""Only what needs no record: `tests/cli/test_merge.py` forges real ones in every way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from executor.conftest import scripted
from executor.test_shards import MADE, TREE, load
from reports.runs import sample_run
from samples import plan

from gates.domain.errors import OutputUnreadable
from gates.domain.run import Run
from gates.domain.shards import CiRun, ShardPlan, ShardRun
from gates.executor import shards
from gates.executor.merge_records import Sorting, Submission, submitted
from gates.executor.shards import Division, Here
from gates.formats import shard_plan

GATES = (scripted("a"), scripted("b"))


def planned() -> ShardPlan:
    division = Division(level=1, count=2, known={}, made=MADE)
    return shard_plan.sealed(shards.divided(Here(plan(*GATES), TREE, CiRun()), division, load))


def sort(*submissions: Submission, into: Path = Path("/nowhere")) -> str:
    found = Sorting(planned(), GATES, into).sorted(submissions)
    assert not found.good
    return " | ".join(each.summary for each in (*found.bad.values(), *found.refused))


def unreadable(path: Path) -> tuple[Run, str]:
    raise OutputUnreadable("record-schema", "is no record", place=str(path))


def test_what_is_no_record_is_told_with_the_shard_that_its_folder_names() -> None:
    named = submitted(Path("x/shard-2/run.json"), unreadable)
    other = submitted(Path("x/other.json"), unreadable)

    assert (named.claims, other.claims) == (2, 0)
    told = sort(named, other)
    assert "shard 1 of 2 is missing" in told
    assert "shard 2: is no record" in told
    assert "`x/other.json`: is no record" in told


def test_what_can_be_read_is_handed_on() -> None:
    run = sample_run()

    found = submitted(Path("shard-1/run.json"), lambda _: (run, "d" * 64))

    assert found == Submission(path=Path("shard-1/run.json"), sha256="d" * 64, run=run)
    # What a record says to be counts, not where it lies.
    assert found.claims == 0
    assert "the record of a run with --gate lint" in sort(found)
    assert "the record of a whole run" in sort(replace(found, run=replace(run, selection=None)))


@pytest.mark.parametrize("index", [0, 3, 256])
def test_a_number_that_no_shard_has_is_refused(index: int) -> None:
    found = planned()
    shard = ShardRun(
        index=index, count=2, plan_sha256=found.sha256, ci=CiRun(), pieces=(), root="/r"
    )
    run = replace(
        sample_run(),
        gates_version=found.gates_version,
        commit=found.commit,
        tree=found.tree,
        selection=None,
        shard=shard,
    )

    each = Submission(path=Path("run.json"), sha256="d", run=run)

    assert f"it says to be shard {index}, and there are 2" in sort(each)
