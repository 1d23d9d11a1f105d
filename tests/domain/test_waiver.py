from dataclasses import replace
from datetime import date

import pytest
from samples import LINE, condition

from gates.domain.condition import Role
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
    [
        ("Flask_SQLAlchemy", True),
        ("flask-sqlalchemy", True),
        ("flask.sqlalchemy", True),
        ("flask-sqlalchemy 3.0", True),
        ("flask-sqlalchemy 3.1", False),
        ("flask", False),
        ("requirements.txt", True),
        ("requirements", False),
    ],
)
def test_a_package_is_one_however_it_is_spelled(scope: str, *, covers: bool) -> None:
    found = Finding(
        rule="CVE-1",
        severity=Severity.HIGH,
        message="m",
        subject="flask-sqlalchemy 3.0",
        path="requirements.txt",
    )
    assert waiver(scope).covers_finding(found) is covers


@pytest.mark.parametrize("scope", ["/", "//", "src", "."])
def test_a_finding_without_a_place_is_in_no_folder(scope: str) -> None:
    found = Finding(rule="CVE-1", severity=Severity.HIGH, message="m")
    assert not waiver(scope).covers_finding(found)


def test_an_advisory_is_known_by_each_of_its_names() -> None:
    found = Finding(
        rule="PYSEC-2024-1",
        severity=Severity.HIGH,
        message="m",
        aliases=("CVE-1", "GHSA-x"),
        subject="jinja2 2.10",
        fingerprint="f" * 32,
    )
    for name in ("PYSEC-2024-1", "CVE-1", "GHSA-x", "f" * 32):
        assert waiver("jinja2", name).covers_finding(found)
    for name in ("CVE-10", "CVE-", "cve-1", "m"):
        assert not waiver("jinja2", name).covers_finding(found)


def test_a_waiver_covers_a_condition_that_decides() -> None:
    made = replace(waiver(finding=""), condition='line{path="a"}')
    assert made.covers_condition(condition('line{path="a"} >= 90%', LINE))
    assert not made.covers_condition(condition('line{path="a"} >= 90%', LINE, Role.WARN))
    assert not made.covers_condition(condition("line >= 90%", LINE))
    assert not waiver().covers_condition(condition("line >= 90%", LINE))


def test_what_it_covers_is_told_in_a_few_words() -> None:
    assert waiver("jinja2").what == "CVE-1 in jinja2"
    assert waiver().what == "CVE-1"
    assert replace(waiver(finding=""), condition="line").what == "condition `line`"


def test_where_it_stands_is_no_part_of_it() -> None:
    assert replace(waiver(), place=".gates/waivers.yaml:3:5") == waiver()


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        ("src/a.py", True),
        ("src", True),
        ("src/", True),
        ("sr", False),
        ("src/a", False),
        ("src/a.p", False),
        ("a.py", False),
    ],
)
def test_a_scope_can_be_a_path(scope: str, *, covers: bool) -> None:
    found = Finding(rule="CVE-1", severity=Severity.HIGH, message="m", path="src/a.py")
    assert waiver(scope).covers_finding(found) is covers


def test_a_waiver_of_a_condition_covers_no_finding() -> None:
    found = Finding(rule="", severity=Severity.HIGH, message="m")
    assert not waiver(finding="").covers_finding(found)
