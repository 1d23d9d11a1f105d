from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from advisories.samples import V3_CRITICAL, about, npm, record
from advisories.test_sources import Fixed, fixed

from gates.advisories import building
from gates.advisories.foreign_audit import (
    Rating,
    as_pylock,
    gathered,
    on_internal,
    rated,
    remaining,
    vulnerability,
)
from gates.advisories.inventory import Inventory
from gates.advisories.matching import Package
from gates.advisories.osv import Advisory
from gates.advisories.sources import rate
from gates.domain.errors import StageError
from gates.domain.finding import Severity
from gates.formats.locked import Locked, Origin
from gates.formats.pip_audit_json import Audited, AuditReport, Reported, Skipped

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SAID = Reported("PYSEC-1", ("CVE-1",), ("0.9", "1.5"), "It breaks")
LIB, OTHER, CANARY = Package("lib", "1.0"), Package("other", "2"), Package("canary", "1")
USED = Inventory(
    (Locked("lib", "1.0"), Locked("other", "2")),
    (Locked("own", "1", Origin.EDITABLE), Locked(".", "", Origin.EDITABLE)),
)


def report(*audited: Audited, skipped: Sequence[str] = ()) -> AuditReport:
    return AuditReport(audited, tuple(Skipped(name, "not found") for name in skipped))


def refused(*reports: AuditReport) -> str:
    with pytest.raises(StageError) as caught:
        gathered(USED, reports)
    return caught.value.problem.slug


def test_packages_are_handed_over_as_a_lock() -> None:
    made = tomllib.loads(as_pylock([LIB, OTHER, LIB]).decode())
    assert made["lock-version"] == "1.0"
    assert made["packages"] == [
        {"name": "lib", "version": "1.0"},
        {"name": "other", "version": "2"},
    ]


def test_reports_are_held_against_the_packages_in_use() -> None:
    found = gathered(
        USED,
        [report(Audited("lib", "1", (SAID,))), report(Audited("other", "2", ()), skipped=["own"])],
    )
    assert found == {LIB: (SAID,), OTHER: ()}


def test_what_pip_audit_left_out_is_left() -> None:
    assert gathered(USED, [report(Audited("other", "2", ()))]) == {OTHER: ()}
    assert gathered(USED, []) == {}


def test_reports_that_prove_nothing() -> None:
    assert refused(report()) == "nothing-audited"
    assert refused(report(Audited("lib", "1", ()), skipped=["other"])) == "packages-skipped"
    assert refused(report(Audited("lib", "1.1", ()))) == "contradiction"
    assert refused(report(Audited("stranger", "1", ()))) == "contradiction"


@pytest.mark.parametrize("name", ["own", "-", "-e -"])
def test_internal_packages_may_be_skipped(name: str) -> None:
    assert gathered(USED, [report(skipped=[name])]) == {}


def test_what_is_found_in_internal_packages_is_told() -> None:
    reports = [report(Audited("own", "1", (SAID,)), Audited("lib", "1", (SAID,)))]
    assert gathered(USED, reports) == {LIB: (SAID,)}
    assert on_internal(USED, reports) == (
        "internal own 1: pip-audit names PYSEC-1, which is not counted",
    )


def test_the_rest_counts_where_the_canary_was_found() -> None:
    seen = Audited("canary", "1", (SAID,))
    assert remaining([LIB], CANARY, report(seen, Audited("lib", "1.0", ()))) == {LIB: ()}
    assert remaining([], CANARY, report(seen)) == {}
    with pytest.raises(StageError, match=r"did not look up lib 1\.0"):
        remaining([LIB], CANARY, report(seen))
    with pytest.raises(StageError, match="did not look up 1 of 1 packages: lib"):
        remaining([LIB], CANARY, report(seen, skipped=["lib"]))


@pytest.mark.parametrize(
    "answer",
    [report(), report(Audited("canary", "1", ())), report(Audited("canary", "2", (SAID,)))],
)
def test_silence_on_the_canary_proves_nothing(answer: AuditReport) -> None:
    with pytest.raises(StageError, match="did not find canary 1") as caught:
        remaining([], CANARY, answer)
    assert caught.value.problem.slug == "scanner-blind"


def test_a_skipped_canary_says_why() -> None:
    with pytest.raises(StageError, match="vulnerable: not found"):
        remaining([], CANARY, report(skipped=["canary"]))


def test_many_packages_left_out_are_named_in_part() -> None:
    left = [Package(name, "1") for name in "abcde"]
    with pytest.raises(StageError, match="a 1, b 1, c 1 and 2 more"):
        remaining(left, CANARY, report(Audited("canary", "1", (SAID,))))


RECORD = record(
    "GHSA-1",
    aliases=["CVE-1"],
    affected=[about("lib", events=(("introduced", "0"), ("fixed", "1.2")))],
    severity=[{"type": "CVSS_V3", "score": V3_CRITICAL}],
)


def test_a_vulnerability_joins_both_sides() -> None:
    ((by,),) = rate(fixed(RECORD), [(SAID.id, *SAID.aliases)])
    found = vulnerability(LIB, SAID, by)
    assert (found.id, found.aliases) == ("CVE-1", ("GHSA-1", "PYSEC-1"))
    assert (found.severity, found.rated_by) == (Severity.CRITICAL, "GHSA-1")
    # 0.9 is earlier than what is installed, and pip-audit does not know 1.2.
    assert found.fix_versions == ("1.2", "1.5")
    assert found.summary == "It breaks"
    assert found.published is not None


