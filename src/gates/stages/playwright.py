"""Playwright Test: runs the project's end-to-end tests, against its service where it has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.formats import (
    js_arguments,
    js_result,
    js_tests,
    junit_result,
    playwright_json,
    tested,
    tested_silent,
)
from gates.formats.js_tests import JsOutcome
from gates.formats.playwright_json import PlaywrightReport
from gates.formats.tool_paths import arguments
from gates.plugin import (
    IN_CI,
    Completed,
    Context,
    Default,
    OutputUnreadable,
    Report,
    ReportOptions,
    Sample,
    Stage,
    StageError,
    StageResult,
    Tool,
)
from gates.toolkit import js_launch

OUTPUT = "PLAYWRIGHT_JSON_OUTPUT_FILE"
"""The environment variable that names where the reporter `json` writes."""

STRICT = ("--reporter=json", "--forbid-only", "--max-failures=0", "--update-snapshots=none")
"""Settings of a run that tells all, and that writes no snapshot for a test to agree with."""

_PART = "it would run a part of the tests only; name files and folders in `paths`"
_OWN = "the gate passes it itself"
_VERDICT = "it would let the run pass without looking"

REFUSED = {
    **dict.fromkeys(("g", "grep", "grepinvert", "G", "shard", "project", "lastfailed"), _PART),
    **dict.fromkeys(("onlychanged", "testlist", "testlistinvert", "deps", "lastfailedfile"), _PART),
    **dict.fromkeys(("list", "ui", "uihost", "uiport", "debug", "help", "h"), _PART),
    **dict.fromkeys(("passwithnotests", "u", "updatesnapshots", "ignoresnapshots"), _VERDICT),
    **dict.fromkeys(("updatesourcemethod", "repeateach"), _VERDICT),
    **dict.fromkeys(("reporter", "addreporter", "forbidonly", "maxfailures", "x"), _OWN),
    "output": _OWN,
}
"""Arguments of Playwright that a gate does not take, with the reason."""

_SAMPLE = """\
{{"config": {{"version": "1.65.1", "rootDir": ".", "forbidOnly": true, "shard": null}},
 "suites": [{{"title": "a", "file": "a.spec.js", "specs": [{{"title": "buys", "line": 1, "tests": [
  {{"expectedStatus": "passed", "projectName": "", "status": "{status}", "annotations": [],
   "results": [{{"status": "{last}", "errors": [{errors}]}}]}}]}}]}}],
 "errors": [],
 "stats": {{"expected": {good}, "unexpected": {bad}, "flaky": 0, "skipped": 0}}}}
"""
_GREEN = _SAMPLE.format(status="expected", last="passed", errors="", good=1, bad=0)
_RED = _SAMPLE.format(
    status="unexpected", last="failed", errors='{"message": "Error: no"}', good=0, bad=1
)
_NO_BROWSER = ("Executable doesn't exist", "Host system is missing dependencies")
_HINT_BROWSER = "run `npx playwright install --with-deps` in the step before"
_HINT_SKIPPED = "look for `.skip` and `.fixme`, and run the tests with `--reporter=list`"
_HINT_CUT = "look for a global timeout, `maxFailures`, or what interrupted the run"
_HINT_NO_TESTS = "see where it looks: `paths` of the gate, and `testDir` and `testMatch` there"
_HINT_JUNIT = (
    "give what the reporter `json` writes: Playwright's JUnit XML tells neither retried tests nor"
    " those that never ran; the stage `junit` judges it with that loss"
)
_ONLY = (
    "whether `.only` kept tests from running is not told by the report: run with `--forbid-only`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaywrightOptions(ReportOptions):
    """What `with:` may hold."""

    paths: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "patterns of paths of tests; by default all that its configuration names"
        },
    )
    args: tuple[str, ...] = field(default=(), metadata={"help": "further arguments for Playwright"})


class Playwright(Stage[PlaywrightOptions]):
    """Run the tests once, and believe the result where list, report and exit status agree."""

    uses = "playwright"
    title = "end-to-end tests, by Playwright"
    options_type = PlaywrightOptions
    metrics = (*tested.METRICS, tested.XFAILED)
    defaults = tuple(Default(text=text) for text in tested.DEFAULTS)
    criteria = ("L2-E2E",)
    examines = "tests"
    when = IN_CI
    errored_when = (
        "no test ran: none found, all skipped or expected to fail",
        "the run ended early: an interrupt, a global timeout, `maxFailures`",
        "its configuration is broken, so that it wrote no report",
        "the browsers are not installed",
        "fewer tests stand in the report than Playwright lists",
        "exit status and report contradict each other, or the report itself",
        "a shard of a given report is missing, or the configuration runs only a shard",
        "a given report is of another folder: none of its files is one of the project's",
    )
    programs = ("playwright",)
    written_by = (
        "PLAYWRIGHT_JSON_OUTPUT_FILE=out/e2e.json playwright test --reporter=json --forbid-only"
    )

    sample = Sample(
        files={"a.spec.js": "", "out/e2e.json": _GREEN},
        faulty={"out/e2e.json": _RED},
        options={"report": "out/e2e.json"},
        reports=("out/e2e.json",),
    )

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
        """List the tests, and run them."""
        tool = ctx.tool("playwright")
        listed = self._told(ctx, tool, "list", "--list")[0]
        report, done = self._told(ctx, tool, "report")
        _refuse_broken(report, what="report.json")
        if report.shard is not None:
            raise StageError("partial-run", "`shard` of its configuration runs a part of the tests")
        _refuse_contradiction(report, listed, done)
        return _result_of(ctx, report.tests, tool)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports of Playwright's reporter `json`; several are shards of one run."""
        each = [(one.name, _read(one.data, one.name)) for one in reports]
        playwright_json.refuse_shards(each)
        for name, report in each:
            _refuse_broken(report, what=name)
        merged, repeated = js_tests.merge([report.tests for _, report in each])
        files, tests = ctx.files("**"), ctx.files(*js_tests.TEST_FILES)
        foreign = js_result.notes_of_given(files, tests, merged, _roots(ctx))
        if not all(report.forbids_only for _, report in each):
            ctx.note(_ONLY)
        for note in (*junit_result.notes(repeated), *foreign):
            ctx.note(note)
        tool = Tool(name="Playwright report", version=each[0][1].version)
        return _result_of(ctx, merged, tool)

    def _told(
        self, ctx: Context, tool: Tool, name: str, *more: str
    ) -> tuple[PlaywrightReport, Completed]:
        """What Playwright writes under these arguments, and how it ended.

        Raises:
            StageError: it wrote no report.
        """
        path = ctx.out / f"{name}.json"
        own = (*STRICT, f"--output={ctx.out / 'results'}")
        words = ("test", *arguments(self.options.paths), *own, *self.options.args, *more)
        done = ctx.run(tool, *words, ok=(0, 1), env={OUTPUT: str(path)})
        if not path.exists():
            raise _why_no_report(ctx, done)
        report = ctx.report(path, max_bytes=playwright_json.MAX_BYTES)
        return playwright_json.read(report.data, what=path.name), done


