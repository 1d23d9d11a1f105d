"""Snyk's reports, made to its documentation: the program needs an account."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from formats.cuts import refuses_every_cut

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Severity
from gates.formats.scanned import Listed, Scan
from gates.formats.snyk_json import SEVERITIES, read

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
FINDING = {
    "id": "SNYK-JS-MINIMIST-559764",
    "title": "Prototype Pollution",
    "severity": "medium",
    "packageName": "minimist",
    "name": "minimist",
    "version": "0.0.8",
    "packageManager": "npm",
    "CVSSv3": VECTOR,
    "cvssScore": 5.6,
    "identifiers": {"CVE": ["CVE-2020-7598"], "CWE": ["CWE-1321"], "GHSA": ["GHSA-vh95"]},
    "fixedIn": ["0.2.1", "1.2.3"],
    "from": ["orders@1.0.0", "minimist@0.0.8"],
}


def project(*findings: object, **more: object) -> dict[str, object]:
    return {
        "ok": not findings,
        "vulnerabilities": findings,
        "dependencyCount": 7,
        "packageManager": "npm",
        "displayTargetFile": "package-lock.json",
        **more,
    }


def report(*projects: object) -> bytes:
    return json.dumps(projects[0] if len(projects) == 1 else projects).encode()


def scan(data: bytes) -> Scan:
    return read(data, what="snyk.json")


WHOLE = report(project(FINDING))


def test_vulnerabilities() -> None:
    found = scan(WHOLE)
    assert (found.packages, found.count) == (None, 7)
    (told,) = found.told
    assert told.package == Listed("npm", "minimist", "0.0.8")
    assert (told.id, told.aliases) == (FINDING["id"], ("CVE-2020-7598", "GHSA-vh95"))
    assert (told.severity, told.score, told.cwe) == (Severity.MEDIUM, Decimal("5.6"), (1321,))
    assert (told.fix_versions, told.place) == (("0.2.1", "1.2.3"), "package-lock.json")
    assert told.ratings == (("CVSS_V3", VECTOR),)


@pytest.mark.parametrize(("word", "severity"), SEVERITIES.items())
def test_every_severity(word: str, severity: Severity) -> None:
    bare = {"id": "S-1", "name": "a", "version": "1", "severity": word}
    (told,) = scan(report(project(bare, packageManager="pip"))).told
    assert (told.severity, told.package.ecosystem) == (severity, "pypi")


def test_several_projects_are_counted_together() -> None:
    found = scan(report(project(FINDING), project(displayTargetFile="web/package-lock.json")))
    assert (found.count, len(found.told)) == (14, 1)
    assert found.places == {"package-lock.json", "web/package-lock.json"}
    assert found.projects == ("`package-lock.json, npm`", "`web/package-lock.json, npm`")
    assert scan(json.dumps([project()]).encode()).count == 7


def test_what_is_ignored_is_suppressed_and_licences_are_not_counted() -> None:
    filtered = {"ignore": [FINDING], "patch": None}
    found = scan(report(project({"type": "license", "id": "l"}, filtered=filtered)))
    assert [of.suppressed for of in found.told] == ["snyk: ignore"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"ok": false, "error": "Not signed in", "code": 401}', r"Not signed in \(code 401\)"),
        (b'{"error": {"x": 1}, "message": "Failed"}', "Failed"),
        (b'{"error": ""}', "it says no reason"),
        (report(project(), {"ok": False, "error": "No lock"}), "No lock"),
        (report(project(), project(projectName="b", dependencyCount=0)), "project `b, package"),
        (report(project(severityThreshold="high")), "below `high`"),
    ],
)
def test_what_snyk_could_not_do_is_told(data: bytes, why: str) -> None:
    with pytest.raises(StageError, match=why):
        scan(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"[]", "no project"),
        (b"{}", "dependencyCount"),
        (report({"dependencyCount": 1}), "vulnerabilities"),
        (report(project(ok=False)), "is false, against"),
        (report(project(FINDING, ok=True)), "is true, against"),
        (report(project({**FINDING, "severity": "grave"})), "`grave`"),
        (report(project(dependencyCount=-1)), "not a count"),
        (report(project(), project(FINDING)), "package-lock.json, npm` once more"),
        (b'{"ok": true, "ok": true}', "twice"),
        (b"[" * 1000, "deep"),
    ],
)
def test_what_is_no_such_report_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(OutputUnreadable, match=why):
        scan(data)


def test_every_cut_is_refused() -> None:
    refuses_every_cut(scan, WHOLE)
