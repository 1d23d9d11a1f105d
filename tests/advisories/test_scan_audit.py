from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from gates.advisories import documented, scan_audit
from gates.advisories.inventory import Inventory
from gates.advisories.scan_audit import ScanAudit, listed_of, resolved, vulnerabilities
from gates.domain.condition import subject
from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Severity
from gates.domain.stage_result import StageResult
from gates.formats.locked import Locked, Scope
from gates.formats.scanned import Listed, Scan, Told

A = Listed("npm", "a", "1.0.0")
B = Listed("npm", "b", "2.0.0")
CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
LOCK = Inventory(
    (
        Locked("a", "1.0.0", scope=Scope.RUNTIME, place="package-lock.json"),
        Locked("b", "2.0.0", scope=Scope.DEVELOPMENT, place="package-lock.json"),
    ),
    files=(("package-lock.json", "0" * 64),),
)


def told(package: Listed = A, id_: str = "X-1", **more: object) -> Told:
    return Told(package=package, id=id_, **more)  # type: ignore[arg-type]


def scan(
    *every: Told, packages: frozenset[Listed] | None = frozenset({A, B}), **more: object
) -> Scan:
    return Scan(packages=packages, told=every, **more)  # type: ignore[arg-type]


def audit(root: Path = Path("/nowhere"), **more: object) -> ScanAudit:
    return ScanAudit(
        scanner="scanner",
        root=root,
        today=date(2026, 5, 8),
        written_by="scanner --all",
        **more,  # type: ignore[arg-type]
    )


def numbers(result: StageResult) -> dict[str, object]:
    return {subject(of.name, of.tags): of.value for of in result.metrics if of.value}


def test_the_word_of_the_scanner_comes_first() -> None:
    low = resolved(told(severity=Severity.LOW, ratings=(("CVSS_V3", CRITICAL),)))
    assert (low.severity, low.score) == (Severity.LOW, Decimal("9.8"))


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({"ratings": (("CVSS_V3", CRITICAL),)}, Severity.CRITICAL),
        ({"ratings": (("label", "MODERATE"),)}, Severity.MEDIUM),
        ({"score": Decimal("7.5")}, Severity.HIGH),
        ({"score": Decimal("7.5"), "ratings": (("CVSS_V3", "nonsense"),)}, Severity.UNKNOWN),
        ({}, Severity.UNKNOWN),
    ],
)
def test_without_a_word_the_highest_rating_counts(
    more: dict[str, object], severity: Severity
) -> None:
    assert resolved(replace(told(), **more)).severity is severity  # type: ignore[arg-type]


def test_one_vulnerability_counts_once_however_often_it_is_told() -> None:
    found = vulnerabilities(
        [
            told(
                id_="GHSA-1", aliases=("CVE-1",), severity=Severity.LOW, fix_versions=("1.2", "0.9")
            ),
            told(id_="CVE-1", severity=Severity.HIGH, cwe=(79,), summary="Bad"),
            told(id_="CVE-1"),
            told(B, id_="CVE-1"),
        ]
    )
    assert [(str(of.package), of.id, of.severity) for of in found] == [
        ("a 1.0.0", "CVE-1", Severity.HIGH),
        ("b 2.0.0", "CVE-1", Severity.UNKNOWN),
    ]
    first = found[0]
    assert (first.aliases, first.fix_versions, first.cwe) == (("GHSA-1",), ("1.2",), (79,))
    assert first.summary == "Bad"