def _why_no_report(ctx: Context, done: Completed) -> StageError:
    output = (done.stderr + b"\n" + done.stdout).decode("utf-8", "replace")
    lines = [line for line in map(js_tests.first_line, output.splitlines()) if line]
    told = next((line for line in lines if "rror" in line), lines[0] if lines else "nothing")
    return StageError(
        "tool-crashed",
        f"Playwright ended with exit code {done.exit_code} and no report: {ctx.clean(told)}",
        hint="run `playwright test` by hand: its configuration or a set-up file ends it",
    )


def _read(data: bytes, what: str) -> PlaywrightReport:
    if data.lstrip()[:1] == b"<":
        raise OutputUnreadable("not-json", "it is XML, not JSON", hint=_HINT_JUNIT, place=what)
    return playwright_json.read(data, what=what)


def _refuse_broken(report: PlaywrightReport, *, what: str) -> None:
    """Refuse a run that could not begin, or that did not come to its end."""
    problems = report.tests.problems
    if any(problem.startswith(playwright_json.NO_TESTS) for problem in problems):
        raise StageError("no-tests", "Playwright found no test", hint=_HINT_NO_TESTS, place=what)
    failures = (
        test.message
        for module in report.tests.modules
        for test in module.tests
        if test.outcome is JsOutcome.FAILED
    )
    missing = next((said for said in failures if any(sign in said for sign in _NO_BROWSER)), "")
    if missing:
        raise StageError("browser-missing", missing, hint=_HINT_BROWSER, place=what)
    if report.unfinished and not report.failed:
        why = f": {problems[0]}" if problems else ""
        summary = f"the run was stopped: {report.unfinished} of {report.total} tests did not end"
        raise StageError("run-cut-short", f"{summary}{why}", hint=_HINT_CUT, place=what)


def _refuse_contradiction(
    report: PlaywrightReport, listed: PlaywrightReport, done: Completed
) -> None:
    """Refuse a run whose list, report and exit status do not tell the same."""
    if report.total != listed.total:
        summary = f"{report.total} tests stand in the report, and Playwright lists {listed.total}"
        raise StageError(
            "contradiction", summary, hint="let the tests of a file not depend on how it is read"
        )
    bad = report.failed + report.unfinished + len(report.tests.problems)
    if report.fails_on_flaky:
        bad += report.flaky
    if (done.exit_code == 0) != (bad == 0):
        summary = f"Playwright ended with exit code {done.exit_code}, though {bad} tests failed"
        raise StageError(
            "contradiction", summary, hint="look for a tear-down file that sets the exit code"
        )


def _result_of(ctx: Context, tests: js_tests.JsReport, tool: Tool) -> StageResult:
    result = js_result.result_of(tests, tool=tool, roots=_roots(ctx), hint=_HINT_SKIPPED)
    return replace(result, examined=tested_silent.told(result.examined))


def _roots(ctx: Context) -> Sequence[str]:
    roots: tuple[Path, ...] = (ctx.root, ctx.root.resolve())
    return tuple(str(root) for root in roots)
