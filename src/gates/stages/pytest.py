"""pytest: runs the project's tests, with a proof that the run came to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.domain.condition import Role
from gates.formats import junit, pytest_proof, pytest_witnesses
from gates.formats.junit import JunitCase, JunitReport, Outcome
from gates.formats.pytest_proof import CaseProblem, PytestProof
from gates.plugin import (
    Context,
    Default,
    Direction,
    Examined,
    Finding,
    MetricSpec,
    Options,
    OutputUnreadable,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    Unit,
    count,
)
from gates.toolkit.bytecode import drop_doubtful, refuse_tracked
from gates.toolkit.git import Git
from gates.toolkit.pytest_launch import Launch, inputs_of_tests, prepare

SEVERITY = {
    "failed": Severity.HIGH,
    "errors": Severity.HIGH,
    "flaky": Severity.MEDIUM,
    "xpassed": Severity.LOW,
}
"""Severity of each kind of finding."""

_REPORTED = {Outcome.FAILED: "failed", Outcome.ERROR: "errors"}
_RULES = {"failed": "failed", "errors": "error", "flaky": "flaky", "xpassed": "xpassed"}
_SAID = {"xpassed": "passed, though it is marked as an expected failure"}
_RESULTS = (0, 1, 2, 3, 4, 5)  # exit codes that the witnesses explain better than a crash
_TELLING = ("passed", "failed", "errors", "xpassed")  # an expected failure shows nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestOptions(Options):
    """What `with:` may hold."""

    paths: tuple[str, ...] = field(
        default=(), metadata={"help": "files and folders of tests; by default pytest's own choice"}
    )
    args: tuple[str, ...] = field(default=(), metadata={"help": "further arguments for pytest"})
    workers: str = field(
        default="", metadata={"help": "xdist's `-n`: a number or `auto`; default: pytest's own"}
    )
    report: str = field(
        default="", metadata={"help": "a JUnit file that an earlier step wrote, judged instead"}
    )


def _spec(
    name: str,
    title: str,
    noun: str,
    direction: Direction = Direction.LOWER,
    *,
    optional: bool = False,
) -> MetricSpec:
    return MetricSpec(
        name=name, unit=Unit.COUNT, direction=direction, title=title, noun=noun, optional=optional
    )


class Pytest(Stage[PytestOptions]):
    """Run the tests once, and believe the result only where three witnesses agree."""

    uses = "pytest"
    title = "unit and integration tests"
    options_type = PytestOptions
    metrics = (
        _spec("tests", "tests that ran", "tests", Direction.HIGHER),
        _spec("passed", "tests that passed", "passed tests", Direction.HIGHER),
        _spec("failed", "tests that failed", "failed tests"),
        _spec("errors", "tests whose set-up or tear-down broke", "tests with errors"),
        _spec("flaky", "tests that passed after a failure", "flaky tests"),
        _spec("skipped", "tests that were skipped", "skipped tests"),
        _spec("xfailed", "expected failures", "expected failures"),
        _spec("xpassed", "expected failures that passed", "unexpected passes", optional=True),
        _spec("deselected", "tests that an option took out", "deselected tests", optional=True),
    )
    defaults = (
        Default(text="failed == 0"),
        Default(text="errors == 0"),
        Default(text="flaky == 0"),
        Default(text="xpassed == 0", role=Role.WARN),
    )
    criteria = ("L1-TESTS",)
    examines = "tests"
    errored_when = (
        "no test ran: none collected, all deselected, all skipped or expected to fail",
        "a plugin took collected tests out without telling pytest",
        "a module or conftest.py cannot be imported",
        "the run ended early: `os._exit`, `pytest.exit`, an interrupt",
        "an option runs only a part: `--collect-only`, `--last-failed`, `--stepwise`",
        "exit status, JUnit report and completion proof contradict each other",
        "a worker of pytest-xdist is lost",
        "pytest itself comes from the checkout, or byte-code is tracked by git",
    )
    programs = ("pytest",)

    def check(self) -> None:
        """Refuse `report` beside options of a run."""
        options = self.options
        if options.report and (options.paths or options.args or options.workers):
            raise ValueError("`report` is judged in place of a run: leave out `paths` and `args`")

    def conditions(self) -> tuple[Default, ...]:
        """A JUnit report does not tell unexpected passes."""
        if self.options.report:
            return tuple(default for default in self.defaults if "xpassed" not in default.text)
        return self.defaults

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All files but documents that no test is likely to read."""
        if self.options.report:
            return ()
        return inputs_of_tests(ctx.root, ctx.files("**"))

    def run(self, ctx: Context) -> StageResult:
        """Run the tests, or judge the given report."""
        if self.options.report:
            return self._judge_report(ctx)
        refuse_tracked(Git(ctx.root))
        drop_doubtful(ctx.root, ctx.files("**/*.py"))
        launch = _launch(ctx)
        tool = ctx.tool("pytest")
        done = ctx.run(tool, *self._arguments(launch), ok=_RESULTS, env={"PYTHONPATH": launch.home})
        output = done.stderr + b"\n" + done.stdout
        main, workers = _records(ctx, launch, done.exit_code, output)
        pytest_witnesses.refuse_planted(main, ctx.root, Path(tool.path).parent.parent)
        pytest_witnesses.refuse_foreign_root(main, Git(ctx.root).toplevel() or ctx.root)
        pytest_witnesses.refuse_unproven(done.exit_code, main, workers)
        report = ctx.report(launch.junit)
        told = junit.read(report.data, what=launch.junit.name, subtests=True)
        pytest_witnesses.refuse_contradiction(main, told)
        if not main.loop_ended:
            ctx.note(f"the run stopped before its last test: {main.stopped}")
        return result_of(main, workers, tool=tool, root=ctx.root)

    def _arguments(self, launch: Launch) -> tuple[str, ...]:
        options = self.options
        workers = ("-n", options.workers) if options.workers else ()
        # A folder named like an option must not become one.
        paths = tuple(f"./{path}" if path.startswith("-") else path for path in options.paths)
        return (
            *("-p", launch.module, f"--junitxml={launch.junit}"),
            *workers,
            *options.args,
            *paths,
        )

    def _judge_report(self, ctx: Context) -> StageResult:
        if "coverage" in ctx.asked:
            ctx.note("no coverage was measured, since a report was judged in place of a run")
        report = ctx.given_report(self.options.report)
        told = _given(report.data, self.options.report)
        ctx.note("only a report was judged: whether the run behind it ended early is not known")
        return result_of_report(told)


