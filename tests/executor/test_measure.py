from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from executor import stages
from executor.conftest import Runner, scripted
from executor.stages import SH, Shell
from repositories import Repo
from samples import ERRORS, condition, plan

from gates.domain.errors import Problem
from gates.domain.events import GateProgressed
from gates.domain.judge import NotMeasured
from gates.domain.metric import NEW_FINDINGS
from gates.domain.plan import GatePlan
from gates.domain.stage_result import Artifact, Inconclusive, NotApplicable, StageResult
from gates.domain.status import Status
from gates.executor.context import StageContext
from gates.executor.measure import Measured, measure
from gates.executor.project import Project
from gates.executor.setting import Setting
from gates.plugin import (
    Context,
    Examined,
    Finding,
    Options,
    Severity,
    Stage,
    StageError,
    Tool,
    count,
)
from gates.toolkit.clock import SystemClock
from gates.toolkit.git import Git
from gates.toolkit.processes import Processes

SECRET = "s3cr3t-value-1"  # pragma: allowlist secret


class WordlessError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words either")


def stage_that(does: Callable[[Context], StageResult]) -> Callable[[str], type[Stage[Options]]]:
    class Doing(Shell):
        uses = "doing"

        def run(self, ctx: Context) -> StageResult:
            return does(ctx)

    known: object = Doing

    def load(uses: str) -> type[Stage[Options]]:
        del uses
        assert isinstance(known, type)
        assert issubclass(known, Stage)
        return known

    return load


@dataclass(frozen=True, slots=True)
class Bench:
    repo: Repo
    folder: Path

    def __call__(
        self, does: Callable[[Context], StageResult], gate: GatePlan | None = None
    ) -> Measured:
        gate = gate or scripted("lint", uses="doing")
        root = self.repo.root.resolve()
        environ = {**self.repo.environ, "API_TOKEN": SECRET}
        git = Git(root, environ)
        clock = SystemClock()
        project = Project(
            plan=plan(gate),
            root=root,
            folder=self.folder,
            state=None,
            environ=environ,
            clock=clock,
            git=git,
        )
        setting = Setting(
            root=root,
            git=git,
            environ=environ,
            observer=Runner(self.repo).recorder,
            clock=clock,
            load_stage=stage_that(does),
        )
        told: list[GateProgressed] = []
        with Processes() as processes:
            context = StageContext(
                gate=gate,
                project=project,
                processes=processes,
                folder=self.folder / gate.name,
                needed={},
                asked=frozenset(),
                tell=told.append,
            )
            return measure(setting, context)


@pytest.fixture
def bench(repo: Repo, tmp_path: Path) -> Bench:
    repo.write("a.py", "x = 1\n")
    repo.commit()
    folder = tmp_path / "run"
    folder.mkdir()
    return Bench(repo, folder)


def raising(error: BaseException) -> Callable[[Context], StageResult]:
    def does(ctx: Context) -> StageResult:
        del ctx
        raise error

    return does


def problem_of(measured: Measured) -> Problem:
    assert isinstance(measured.outcome, NotMeasured)
    return measured.outcome.problem


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ZeroDivisionError("by zero"), "stage `doing` broke: ZeroDivisionError: by zero"),
        (SystemExit(0), "stage `doing` broke: SystemExit: 0"),
        (KeyboardInterrupt(), "stage `doing` broke: KeyboardInterrupt:"),
        (GeneratorExit(), "stage `doing` broke: GeneratorExit:"),
        (WordlessError(), "stage `doing` broke: WordlessError: (its message is broken too)"),
    ],
)
def test_whatever_a_stage_raises_is_handed_over(
    bench: Bench, error: BaseException, words: str
) -> None:
    problem = problem_of(bench(raising(error)))
    assert (problem.slug, problem.summary) == ("internal-error", words)
    path = bench.folder / "lint" / "internal-error.txt"
    assert problem.hint == f"this is a defect of the stage; report it with {path}"
    assert path.read_text().startswith("Traceback")


def test_a_traceback_that_cannot_be_written_is_told(bench: Bench) -> None:
    (bench.folder / "lint").mkdir()
    (bench.folder / "lint" / "internal-error.txt").symlink_to("/dev/full")
    problem = problem_of(bench(raising(ValueError("x"))))
    assert problem.summary == "stage `doing` broke: ValueError: x"
    assert "its traceback could not be written to " in problem.hint
    assert problem.hint.endswith(": No space left on device")


def test_a_folder_that_cannot_be_made_is_the_gates_error(bench: Bench) -> None:
    (bench.folder / "lint").write_text("in the way")
    problem = problem_of(bench(raising(AssertionError("never called"))))
    assert problem.slug == "internal-error"
    assert "NotADirectoryError" in problem.summary or "FileExistsError" in problem.summary


