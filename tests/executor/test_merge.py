"""The run of a merge, with records made in memory; real ones are merged in `tests/cli`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from executor.conftest import Recorder, scripted
from executor.test_shards import MADE, load
from repositories import Repo
from samples import plan

from gates.domain.plan import GatePlan
from gates.domain.run import Run, Selection
from gates.domain.shards import ShardPlan
from gates.domain.status import Status, Verdict
from gates.executor import durations, shards
from gates.executor.merge import MergeOrder, merge
from gates.executor.merge_records import Submission
from gates.executor.setting import Setting
from gates.executor.shards import Division, Here
from gates.executor.start import execute
from gates.formats import shard_plan
from gates.toolkit.state import state_folder


class Pool:
    """A repository that stands for every machine: what is measured hangs on none."""

    def __init__(self, repo: Repo, gates: tuple[GatePlan, ...], *, level: int = 1) -> None:
        self.repo = repo
        self.repo.write(".gitignore", ".gates/\n")
        self.repo.write("gates.yaml", "x")
        self.repo.commit()
        self.plan = plan(*gates)
        self.here = Here.of(self.plan, repo.ask(), {}, ())
        division = Division(level=level, count=3, known={}, made=MADE)
        self.shards: ShardPlan = shard_plan.sealed(shards.divided(self.here, division, load))
        self.setting = Setting(
            root=repo.root,
            git=repo.ask(),
            environ=repo.environ,
            observer=Recorder(),
            load_stage=load,
        )

    def measured(self, index: int) -> Submission:
        root = self.repo.root
        share = shards.share_of(self.here, self.shards, index, root=root, aside=())
        setting = replace(self.setting, share=share)
        run = execute(self.plan, Selection(level=self.shards.level), setting)
        return Submission(path=Path(f"shard-{index}/run.json"), sha256=str(index) * 64, run=run)

    def merged(self, *submissions: Submission) -> Run:
        state = self.repo.root / ".gates"
        order = MergeOrder(plan=self.plan, shards=self.shards, submissions=submissions, state=state)
        return merge(order, self.setting)

    def all(self) -> list[Submission]:
        return [self.measured(shard.index) for shard in self.shards.shards]


@pytest.fixture
def pool(repo: Repo) -> Pool:
    return Pool(repo, tuple(scripted(name) for name in "abcd"))


def test_whole_shards_come_to_one_verdict(pool: Pool) -> None:
    handed = pool.all()

    assert {each.run.verdict for each in handed if each.run} == {Verdict.PARTIAL}
    run = pool.merged(*handed)

    assert (run.verdict, run.exit_code, run.complete) == (Verdict.PASSED, 0, True)
    assert [gate.name for gate in run.gates] == list("abcd")
    assert run.merged is not None
    assert run.merged.problems == ()
    assert [each.record_sha256[:1] for each in run.merged.shards] == ["1", "2", "3"]
    assert run.merged.shards[0].host
    assert not list((pool.repo.root / ".gates/local").glob("merge-*"))


def test_the_time_of_a_merge_begins_with_the_first_shard(pool: Pool) -> None:
    first, *rest = pool.all()
    assert first.run is not None
    earlier = replace(first.run, started=first.run.started - timedelta(minutes=5))

    run = pool.merged(replace(first, run=earlier), *rest)

    assert run.started == earlier.started
    assert Decimal(300) <= run.seconds < Decimal(400)


def test_what_is_missing_is_errored_and_the_rest_is_told(pool: Pool) -> None:
    first, *_ = pool.all()

    run = pool.merged(first)

    statuses = {gate.name: gate.status for gate in run.gates}
    assert run.verdict is Verdict.ERRORED
    assert Status.PASSED in statuses.values()
    assert list(statuses.values()).count(Status.ERRORED) >= 2
    assert any("shard 2 of 3 is missing" in note for note in run.notes)


def test_what_belongs_to_no_shard_makes_the_run_errored(pool: Pool) -> None:
    handed = pool.all()
    whole = execute(pool.plan, Selection(), pool.setting)

    run = pool.merged(*handed, Submission(path=Path("run.json"), run=whole))

    assert {gate.status for gate in run.gates} == {Status.PASSED}
    assert (run.verdict, run.exit_code) == (Verdict.ERRORED, 3)
    assert any("the record of a whole run" in note for note in run.notes)


def test_a_note_of_one_shard_is_told_with_its_number(pool: Pool) -> None:
    first, *rest = pool.all()
    assert first.run is not None
    noted = replace(first.run, notes=(*first.run.notes, "the clock was slow"))

    run = pool.merged(replace(first, run=noted), *rest)

    assert "shard 1: the clock was slow" in run.notes
    assert not any("one part of a verdict" in note for note in run.notes)


def test_a_level_above_a_failed_one_stays_unstarted(repo: Repo) -> None:
    gates = (scripted("a", "echo 2"), scripted("b"), scripted("load", level=2, needs=("a",)))
    pool = Pool(repo, gates, level=2)

    run = pool.merged(*pool.all())

    assert {gate.name: gate.status for gate in run.gates} == {
        "a": Status.FAILED,
        "b": Status.PASSED,
        "load": Status.SKIPPED,
    }
    assert (run.verdict, run.exit_code) == (Verdict.FAILED, 1)


def test_durations_are_kept_for_the_next_plan(pool: Pool) -> None:
    pool.merged(*pool.all())

    known = durations.read(state_folder(pool.repo.root, pool.repo.ask(), pool.repo.environ))
    assert set(known) == set("abcd")
