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

_GREEN = (Outcome.PASSED, Outcome.XFAILED)

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

    def absorb(self, other: Ledger) -> int:
        """Add the tests of another report of the same whole; how many of them stand here already.

        A test is known again by class, file and name; its suite may be called otherwise elsewhere.
        Tests of one name in one report stay as many as the report that holds most of them.
        """
        places: dict[_Group, list[str]] = {}
        for (suite, *owner), names in self._groups.items():
            for name in names:
                places.setdefault((owner[0], owner[1], name), []).append(suite)
        found = [
            (group, name, places.get((group[1], group[2], name), []))
            for group, names in other._groups.items()
            for name in names
        ]
        before = sum(map(len, places.values()))
        # Those of the same suite first, so that no other takes their place.
        others = [each for each in found if not self._met(other, *each)]
        for group, name, suites in others:
            suite = suites.pop(0) if suites else group[0]
            self._add((suite, group[1], group[2]), name, other, group)
        self._suite_cases += other._suite_cases
        return before - sum(map(len, places.values()))

    def _met(self, other: Ledger, group: _Group, name: str, suites: list[str]) -> bool:
        """Add a test whose suite is known; False where it is not."""
        if group[0] not in suites:
            return False
        suites.remove(group[0])
        self._add(group, name, other, group)
        return True

    def _add(self, target: _Group, name: str, other: Ledger, group: _Group) -> None:
        """Add a test of another report: the worst outcome decides, and two that differ are told."""
        names = self._groups.setdefault(target, {})
        known, added = names.get(name, 0), other._groups[group][name]
        outcomes = sorted((known % _BASE, added % _BASE))
        attempts = max(known // _BASE, added // _BASE)
        if outcomes[0] in _GREEN and outcomes[1] >= Outcome.ERROR:
            attempts = max(attempts, 2)
        names[name] = attempts * _BASE + outcomes[1]
        case = other._cases.get((group, name))
        if case is not None:
            self.keep(target, case)

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
