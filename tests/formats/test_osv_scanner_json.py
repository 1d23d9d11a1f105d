"""OSV-Scanner's reports, made to its documentation: the program cannot be had here."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from formats.cuts import refuses_every_cut

from gates.domain.errors import OutputUnreadable
from gates.formats.osv_scanner_json import read
from gates.formats.scanned import Listed, Scan

GHSA = {
    "schema_version": "1.7.5",
    "id": "GHSA-vh95-rmgr-6w4m",
    "modified": "2026-05-01T10:00:00Z",
    "aliases": ["CVE-2020-7598"],
    "summary": "Prototype pollution",
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L"}],
    "affected": [
        {
            "package": {"ecosystem": "npm", "name": "minimist"},
            "ranges": [
                {"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "0.2.1"}]},
                {"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "abc"}]},
            ],
        },
        {"package": {"ecosystem": "npm", "name": "other"}, "ranges": []},
        {"ranges": []},
    ],
    "database_specific": {"severity": "MODERATE", "cwe_ids": ["CWE-1321"]},
}
MAL = {"id": "MAL-2026-1", "modified": "2026-05-01T10:00:00Z", "details": "\nSteals keys\nmore"}


def package(name: str, *records: object, groups: object = None) -> dict[str, object]:
    return {
        "package": {"name": name, "version": "0.0.8", "ecosystem": "npm"},
        "vulnerabilities": records,
        "groups": groups,
    }


GROUP = {"ids": ["GHSA-vh95-rmgr-6w4m"], "aliases": ["CVE-2020-7598"], "max_severity": "5.6"}


def report(*packages: object) -> bytes:
    source = {"path": "/project/package-lock.json", "type": "lockfile"}
    return json.dumps({"results": [{"source": source, "packages": packages}]}).encode()


WHOLE = report(package("minimist", GHSA, groups=[GROUP]), package("clean"))


def scan(data: bytes) -> Scan:
    return read(data, what="osv.json")


def test_packages_and_vulnerabilities() -> None:
    found = scan(WHOLE)
    minimist = Listed("npm", "minimist", "0.0.8")
    assert set(found.packages or ()) == {minimist, Listed("npm", "clean", "0.0.8")}
    (told,) = found.told
    assert (told.package, told.id, told.aliases) == (minimist, GHSA["id"], ("CVE-2020-7598",))
    assert [kind for kind, _ in told.ratings] == ["CVSS_V3", "label"]
    assert (told.score, told.cwe) == (Decimal("5.6"), (1321,))
    assert told.fix_versions == ("0.2.1",)
    assert found.places == {"/project/package-lock.json"}
    assert (told.summary, told.place) == ("Prototype pollution", "/project/package-lock.json")


def test_without_all_packages_the_list_is_untold() -> None:
    assert scan(report(package("minimist", GHSA, groups=[GROUP]))).packages is None
    assert scan(b'{"results": []}').packages is None


@pytest.mark.parametrize("text", ["", "0", "0.0"])
def test_no_score_is_none_and_not_zero(text: str) -> None:
    group = {"ids": ["MAL-2026-1"], "aliases": None, "max_severity": text}
    (told,) = scan(report(package("a", MAL, groups=[group]))).told
    assert (told.score, told.ratings) == (None, ())
    assert told.summary == "Steals keys"


def test_records_of_one_group_are_one_vulnerability() -> None:
    group = {"ids": [GHSA["id"], "MAL-2026-1"], "aliases": [], "max_severity": "5.6"}
    (told,) = scan(report(package("a", GHSA, MAL, groups=[group]))).told
    assert told.aliases == ("CVE-2020-7598", "MAL-2026-1")


def test_a_withdrawn_record_is_suppressed() -> None:
    gone = {**MAL, "withdrawn": "2026-06-01T10:00:00Z"}
    (told,) = scan(report(package("a", gone, groups=[{"ids": [MAL["id"]]}]))).told
    assert told.suppressed == "withdrawn"


def test_what_is_known_by_its_commit() -> None:
    entry = {"package": {"name": "", "version": "", "ecosystem": "", "commit": "abc"}}
    assert set(scan(report(entry)).packages or ()) == {Listed("git", "commit", "abc")}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"{}", "results"),
        (b'{"results": null}', "not an array"),
        (report(), "is empty: nothing was read"),
        (b'{"results": [], "results": []}', "twice"),
        (report(package("a", GHSA)), "record in no group"),
        (report(package("a", groups=[GROUP])), "names no record"),
        (report(package("a", GHSA, groups=[GROUP, GROUP])), "in another group"),
        (report(package("a", GHSA, groups=[{"ids": []}])), "names no record"),
        (report(package("a", GHSA, GHSA, groups=[GROUP])), "a record twice"),
        (report(package("a", GHSA, groups=[{**GROUP, "max_severity": "NaN"}])), "no CVSS score"),
        (report(package("a", GHSA, groups=[{**GROUP, "max_severity": "11"}])), "no CVSS score"),
        (report(package("a", GHSA, groups=[{**GROUP, "max_severity": "high"}])), "no CVSS score"),
        (report({"package": {"name": "a", "ecosystem": "npm"}}), "neither a version"),
        (b"[" * 1000, "deep"),
    ],
)
def test_what_is_no_such_report_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(OutputUnreadable, match=why):
        scan(data)


def test_every_cut_is_refused() -> None:
    refuses_every_cut(scan, WHOLE)
