"""What became of the tests of a JavaScript runner, in one shape for Vitest and Jest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

MESSAGE_CHARACTERS = 1000

_FOCUS = re.compile(
    r"\.\s*only\b|\[\s*['\"`]only['\"`]\s*\]|\bonly\s*[,:}][^=;]*=\s*(?:test|it|describe)\b"
    r"|\bf(?:it|describe)\s*[(.]"
)

TEST_FILES = tuple(
    f"**/{form}.{ending}"
    for form in ("*.test", "*.spec", "__tests__/**/*")
    for ending in ("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts")
)
"""Patterns of the files that both runners take for tests."""


class JsOutcome(IntEnum):
    """What became of a test; a higher one is worse."""

    PASSED = 1
    XFAILED = 2
    SKIPPED = 3
    TODO = 4
    UNFINISHED = 5
    FAILED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class JsTest:
    """One test.

    Attributes:
        name: its titles from the outermost group on, joined by ` > `.
        outcome: what became of it.
        is_flaky: an attempt failed before it passed.
        message: the first line of the reason, or empty.
        line: where it failed, else where it begins; 0 where unknown.
    """

    name: str
    outcome: JsOutcome
    is_flaky: bool = False
    message: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JsModule:
    """One file of tests, as one run of it told.

    Attributes:
        path: absolute, as the runner writes it.
        tests: its tests, in their order.
        problems: what broke outside of its tests: the file itself, a hook of a group.
    """

    path: str
    tests: tuple[JsTest, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JsReport:
    """A whole run.

    Attributes:
        modules: its files, each as often as it ran (in several projects, say).
        problems: what broke outside of any file.
    """

    modules: tuple[JsModule, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JsCounts:
    """Tests by outcome; a file or hook that broke is an error, as is a test that did not end."""

    passed: int
    failed: int
    errors: int
    flaky: int
    skipped: int
    todo: int
    xfailed: int

    @property
    def executed(self) -> int:
        """What ran to an outcome, an expected failure included."""
        return self.passed + self.failed + self.errors + self.xfailed

    @property
    def bad(self) -> int:
        """What must not be where a run says that it passed."""
        return self.failed + self.errors


def counts_of(report: JsReport) -> JsCounts:
    """Count the tests of a run."""
    tests = [test for module in report.modules for test in module.tests]
    by = Counter(test.outcome for test in tests)
    broken = sum(len(module.problems) for module in report.modules) + len(report.problems)
    return JsCounts(
        passed=by[JsOutcome.PASSED],
        failed=by[JsOutcome.FAILED],
        errors=by[JsOutcome.UNFINISHED] + broken,
        flaky=sum(test.is_flaky for test in tests),
        skipped=by[JsOutcome.SKIPPED] + by[JsOutcome.TODO],
        todo=by[JsOutcome.TODO],
        xfailed=by[JsOutcome.XFAILED],
    )


def merge(reports: Sequence[JsReport]) -> tuple[JsReport, int]:
    """Several reports that are parts of one whole, as one, and how many tests stood in several.

    A test is known again by its file and name, and by its place among those of one name in a file.
    Where two reports differ, the worst outcome decides, and one that passed and failed is flaky.

    Args:
        reports: at least one.
    """
    if len(reports) == 1:
        return reports[0], 0
    merged: dict[tuple[str, int], JsModule] = {}
    repeated = 0
    for report in reports:
        runs: Counter[str] = Counter()
        for module in report.modules:
            key = module.path, runs[module.path]
            runs[module.path] += 1
            known = merged.get(key)
            if known is None:
                merged[key] = module
                continue
            merged[key], again = _joined(known, module)
            repeated += again
    problems = tuple(problem for report in reports for problem in report.problems)
    return JsReport(modules=tuple(merged.values()), problems=problems), repeated


def _joined(one: JsModule, other: JsModule) -> tuple[JsModule, int]:
    tests = _numbered(one.tests)
    before = len(tests)
    for key, test in _numbered(other.tests).items():
        tests[key] = _worst(tests[key], test) if key in tests else test
    repeated = before + len(other.tests) - len(tests)
    problems = one.problems + tuple(p for p in other.problems if p not in one.problems)
    joined = JsModule(path=one.path, tests=tuple(tests.values()), problems=problems)
    return joined, repeated


def _numbered(tests: Iterable[JsTest]) -> dict[tuple[str, int], JsTest]:
    """Tests by their name and their number among those of that name."""
    seen: Counter[str] = Counter()
    found = {}
    for test in tests:
        found[test.name, seen[test.name]] = test
        seen[test.name] += 1
    return found


def _worst(one: JsTest, other: JsTest) -> JsTest:
    good, bad = sorted((one, other), key=lambda test: test.outcome)
    is_both = good.outcome <= JsOutcome.XFAILED and bad.outcome >= JsOutcome.UNFINISHED
    return replace(bad, is_flaky=one.is_flaky or other.is_flaky or is_both)


def is_focused(text: str) -> bool:
    """Whether a file of tests says that some of its tests are to run and others not."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith(("//", "* ")))
    return _FOCUS.search("\n".join(lines)) is not None


def line_in(path: str, stack: str) -> int:
    """The line of a file that a JavaScript stack names first, or 0."""
    found = re.search(rf"{re.escape(path)}:([0-9]{{1,9}}):[0-9]", stack)
    return int(found[1]) if found else 0


def first_line(text: str) -> str:
    """The first line that says something, without its colours, cut."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = (line.strip() for line in plain.splitlines())
    return next((line for line in lines if line), "")[:MESSAGE_CHARACTERS]
