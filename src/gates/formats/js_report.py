"""The JSON that Vitest and Jest write: one shape, with the differences of each.

Jest's is described at https://jestjs.io/docs/configuration#testresultsprocessor-string; Vitest's
reporter `json` follows it, https://vitest.dev/guide/reporters.html#json-reporter. Tests are counted
by their elements; a head that says otherwise makes the report unreadable. They differ so:

- Vitest calls a test `pending` that had not ended, Jest one that was skipped;
- Vitest keeps what a failed attempt said of a test that passed in the end, Jest writes the number
  of its `invocations`, and whether it was expected to fail (`failing`);
- Vitest counts groups as suites too, and Jest the files alone;
- only Jest tells that it was interrupted, which is refused, and that a snapshot decided;
- only Jest never writes what failed beside a test that passed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats.js_tests import JsModule, JsOutcome, JsReport, JsTest, first_line, line_in
from gates.formats.strict_json import Value
from gates.formats.strict_json import read as read_json

MAX_BYTES = 256 * 1024 * 1024
"""How large a report may be: both runners put their coverage into it."""

_COMMON = {
    "passed": JsOutcome.PASSED,
    "failed": JsOutcome.FAILED,
    "skipped": JsOutcome.SKIPPED,
    "todo": JsOutcome.TODO,
}
_RAN = {JsOutcome.PASSED, JsOutcome.XFAILED, JsOutcome.UNFINISHED}
_FILES = frozenset({"passed", "failed", "skipped", "focused"})
_HINT_NO_TESTS = (
    "leave out `passWithNoTests`, and take files without tests out of the runner's configuration"
)
_HINT_NO_SUCCESS = (
    "a threshold of coverage or a reporter decided: leave thresholds to a gate of their own, and"
    " look at what the runner printed last"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one of the runners differs.

    Attributes:
        statuses: what became of a test, by its word.
        pending: the outcomes that the head counts as pending.
        is_jest: it is Jest.
    """

    statuses: dict[str, JsOutcome]
    pending: tuple[JsOutcome, ...]
    is_jest: bool


VITEST = Dialect(
    statuses={**_COMMON, "pending": JsOutcome.UNFINISHED},
    pending=(JsOutcome.SKIPPED, JsOutcome.UNFINISHED),
    is_jest=False,
)
JEST = Dialect(
    statuses={
        **_COMMON,
        **dict.fromkeys(("pending", "disabled", "focused"), JsOutcome.SKIPPED),
    },
    pending=(JsOutcome.SKIPPED,),
    is_jest=True,
)


def read(data: bytes, *, what: str, dialect: Dialect) -> JsReport:
    """Read a report.

    Args:
        data: the whole file.
        what: its name, for messages.
        dialect: `VITEST` or `JEST`.

    Raises:
        OutputUnreadable: it is no such report, is of an interrupted run, or contradicts itself.
    """
    top = read_json(data, what=what, max_bytes=MAX_BYTES)
    files = list(top.member("testResults").items())
    modules = tuple(_module(file, dialect) for file in files)
    _refuse_head(top, modules, dialect)
    report = JsReport(modules=modules, problems=_problems(top, dialect))
    _refuse_verdict(top, report, dialect, failed=_failed_files(files))
    return report


def _module(file: Value, dialect: Dialect) -> JsModule:
    path = file.member("name").text()
    status = file.member("status").text()
    if status not in _FILES:
        raise file.member("status").unreadable(f"is the unknown status `{status[:40]}`")
    tests = tuple(_test(each, path, dialect) for each in file.member("assertionResults").items())
    message = file.member("message").text()
    said = first_line(message.replace("● Test suite failed to run", ""))
    has_failed = any(test.outcome is JsOutcome.FAILED for test in tests)
    if status != "failed":
        _refuse_green_file(file, tests, status, said=first_line(message))
    is_broken = status == "failed" and not has_failed
    problems = (said or "the file failed outside of its tests",) if is_broken else ()
    return JsModule(path=path, tests=tests, problems=problems)


def _refuse_green_file(file: Value, tests: tuple[JsTest, ...], status: str, *, said: str) -> None:
    """Refuse a file that is said to be well, where what stands in it says otherwise."""
    stated = file.member("status")
    outcomes = {test.outcome for test in tests}
    if JsOutcome.FAILED in outcomes:
        raise stated.unreadable(f"is `{status}`, though a test in it failed")
    if said:
        raise stated.unreadable(f"is `{status}`, though its message is `{said[:80]}`")
    if status == "skipped" and outcomes & _RAN:
        raise stated.unreadable("is `skipped`, though a test in it ran")
    if status != "skipped" and not tests:
        raise OutputUnreadable(
            "no-tests",
            f"{file.member('name').text()[:200]} is `{status}`, though no test stands in it",
            hint=_HINT_NO_TESTS,
            place=file.what,
        )


