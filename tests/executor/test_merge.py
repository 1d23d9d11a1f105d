"""The run of a merge, with records made in memory; real ones are merged in `tests/cli`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from executor import stages
from executor.conftest import Recorder, scripted
from executor.test_shards import MADE, Suite
from repositories import Repo
from samples import plan

from gates.domain.plan import GatePlan
from gates.domain.run import Run, Selection
from gates.domain.shards import ShardPlan
from gates.domain.status import Status, Verdict
from gates.domain.waiver import Waiver, WaiverFile
from gates.executor import durations, shards, shards_bundle
from gates.executor.merge import MergeOrder, merge
from gates.executor.merge_records import Submission
from gates.executor.setting import Setting
from gates.executor.shards import Division, Here
from gates.executor.start import execute
from gates.formats import shard_plan
from gates.plugin import Context, Examined, Handed, Options, Stage, StageResult, count
from gates.toolkit.state import state_folder

WAIVED = WaiverFile(
    source=".gates/waivers.yaml",
    sha256="w" * 64,
    waivers=(
        Waiver(
            gate="a",
            condition="errors",
            reason="known",
            owner="ana",
            created=date.min,
            expires=date.max,
        ),
    ),
)


class Parted(Suite):
    """Leaves what its part found, and adds the parts up; what others left is added too."""

    uses = "parted"
    hands_over = ("found",)

    def run(self, ctx: Context) -> StageResult:
        told = super().run(ctx)
        (ctx.out / "found").write_text(str(told.metrics[0].value))
        return told

    def join(self, ctx: Context, parts: tuple[Handed, ...]) -> StageResult:
        del ctx
        found = sum(int((part.out / "found").read_text()) for part in parts)
        return StageResult(
            metrics=(count("errors", found),),
            examined=Examined(count=len(parts), unit="scripts"),
            tool=stages.SH,
        )


class Over(stages.Shell):
    """Measures at the merge, by what was handed over."""

    uses = "over"
    measures_at_merge = True

    def run(self, ctx: Context) -> StageResult:
        handed = [each for need in ctx.needed.values() for each in need.handed or (need,)]
        return StageResult(
            metrics=(count("errors", 0),),
            examined=Examined(count=len(handed), unit="scripts"),
            tool=stages.SH,
        )


def load(name: str) -> type[Stage[Options]]:
    mine: dict[str, type[Stage[Options]]] = {
        "parted": Parted,
        "over": Over,
        "blind": stages.Blind,
    }
    return mine.get(name, stages.Shell)


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
        folder = shards_bundle.begin(root.parent / "bundles", index)
        names = shards.handing(self.shards, self.plan.gates, index)
        parcels = shards_bundle.collected(run, names, load, folder)
        assert run.shard is not None
        run = replace(run, shard=replace(run.shard, parcels=parcels))
        return Submission(path=folder / "run.json", sha256=str(index) * 64, run=run)

    def merged(self, *submissions: Submission, setting: Setting | None = None) -> Run:
        state = self.repo.root / ".gates"
        order = MergeOrder(plan=self.plan, shards=self.shards, submissions=submissions, state=state)
        return merge(order, setting or self.setting)

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


def same(run: Run, whole: Run) -> bool:
    """Whether a merge says what one run says."""
    told, due = (
        (each.verdict, each.exit_code, each.criteria, [(g.name, g.status) for g in each.gates])
        for each in (run, whole)
    )
    assert told == due
    return True


def test_a_level_starts_only_where_the_one_below_passed_on_all_machines(repo: Repo) -> None:
    """Else what happened to be measured elsewhere would decide the verdict."""
    gates = (scripted("a", uses="blind"), scripted("b"), scripted("load", "echo 2", level=2))
    pool = Pool(repo, gates, level=2)

    run = pool.merged(*pool.all())

    assert same(run, execute(pool.plan, Selection(level=2), pool.setting))
    assert (run.verdict, run.gate("load").status) == (Verdict.ERRORED, Status.SKIPPED)


@pytest.mark.parametrize("script", ["echo 2", "echo 0"])
def test_a_part_that_was_not_started_belongs_to_a_whole_shard(repo: Repo, script: str) -> None:
    gates = (
        scripted("a", script),
        scripted("b"),
        scripted("unit", uses="parted", level=2, shards=3),
        scripted("api", uses="parted", level=2),
        scripted(
            "over",
            uses="over",
            level=2,
            needs=("unit", "api"),
            asks=(("unit", ("x",)), ("api", ("x",))),
        ),
    )
    pool = Pool(repo, gates, level=2)
    assert pool.shards.split() == {"unit": 3}

    run = pool.merged(*pool.all())

    assert run.merged is not None
    assert run.merged.problems == ()
    assert same(run, execute(pool.plan, Selection(level=2), pool.setting))
    if script == "echo 0":
        assert [run.gate(name).examined for name in ("unit", "over")] == [
            Examined(count=3, unit="scripts"),
            Examined(count=4, unit="scripts"),
        ]


def test_a_part_that_could_not_be_measured_is_told_with_its_number(repo: Repo) -> None:
    pool = Pool(repo, (scripted("unit", "exit 9", uses="parted", shards=2),))

    run = pool.merged(*pool.all())

    assert run.verdict is Verdict.ERRORED
    assert run.gate("unit").judged.reason.startswith("part 1 of 2: ")


def test_what_no_shard_started_is_no_part_of_a_pass(repo: Repo) -> None:
    """Where the level below passes here, and did not there: by a clock or waivers of its own."""
    gates = (scripted("a", "echo 2"), scripted("load", level=2, needs=("a",)))
    pool = Pool(repo, gates, level=2)
    (handed,) = pool.all()
    setting = replace(pool.setting, waiver_file=WAIVED)

    run = pool.merged(handed, setting=setting)

    assert run.gate("a").status is Status.WAIVED
    assert (run.gate("load").status, run.verdict) == (Status.ERRORED, Verdict.ERRORED)
    assert "shard 1 did not measure it" in run.gate("load").judged.reason


def test_durations_are_kept_for_the_next_plan(pool: Pool) -> None:
    pool.merged(*pool.all())

    known = durations.read(state_folder(pool.repo.root, pool.repo.ask(), pool.repo.environ))
    assert set(known) == set("abcd")
