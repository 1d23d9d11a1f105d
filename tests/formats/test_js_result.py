from __future__ import annotations

import pytest

from gates.domain.errors import StageError
from gates.domain.stage_result import StageResult, Tool
from gates.formats import js_result
from gates.formats.js_tests import JsModule, JsOutcome, JsReport, JsTest

TESTS = (
    JsTest(name="g > ok", outcome=JsOutcome.PASSED),
    JsTest(name="g > no", outcome=JsOutcome.FAILED, message="Error: no", line=3),
    JsTest(name="odd", outcome=JsOutcome.UNFINISHED),
    JsTest(name="late", outcome=JsOutcome.PASSED, is_flaky=True, line=9),
    JsTest(name="later", outcome=JsOutcome.TODO),
    JsTest(name="expected", outcome=JsOutcome.XFAILED),
)
REPORT = JsReport(
    modules=(
        JsModule(path="/p/a.test.ts", tests=TESTS),
        JsModule(path="/q/b.test.ts", tests=(), problems=("no database",)),
    ),
    problems=("uncaught",),
)


def result(report: JsReport, *, tells_xfailed: bool = True) -> StageResult:
    tool = Tool(name="Jest", version="1")
    return js_result.result_of(
        report, tool=tool, roots=("/p",), hint="h", tells_xfailed=tells_xfailed
    )


def test_a_run_is_summed_up() -> None:
    found = result(REPORT)
    assert {metric.name: metric.value for metric in found.metrics} == {
        "tests": 7, "passed": 2, "failed": 1, "errors": 3, "flaky": 1, "skipped": 1, "xfailed": 1,
    }  # fmt: skip
    assert found.examined.count == 7
    assert found.examined.details == (("skipped", 1), ("xfailed", 1), ("todo", 1), ("files", 2))
    assert [(f.rule, f.place, f.message, f.subject, f.counts) for f in found.findings] == [
        ("error", "", "uncaught", "", ("errors",)),
        ("failed", "a.test.ts:3", "g > no: Error: no", "a.test.ts::g > no", ("failed",)),
        (
            "error",
            "a.test.ts",
            "odd: began, and did not come to its end",
            "a.test.ts::odd",
            ("errors",),
        ),
        (
            "flaky",
            "a.test.ts:9",
            "late: an attempt failed before the test was reported again",
            "a.test.ts::late",
            ("flaky",),
        ),
        ("error", "/q/b.test.ts", "no database", "/q/b.test.ts", ("errors",)),
    ]


def test_what_a_report_does_not_tell_is_said() -> None:
    found = result(REPORT, tells_xfailed=False)
    assert "xfailed" not in {metric.name for metric in found.metrics}
    assert found.not_applicable == (js_result.NOT_TOLD,)


def test_a_run_that_shows_nothing_is_errored() -> None:
    module = JsModule(path="/p/a.test.ts", tests=TESTS[4:])
    with pytest.raises(StageError, match="1 were skipped, and 1 marked as expected"):
        result(JsReport(modules=(module,)))


def test_a_report_of_another_folder_is_refused() -> None:
    for root in ("/p", "/q"):
        files = ("a.test.ts", "b.test.ts")
        told = js_result.notes_of_given(files, files, REPORT, (root,))
        left, other = (
            ("b.test.ts", "/q/b.test.ts") if root == "/p" else ("a.test.ts", "/p/a.test.ts")
        )
        assert told == (
            f"look like tests, and are not in the report: `{left}`",
            f"in the report, and no files of the project: `{other}`",
        )
        with pytest.raises(StageError, match="none of the report's files") as caught:
            js_result.notes_of_given(files, files, REPORT, ("/elsewhere",))
        assert caught.value.problem.hint == js_result.HINT_FOREIGN


def test_a_report_of_all_tests_needs_no_note() -> None:
    files = ("a.test.ts", "b.test.ts")
    assert js_result.notes_of_given(files, files, REPORT, ("/p", "/q")) == ()
    # That nothing ran is told by what sums it up.
    empty = JsReport(modules=())
    assert js_result.notes_of_given((), (), empty, ("/p",)) == ()


def test_files_that_were_not_run_are_named() -> None:
    files = ("a.test.ts", "c.test.ts")
    assert js_result.not_run(files, REPORT, ("/p",)) == {"c.test.ts"}
