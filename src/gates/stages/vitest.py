"""Vitest: runs the project's tests, with a proof that the run came to its end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

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
    **dict.fromkeys(("t", "testnamepattern", "changed", "related", "shard", "tagsfilter"), _PART),
    **dict.fromkeys(("project", "exclude", "mergereports", "standalone", "listtags"), _PART),
    **dict.fromkeys(("watch", "w", "ui", "run", "mode", "help", "h", "version", "v"), _PART),
    **dict.fromkeys(("passwithnotests", "dangerouslyignoreunhandlederrors", "u"), _VERDICT),
    **dict.fromkeys(("allowonly", "update", "teardowntimeout"), _VERDICT),
    **dict.fromkeys(("reporter", "outputfile", "bail", "includetasklocation", "coverage"), _OWN),
}
"""Arguments of Vitest that a gate does not take, with the reason."""

STRICT = (
    "--watch=false",
    "--passWithNoTests=false",
    "--allowOnly=false",
    "--dangerouslyIgnoreUnhandledErrors=false",
    "--update=none",
    "--bail=0",
    "--includeTaskLocation",
)
"""Settings of a run that hides nothing, and that writes no snapshot for a test to agree with."""

_UNCOVERED = ("--coverage.enabled=false",)


@dataclass(frozen=True, slots=True, kw_only=True)
class VitestOptions(ReportOptions):
    """What `with:` may hold."""

    paths: tuple[str, ...] = field(
        default=(),
        metadata={"help": "parts of paths of tests; by default all that its configuration names"},
    )
    args: tuple[str, ...] = field(default=(), metadata={"help": "further arguments for Vitest"})


class Vitest(Stage[VitestOptions]):
    """Run the tests once, and believe the result only where three witnesses agree."""

    uses = "vitest"
    title = "unit and integration tests, by Vitest"
    options_type = VitestOptions
    metrics = (
        *tested.METRICS,
        tested.spec("xfailed", "expected failures", "expected failures", optional=True),
    )
    defaults = tuple(Default(text=text) for text in tested.DEFAULTS)
    criteria = ("L1-TESTS",)
    examines = "tests"
    errored_when = (
        "no test ran: none found, all skipped or expected to fail",
        "the run ended early: a process that was ended, an interrupt",
        "a setting runs only a part: `testNamePattern`, `changed`, `related`, `shard`, a tag",
        "exit status, JSON and completion proof contradict each other",
        "a planted test that fails is told as passed under this configuration, or did not run",
        "`coverage.provider: custom`, where coverage is asked for: nothing proves what it tells",
        "a given report is cut short, contradicts itself, or says that the run failed",
        "a given report is of another folder: none of its files is one of the project's",
    )
    programs = ("vitest",)
    written_by = "vitest run --reporter=json --outputFile=out/vitest.json"

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
        launch = js_launch.prepare(ctx.out, name="reporter.mjs", text=js_reporters.VITEST)
        tool = ctx.tool("vitest")
        done = ctx.run(tool, *self._arguments(ctx, launch), ok=(0, 1))
        proof = _proof(ctx, launch, done)
        js_witnesses.refuse_unproven("Vitest", done.exit_code, proof)
        report = ctx.report(launch.report, max_bytes=js_report.MAX_BYTES)
        what = launch.report.name
        told = js_report.read(report.data, what=what, dialect=js_report.VITEST)
        js_witnesses.refuse_contradiction(told, proof, what=what)
        # Vitest prints what a tear-down threw when all is told, and its exit status keeps silent.
        torn = js_witnesses.tear_down_problems(done.stderr.decode("utf-8", "replace"))
        proof = js_witnesses.with_problems(proof, tuple(ctx.clean(line) for line in torn))
        canary = self._plant(ctx, tool, proof.report)
        roots = _roots(ctx)
        missed = js_result.not_run(ctx.files(*js_tests.TEST_FILES), proof.report, roots)
        if missed:
            ctx.note(f"look like tests, and were not run: {some(missed)}")
        result = js_result.result_of(
            proof.report, tool=tool, roots=roots, hint=js_witnesses.SKIPPED
        )
        return replace(result, canary=canary)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports of Vitest's reporter `json`."""
        if "coverage" in ctx.asked:
            ctx.note("no coverage was measured, since a report was judged in place of a run")
        each = [
            js_report.read(one.data, what=one.name, dialect=js_report.VITEST) for one in reports
        ]
        merged, repeated = js_tests.merge(each)
        roots = _roots(ctx)
        files, tests = ctx.files("**"), ctx.files(*js_tests.TEST_FILES)
        beside = js_result.notes_of_given(files, tests, merged, roots)
        for note in (*junit_result.notes(repeated), *beside):
            ctx.note(note)
        ctx.note("Vitest's JSON does not tell errors outside of tests")
        return js_result.result_of(
            merged,
            tool=Tool(name="Vitest report", version=""),
            roots=roots,
            hint=js_witnesses.SKIPPED,
            tells_xfailed=False,
        )

    def _plant(self, ctx: Context, tool: Tool, report: js_tests.JsReport) -> str:
        """Let a test that must fail run under the same configuration, alone; tell what was found.

        Raises:
            StageError: it was not told as failed.
        """
        launch = js_launch.prepare(
            ctx.out,
            name="reporter.mjs",
            text=js_reporters.VITEST,
            canary=ctx.plant(js_canary.file_name(report), js_canary.VITEST),
        )
        done = ctx.run(tool, *self._arguments(ctx, launch), ok=(0, 1))
        proof = _proof(ctx, launch, done)
        told = js_canary.refuse_blind("Vitest", done.exit_code, proof)
        if proof.unplanted:
            names = some(frozenset(proof.unplanted))
            ctx.note(f"not shown that a failing test fails in the browser of: {names}")
        return told

    def _arguments(self, ctx: Context, launch: Launch) -> tuple[str, ...]:
        return (
            "run",
            *arguments(self.options.paths),
            "--reporter=default",
            "--reporter=json",
            f"--reporter={launch.reporter}",
            f"--outputFile={launch.report}",
            *STRICT,
            *(_coverage(ctx, launch) if launch.sequencer is None else _UNCOVERED),
            *self.options.args,
        )


def _coverage(ctx: Context, launch: Launch) -> tuple[str, ...]:
    if "coverage" not in ctx.asked:
        return _UNCOVERED
    try:
        sources = ctx.sources(*js_launch.COVERED).files
    except StageError:
        sources = ()  # the gate that asked for coverage asks the same, and tells what is wrong
    return (
        "--coverage.enabled=true",
        "--coverage.reporter=json",
        f"--coverage.reportsDirectory={launch.coverage}",
        "--coverage.reportOnFailure=true",
        *(f"--coverage.include={path}" for path in js_launch.as_globs(sources)),
    )


def _proof(ctx: Context, launch: Launch, done: Completed) -> js_proof.JsProof:
    if not launch.record.exists():
        output = (done.stderr + b"\n" + done.stdout).decode("utf-8", "replace")
        told = "\n".join(ctx.clean(line) for line in output.splitlines())
        raise js_witnesses.why_no_record("Vitest", done.exit_code, told)
    report = ctx.report(launch.record, max_bytes=js_proof.MAX_BYTES)
    return js_proof.read(report.data, what="the completion proof", nonce=launch.nonce)


def _roots(ctx: Context) -> tuple[str, ...]:
    return (str(ctx.root), str(ctx.root.resolve()))