def test_a_stage_that_ends_the_program_leaves_no_run_waiting(run: Runner) -> None:
    class Ending(stages.Shell):
        uses = "ending"

        def run(self, ctx: Context) -> StageResult:
            raise SystemExit(ctx.level)

    known: object = Ending
    assert isinstance(known, type)
    assert issubclass(known, Stage)
    stages.STAGES["ending"] = known
    try:
        done = run(scripted("bad", uses="ending"), scripted("lint"))
    finally:
        del stages.STAGES["ending"]
    assert [gate.status for gate in done.gates] == [Status.ERRORED, Status.PASSED]


def test_the_problem_of_a_stage_passes_the_door(bench: Bench) -> None:
    def does(ctx: Context) -> StageResult:
        del ctx
        hint = f"see {'/long' * 50}/{SECRET}/\x1b[31mlog"
        raise StageError("s", f"\x1b]0;x\x07no {SECRET}\nat all", hint=hint, place=f"a/{SECRET}")

    problem = problem_of(bench(does))
    assert problem == Problem(
        "s", "no *** at all", place="a/***", hint=f"see {'/long' * 50}/***/log"
    )


def test_the_traceback_holds_no_secret(bench: Bench) -> None:
    problem = problem_of(bench(raising(ValueError(f"{SECRET}\x1b[2J"))))
    told = (bench.folder / "lint" / "internal-error.txt").read_text()
    assert problem.summary.endswith("ValueError: ***")
    assert SECRET not in told
    assert "\x1b" not in told


def test_all_foreign_text_of_a_result_passes_the_door(bench: Bench) -> None:
    bad = f"\x1b[31m{SECRET}"
    finding = Finding(
        rule=bad,
        severity=Severity.LOW,
        message=bad,
        path=f"{bad}  {'p' * 400}",
        subject=bad,
        fix=bad,
        confidence=bad,
        owasp=bad,
        aliases=(bad,),
    )

    def does(ctx: Context) -> StageResult:
        del ctx
        return StageResult(
            metrics=(count("errors", 0),),
            examined=Examined(count=1, unit="files", note=bad),
            tool=Tool(name=bad, version=bad, path=bad),
            findings=(finding,),
            artifacts=(Artifact(path=bad, sha256="0" * 64),),
            not_applicable=(NotApplicable(metric="x", reason=bad),),
            inconclusive=(Inconclusive(metric="x", reason=bad),),
            notes=(bad,),
        )

    outcome = bench(does).outcome
    assert isinstance(outcome, StageResult)
    told = repr(outcome)
    assert SECRET not in told
    assert "\\x1b" not in told
    assert outcome.findings[0].path == f"***  {'p' * 400}"
    assert outcome.artifacts == (Artifact(path="***", sha256="0" * 64),)


def test_recorded_names_of_logs_are_plain_and_hold_no_secret(bench: Bench) -> None:
    folder = bench.repo.root / "bin"
    folder.mkdir()
    program = folder / f"t o\x1b[31mol {SECRET}"
    program.symlink_to("/bin/echo")

    def does(ctx: Context) -> StageResult:
        ctx.run(replace(SH, path=str(program)), "0")
        return StageResult(
            metrics=(count("errors", 0),), examined=Examined(count=1, unit="files"), tool=SH
        )

    measured = bench(does)
    assert isinstance(measured.outcome, StageResult)
    assert measured.context.logs == ["lint/01-t_ool____.stdout", "lint/01-t_ool____.stderr"]
    assert (bench.folder / measured.context.logs[0]).read_bytes() == b"0\n"


def test_recorded_names_of_reports_hold_no_secret(bench: Bench) -> None:
    def does(ctx: Context) -> StageResult:
        path = ctx.out / f"{SECRET}.json"
        path.write_text("{}")
        ctx.report(path)
        return StageResult(
            metrics=(count("errors", 0),), examined=Examined(count=1, unit="files"), tool=SH
        )

    outcome = bench(does).outcome
    assert isinstance(outcome, StageResult)
    assert [each.path for each in outcome.artifacts] == ["lint/out/***.json"]


@pytest.mark.parametrize(("touched", "status"), [("a", Status.FAILED), ("b", Status.PASSED)])
def test_new_findings_are_counted_where_a_condition_asks(
    run: Runner, touched: str, status: Status
) -> None:
    for name in ("a", "b"):
        run.repo.write(name, "as it was")
    run.repo.commit()
    run.repo.write(touched, "as it is")
    run.repo.commit()
    gate = scripted(
        "lint",
        "echo 0; echo odd >&2",
        specs=(ERRORS, NEW_FINDINGS),
        conditions=(condition("new_findings == 0", NEW_FINDINGS),),
    )
    done = run(gate).gate("lint")
    assert done.judged.status is status
    assert any(note.startswith("new findings since ") for note in done.notes)
