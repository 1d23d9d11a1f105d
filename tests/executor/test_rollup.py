from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from reports.runs import gate_runs, sample_run
from repositories import Repo
from samples import gate, plan

from gates.domain.errors import ConfigError, StageError
from gates.domain.rollup import OWN, Outcome, ProjectRun, RollUp
from gates.domain.run import Run, Selection
from gates.domain.status import Verdict
from gates.executor.affected import Affected
from gates.executor.parts import Part, parts_of
from gates.executor.rollup import RollUpPlan, refuse_unfit, roll_up
from gates.toolkit.clock import SystemClock
from gates.toolkit.locks import RUN_FOLDER, run_folders

GOOD = sample_run(gate_runs()[0])
BAD = sample_run()
PLAN = plan(gate())
PATHS = ("a", "b", "c")

Make = Callable[[Part], Run]


def rolled(
    repo: Repo,
    make: Make = lambda _: GOOD,
    *,
    own: bool = False,
    selection: Selection | None = None,
    affected: Affected | None = None,
) -> RollUp:
    chosen = selection or Selection()
    top = PLAN if own else plan()
    parts, _ = parts_of(top, dict.fromkeys(PATHS, PLAN), chosen)
    asked = RollUpPlan(
        plan=top, parts=parts, selection=chosen, affected=affected, notes=("a note",)
    )
    return roll_up(
        asked,
        lambda part: (make(part), "e" * 64),
        git=repo.ask(),
        environ={**repo.environ, "API_TOKEN": "hunter2-secret"},
        clock=SystemClock(),
    )


@pytest.fixture
def shop(repo: Repo) -> Repo:
    repo.write("a.txt", "x")
    repo.write(".gitignore", ".gates/\n")
    repo.commit()
    return repo


def outcomes(done: RollUp) -> list[tuple[str, Outcome]]:
    return [(entry.path, entry.outcome) for entry in done.projects]


def only(done: RollUp, path: str) -> ProjectRun:
    return next(entry for entry in done.projects if entry.path == path)


def test_each_project_is_judged_in_turn(shop: Repo) -> None:
    seen: list[str] = []

    def make(part: Part) -> Run:
        seen.append(part.path)
        return GOOD

    done = rolled(shop, make)
    assert tuple(seen) == PATHS
    assert (done.verdict, done.exit_code, done.complete) == (Verdict.PASSED, 0, True)
    assert done.projects[0].record == f"a/.gates/local/runs/{GOOD.id}/run.json"
    assert done.projects[0].sha256 == "e" * 64
    assert done.notes == ("a note",)
    assert (done.commit, done.dirty) == (shop.git("rev-parse", "HEAD"), False)
    assert Path(done.folder) == shop.root / ".gates/local/runs" / done.id
    assert Path(done.folder).is_dir()


def test_the_gravest_decides_and_all_are_judged(shop: Repo) -> None:
    done = rolled(shop, lambda part: BAD if part.path == "b" else GOOD)
    assert (done.verdict, done.exit_code) == (Verdict.FAILED, 1)
    assert [entry.outcome for entry in done.projects] == [Outcome.JUDGED] * 3


def test_own_gates_lend_their_folder(shop: Repo) -> None:
    folder = shop.root / ".gates/local/runs/own"
    folder.mkdir(parents=True)
    done = rolled(shop, lambda _: replace(GOOD, id="own", folder=str(folder)), own=True)
    assert (done.id, done.folder) == ("own", str(folder))
    assert done.projects[0].path == OWN
    assert done.projects[0].record == ".gates/local/runs/own/run.json"


def test_a_project_that_cannot_be_judged_is_errored_and_others_go_on(shop: Repo) -> None:
    def make(part: Part) -> Run:
        if part.path == "b":
            raise StageError("cannot-lock", "no hunter2-secret\x1b[2J", hint="do", place="x.lock")
        return GOOD

    done = rolled(shop, make)
    assert (done.verdict, done.exit_code) == (Verdict.ERRORED, 3)
    entry = only(done, "b")
    assert entry.problem is not None
    assert (entry.outcome, entry.problem.place) == (Outcome.ERRORED, "b/x.lock")
    assert not {"\x1b"} & set(entry.reason)
    assert "hunter2" not in entry.reason
    assert only(done, "c").outcome is Outcome.JUDGED