def test_a_vulnerability_that_the_source_does_not_know_is_unknown() -> None:
    ((by,),) = rate(fixed(), [(SAID.id,)])
    found = vulnerability(LIB, SAID, by)
    assert (found.severity, found.published) == (Severity.UNKNOWN, None)


def test_a_record_tells_what_the_tool_does_not() -> None:
    ((by,),) = rate(fixed(RECORD), [("GHSA-1",)])
    assert vulnerability(OTHER, Reported("GHSA-1", (), (), ""), by).summary == "About GHSA-1"


def test_each_vulnerability_of_a_package_is_there_once() -> None:
    source = fixed(RECORD, record("GHSA-2", aliases=["CVE-1", "CVE-2"]))
    said = [
        (LIB, Reported("GHSA-1", ("CVE-1",), ("1.5",), "")),
        (LIB, Reported("GHSA-2", ("CVE-1", "CVE-2"), ("1.4",), "")),
        (OTHER, Reported("GHSA-1", ("CVE-1",), (), "")),
    ]
    found = rated(said, rate(source, [(of.id, *of.aliases) for _, of in said]))
    assert [(of.package, of.id, of.aliases) for of in found] == [
        (LIB, "CVE-1", ("GHSA-1", "GHSA-2")),
        (LIB, "CVE-2", ("GHSA-2",)),
        (OTHER, "CVE-1", ("GHSA-1", "GHSA-2")),
    ]
    assert found[0].fix_versions == ("1.2", "1.4", "1.5")
    assert found[1].severity is Severity.CRITICAL


class Silent(Fixed):
    """A service that does not answer."""

    def named(self, names: tuple[str, ...]) -> tuple[Advisory, ...]:
        raise StageError("advisories-unreachable", f"no answer on {names[0]}")


def rating(folder: Path, service: Fixed, named: str = "", **environ: str) -> Rating:
    return Rating(
        environ={"XDG_CACHE_HOME": str(folder), **environ},
        base=folder,
        now=NOW,
        named=named,
        service=service,
    )


def database(folder: Path, target: str, *records: dict[str, object]) -> None:
    export = folder / "export.json"
    export.write_text(json.dumps([*records, record("C-1", affected=[about("c", versions=("1",))])]))
    building.build(export, folder / target, source="export.json", built=NOW)


def test_a_service_is_asked_where_no_database_is_configured(tmp_path: Path) -> None:
    made = rating(tmp_path, fixed(RECORD)).rate([("CVE-1",)])
    assert made.rated[0][0].resolved.severity is Severity.CRITICAL
    assert made.notes == ("severities by advisory data of fixed, live",)
    assert rating(tmp_path, fixed()).rate([]).notes == ()


@pytest.mark.parametrize("by", ["option", "variable"])
def test_a_configured_database_is_asked_alone(tmp_path: Path, by: str) -> None:
    database(tmp_path, "own.sqlite", RECORD)
    service = Silent(())
    asked = (
        rating(tmp_path, service, "own.sqlite")
        if by == "option"
        else rating(tmp_path, service, GATES_ADVISORIES="own.sqlite")
    )
    made = asked.rate([("CVE-1",), ("CVE-404",)])
    assert made.rated[0][0].resolved.severity is Severity.CRITICAL
    assert made.rated[1][0].resolved.severity is Severity.UNKNOWN
    assert made.notes == (
        "severities by advisory data of 2026-05-01, 2 records",
        "1 of 2 vulnerabilities are not in that data",
    )
    assert asked.rate([]).facts.records == 2


def test_a_configured_database_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"gone\.sqlite"):
        rating(tmp_path, fixed(RECORD), "gone.sqlite").rate([])


def test_a_configured_database_of_another_ecosystem_is_an_error(tmp_path: Path) -> None:
    export = tmp_path / "npm.json"
    export.write_text(json.dumps(record("A-1", affected=[npm("lib", versions=("1.0.0",))])))
    building.build(export, tmp_path / "own.sqlite", source="npm.json", built=NOW)
    with pytest.raises(StageError, match="no export about Python packages"):
        rating(tmp_path, fixed(RECORD), "own.sqlite").rate([])


def test_the_users_own_database_stands_in_for_a_silent_service(tmp_path: Path) -> None:
    database(tmp_path, "gates/advisories/osv.sqlite", RECORD)
    made = rating(tmp_path, Silent(())).rate([("CVE-1",)])
    assert made.rated[0][0].resolved.severity is Severity.CRITICAL
    assert made.facts.records == 2


def test_where_nothing_answers_nothing_is_known(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no answer on CVE-1"):
        rating(tmp_path, Silent(())).rate([("CVE-1",)])


def test_a_damaged_database_is_not_passed_over(tmp_path: Path) -> None:
    database(tmp_path, "own.sqlite", RECORD)
    import sqlite3

    with sqlite3.connect(tmp_path / "own.sqlite") as connection:
        connection.execute("UPDATE advisory SET checksum = 1")
    connection.close()
    with pytest.raises(StageError, match="rows are not as they were written"):
        rating(tmp_path, fixed(RECORD), "own.sqlite").rate([("CVE-1",)])
