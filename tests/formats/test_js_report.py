from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from formats.cuts import refuses_every_cut

from gates.domain.errors import OutputUnreadable
from gates.formats import js_report
from gates.formats.js_report import JEST, VITEST, Dialect
from gates.formats.js_tests import JsOutcome, JsReport, counts_of

DATA = Path(__file__).parents[1] / "stages" / "data"
V, J = "vitest/4.1.11", "jest/30.5.2"

Json = dict[str, object]


def recorded(name: str) -> bytes:
    return (DATA / f"{name}.json").read_bytes()


def read(data: bytes, dialect: Dialect) -> JsReport:
    return js_report.read(data, what="report.json", dialect=dialect)


def refusal(data: bytes, dialect: Dialect) -> tuple[str, str]:
    with pytest.raises(OutputUnreadable) as caught:
        read(data, dialect)
    return caught.value.problem.slug, caught.value.problem.summary


def numbers(report: JsReport) -> dict[str, int]:
    counts = counts_of(report)
    names = ("passed", "failed", "errors", "flaky", "skipped", "todo", "xfailed")
    return {name: getattr(counts, name) for name in names if getattr(counts, name)}


def test_vitest() -> None:
    report = read(recorded(f"{V}/mixed"), VITEST)
    # It does not tell that `expected` was to fail, and that something broke outside of a test.
    told = {"passed": 8, "failed": 1, "errors": 2, "flaky": 1, "skipped": 3, "todo": 1}
    assert numbers(report) == told
    whole, broken, hook, late = report.modules
    assert broken.problems == ("no database",)
    assert hook.problems == ("the file failed outside of its tests",)
    assert (whole.problems, late.problems, report.problems) == ((), (), ())
    tests = {test.name: test for test in whole.tests}
    failed = tests["group > fails"]
    message = "AssertionError: expected 1 to be 2 // Object.is equality"
    assert (failed.message, failed.line) == (message, 4)
    assert tests["group > flaky"].is_flaky
    assert tests["alone"].outcome is JsOutcome.PASSED


def test_jest() -> None:
    report = read(recorded(f"{J}/mixed"), JEST)
    told = {"passed": 7, "failed": 1, "errors": 2, "flaky": 1, "skipped": 3, "todo": 1}
    assert numbers(report) == {**told, "xfailed": 1}
    by = {Path(module.path).name: module for module in report.modules}
    assert by["broken.test.js"].problems == ("no database",)
    assert by["after.test.js"].problems == ("no tear-down",)
    assert by["flaky.test.js"].tests[0].is_flaky
    failed = next(test for test in by["all.test.js"].tests if test.name == "group > fails")
    assert failed.line == 3
    assert failed.message.startswith("Error: expect(received).toBe(expected)")


@pytest.mark.parametrize(("name", "dialect"), [(V, VITEST), (J, JEST)])
def test_a_green_run(name: str, dialect: Dialect) -> None:
    assert numbers(read(recorded(f"{name}/green"), dialect)) == {"passed": 2}


def test_an_obsolete_snapshot_fails_a_run_of_jest() -> None:
    report = read(recorded(f"{J}/obsolete-snapshot"), JEST)
    assert report.problems == ("1 snapshots are obsolete: no test asked for them",)
    assert counts_of(report).bad == 1


def changed(name: str, change: Callable[[Json], object]) -> bytes:
    top = cast("Json", json.loads(recorded(name)))
    change(top)
    return json.dumps(top).encode()


def put(**values: object) -> Callable[[Json], object]:
    return lambda top: top.update(values)


def first_file(top: Json) -> Json:
    return cast("list[Json]", top["testResults"])[0]


def first_test(top: Json) -> Json:
    return cast("list[Json]", first_file(top)["assertionResults"])[0]


def snapshot(**values: object) -> Callable[[Json], object]:
    return lambda top: cast("Json", top["snapshot"]).update(values)


def file_says(**values: object) -> Callable[[Json], object]:
    return lambda top: first_file(top).update(values)


def without_tests(top: Json) -> None:
    first_file(top)["assertionResults"] = []
    top.update(numPassedTests=0, numTotalTests=0)


