from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from advisories.samples import V3_CRITICAL, about, record

from gates.advisories import osv
from gates.advisories.matching import Package
from gates.advisories.sources import Lookup, SourceFacts, check_sight, examine, rate
from gates.advisories.versions import canonical
from gates.domain.errors import StageError
from gates.domain.finding import Severity

CANARY = Package("canary", "1")


@dataclass(frozen=True, slots=True)
class Fixed:
    """A source that gives all its records, or those it shall see."""

    records: tuple[osv.Advisory, ...]
    facts: SourceFacts = field(default_factory=lambda: SourceFacts("fixed"))

    def canary(self) -> Package:
        return CANARY

    def look_up(self, packages: tuple[Package, ...]) -> Lookup:
        assert CANARY in packages
        return Lookup(self.records)

    def named(self, names: tuple[str, ...]) -> tuple[osv.Advisory, ...]:
        return tuple(of for of in self.records if set(of.names) & set(names))


def fixed(*records: dict[str, object]) -> Fixed:
    return Fixed(tuple(osv.read(of, what="x", spelled=canonical) for of in records))


SEEN = record("C-1", affected=[about("canary", versions=("1",))])


def test_a_source_must_find_its_canary() -> None:
    assert check_sight(fixed(SEEN)) == CANARY
    with pytest.raises(StageError, match="did not find canary 1"):
        examine(fixed(), [Package("lib", "1")])


def test_each_package_is_counted_once() -> None:
    outcome = examine(fixed(SEEN), [Package("lib", "1"), Package("lib", "1"), Package("b", "2")])
    assert (outcome.packages, outcome.vulnerabilities) == (2, ())


def test_foreign_vulnerabilities_are_rated_by_any_of_their_names() -> None:
    source = fixed(
        record("GHSA-1", aliases=["CVE-1"], severity=[{"type": "CVSS_V3", "score": V3_CRITICAL}]),
        record("PYSEC-1", aliases=["CVE-1"], published="2026-02-01T00:00:00Z"),
        record("GHSA-2", database_specific={"severity": "LOW"}),
        record("GHSA-3", withdrawn="2026-01-01T00:00:00Z", database_specific={"severity": "LOW"}),
    )
    (first,), (second,), (third,), (fourth,) = rate(
        source, [("CVE-1",), ("XYZ-2", "GHSA-2"), ("CVE-404",), ("GHSA-3",)]
    )
    assert first.resolved.severity is Severity.CRITICAL
    assert first.names == ("CVE-1", "GHSA-1", "PYSEC-1")
    assert first.published is not None
    assert first.published.month == 2
    assert second.resolved.severity is Severity.LOW
    assert (third.resolved.severity, third.known, third.published) == (
        Severity.UNKNOWN,
        False,
        None,
    )
    assert not fourth.known


def test_names_of_two_cves_are_rated_apart() -> None:
    source = fixed(
        record("P-1", aliases=["CVE-1"], database_specific={"severity": "LOW"}),
        record("GHSA-1", aliases=["CVE-1", "CVE-2"]),
        record("P-2", aliases=["CVE-2"], database_specific={"severity": "CRITICAL"}),
    )
    asked = [("P-1", "CVE-1", "CVE-2", "GHSA-1"), ("P-2", "CVE-2"), ("Q-1", "CVE-9")]
    (one, other), (again,), (absent,) = rate(source, asked)
    assert (one.names, one.resolved.severity) == (("CVE-1", "GHSA-1", "P-1"), Severity.LOW)
    assert (other.names, other.resolved.severity) == (
        ("CVE-2", "GHSA-1", "P-2"),
        Severity.CRITICAL,
    )
    assert again == other
    assert (absent.names, absent.known) == (("CVE-9", "Q-1"), False)


def test_a_cve_without_a_record_is_rated_as_what_a_tool_says_it_is() -> None:
    source = fixed(record("P-1", aliases=["CVE-1"], database_specific={"severity": "HIGH"}))
    ((one, other),) = rate(source, [("P-1", "CVE-2")])
    assert (one.names, other.names) == (("CVE-1", "P-1"), ("CVE-2",))
    assert (other.resolved.severity, other.known) == (Severity.HIGH, True)
    assert other.published == one.published


def test_a_tool_that_names_a_record_names_what_it_is_about() -> None:
    source = fixed(
        record("P-1", aliases=["CVE-1"], database_specific={"severity": "CRITICAL"}),
        record("P-2", aliases=["CVE-2"], database_specific={"severity": "LOW"}),
    )
    ((one, other),) = rate(source, [("P-1", "CVE-2")])
    assert (one.resolved.severity, other.resolved.severity) == (Severity.CRITICAL, Severity.LOW)


def test_nothing_to_rate() -> None:
    assert rate(fixed(), []) == ()