def _given(data: bytes, what: str) -> JunitReport:
    """A report that no other witness stands by: it must hold every test that it speaks of."""
    try:
        return junit.read(data, what=what)
    except OutputUnreadable as error:
        if error.problem.slug != "junit-contradiction":
            raise
        hint = (
            "a report with subtests cannot be told from one that lost tests:"
            " let this gate run them, without `report:`"
        )
        problem = error.problem
        raise OutputUnreadable(
            problem.slug, problem.summary, hint=hint, place=problem.place
        ) from error


def _launch(ctx: Context) -> Launch:
    if "coverage" not in ctx.asked:
        return prepare(ctx.out)
    root = ctx.root.resolve()
    try:
        sources = tuple(str(root / path) for path in ctx.sources(".py").files)
    except StageError:
        sources = ()  # the gate that asked for coverage asks the same, and tells what is wrong
    return prepare(ctx.out, measured=sources)


def _records(
    ctx: Context, launch: Launch, exit_code: int, output: bytes
) -> tuple[PytestProof, Mapping[str, PytestProof]]:
    """The records of the main process and of xdist's workers."""
    path = launch.proof / "main.json"
    if not path.exists() or exit_code == pytest_witnesses.REFUSED:
        lines = output.decode("utf-8", "replace").splitlines()
        told = "\n".join(ctx.clean(line) for line in lines)
        raise pytest_witnesses.why_no_record(exit_code, told)
    forked = len(list(launch.proof.glob("forked-*.json")))
    if forked:
        summary = f"{forked} processes that a test forked off went on running the whole suite"
        raise StageError("forked-run", summary, hint="end them with os._exit in the test")
    records = [_record(ctx, launch, path) for path in sorted(launch.proof.glob("worker-*.json"))]
    return _record(ctx, launch, path), {record.worker: record for record in records}


def _record(ctx: Context, launch: Launch, path: Path) -> PytestProof:
    report = ctx.report(path, max_bytes=pytest_proof.MAX_BYTES)
    return pytest_proof.read(report.data, what=path.name, nonce=launch.nonce)


