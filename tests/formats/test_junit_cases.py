from __future__ import annotations

from decimal import Decimal

import pytest

from gates.formats.junit_cases import JunitCase, JunitCounts, Ledger, Outcome, identity

GROUP = ("suite", "pkg.test_a", "")
P, X, S, N, E, F = Outcome  # from best to worst


def case(outcome: Outcome, message: str = "") -> JunitCase:
    return JunitCase("pkg.test_a::t", "t", "pkg.test_a", "", None, outcome, message, "", Decimal(0))


@pytest.mark.parametrize(
    ("outcomes", "worst", "retried"),
    [
        ([P], P, 0),
        ([P, P, P], P, 1),
        ([P, P, F], F, 1),
        ([F, P], F, 1),
        ([F, E], F, 0),
        ([S, E], E, 0),
        ([X, E], E, 0),
        ([P, E], E, 1),
        ([P, P, F, E], F, 1),
        ([F, E, F, E], F, 1),
        ([P, S], S, 1),
        ([X, P], X, 1),
        ([N, S], N, 1),
    ],
)
def test_the_worst_record_of_an_identity_decides(
    outcomes: list[Outcome], worst: Outcome, retried: int
) -> None:
    ledger = Ledger()
    firsts = [ledger.record(GROUP, "t", outcome, 1) for outcome in outcomes]
    assert firsts == [True] + [False] * (len(outcomes) - 1)
    counts = ledger.counts()
    numbers = (counts.passed, counts.xfailed, counts.skipped, counts.not_run, counts.errors)
    assert (*numbers, counts.failed) == tuple(int(outcome is worst) for outcome in Outcome)
    assert (counts.tests, counts.retried) == (1, retried)
    assert ledger.retried() == ("pkg.test_a::t",) * retried


def test_suites_classes_and_files_keep_tests_apart() -> None:
    ledger = Ledger()
    groups = [
        GROUP,
        ("other", *GROUP[1:]),
        ("suite", "pkg.test_b", ""),
        ("suite", "", "a.py"),
        GROUP,
    ]
    assert [ledger.record(group, "t", P, 1) for group in groups] == [True, True, True, True, False]
    assert ledger.counts().tests == 4


def test_the_worst_reason_is_kept_and_the_first_of_equals() -> None:
    ledger = Ledger()
    for kept in (case(S), case(F, "first"), case(F, "second"), case(E)):
        ledger.keep(GROUP, kept)
    ledger.keep_suite(case(E, "suite"))
    assert [found.message for found in ledger.cases()] == ["first", "suite"]
    assert ledger.kept == 2
    assert ledger.counts().errors == 1


def test_executed_leaves_out_what_did_not_run() -> None:
    counts = JunitCounts(
        tests=21, passed=1, failed=2, errors=3, skipped=4, xfailed=5, retried=9, not_run=6
    )
    assert counts.executed == 11


def test_identity() -> None:
    assert identity("a.B", "a.py", "t") == "a.B::t"
    assert identity("", "a.py", "t") == "a.py::t"
    assert identity("", "", "t") == "t"
