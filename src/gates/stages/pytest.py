"""pytest: runs the project's tests, with a proof that the run came to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.domain.condition import Role
from gates.formats import junit, junit_result, pytest_parts, pytest_proof, pytest_witnesses, tested
from gates.formats.pytest_parts import Part
from gates.formats.pytest_proof import CaseProblem, PytestProof
from gates.plugin import (
    Context,
    Default,
    Examined,
    Finding,
    Handed,
    Report,
    ReportOptions,
    Stage,
    StageError,
    StageResult,
    Tool,
    count,
)
from gates.toolkit.bytecode import drop_doubtful, refuse_tracked
from gates.toolkit.files import read_report
from gates.toolkit.git import Git
from gates.toolkit.pytest_launch import Launch, inputs_of_tests, prepare

_SAID = {"xpassed": "passed, though it is marked as an expected failure"}
_RESULTS = (0, 1, 2, 3, 4, 5)  # exit codes that the witnesses explain better than a crash


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestOptions(ReportOptions):
    """What `with:` may hold."""

    paths: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "files and folders of tests; by default pytest's own choice",
            "stricter": "wider",
        },
    )
    args: tuple[str, ...] = field(default=(), metadata={"help": "further arguments for pytest"})
    workers: str = field(
        default="",
        metadata={
            "help": "xdist's `-n`: a number or `auto`; default: pytest's own",
            "stricter": "neither",
        },
    )


class Pytest(Stage[PytestOptions]):
    """Run the tests once, and believe the result only where three witnesses agree."""

    uses = "pytest"
    title = "unit and integration tests"
    options_type = PytestOptions
    metrics = (
        *tested.METRICS,
        tested.XFAILED,
        tested.spec("xpassed", "expected failures that passed", "unexpected passes", optional=True),
        tested.spec(
            "deselected", "tests that an option took out", "deselected tests", optional=True
        ),
    )
    defaults = (
        *(Default(text=text) for text in tested.DEFAULTS),
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
        "its tests ran in parts, and one ran twice, or in none, or the parts collected others",
        "pytest itself comes from the checkout, or byte-code is tracked by git",
    )
    programs = ("pytest",)
    divisible = True
    hands_over = ("proof/*.json", "proof/data/lines*")
    written_by = "pytest --junitxml=out/junit.xml"

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
        return inputs_of_tests(ctx.root, ctx.files("**"))

    def run(self, ctx: Context) -> StageResult:
        """Run the tests."""
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
        if ctx.portion is not None:
            return _of_portion(Part(main, workers), tool)
        return result_of(main, workers, tool=tool, root=ctx.root)

    def join(self, ctx: Context, parts: tuple[Handed, ...]) -> StageResult:
        """Add up the records of the parts, which are proved to be one whole."""
        here = str(ctx.root.resolve())
        read = [pytest_parts.relocated(_left(each), str(each.root), here) for each in parts]
        joined = pytest_parts.whole(read)
        versions = sorted({part.main.version for part in read})
        if len(versions) > 1:
            ctx.note(f"the parts ran with different versions of pytest: {', '.join(versions)}")
        tool = Tool(name="pytest", version=joined.main.version)
        return result_of(joined.main, joined.workers, tool=tool, root=ctx.root)

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

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge JUnit files that an earlier step wrote."""
        if "coverage" in ctx.asked:
            ctx.note("no coverage was measured, since a report was judged in place of a run")
        merged = junit_result.read_all([(one.name, one.data) for one in reports])
        for note in junit_result.notes(merged.repeated):
            ctx.note(note)
        roots = (str(ctx.root), str(ctx.root.resolve()))
        return junit_result.result_of(merged.report, files=ctx.files("**"), roots=roots)


def _launch(ctx: Context) -> Launch:
    portion = (ctx.portion.index, ctx.portion.count) if ctx.portion is not None else None
    if "coverage" not in ctx.asked:
        return prepare(ctx.out, portion=portion)
    root = ctx.root.resolve()
    try:
        sources = tuple(str(root / path) for path in ctx.sources(".py").files)
    except StageError:
        sources = ()  # the gate that asked for coverage asks the same, and tells what is wrong
    return prepare(ctx.out, measured=sources, portion=portion)


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


def _left(handed: Handed) -> Part:
    """The records that a part left, each proved when it ran."""
    proof = handed.out / "proof"

    def record(path: Path) -> PytestProof:
        since_ns = handed.started_ns
        report = read_report(path, since_ns=since_ns, max_bytes=pytest_proof.MAX_BYTES)
        return pytest_proof.read(report.data, what=path.name, nonce=None)

    workers = [record(path) for path in sorted(proof.glob("worker-*.json"))]
    return Part(record(proof / "main.json"), {each.worker: each for each in workers})


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
    flaky = _flaky(main, workers)
    metrics = _counts(main, workers)
    # Workers end in any order.
    ordered = sorted(main.problems, key=lambda problem: (problem.path, problem.line))
    problems = [_finding(problem, root) for problem in ordered]
    retried = [tested.flaky(name, path=_file(main, name, root)) for name in flaky]
    more = {"workers": len(main.workers), "warnings": main.warnings}
    found = (*problems, *retried)
    return tested.summed_up(metrics, found, tool=tool, more=more, hint=pytest_witnesses.SKIPPED)


def _flaky(main: PytestProof, workers: Mapping[str, PytestProof]) -> list[str]:
    return sorted({name for record in (main, *workers.values()) for name in record.flaky})


def _counts(main: PytestProof, workers: Mapping[str, PytestProof]) -> dict[str, int]:
    tests = main.tests
    # Under xdist each worker collects everything, and the main process nothing.
    skipped_modules = max(record.skipped_modules for record in (main, *workers.values()))
    deselected = max(record.deselected for record in (main, *workers.values()))
    return {
        "tests": tests.executed,
        "passed": tests.passed,
        "failed": tests.failed,
        "errors": tests.errors,
        "flaky": len(_flaky(main, workers)),
        "skipped": tests.skipped + skipped_modules,
        "xfailed": tests.xfailed,
        "xpassed": tests.xpassed,
        "deselected": deselected,
    }


def _of_portion(part: Part, tool: Tool) -> StageResult:
    """What one part of the tests came to; it is judged only with the others."""
    counts = _counts(part.main, part.workers)
    bad = ", ".join(f"{counts[name]} {name}" for name in ("failed", "errors") if counts[name])
    portion = part.portion
    ran = f"part {portion.index} of {portion.count} ran {counts['tests']} tests"
    return StageResult(
        metrics=tuple(count(name, value) for name, value in counts.items()),
        examined=Examined(count=counts["tests"], unit="tests"),
        tool=tool,
        notes=(f"{ran}: {bad}" if bad else ran,),
    )


def _finding(problem: CaseProblem, root: Path) -> Finding:
    name = problem.nodeid.partition("::")[2] or problem.nodeid
    said = problem.message or _SAID.get(problem.outcome, f"broke in {problem.phase}")
    return tested.finding(
        problem.outcome,
        f"{name}: {said}",
        path=_relative(problem.path, root),
        line=problem.line,
        subject=problem.nodeid,
    )


def _file(main: PytestProof, name: str, root: Path) -> str:
    """The file of a test that pytest names `tests/test_a.py::test_a`."""
    return _relative(f"{main.rootdir}/{name}", root).partition("::")[0]


def _relative(path: str, root: Path) -> str:
    """A path as the folder of gates.yaml sees it, where it lies below that."""
    for base in (root, root.resolve()):
        if path.startswith(f"{base}/"):
            return path[len(str(base)) + 1 :]
    return path
