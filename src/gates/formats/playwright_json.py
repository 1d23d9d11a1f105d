"""The JSON of Playwright Test: https://playwright.dev/docs/test-reporters#json-reporter.

Four things in it look like more than they are:

- a test that never ran, since the run was interrupted, timed out or stopped early, has the status
  `skipped`, as one that was meant to be; only its `expectedStatus` is another than `skipped`;
- an interrupted run tells nothing but that; `errors` stays empty;
- what `.only` left out does not stand in it at all;
- what breaks outside of tests (a file, the global tear-down) stands in `errors` alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats.js_tests import JsModule, JsOutcome, JsReport, JsTest, first_line
from gates.formats.strict_json import Value
from gates.formats.strict_json import read as read_json

MAX_BYTES = 256 * 1024 * 1024
"""How large a report may be."""

NO_TESTS = "Error: No tests found"
"""How Playwright begins to tell that there is nothing to run."""

UNRUN = "it never ran, or did not come to its end"
"""What is told of a test that the run did not come to."""

XPASSED = "it passed, though it is marked as one that fails"
"""What is told of a test whose mark is out of date."""

_PASSED, _FAILED, _SKIPPED = "passed", "failed", "skipped"
_RESULTS = frozenset({_PASSED, _FAILED, _SKIPPED, "timedOut", "interrupted"})
_STATUSES = frozenset({"expected", "unexpected", "flaky", "skipped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Which part of the tests a report is about."""

    current: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaywrightReport:
    """A whole report.

    Attributes:
        version: of Playwright.
        tests: what became of the tests.
        shard: which part it is; None for the whole.
        forbids_only: a test that is focused would have ended the run.
        fails_on_flaky: a flaky test makes the run fail.
    """

    version: str
    tests: JsReport
    shard: Shard | None
    forbids_only: bool
    fails_on_flaky: bool

    @property
    def total(self) -> int:
        """How many tests stand in it, run or not."""
        return sum(len(module.tests) for module in self.tests.modules)

    @property
    def unfinished(self) -> int:
        """How many tests the run did not come to, or to the end of."""
        return self._counted(JsOutcome.UNFINISHED)

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return self._counted(JsOutcome.FAILED)

    @property
    def flaky(self) -> int:
        """How many tests passed after a failure."""
        return sum(test.is_flaky for module in self.tests.modules for test in module.tests)

    def _counted(self, outcome: JsOutcome) -> int:
        modules = self.tests.modules
        return sum(test.outcome is outcome for module in modules for test in module.tests)


def read(data: bytes, *, what: str) -> PlaywrightReport:
    """Read a report.

    Args:
        data: the whole file.
        what: its name, for messages.

    Raises:
        OutputUnreadable: it is no such report, or contradicts itself.
    """
    top = read_json(data, what=what, max_bytes=MAX_BYTES)
    config = top.member("config")
    folder = config.member("rootDir").text()
    statuses: Counter[str] = Counter()
    modules = tuple(_module(suite, folder, statuses) for suite in top.member("suites").items())
    _refuse_head(top.member("stats"), statuses)
    problems = tuple(_message(error) for error in top.member("errors").items())
    shard = config.find("shard")
    return PlaywrightReport(
        version=config.member("version").text(),
        tests=JsReport(modules=modules, problems=problems),
        shard=_shard(shard) if shard is not None else None,
        forbids_only=_flag(config, "forbidOnly"),
        fails_on_flaky=_flag(config, "failOnFlakyTests"),
    )


def refuse_shards(reports: Sequence[tuple[str, PlaywrightReport]]) -> None:
    """Refuse parts that do not make one whole.

    Args:
        reports: each with its name; at least one.

    Raises:
        OutputUnreadable: a part is missing, or there twice.
    """
    parts = [(name, report.shard) for name, report in reports if report.shard is not None]
    if not parts:
        return
    name = parts[0][0]
    totals = {shard.total for _, shard in parts}
    current = sorted(shard.current for _, shard in parts)
    if len(parts) < len(reports) or len(totals) > 1 or current != list(range(1, max(totals) + 1)):
        held = ", ".join(f"{shard.current}/{shard.total}" for _, shard in parts)
        raise OutputUnreadable(
            "partial-run",
            f"only the shards {held} are given, which are not one whole",
            hint="name the reports of all shards in `report`",
            place=name,
        )


