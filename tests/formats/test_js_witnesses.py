from __future__ import annotations

from dataclasses import replace

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import js_witnesses
from gates.formats.js_proof import JsProof
from gates.formats.js_tests import JsModule, JsOutcome, JsReport, JsTest

P, X, S, _T, U, F = JsOutcome


def report(
    *outcomes: JsOutcome, problems: tuple[str, ...] = (), outside: tuple[str, ...] = ()
) -> JsReport:
    tests = tuple(JsTest(name=f"t{n}", outcome=outcome) for n, outcome in enumerate(outcomes))
    return JsReport(
        modules=(JsModule(path="/p/a.ts", tests=tests, problems=problems),), problems=outside
    )


GREEN = JsProof(
    version="1",
    root="/p",
    partial=(),
    hiding=(),
    unplanted=(),
    planned=1,
    ended=1,
    untold=0,
    is_whole=True,
    report=report(P, P),
)
RED = replace(GREEN, report=report(P, F))


def refused(exit_code: int, proof: JsProof) -> str:
    with pytest.raises(StageError) as caught:
        js_witnesses.refuse_unproven("Vitest", exit_code, proof)
    return f"{caught.value.problem.slug}: {caught.value.problem.summary}"


def test_a_whole_run_is_believed() -> None:
    js_witnesses.refuse_unproven("Vitest", 0, GREEN)
    js_witnesses.refuse_unproven("Vitest", 1, RED)
    js_witnesses.refuse_unproven("Vitest", 1, replace(GREEN, report=report(P, outside=("no",))))


def test_a_run_that_stopped_at_a_failure_has_failed() -> None:
    js_witnesses.refuse_unproven("Jest", 1, replace(RED, planned=3, is_whole=False))


@pytest.mark.parametrize(
    ("exit_code", "proof", "words"),
    [
        (0, replace(GREEN, partial=("shard",)), "partial-run: `shard` keeps Vitest"),
        (0, replace(GREEN, hiding=("`x`",)), "hidden: `x` could keep Vitest from telling all"),
        (0, replace(GREEN, planned=0), "no-tests: Vitest found no test"),
        (0, replace(GREEN, untold=2), "contradiction: 2 tests passed in the end"),
        (0, replace(GREEN, planned=3), "run-cut-short: the run was stopped: 2 of 3 files"),
        (0, replace(GREEN, ended=0), "run-cut-short"),
        (0, replace(GREEN, is_whole=False), "run-cut-short"),
        (1, GREEN, "contradiction: Vitest ended with exit code 1, though no test failed"),
        (0, RED, "contradiction: Vitest ended with exit code 0, though 1 tests or files"),
        (0, replace(GREEN, report=report(P, problems=("no",))), "contradiction"),
        (0, replace(GREEN, report=report(P, outside=("no",))), "contradiction"),
        (0, replace(GREEN, report=report(P, U)), "contradiction"),
    ],
)
def test_a_run_that_proves_nothing_is_errored(exit_code: int, proof: JsProof, words: str) -> None:
    assert refused(exit_code, proof).startswith(words)


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        (report(P, P), report(P, P)),
        (report(P), report(X)),
        (report(P, F), report(P, F, problems=("hook",))),
        (report(problems=("no",)), report(problems=("broken",))),
    ],
)
def test_witnesses_that_agree_are_believed(told: JsReport, ours: JsReport) -> None:
    js_witnesses.refuse_contradiction(told, replace(GREEN, report=ours), what="report.json")


@pytest.mark.parametrize(
    ("told", "ours", "name"),
    [
        (report(P, P), report(P, F), "t1"),
        (report(P), report(P, P), "t1"),
        (report(P, P), report(P), "t1"),
        (report(P), report(S), "t0"),
        (report(P, problems=("no",)), report(P), "the file"),
    ],
)
def test_witnesses_that_differ_are_errored(told: JsReport, ours: JsReport, name: str) -> None:
    with pytest.raises(OutputUnreadable, match=f"such as `{name}` of /p/a.ts"):
        js_witnesses.refuse_contradiction(told, replace(GREEN, report=ours), what="report.json")


@pytest.mark.parametrize(
    ("exit_code", "output", "words"),
    [
        (1, "\n No test files found, exiting with code 1\n", "no-tests: Vitest found no test"),
        (0, "x", "ended-early: Vitest ended early, with exit code 0"),
        (1, "⎯ Startup Error ⎯\nError: no config\nmore", "with exit code 1: Error: no config"),
        (1, "a\nlast words\n", "with exit code 1: last words"),
        (1, "", "with exit code 1: nothing"),
    ],
)
def test_why_there_is_no_record(exit_code: int, output: str, words: str) -> None:
    error = js_witnesses.why_no_record("Vitest", exit_code, output).problem
    assert words in f"{error.slug}: {error.summary}"


def test_tests_of_types_are_known_by_their_own_titles() -> None:
    def named(*names: str) -> JsReport:
        tests = tuple(JsTest(name=name, outcome=P) for name in names)
        return JsReport(modules=(JsModule(path="/p/src/a.test-d.ts", tests=tests),))

    proof = replace(GREEN, report=named("t", "g > u"))
    told = named("src/a.test-d.ts > t", "src/a.test-d.ts > g > u")
    js_witnesses.refuse_contradiction(told, proof, what="report.json")
    other = named("src/b.test-d.ts > t", "src/a.test-d.ts > g > u")
    with pytest.raises(OutputUnreadable):
        js_witnesses.refuse_contradiction(other, proof, what="report.json")


@pytest.mark.parametrize(
    ("stderr", "found"),
    [
        ("error during close Error: td\n    at x\n", ("Error: td",)),
        ("\x1b[31merror during close\x1b[39m torn\nerror during close b", ("torn", "b")),
        ("Error: Jest: Got error running globalTeardown - g.js, reason: no", ("g.js, reason: no",)),
        ("Jest: Got error running globalSetup - g.js\nan error during close x", ()),
    ],
)
def test_what_tear_downs_threw_is_read(stderr: str, found: tuple[str, ...]) -> None:
    told = tuple(f"the global tear-down failed: {one}" for one in found)
    assert js_witnesses.tear_down_problems(stderr) == told
    torn = js_witnesses.with_problems(RED, told)
    assert torn.report.problems == told
    assert torn.report.modules == RED.report.modules
