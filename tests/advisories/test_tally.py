from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gates.advisories.inventory import Inventory
from gates.advisories.matching import Package, Vulnerability
from gates.advisories.sources import SourceFacts
from gates.advisories.tally import SEVERITIES, Tally, age, data_note, read_grace, specs, tally
from gates.domain.condition import subject
from gates.domain.errors import StageError
from gates.domain.finding import Severity
from gates.domain.metric import Unit
from gates.formats.locked import Locked, Scope

TODAY = date(2026, 1, 31)
LIB = Package("lib", "1")
FOUND = Vulnerability(
    package=LIB,
    id="CVE-1",
    aliases=("GHSA-1",),
    severity=Severity.HIGH,
    score=Decimal("7.5"),
    rated_by="GHSA-1",
    summary="It breaks",
    fix_versions=("1.1", "2.0"),
    published=datetime(2026, 1, 21, 23, tzinfo=UTC),
    notes=(),
)


def inventory(scope: Scope = Scope.UNKNOWN, place: str = "lock.txt:7") -> Inventory:
    return Inventory((Locked("lib", "1", scope=scope, place=place),), files=(("lock.txt", "00"),))


def counted(
    *found: Vulnerability, used: Inventory | None = None, **grace: int
) -> tuple[dict[str, object], Tally]:
    made = tally(found, used or inventory(), grace=grace, today=TODAY)
    return {subject(of.name, of.tags): of.value for of in made.metrics}, made


def test_the_table_of_severities_is_whole() -> None:
    assert set(SEVERITIES) == set(Severity)


@pytest.mark.parametrize("severity", Severity)
def test_each_severity_is_counted_in_its_metric_alone(severity: Severity) -> None:
    values, made = counted(replace(FOUND, severity=severity))
    name = SEVERITIES[severity]
    assert {key for key, value in values.items() if value} == {name, f'{name}{{fix="yes"}}'}
    assert made.findings[0].severity is severity


def test_metrics_stand_there_also_where_nothing_was_found() -> None:
    values, made = counted()
    assert set(values.values()) == {0}
    assert made.findings == ()
    names = ("critical", "high", "medium", "low", "unknown")
    assert set(values) == {
        "in_grace",
        *names,
        *(f'{name}{{fix="{fix}"}}' for name in names for fix in ("yes", "no")),
    }
    declared = {spec.name for spec in specs(age_is_optional=True)}
    assert declared == {*names, "in_grace", "advisory_age"}


def test_scopes_are_told_where_they_are_known() -> None:
    values, made = counted(FOUND, used=inventory(Scope.RUNTIME))
    assert (values['high{scope="runtime"}'], values['high{scope="dev"}']) == (1, 0)
    assert made.findings[0].counts == ("high", 'high{fix="yes"}', 'high{scope="runtime"}')
    values, _ = counted(FOUND, used=inventory(Scope.DEVELOPMENT))
    assert (values['high{scope="runtime"}'], values['high{scope="dev"}']) == (0, 1)


def test_every_number_is_that_of_its_findings() -> None:
    values, made = counted(FOUND, replace(FOUND, id="CVE-2", fix_versions=()))
    for name, value in values.items():
        assert sum(name in of.counts for of in made.findings) == value
    assert (values["high"], values['high{fix="no"}']) == (2, 1)


def test_a_finding_says_what_where_and_what_to_do() -> None:
    (finding,) = counted(FOUND)[1].findings
    assert (finding.rule, finding.aliases, finding.subject) == ("CVE-1", ("GHSA-1",), "lib 1")
    assert finding.place == "lock.txt:7"
    assert finding.message == "It breaks (CVSS 7.5)"
    assert finding.fix == "upgrade to 1.1 or 2.0"


def test_a_finding_without_much() -> None:
    bare = replace(FOUND, summary=" ", score=None, fix_versions=(), notes=("GHSA-1: odd",))
    (finding,) = counted(bare, used=inventory(place="lib-1.dist-info"))[1].findings
    assert (finding.place, finding.fix) == ("lib 1", "")
    assert finding.message == "no description (GHSA-1: odd)"
    (finding,) = counted(bare, used=inventory(place="lock.txt"))[1].findings
    assert finding.place == "lock.txt"
    (finding,) = counted(replace(FOUND, summary="long " * 999))[1].findings
    assert len(finding.message) < 300


@pytest.mark.parametrize(("days", "name"), [(10, "high"), (11, "in_grace"), (0, "high")])
def test_grace_runs_from_the_day_of_publication(days: int, name: str) -> None:
    values, made = counted(FOUND, high=days)
    assert values[name] == 1
    assert values[{"high": "in_grace", "in_grace": "high"}[name]] == 0
    assert name in made.findings[0].counts


@pytest.mark.parametrize("published", [None, datetime(2026, 2, 1, tzinfo=UTC)])
def test_no_grace_without_a_day_that_can_be_relied_on(published: datetime | None) -> None:
    values, _ = counted(replace(FOUND, published=published), high=999)
    assert (values["high"], values["in_grace"]) == (1, 0)


def test_grace_is_for_its_severity_alone() -> None:
    assert counted(FOUND, critical=999)[0]["high"] == 1


def test_grace_is_read_as_days() -> None:
    assert read_grace({"high": "14d", "unknown": " 3 d "}) == {"high": 14, "unknown": 3}
    for given in ({"high": "14"}, {"high": "-1d"}, {"high": "d"}, {"high": "1.5d"}):
        with pytest.raises(ValueError, match="not days as in `14d`"):
            read_grace(given)
    with pytest.raises(ValueError, match="knows no severity `grave`"):
        read_grace({"grave": "1d"})


def test_the_age_is_told_in_whole_days() -> None:
    facts = SourceFacts("x.zip", datetime(2026, 1, 24, 23, 59, tzinfo=UTC), 2661, "00")
    metric = age(facts, TODAY)
    assert metric is not None
    assert metric.value == 7 * 86_400
    assert next(of.unit for of in specs(age_is_optional=False) if of.name == metric.name) is (
        Unit.SECONDS
    )
    assert data_note(facts) == "advisory data of 2026-01-24, 2,661 records"
    assert data_note(replace(facts, records=None)) == "advisory data of 2026-01-24"


def test_data_of_a_day_to_come_is_no_data() -> None:
    facts = SourceFacts("x.zip", datetime(2026, 2, 1, tzinfo=UTC), 1, "00")
    with pytest.raises(StageError, match="is of 2026-02-01, and today is 2026-01-31"):
        age(facts, TODAY)


def test_a_service_has_no_age() -> None:
    facts = SourceFacts("https://osv.example")
    assert age(facts, TODAY) is None
    assert data_note(facts) == "advisory data of https://osv.example, live"


def test_what_is_in_grace_is_told_with_the_day_of_its_end() -> None:
    _, made = counted(FOUND, replace(FOUND, id="CVE-2"), high=11)
    (note,) = made.notes
    assert note.startswith("2 findings in grace, not counted by severity: CVE-1 (ends ")
    assert note.endswith("CVE-1 (ends 2026-02-01), CVE-2 (ends 2026-02-01)")
    assert made.findings[0].message == "It breaks (CVSS 7.5; in grace, which ends 2026-02-01)"
    assert counted(FOUND, high=12)[1].notes == (
        "1 finding in grace, not counted by severity: CVE-1 (ends 2026-02-02)",
    )
    assert counted(FOUND, high=10)[1].notes == ()
    assert "9999-12-31" in counted(FOUND, high=10**9)[1].notes[0]
