"""Jest: runs the project's tests, with a proof that the run came to its end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.formats import (
    js_arguments,
    js_canary,
    js_proof,
    js_report,
    js_result,
    js_tests,
    js_witnesses,
    junit_result,
    tested,
)
from gates.formats.tool_paths import arguments, some
from gates.plugin import (
    Completed,
    Context,
    Default,
    Report,
    ReportOptions,
    Stage,
    StageError,
    StageResult,
    Tool,
)
from gates.toolkit import js_launch, js_reporters
from gates.toolkit.js_launch import Launch

_PART = "it would run a part of the tests only; name files and folders in `paths`"
_OWN = "the gate passes it itself"
_VERDICT = "it would let the run pass without looking"

REFUSED = {
    **dict.fromkeys(("t", "testnamepattern", "changedsince", "onlychanged", "o", "shard"), _PART),
    **dict.fromkeys(("findrelatedtests", "f", "onlyfailures", "lastcommit", "filter"), _PART),
    **dict.fromkeys(("selectprojects", "ignoreprojects", "testpathignorepatterns"), _PART),
    **dict.fromkeys(("listtests", "collecttests", "showconfig", "help", "h", "version"), _PART),
    **dict.fromkeys(("watch", "watchall", "init", "clearcache", "changedfileswithancestor"), _PART),
    **dict.fromkeys(("passwithnotests", "testfailureexitcode", "u", "updatesnapshot"), _VERDICT),
    **dict.fromkeys(("reporters", "json", "outputfile", "bail", "b", "ci", "coverage"), _OWN),
    **dict.fromkeys(("testlocationinresults", "collectcoverage", "collectcoveragefrom"), _OWN),
    **dict.fromkeys(("coveragereporters", "coveragedirectory", "coveragethreshold"), _OWN),
    **dict.fromkeys(("cachedirectory", "testresultsprocessor", "testsequencer"), _OWN),
}
"""Arguments of Jest that a gate does not take, with the reason."""

STRICT = (
    "--ci",
    "--watch=false",
    "--watchAll=false",
    "--onlyChanged=false",
    "--onlyFailures=false",
    "--testFailureExitCode=1",
    "--bail=0",
    "--testLocationInResults",
)
"""Settings of a run that hides nothing, and that writes no snapshot for a test to agree with."""

_UNCOVERED = ("--coverage=false",)


@dataclass(frozen=True, slots=True, kw_only=True)
class JestOptions(ReportOptions):
    """What `with:` may hold."""

    paths: tuple[str, ...] = field(
        default=(),
        metadata={"help": "patterns of paths of tests; by default all that its settings name"},
    )
    args: tuple[str, ...] = field(default=(), metadata={"help": "further arguments for Jest"})


class Jest(Stage[JestOptions]):
    """Run the tests once, and believe the result only where three witnesses agree."""

    uses = "jest"
    title = "unit and integration tests, by Jest"
    options_type = JestOptions
    metrics = (*tested.METRICS, tested.XFAILED)
    defaults = tuple(Default(text=text) for text in tested.DEFAULTS)
    criteria = ("L1-TESTS",)
    examines = "tests"
    errored_when = (
        "no test ran: none found, all skipped or expected to fail",
        "the run ended early: `process.exit` in a test, a process that was ended, an interrupt",
        "a setting runs only a part: `testNamePattern`, `onlyChanged`, `filter`, `shard`",
        "exit status, JSON and completion proof contradict each other",
        "a planted test that fails is told as passed under this configuration, or did not run",
        "a given report is cut short, of an interrupted run, or contradicts itself",
        "a given report is of another folder: none of its files is one of the project's",
    )
    programs = ("jest",)
    written_by = "jest --ci --json --outputFile=out/jest.json"

    def check(self) -> None:
        """Refuse `report` beside options of a run, and arguments that would blind it."""
        options = self.options
        if options.report and (options.paths or options.args):
            raise ValueError("`report` is judged in place of a run: leave out `paths` and `args`")
        js_arguments.refuse(options.args, REFUSED)

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All files but documents."""
        return js_launch.inputs_of_tests(ctx.files("**"))

    def run(self, ctx: Context) -> StageResult:
        """Run the tests."""
        launch = js_launch.prepare(ctx.out, name="reporter.js", text=js_reporters.JEST)
        tool = ctx.tool("jest")
        done = ctx.run(tool, *self._arguments(ctx, launch), ok=(0, 1))
        proof = _proof(ctx, launch, done)
        if done.exit_code and not launch.report.exists():
            _refuse_torn_down(ctx, done)
        js_witnesses.refuse_unproven("Jest", done.exit_code, proof)
        report = ctx.report(launch.report, max_bytes=js_report.MAX_BYTES)
        what = launch.report.name
        told = js_report.read(report.data, what=what, dialect=js_report.JEST)
        js_witnesses.refuse_contradiction(told, proof, what=what)
        canary = self._plant(ctx, tool, proof.report)
        roots = _roots(ctx)
        missed = js_result.not_run(ctx.files(*js_tests.TEST_FILES), proof.report, roots)
        if missed:
            ctx.note(f"look like tests, and were not run: {some(missed)}")
        result = js_result.result_of(
            _focused(proof.report), tool=tool, roots=roots, hint=js_witnesses.SKIPPED
        )
        return replace(result, canary=canary)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports that Jest wrote with `--json`."""
        if "coverage" in ctx.asked:
            ctx.note("no coverage was measured, since a report was judged in place of a run")
        each = [js_report.read(one.data, what=one.name, dialect=js_report.JEST) for one in reports]
        merged, repeated = js_tests.merge(each)
        roots = _roots(ctx)
        files, tests = ctx.files("**"), ctx.files(*js_tests.TEST_FILES)
        beside = js_result.notes_of_given(files, tests, merged, roots)
        for note in (*junit_result.notes(repeated), *beside):
            ctx.note(note)
        return js_result.result_of(
            merged,
            tool=Tool(name="Jest report", version=""),
            roots=roots,
            hint=js_witnesses.SKIPPED,
        )

    def _plant(self, ctx: Context, tool: Tool, report: js_tests.JsReport) -> str:
        """Let a test that must fail run under the same configuration, alone; tell what was found.

        Raises:
            StageError: it was not told as failed.
        """
        launch = js_launch.prepare(
            ctx.out,
            name="reporter.js",
            text=js_reporters.JEST,
            canary=ctx.plant(js_canary.file_name(report), js_canary.JEST),
        )
        done = ctx.run(tool, *self._arguments(ctx, launch), ok=(0, 1))
        return js_canary.refuse_blind("Jest", done.exit_code, _proof(ctx, launch, done))

    def _arguments(self, ctx: Context, launch: Launch) -> tuple[str, ...]:
        # Options that take several values would take the paths too: those go first.
        return (
            *arguments(self.options.paths),
            "--json",
            f"--outputFile={launch.report}",
            "--reporters=default",
            f"--reporters={launch.reporter}",
            f"--cacheDirectory={ctx.kept_cache('jest', ctx.files('**'))}",
            *STRICT,
            *(_coverage(ctx, launch) if launch.sequencer is None else _UNCOVERED),
            *self.options.args,
            *(_planted(launch.sequencer) if launch.sequencer is not None else ()),
        )


def _coverage(ctx: Context, launch: Launch) -> tuple[str, ...]:
    if "coverage" not in ctx.asked:
        return _UNCOVERED
    try:
        sources = ctx.sources(*js_launch.COVERED).files
    except StageError:
        sources = ()  # the gate that asked for coverage asks the same, and tells what is wrong
    return (
        "--coverage=true",
        "--coverageReporters=json",
        f"--coverageDirectory={launch.coverage}",
        "--coverageThreshold={}",
        *(f"--collectCoverageFrom={path}" for path in js_launch.as_globs(sources)),
    )


def _proof(ctx: Context, launch: Launch, done: Completed) -> js_proof.JsProof:
    if not launch.record.exists():
        output = (done.stderr + b"\n" + done.stdout).decode("utf-8", "replace")
        told = "\n".join(ctx.clean(line) for line in output.splitlines())
        raise js_witnesses.why_no_record("Jest", done.exit_code, told)
    report = ctx.report(launch.record, max_bytes=js_proof.MAX_BYTES)
    return js_proof.read(report.data, what="the completion proof", nonce=launch.nonce)


def _refuse_torn_down(ctx: Context, done: Completed) -> None:
    """Tell why Jest left no JSON, though its tests ended."""
    torn = js_witnesses.tear_down_problems(done.stderr.decode("utf-8", "replace"))
    if torn:
        hint = "mend `globalTeardown` of the configuration: Jest writes no report when it throws"
        raise StageError("tear-down-failed", ctx.clean(torn[0]), hint=hint)


def _planted(sequencer: Path) -> tuple[str, ...]:
    # The planted test imports nothing, as it must run as CommonJS and as an ES module.
    return (f"--testSequencer={sequencer}", "--injectGlobals=true")


def _focused(report: js_tests.JsReport) -> js_tests.JsReport:
    """The run, with an error for each file whose tests were skipped because others are focused.

    Jest tells such a test as any that is skipped, and passes; Vitest fails it.
    """
    modules = []
    for module in report.modules:
        path = Path(module.path)
        skipped = sum(test.outcome is js_tests.JsOutcome.SKIPPED for test in module.tests)
        if skipped and path.is_file() and js_tests.is_focused(path.read_text(errors="replace")):
            said = f"focused: {skipped} tests were skipped because others are focused (`.only`)"
            modules.append(replace(module, problems=(*module.problems, said)))
        else:
            modules.append(module)
    return replace(report, modules=tuple(modules))


def _roots(ctx: Context) -> tuple[str, ...]:
    return (str(ctx.root), str(ctx.root.resolve()))