def test_what_is_found_is_counted(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").touch()
    place = f"{tmp_path}/package-lock.json"
    one = told(severity=Severity.HIGH, cwe=(79,), fix_versions=("1.0.1",), place=place)
    result = audit(tmp_path, used=LOCK).result(scan(one, told(B, id_="X-2"), version="3"))
    assert numbers(result) == {
        "high": 1,
        'high{fix="yes"}': 1,
        'high{scope="runtime"}': 1,
        "unknown": 1,
        'unknown{fix="no"}': 1,
        'unknown{scope="dev"}': 1,
    }
    first = result.findings[0]
    assert (first.path, first.subject, first.fix) == (
        "package-lock.json",
        "a 1.0.0",
        "upgrade to 1.0.1",
    )
    assert (first.cwe, first.owasp) == ((79,), "A05:2025 Injection")
    assert (result.examined.count, result.tool.version) == (2, "3")
    assert [of.path for of in result.artifacts] == ["package-lock.json"]


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("sub/lock.json", "sub/lock.json"),
        ("/sub/lock.json", "sub/lock.json"),
        ("/elsewhere/lock.json", "/elsewhere/lock.json"),
        ("Node.js", ""),
        ("", ""),
    ],
)
def test_where_a_finding_lies(tmp_path: Path, place: str, shown: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/lock.json").touch()
    result = audit(tmp_path).result(scan(told(place=place)))
    assert result.findings[0].path == shown


def test_what_the_scanner_leaves_out_is_a_count_of_its_own() -> None:
    gone = told(id_="X-2", suppressed="not reached", severity=Severity.CRITICAL)
    result = audit().result(scan(told(severity=Severity.LOW), gone))
    assert numbers(result) == {"low": 1, 'low{fix="no"}': 1, "suppressed": 1}
    hidden = result.findings[1]
    assert hidden.counts == ("suppressed",)
    assert "suppressed: not reached" in hidden.message


def test_what_is_left_out_in_one_place_alone_counts() -> None:
    result = audit().result(scan(told(), told(suppressed="ignored")))
    assert numbers(result) == {"unknown": 1, 'unknown{fix="no"}': 1}


def test_without_a_lock_no_scope_is_told() -> None:
    for result in (audit().result(scan()), audit().result(scan(told()))):
        assert not any(("scope", "dev") in of.tags for of in result.metrics)


def refused(of: ScanAudit, what: Scan) -> str:
    with pytest.raises(StageError) as caught:
        of.result(what)
    return caught.value.problem.slug


def test_packages_that_are_not_told_are_errored() -> None:
    assert refused(audit(), scan(packages=None)) == "packages-untold"
    assert refused(audit(used=LOCK), scan(packages=None)) == "packages-untold"
    assert refused(audit(), scan(packages=frozenset())) == "nothing-examined"
    empty = ("lock", frozenset[Listed]())
    assert refused(audit(stand_in=empty), scan(packages=None)) == "nothing-examined"


def test_a_number_of_packages_is_enough() -> None:
    assert audit().result(scan(packages=None, count=7)).examined.count == 7


def test_a_number_is_held_against_the_lock() -> None:
    assert refused(audit(used=LOCK), scan(packages=None, count=1)) == "packages-not-examined"
    assert audit(used=LOCK).result(scan(packages=None, count=2)).examined.count == 2
    assert audit(used=LOCK, omits_dev=True).result(scan(packages=None, count=1)).examined.count == 1


@pytest.mark.parametrize(
    ("places", "is_refused"),
    [
        ({"/other/lock.json"}, True),
        ({"/other/lock.json", "../lock.json"}, True),
        ({"/other/lock.json", "lock.json"}, False),
        ({"/lock.json"}, False),
        ({"file:///other/lock.json"}, True),
        ({"alpine:3 (alpine 3.18.4)"}, False),
        (set(), False),
    ],
)
def test_what_was_scanned_must_not_lie_outside(
    tmp_path: Path, places: set[str], *, is_refused: bool
) -> None:
    (tmp_path / "lock.json").touch()
    what = scan(places=frozenset(places))
    if is_refused:
        assert refused(audit(tmp_path), what) == "other-project"
    else:
        assert documented.NOT_ASKED in audit(tmp_path).result(what).notes
    # With a lock, its packages tell whether the report is about the project.
    assert documented.NOT_ASKED not in audit(tmp_path, used=LOCK).result(what).notes


def test_the_projects_own_folder_is_in_the_project(tmp_path: Path) -> None:
    result = audit(tmp_path).result(
        scan(told(place=str(tmp_path)), places=frozenset({str(tmp_path)}))
    )
    assert result.findings[0].path == ""


def test_every_package_of_the_lock_must_have_been_looked_at() -> None:
    part = scan(packages=frozenset({A}))
    assert refused(audit(used=LOCK), part) == "packages-not-examined"
    assert audit(used=LOCK, omits_dev=True).result(part).examined.count == 1
    assert refused(audit(used=LOCK, omits_dev=True), scan(packages=frozenset({B})))


def test_versions_of_python_may_be_spelled_otherwise() -> None:
    lock = Inventory((Locked("six", "1.17.0", place="uv.lock"),))
    listed = frozenset({Listed("pypi", "six", "1.17")})
    assert audit(used=lock).result(scan(packages=listed)).examined.count == 1


def test_what_stands_in_for_a_list_is_told() -> None:
    of = audit(stand_in=("package-lock.json", listed_of(LOCK)), used=LOCK)
    result = of.result(scan(told(), packages=None))
    assert result.examined.count == 2
    assert result.notes == (
        "scanner's report does not list packages: the 2 of package-lock.json are taken as examined",
    )
    with pytest.raises(OutputUnreadable, match="does not list"):
        of.result(scan(told(Listed("npm", "c", "1")), packages=None))
    narrow = audit(stand_in=("sbom.json", frozenset({A})), used=LOCK)
    assert refused(narrow, scan(packages=None)) == "packages-not-examined"


def test_the_age_of_the_data() -> None:
    dated = audit(is_dated=True)
    aged = dated.result(scan(data_date="2026-05-01T23:00:00Z"))
    assert numbers(aged) == {"advisory_age": 7 * 86_400}
    assert refused(dated, scan()) == "data-undated"
    assert "advisory_age" not in numbers(audit().result(scan(data_date="2026-05-01")))
    with pytest.raises(OutputUnreadable, match="the data's date"):
        dated.result(scan(data_date="yesterday"))
    assert refused(dated, scan(data_date="2027-01-01")) == "advisories-future"


def test_metrics_are_those_that_are_declared() -> None:
    declared = {of.name for of in scan_audit.specs(is_dated=True)}
    result = audit(is_dated=True).result(scan(told(), data_date="2026-05-01"))
    assert {of.name for of in result.metrics} == declared
    assert {of.name for of in scan_audit.specs()} == declared - {"advisory_age"}