def result_of(
    main: PytestProof, workers: Mapping[str, PytestProof], *, tool: Tool, root: Path
) -> StageResult:
    """Sum up records that agree with all other witnesses.

    Raises:
        StageError: where no test ran.
    """
    tests = main.tests
    flaky = sorted({name for record in (main, *workers.values()) for name in record.flaky})
    # Under xdist each worker collects everything, and the main process nothing.
    skipped_modules = max(record.skipped_modules for record in (main, *workers.values()))
    deselected = max(record.deselected for record in (main, *workers.values()))
    metrics = {
        "tests": tests.executed,
        "passed": tests.passed,
        "failed": tests.failed,
        "errors": tests.errors,
        "flaky": len(flaky),
        "skipped": tests.skipped + skipped_modules,
        "xfailed": tests.xfailed,
        "xpassed": tests.xpassed,
        "deselected": deselected,
    }
    # Workers end in any order.
    ordered = sorted(main.problems, key=lambda problem: (problem.path, problem.line))
    problems = [_finding(problem, root) for problem in ordered]
    retried = [_flaky(name, _relative(f"{main.rootdir}/{name}", root)) for name in flaky]
    more = {"workers": len(main.workers), "warnings": main.warnings}
    return _summed_up(metrics, more, (*problems, *retried), tool)


def result_of_report(told: JunitReport) -> StageResult:
    """Sum up a JUnit report alone; it does not tell unexpected passes and deselected tests.

    Raises:
        StageError: where no test ran.
    """
    counts = told.counts
    metrics = {
        "tests": counts.executed,
        "passed": counts.passed,
        "failed": counts.failed,
        "errors": counts.errors,
        "flaky": counts.retried,
        "skipped": counts.skipped + counts.not_run,
        "xfailed": counts.xfailed,
    }
    problems = [_reported(case) for case in told.cases if case.outcome in _REPORTED]
    retried = [_flaky(name, "") for name in told.retried]
    tool = Tool(name="JUnit report", version="")
    return _summed_up(metrics, {}, (*problems, *retried), tool)


def _summed_up(
    metrics: Mapping[str, int],
    more: Mapping[str, int],
    findings: tuple[Finding, ...],
    tool: Tool,
) -> StageResult:
    if not any(metrics.get(name) for name in _TELLING):
        skipped, xfailed = metrics["skipped"], metrics["xfailed"]
        why = f"all {skipped} were skipped"
        if xfailed:
            why = f"{skipped} were skipped, and {xfailed} marked as expected failures"
        hint = pytest_witnesses.SKIPPED
        raise StageError("nothing-examined", f"no test ran: {why}", hint=hint)
    shown = {name: metrics.get(name, 0) for name in ("skipped", "xfailed", "deselected")}
    details = tuple((name, value) for name, value in {**shown, **more}.items() if value)
    return StageResult(
        metrics=tuple(count(name, value) for name, value in metrics.items()),
        examined=Examined(count=metrics["tests"], unit="tests", details=details),
        tool=tool,
        findings=findings,
    )


def _finding(problem: CaseProblem, root: Path) -> Finding:
    name = problem.nodeid.partition("::")[2] or problem.nodeid
    said = problem.message or _SAID.get(problem.outcome, f"broke in {problem.phase}")
    return Finding(
        rule=_RULES[problem.outcome],
        severity=SEVERITY[problem.outcome],
        message=f"{name}: {said}",
        path=_relative(problem.path, root),
        line=problem.line,
        counts=(problem.outcome,),
        subject=problem.nodeid,
    )


def _reported(case: JunitCase) -> Finding:
    outcome = _REPORTED[case.outcome]
    return Finding(
        rule=_RULES[outcome],
        severity=SEVERITY[outcome],
        message=f"{case.name}: {case.message}" if case.message else case.name,
        path=case.file,
        counts=(outcome,),
        subject=case.identity,
    )


def _flaky(name: str, path: str) -> Finding:
    return Finding(
        rule=_RULES["flaky"],
        severity=SEVERITY["flaky"],
        message=f"{name}: an attempt failed before the test was reported again",
        path=path.partition("::")[0],
        counts=("flaky",),
        subject=name,
    )


def _relative(path: str, root: Path) -> str:
    """A path as the folder of gates.yaml sees it, where it lies below that."""
    for base in (root, root.resolve()):
        if path.startswith(f"{base}/"):
            return path[len(str(base)) + 1 :]
    return path