def test_an_interrupted_run_ends_all(shop: Repo) -> None:
    stopped = replace(GOOD, verdict=Verdict.ERRORED, exit_code=143, complete=False)
    done = rolled(shop, lambda part: stopped if part.path == "b" else GOOD)
    assert (done.verdict, done.exit_code, done.complete) == (Verdict.ERRORED, 143, False)
    assert outcomes(done)[1:] == [("b", Outcome.JUDGED), ("c", Outcome.ERRORED)]
    assert only(done, "c").reason == "the run was interrupted"


def test_an_interrupt_between_two_runs_ends_all(shop: Repo) -> None:
    def make(part: Part) -> Run:
        if part.path == "b":
            raise KeyboardInterrupt
        return BAD

    done = rolled(shop, make)
    assert (done.verdict, done.exit_code, done.complete) == (Verdict.FAILED, 130, False)
    assert [entry.outcome for entry in done.projects[1:]] == [Outcome.ERRORED] * 2


def test_what_is_left_out_is_told(shop: Repo) -> None:
    chosen = Selection(gates=("a:lint",), changed_from="hunter2-secret")
    done = rolled(shop, selection=chosen)
    assert done.verdict is Verdict.PARTIAL
    assert outcomes(done)[1:] == [("b", Outcome.SKIPPED), ("c", Outcome.SKIPPED)]
    assert done.selection is not None
    assert done.selection.startswith("--gate a:lint --changed-from ")
    assert "hunter2" not in done.selection


def test_only_affected_projects_are_judged(shop: Repo) -> None:
    change = Affected(base="f" * 40, why={"b": "`b/x.py` changed"}, listed={"a": 7, "c": 1})
    done = rolled(shop, affected=change)
    assert done.verdict is Verdict.PASSED
    assert done.base == "f" * 40
    assert [entry.listed for entry in done.projects] == [7, None, 1]
    assert only(done, "a").reason == (
        "the change since ffffffffffff touches none of its 7 files, nor what they name"
    )
    assert only(done, "b").reason == "`b/x.py` changed"


def test_all_unaffected_passes(shop: Repo) -> None:
    change = Affected(base="f" * 40, why={}, listed=dict.fromkeys(PATHS, 2))
    assert rolled(shop, affected=change).verdict is Verdict.PASSED


def test_files_that_change_meanwhile_are_errored(shop: Repo) -> None:
    def make(part: Part) -> Run:
        shop.write("a.txt", part.path)
        return GOOD

    done = rolled(shop, make)
    assert done.verdict is Verdict.ERRORED
    assert done.notes[0] == "tracked files changed while they were judged; run it again"
    shop.commit()

    def worse(part: Part) -> Run:
        shop.write("a.txt", part.path * 2)
        return BAD

    assert rolled(shop, worse).verdict is Verdict.FAILED


def test_outside_git_no_commit_is_told(tmp_path: Path, repo: Repo) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    done = rolled(Repo(bare, repo.environ))
    assert (done.commit, done.tree, done.dirty) == (None, None, False)


def test_projects_that_would_be_refused_are_refused_together(shop: Repo) -> None:
    for name in PATHS:
        shop.write(f"{name}/x", "")
    shop.write("b/.venv/pyvenv.cfg", "")
    shop.git("add", "-f", "b/.venv")
    gits = {name: shop.ask().at(shop.root / name) for name in PATHS}
    above = run_folders(shop.root / "a", {})
    with pytest.raises(ConfigError) as caught:
        refuse_unfit(gits, {**shop.environ, RUN_FOLDER: above})
    assert [problem.slug for problem in caught.value.problems] == ["nested-run", "planted"]
    assert caught.value.problems[1].place == "b/.venv/pyvenv.cfg"
    refuse_unfit({"c": gits["c"]}, shop.environ)
