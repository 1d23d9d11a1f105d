"""The tests of a JUnit report, grouped by identity, each with its worst outcome."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum


class Outcome(IntEnum):
    """What became of a test; a higher one is worse."""

    PASSED = 1
    XFAILED = 2
    SKIPPED = 3
    NOT_RUN = 4
    ERROR = 5
    FAILED = 6


@dataclass(frozen=True, slots=True)
class JunitCase:
    """A test that did not pass, or a failure, error or skip of a whole suite.

    Attributes:
        identity: class (else file) and name as one text, stable between runs.
        name: as written; the suite's name where it is about the whole suite.
        classname: as written, or empty.
        file: as written, or empty.
        line: as written, or None; pytest counts from 0, most others from 1.
        outcome: never PASSED.
        message: the beginning of the reason, or empty.
        detail: the first 4,000 characters of the text, or empty.
        seconds: of the record that decided.
    """

    identity: str
    name: str
    classname: str
    file: str
    line: int | None
    outcome: Outcome
    message: str
    detail: str
    seconds: Decimal


@dataclass(frozen=True, slots=True)
class JunitCounts:
    """Distinct tests by outcome.

    `tests` is the sum of the six outcomes; `retried` counts some of them again. A failure, error
    or skip of a whole suite counts as one test.
    """

    tests: int
    passed: int
    failed: int
    errors: int
    skipped: int
    xfailed: int
    retried: int
    not_run: int

    @property
    def executed(self) -> int:
        """Tests that ran to an outcome, an expected failure included."""
        return self.passed + self.failed + self.errors + self.xfailed


def identity(classname: str, file: str, name: str) -> str:
    """Class, else file, and name as one text."""
    owner = classname or file
    return f"{owner}::{name}" if owner else name


_BASE = 8  # a test is remembered as one small integer, attempts * 8 + outcome, to save memory

_Group = tuple[str, str, str]


class Ledger:
    """All tests of one report; its memory is bounded by their names and by what did not pass."""

    __slots__ = ("_cases", "_group", "_groups", "_names", "_suite_cases")

    def __init__(self) -> None:
        self._groups: dict[_Group, dict[str, int]] = {}
        self._cases: dict[tuple[_Group, str], JunitCase] = {}
        self._suite_cases: list[JunitCase] = []
        self._group: _Group = ("", "", "")
        self._names: dict[str, int] = self._groups.setdefault(self._group, {})

    def record(self, group: _Group, name: str, outcome: int, attempts: int) -> bool:
        """Add a record of the test `name` of (suite, class, file); whether it is its first."""
        # Neighbours mostly share their group: one comparison in place of one hash.
        if group != self._group:
            self._group = group
            self._names = self._groups.setdefault(group, {})
        known = self._names.get(name)
        if known is None:
            self._names[name] = attempts * _BASE + outcome
            return True
        before = known % _BASE
        if outcome == Outcome.ERROR and before != Outcome.PASSED:
            attempts -= 1  # the teardown of the attempt before
        self._names[name] = (known // _BASE + attempts) * _BASE + max(before, outcome)
        return False

    def keep(self, group: _Group, case: JunitCase) -> None:
        """Remember why a test did not pass; the worst of its records, the first of equals."""
        key = (group, case.name)
        before = self._cases.get(key)
        if before is None or before.outcome < case.outcome:
            self._cases[key] = case

    def keep_suite(self, case: JunitCase) -> None:
        """Remember what is wrong with a whole suite."""
        self._suite_cases.append(case)

    @property
    def kept(self) -> int:
        """How many cases are remembered."""
        return len(self._cases) + len(self._suite_cases)

    def cases(self) -> tuple[JunitCase, ...]:
        """All that did not pass, those of whole suites last."""
        return (*self._cases.values(), *self._suite_cases)

    def retried(self) -> tuple[str, ...]:
        """Identities of the tests with more than one attempt."""
        return tuple(
            identity(group[1], group[2], name)
            for group, names in self._groups.items()
            for name, known in names.items()
            if known >= 2 * _BASE
        )

    def counts(self) -> JunitCounts:
        """The tests by outcome."""
        numbers = [0] * _BASE
        retried = 0
        for names in self._groups.values():
            for known in names.values():
                numbers[known % _BASE] += 1
                retried += known >= 2 * _BASE
        for case in self._suite_cases:
            numbers[case.outcome] += 1
        return JunitCounts(
            tests=sum(numbers),
            passed=numbers[Outcome.PASSED],
            failed=numbers[Outcome.FAILED],
            errors=numbers[Outcome.ERROR],
            skipped=numbers[Outcome.SKIPPED],
            xfailed=numbers[Outcome.XFAILED],
            retried=retried,
            not_run=numbers[Outcome.NOT_RUN],
        )
