from __future__ import annotations

import pytest

from gates.formats.nearest import nearest

STAGES = ("ruff", "ruff-format", "mypy", "pytest", "coverage", "pip-audit", "bandit")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pytets", "pytest"),
        ("coverge", "coverage"),
        ("pip_audit", "pip-audit"),
        ("Ruff", "ruff"),
        ("mpyy", "mypy"),
        ("ruff-formatt", "ruff-format"),
        ("locust", None),
        ("x", None),
        ("", None),
    ],
)
def test_nearest(name: str, expected: str | None) -> None:
    assert nearest(name, STAGES) == expected


def test_of_equals_the_first_by_name() -> None:
    assert nearest("p96", ("p99", "p95", "p50")) == "p95"


def test_nothing_known() -> None:
    assert nearest("ruff", ()) is None


def test_a_single_letter_is_never_replaced_by_another() -> None:
    assert nearest("a", ("b",)) is None
