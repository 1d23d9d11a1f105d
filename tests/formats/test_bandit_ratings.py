from __future__ import annotations

import pytest

from gates.domain.finding import Severity
from gates.domain.owasp import category_of
from gates.formats.bandit_ratings import TESTS, of_rule


def test_all_of_bandits_tests_are_rated() -> None:
    assert len(TESTS) == 75
    assert {severity for severity, _ in TESTS.values()} == {
        Severity.HIGH,
        Severity.MEDIUM,
        Severity.LOW,
    }


def test_each_finding_is_named_by_a_category() -> None:
    nameless = {
        number
        for number, (_, cwe) in TESTS.items()
        if not category_of((cwe,), bandit_test=f"B{number}")
    }

    assert nameless == set()


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("S307", "Use of possibly insecure function", (Severity.MEDIUM, 78)),
        ("S602", "`shell=True` identified, security issue", (Severity.HIGH, 78)),
        ("S602", "`shell=True` seems safe, but may be changed", (Severity.LOW, 78)),
        ("S605", "Starting a process with a shell: seems safe", (Severity.LOW, 78)),
        ("S501", "seems safe", (Severity.HIGH, 295)),
        ("S999", "new", (Severity.UNKNOWN, 0)),
        ("E307", "other", (Severity.UNKNOWN, 0)),
        ("307", "other", (Severity.UNKNOWN, 0)),
    ],
)
def test_a_rule_of_ruff_is_rated_as_the_test_it_redoes(
    code: str, message: str, expected: tuple[Severity, int]
) -> None:
    assert of_rule(code, message) == expected
