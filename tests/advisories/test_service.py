from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from advisories.fake_osv import FakeOsv, Mode
from advisories.samples import V3_CRITICAL, about, canary, record

from gates.advisories import sources
from gates.advisories.matching import Package
from gates.advisories.service import Service
from gates.advisories.transport import Http, Limits
from gates.domain.errors import StageError
from gates.domain.finding import Severity

LIB = Package("lib", "1.0")
RECORDS = [
    canary(),
    record("PYSEC-1", aliases=["CVE-1"], affected=[about("lib", versions=("1.0",))]),
    record("CVE-1", aliases=["GHSA-1"]),
    record("GHSA-1", severity=[{"type": "CVSS_V3", "score": V3_CRITICAL}]),
]


def service(fake: FakeOsv) -> Service:
    return Service(fake.address, Http(Limits(seconds=5, silence_s=0.2, attempts=1)))


def examined(records: list[dict[str, object]], mode: Mode, *packages: Package) -> sources.Examined:
    with FakeOsv(records, mode) as fake:
        return sources.examine(service(fake), packages)


@pytest.mark.parametrize("mode", [Mode.OK, Mode.PAGED])
def test_what_is_vulnerable_is_found_with_the_severity_of_its_aliases(mode: Mode) -> None:
    outcome = examined(RECORDS, mode, LIB, Package("clean", "1.0"))
    assert outcome.packages == 2
    assert [(of.package, of.id, of.severity) for of in outcome.vulnerabilities] == [
        (LIB, "CVE-1", Severity.CRITICAL)
    ]
    assert outcome.canary == Package("jinja2", "2.10")
    assert outcome.facts.name.startswith("http://127.0.0.1:")
    assert outcome.facts.data_date is None


def test_a_withdrawal_that_is_to_come_takes_nothing_away() -> None:
    gone = [{**of, "withdrawn": "2026-05-09T00:00:00Z"} for of in RECORDS]
    for day, count in ((date(2026, 5, 8), 3), (date(2026, 5, 9), 0)):
        with FakeOsv(gone) as fake:
            found = replace(service(fake), day=day).named(("PYSEC-1",))
        assert sum(not of.withdrawn for of in found) == count, day


def test_the_canary_stays_out_unless_it_is_asked_for() -> None:
    assert examined(RECORDS, Mode.OK).vulnerabilities == ()
    asked = examined(RECORDS, Mode.OK, Package("jinja2", "2.10"))
    assert [of.id for of in asked.vulnerabilities] == ["GHSA-cana-ryca-nary"]


@pytest.mark.parametrize(
    ("mode", "slug"),
    [
        (Mode.EMPTY, "advisories-contradictory"),
        (Mode.SHORT, "advisories-contradictory"),
        (Mode.ENDLESS, "advisories-contradictory"),
        (Mode.NO_RECORDS, "advisories-contradictory"),
        (Mode.OTHER_RECORD, "advisories-contradictory"),
        (Mode.NOT_FOUND, "advisories-unreachable"),
        (Mode.BUSY, "advisories-unreachable"),
        (Mode.BROKEN, "advisories-unreachable"),
        (Mode.HANG, "advisories-unreachable"),
        (Mode.CUT, "advisories-unreachable"),
        (Mode.PAGE, "json-syntax"),
        (Mode.SCHEMA_2, "advisory-schema"),
    ],
)
def test_an_answer_that_is_not_whole_is_an_error(mode: Mode, slug: str) -> None:
    with pytest.raises(StageError) as caught:
        examined(RECORDS, mode, LIB)
    assert caught.value.problem.slug == slug


def test_a_service_that_knows_nothing_is_blind() -> None:
    with pytest.raises(StageError, match=r"did not find jinja2 2.10") as caught:
        examined([], Mode.OK, LIB)
    assert caught.value.problem.slug == "advisories-blind"


def test_a_record_without_packages_counts_by_the_word_of_the_service() -> None:
    outcome = examined(RECORDS, Mode.NO_AFFECTED, LIB)
    assert outcome.vulnerabilities[0].id == "CVE-1"
    assert "service's word" in outcome.vulnerabilities[0].notes[0]


def test_many_packages_go_in_batches() -> None:
    packages = [Package(f"p{number}", "1.0") for number in range(1001)]
    with FakeOsv(RECORDS) as fake:
        assert sources.examine(service(fake), packages).packages == 1001
    assert fake.requests.count("POST /v1/querybatch") == 3


def test_an_unreadable_version_is_asked_for_without_it() -> None:
    with pytest.raises(StageError) as caught:
        examined(RECORDS, Mode.OK, Package("lib", "one"))
    assert caught.value.problem.slug == "version-unreadable"


def test_records_by_name_follow_aliases_and_leave_out_what_is_not_there() -> None:
    with FakeOsv(RECORDS) as fake:
        found = service(fake).named(("PYSEC-1", "CVE-404"))
    assert sorted(of.id for of in found) == ["CVE-1", "GHSA-1", "PYSEC-1"]


@pytest.mark.parametrize("name", ["../query", "A/B", "", "A B", "A\n"])
def test_a_name_cannot_lead_elsewhere(name: str) -> None:
    with FakeOsv(RECORDS) as fake, pytest.raises(StageError, match="names a record"):
        service(fake).named((name,))
    assert fake.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        b"[]",
        b'{"results": {}}',
        b'{"results": [1]}',
        b'{"results": [{"vulns": {}}]}',
        b'{"results": [{"vulns": [{}]}]}',
        b'{"results": [{"vulns": [{"id": ""}]}]}',
        b'{"results": [{"vulns": ["A"]}]}',
        b'{"results": [{"next_page_token": 2}]}',
    ],
)
def test_an_answer_of_another_form_is_an_error(answer: bytes) -> None:
    def fetch(url: str, body: bytes | None = None) -> bytes:
        assert url == "https://osv.example/v1/querybatch"
        assert body
        return answer

    with pytest.raises(StageError) as caught:
        Service("https://osv.example/", fetch).look_up((LIB,))
    assert caught.value.problem.slug == "advisories-contradictory"


def test_an_address_without_protection_is_refused() -> None:
    with pytest.raises(StageError, match="neither an https address"):
        Service("http://osv.example")