def passing_files(top: Json) -> None:
    for file in cast("list[Json]", top["testResults"]):
        file["status"] = "passed"


@pytest.mark.parametrize(
    ("name", "dialect", "change", "words"),
    [
        (f"{V}/green", VITEST, put(numTotalTests=3), "`numTotalTests` says 3, but 2 stand"),
        (f"{V}/green", VITEST, put(numPassedTests=1), "`numPassedTests` says 1"),
        (f"{V}/mixed", VITEST, put(numFailedTests=0), "`numFailedTests` says 0, but 1"),
        (f"{V}/mixed", VITEST, put(numPendingTests=9), "`numPendingTests` says 9"),
        (f"{V}/mixed", VITEST, put(numTodoTests=0), "`numTodoTests` says 0"),
        (f"{V}/mixed", VITEST, put(success=True), "it says `success`"),
        (f"{V}/mixed", VITEST, put(numFailedTestSuites=0), "but 3 files failed"),
        (f"{V}/green", VITEST, put(numFailedTestSuites=1), "but 0 files failed"),
        (f"{V}/green", VITEST, put(success=False), "says that the run failed, though no test"),
        (f"{J}/green", JEST, put(success=False), "says that the run failed, though no test"),
        (f"{J}/green", JEST, put(wasInterrupted=True), "was interrupted"),
        (f"{J}/green", JEST, put(numTotalTestSuites=2), "`numTotalTestSuites` says 2, but 1"),
        (f"{J}/mixed", JEST, put(numFailedTestSuites=9), "says 9, but 3 files failed"),
        (f"{J}/obsolete-snapshot", JEST, put(success=True), "it says `success`"),
        (f"{V}/green", VITEST, lambda top: first_test(top).update(status="odd"), "status `odd`"),
        (f"{V}/green", VITEST, lambda top: first_test(top).update(status="disabled"), "disabled"),
        (f"{J}/green", JEST, lambda top: first_file(top).update(status="odd"), "status `odd`"),
        (f"{J}/green", JEST, lambda top: first_test(top).pop("title"), "no member `title`"),
        (f"{J}/green", JEST, lambda top: top.pop("testResults"), "no member `testResults`"),
        (f"{J}/green", JEST, lambda top: top.pop("wasInterrupted"), "`wasInterrupted`"),
        (f"{J}/mixed", JEST, passing_files, "though a test in it failed"),
        (f"{J}/green", JEST, put(numRuntimeErrorTestSuites=3), "says 3, but 0 files failed"),
        (f"{J}/mixed", JEST, put(numRuntimeErrorTestSuites=4), "says 4, but 3 files failed"),
        (f"{J}/green", JEST, lambda top: top.pop("numRuntimeErrorTestSuites"), "no member"),
        (f"{J}/green", JEST, snapshot(unmatched=4), "4 snapshots that do not match"),
        (f"{J}/green", JEST, snapshot(unchecked=4), "and 4 obsolete ones"),
        (f"{J}/green", JEST, snapshot(failure=True), "contradicts 0 snapshots"),
        (
            f"{J}/green",
            JEST,
            lambda top: first_test(top).update(failureMessages=["boom"]),
            "is `passed`, though `failureMessages` stand by it",
        ),
        (
            f"{J}/green",
            JEST,
            file_says(message="  ● Test suite failed to run\n\n  no"),
            "is `passed`, though its message is `● Test suite failed to run`",
        ),
        (f"{V}/green", VITEST, file_says(message="no"), "though its message is `no`"),
        (f"{J}/green", JEST, file_says(status="skipped"), "is `skipped`, though a test in it ran"),
        (f"{V}/green", VITEST, file_says(status="skipped"), "though a test in it ran"),
        (f"{J}/green", JEST, without_tests, "a.test.js is `passed`, though no test stands in it"),
        (f"{V}/green", VITEST, without_tests, "a.test.ts is `passed`, though no test"),
    ],
)
def test_a_report_that_lies_is_refused(
    name: str, dialect: Dialect, change: Callable[[Json], object], words: str
) -> None:
    assert words in refusal(changed(name, change), dialect)[1]


