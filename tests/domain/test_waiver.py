from datetime import date

import pytest

from gates.domain.finding import Finding, Severity
from gates.domain.waiver import Waiver


def waiver(scope: str = "", finding: str = "CVE-1") -> Waiver:
    return Waiver(
        gate="audit",
        finding=finding,
        scope=scope,
        reason="r",
        owner="o",
        created=date(2026, 1, 10),
        expires=date(2026, 1, 20),
    )


@pytest.mark.parametrize(("day", "valid"), [(9, False), (10, True), (20, True), (21, False)])
def test_a_waiver_holds_from_its_first_to_its_last_day(day: int, *, valid: bool) -> None:
    assert waiver().is_valid_on(date(2026, 1, day)) is valid


@pytest.mark.parametrize(
    ("scope", "covers"),
    [("", True), ("jinja2", True), ("flask", False), ("src", False)],
)
def test_a_scope_can_be_a_package(scope: str, *, covers: bool) -> None:
    found = Finding(rule="CVE-1", severity=Severity.HIGH, message="m", subject="jinja2 2.10")
    assert waiver(scope).covers_finding(found) is covers


@pytest.mark.parametrize(
    ("scope", "covers"),
    [("src/a.py", True), ("src", True), ("src/", True), ("sr", False), ("src/a", False)],
)
def test_a_scope_can_be_a_path(scope: str, *, covers: bool) -> None:
    found = Finding(rule="CVE-1", severity=Severity.HIGH, message="m", path="src/a.py")
    assert waiver(scope).covers_finding(found) is covers


def test_a_waiver_of_a_condition_covers_no_finding() -> None:
    found = Finding(rule="", severity=Severity.HIGH, message="m")
    assert not waiver(finding="").covers_finding(found)
