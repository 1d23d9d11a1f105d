from __future__ import annotations

from itertools import combinations

import pytest

from gates.domain.owasp import BANDIT, WEAKNESSES, Category, category_of


def test_the_lists_hold_as_many_weaknesses_as_their_source() -> None:
    counts = [len(WEAKNESSES[category]) for category in Category]

    assert counts == [40, 16, 7, 32, 37, 39, 36, 14, 5, 24]


def test_no_weakness_stands_in_two_categories() -> None:
    shared = [a & b for a, b in combinations(WEAKNESSES.values(), 2)]

    assert not any(shared)


@pytest.mark.parametrize(
    ("cwe", "expected"),
    [
        (22, "A01:2025 Broken Access Control"),
        (611, "A02:2025 Security Misconfiguration"),
        (477, "A03:2025 Software Supply Chain Failures"),
        (327, "A04:2025 Cryptographic Failures"),
        (78, "A05:2025 Injection"),
        (434, "A06:2025 Insecure Design"),
        (259, "A07:2025 Authentication Failures"),
        (502, "A08:2025 Software or Data Integrity Failures"),
        (532, "A09:2025 Security Logging and Alerting Failures"),
        (703, "A10:2025 Mishandling of Exceptional Conditions"),
        (605, ""),
    ],
)
def test_a_weakness_names_its_category(cwe: int, expected: str) -> None:
    assert category_of((cwe,)) == expected


def test_the_first_listed_weakness_decides() -> None:
    assert category_of((605, 89, 327)) == "A05:2025 Injection"


def test_without_a_weakness_there_is_no_category() -> None:
    assert not category_of(())


def test_a_correction_goes_before_the_weakness() -> None:
    assert category_of((94,), bandit_test="B201") == "A02:2025 Security Misconfiguration"
    assert category_of((94,), bandit_test="B701") == "A05:2025 Injection"


@pytest.mark.parametrize("test", ["B104", "B113", "B609", "B613"])
def test_tests_whose_weakness_is_in_no_list_have_a_category(test: str) -> None:
    assert BANDIT[test] in Category