def test_a_snapshot_that_does_not_match_in_a_test_that_was_to_fail_is_an_error() -> None:
    # Made to what Jest 30 writes of `test.failing` around `toMatchInlineSnapshot`.
    def make(top: Json) -> None:
        snapshot(unmatched=1, failure=True)(top)
        first_test(top)["failing"] = True
        top["success"] = False

    report = read(changed(f"{J}/green", make), JEST)
    assert report.problems == ("1 snapshots do not match, and no test failed by them",)


def test_snapshots_that_were_written_anew_are_no_failure() -> None:
    make = snapshot(unchecked=1, didUpdate=True)
    assert numbers(read(changed(f"{J}/green", make), JEST)) == {"passed": 2}


def test_a_file_whose_tests_were_all_skipped_is_told() -> None:
    # As Jest 30 writes it.
    def make(top: Json) -> None:
        first_file(top)["status"] = "skipped"
        for test in cast("list[Json]", first_file(top)["assertionResults"]):
            test["status"] = "pending"
        top.update(numPassedTests=0, numPendingTests=2)

    assert numbers(read(changed(f"{J}/green", make), JEST)) == {"skipped": 2}


def test_a_failure_that_is_made_a_pass_is_refused() -> None:
    def make(top: Json) -> None:
        for file in cast("list[Json]", top["testResults"]):
            for test in cast("list[Json]", file["assertionResults"]):
                test["status"] = "passed"

    assert refusal(changed(f"{V}/mixed", make), VITEST)[0] == "contradiction"
    assert "`failureMessages` stand by it" in refusal(changed(f"{J}/mixed", make), JEST)[1]


def test_a_test_that_had_not_ended_is_an_error() -> None:
    def make(top: Json) -> None:
        first_test(top)["status"] = "pending"
        top.update(numPassedTests=1, numPendingTests=1)

    assert numbers(read(changed(f"{V}/green", make), VITEST)) == {"passed": 1, "errors": 1}
    assert numbers(read(changed(f"{J}/green", make), JEST)) == {"passed": 1, "skipped": 1}


def test_retries_of_older_jest_are_seen() -> None:
    def make(top: Json) -> None:
        first_test(top).pop("invocations")
        first_test(top)["retryReasons"] = ["no"]

    assert numbers(read(changed(f"{J}/green", make), JEST)) == {"passed": 2, "flaky": 1}

    def without(top: Json) -> None:
        for name in ("invocations", "retryReasons", "failing", "location"):
            first_test(top).pop(name)

    assert numbers(read(changed(f"{J}/green", without), JEST)) == {"passed": 2}


def test_a_failure_without_a_message_has_one() -> None:
    def make(top: Json) -> None:
        first_test(top)["status"] = first_file(top)["status"] = "failed"
        top.update(numPassedTests=1, numFailedTests=1, numFailedTestSuites=1, success=False)

    report = read(changed(f"{J}/green", make), JEST)
    assert report.modules[0].tests[0].message == "it failed without a message"


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (b"", "json-empty"),
        (b"[]", "json-type"),
        (b"{}", "json-missing"),
        (b'{"success": true, "success": true}', "json-duplicate-key"),
        (b'{"startTime": NaN}', "json-number"),
        (b"[" * 300 + b"]" * 300, "json-depth"),
        (b'{"testResults": [{}]}', "json-missing"),
    ],
)
def test_hostile_input_is_refused(data: bytes, slug: str) -> None:
    assert refusal(data, VITEST)[0] == refusal(data, JEST)[0] == slug


def test_an_empty_run_holds_nothing() -> None:
    names = ("PassedTests", "FailedTests", "PendingTests", "TodoTests", "TotalTests")
    top: Json = {f"num{name}": 0 for name in names}
    top |= {"numFailedTestSuites": 0, "success": False, "testResults": []}
    assert read(json.dumps(top).encode(), VITEST) == JsReport(modules=())


@pytest.mark.parametrize(("name", "dialect"), [(V, VITEST), (J, JEST)])
def test_every_truncation_is_refused(name: str, dialect: Dialect) -> None:
    refuses_every_cut(lambda data: read(data, dialect), recorded(f"{name}/mixed"))