def _test(entry: Value, path: str, dialect: Dialect) -> JsTest:
    word = entry.member("status").text()
    if word not in dialect.statuses:
        raise entry.member("status").unreadable(f"is the unknown status `{word[:40]}`")
    outcome = dialect.statuses[word]
    titles = [each.text() for each in entry.member("ancestorTitles").items()]
    name = " > ".join([*titles, entry.member("title").text()])
    failures = [each.text() for each in entry.member("failureMessages").items()]
    said = failures[0] if failures else ""
    if outcome is JsOutcome.FAILED and not said:
        said = "it failed without a message"
    is_green = outcome is JsOutcome.PASSED
    if is_green and dialect.is_jest and failures:
        raise entry.member("status").unreadable("is `passed`, though `failureMessages` stand by it")
    is_flaky = is_green and (_attempts(entry) > 1 if dialect.is_jest else bool(failures))
    failing = entry.find("failing")
    if is_green and failing is not None and failing.flag():
        outcome = JsOutcome.XFAILED
    return JsTest(
        name=name,
        outcome=outcome,
        is_flaky=is_flaky,
        message=first_line(said),
        line=line_in(path, said) or _line(entry),
    )


def _attempts(entry: Value) -> int:
    """How often Jest ran the test; what it says of failed attempts counts too."""
    times = entry.find("invocations")
    reasons = entry.find("retryReasons")
    told = len(reasons.array()) + 1 if reasons is not None else 1
    return max(times.count() if times is not None else 1, told)


def _line(entry: Value) -> int:
    place = entry.find("location")
    return place.member("line").count() if place is not None else 0


def _failed_files(files: list[Value]) -> int:
    return sum(file.member("status").text() == "failed" for file in files)


def _problems(top: Value, dialect: Dialect) -> tuple[str, ...]:
    """Snapshots that failed a run of Jest though no test did."""
    if not dialect.is_jest:
        return ()
    snapshot = top.member("snapshot")
    unmatched = snapshot.member("unmatched").count()
    obsolete = snapshot.member("unchecked").count() + snapshot.member("filesRemoved").count()
    has_failed = bool(unmatched + obsolete) and not snapshot.member("didUpdate").flag()
    if snapshot.member("failure").flag() is not has_failed:
        raise snapshot.member("failure").unreadable(
            f"contradicts {unmatched} snapshots that do not match, and {obsolete} obsolete ones"
        )
    if not has_failed or top.member("numFailedTests").count():
        return ()  # told by the test that does not match
    if unmatched:
        return (f"{unmatched} snapshots do not match, and no test failed by them",)
    return (f"{obsolete} snapshots are obsolete: no test asked for them",)


def _refuse_head(top: Value, modules: tuple[JsModule, ...], dialect: Dialect) -> None:
    """Refuse a head that does not count what stands below it."""
    by = Counter(test.outcome for module in modules for test in module.tests)
    counted = {
        "numPassedTests": by[JsOutcome.PASSED] + by[JsOutcome.XFAILED],
        "numFailedTests": by[JsOutcome.FAILED],
        "numPendingTests": sum(by[outcome] for outcome in dialect.pending),
        "numTodoTests": by[JsOutcome.TODO],
        "numTotalTests": sum(by.values()),
    }
    if dialect.is_jest:
        if top.member("wasInterrupted").flag():
            raise _contradiction(top, "the run was interrupted", slug="run-interrupted")
        counted["numTotalTestSuites"] = len(modules)
    for name, number in counted.items():
        stated = top.member(name).count()
        if stated != number:
            raise _contradiction(top, f"`{name}` says {stated}, but {number} stand in it")


def _refuse_verdict(top: Value, report: JsReport, dialect: Dialect, *, failed: int) -> None:
    """Refuse a report whose verdict is none of what stands in it."""
    stated = top.member("numFailedTestSuites").count()
    if stated < failed or (stated and not failed) or (dialect.is_jest and stated != failed):
        raise _contradiction(top, f"`numFailedTestSuites` says {stated}, but {failed} files failed")
    broken = top.member("numRuntimeErrorTestSuites").count() if dialect.is_jest else 0
    if broken > failed:
        summary = f"`numRuntimeErrorTestSuites` says {broken}, but {failed} files failed"
        raise _contradiction(top, summary)
    is_green = not failed and not report.problems
    if top.member("success").flag() and not is_green:
        raise _contradiction(top, "it says `success`, though a test or a file in it failed")
    if not top.member("success").flag() and is_green and report.modules:
        summary = "it says that the run failed, though no test in it did"
        raise _contradiction(top, summary, hint=_HINT_NO_SUCCESS)


def _contradiction(
    top: Value, summary: str, *, slug: str = "contradiction", hint: str = ""
) -> OutputUnreadable:
    return OutputUnreadable(slug, summary, hint=hint, place=top.what)