def _shard(value: Value) -> Shard:
    return Shard(current=value.member("current").count(), total=value.member("total").count())


def _flag(config: Value, name: str) -> bool:
    found = config.find(name)
    return found is not None and found.flag()


def _module(suite: Value, folder: str, statuses: Counter[str]) -> JsModule:
    path = f"{folder.rstrip('/')}/{suite.member('file').text()}"
    return JsModule(path=path, tests=tuple(_tests(suite, (), path, statuses)))


def _tests(
    suite: Value, titles: tuple[str, ...], path: str, statuses: Counter[str]
) -> Iterator[JsTest]:
    for spec in suite.member("specs").items():
        names = (*titles, spec.member("title").text())
        for test in spec.member("tests").items():
            statuses[test.member("status").text()] += 1
            yield _test(test, names, path, spec.member("line").count())
    inner = suite.find("suites")
    for group in inner.items() if inner is not None else ():
        yield from _tests(group, (*titles, group.member("title").text()), path, statuses)


def _test(test: Value, titles: tuple[str, ...], path: str, line: int) -> JsTest:
    project = test.member("projectName").text()
    name = " > ".join(titles) + (f" [{project}]" if project else "")
    results = list(test.member("results").items())
    outcome = _outcome(test, [_result(each) for each in results])
    error = _error(results) if outcome is JsOutcome.FAILED else None
    message = {JsOutcome.UNFINISHED: UNRUN, JsOutcome.FAILED: XPASSED}.get(outcome, "")
    if error is not None:
        message = _message(error)
        line = _line(error, path) or line
    status = test.member("status").text()
    return JsTest(
        name=name, outcome=outcome, is_flaky=status == "flaky", message=message, line=line
    )


def _result(result: Value) -> str:
    word = result.member("status").text()
    if word not in _RESULTS:
        raise result.member("status").unreadable(f"is the unknown status `{word[:40]}`")
    return word


def _outcome(test: Value, results: Sequence[str]) -> JsOutcome:
    """What became of a test, by its status and its attempts, which must agree."""
    stated, expected = test.member("status"), test.member("expectedStatus").text()
    status = stated.text()
    if status not in _STATUSES:
        raise stated.unreadable(f"is the unknown status `{status[:40]}`")
    last = results[-1] if results else ""
    agrees = {
        "expected": last == expected != _SKIPPED,
        "flaky": last == expected and any(each != expected for each in results),
        "unexpected": last not in {"", expected},
        "skipped": last in {"", _SKIPPED, "interrupted"},
    }
    if not agrees[status]:
        attempts = ", ".join(results) or "none"
        raise stated.unreadable(f"is `{status}`, though its attempts are: {attempts}")
    if status == "unexpected":
        return JsOutcome.FAILED
    if status == "skipped":
        return _unrun(test) if expected == _SKIPPED else JsOutcome.UNFINISHED
    return JsOutcome.PASSED if expected == _PASSED else JsOutcome.XFAILED


def _unrun(test: Value) -> JsOutcome:
    kinds = {each.member("type").text() for each in test.member("annotations").items()}
    return JsOutcome.TODO if "fixme" in kinds else JsOutcome.SKIPPED


def _error(results: Sequence[Value]) -> Value | None:
    """The first error of the last attempt that has one."""
    errors = [next(result.member("errors").items(), None) for result in results]
    return next((error for error in reversed(errors) if error is not None), None)


def _message(error: Value) -> str:
    for name in ("message", "value"):
        found = error.find(name)
        if found is not None and first_line(found.text()):
            return first_line(found.text())
    return "it failed without a message"


def _line(error: Value, path: str) -> int:
    place = error.find("location")
    if place is None or place.member("file").text() != path:
        return 0
    return place.member("line").count()


def _refuse_head(stats: Value, statuses: Counter[str]) -> None:
    """Refuse a head that does not count what stands below it."""
    for name in sorted(_STATUSES):
        if stats.member(name).count() != statuses[name]:
            raise stats.member(name).unreadable(
                f"says otherwise than the {statuses[name]} tests that stand in it",
                slug="contradiction",
            )
