"""Grype's reports, made to the structures of its source: the program cannot be had here."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from formats.cuts import refuses_every_cut

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Severity
from gates.formats.grype_json import SEVERITIES, read
from gates.formats.scanned import Listed, Scan

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
MATCH = {
    "vulnerability": {
        "id": "GHSA-vh95-rmgr-6w4m",
        "severity": "Medium",
        "cvss": [
            {"version": "3.1", "vector": VECTOR, "metrics": {"baseScore": 9.8}},
            {"version": "2.0", "metrics": {"baseScore": 10}},
        ],
        "fix": {"versions": ["0.2.1"], "state": "fixed"},
        "cwes": [{"cve": "CVE-2020-7598", "cwe": "CWE-1321"}],
    },
    "relatedVulnerabilities": [{"id": "CVE-2020-7598", "description": "Pollution\nmore"}],
    "artifact": {
        "name": "minimist",
        "version": "0.0.8",
        "type": "npm",
        "language": "javascript",
        "locations": [{"path": "/package-lock.json"}],
    },
}


def report(*matches: object, ignored: object = None, db: object = None) -> bytes:
    return json.dumps(
        {
            "matches": matches,
            "ignoredMatches": ignored,
            "descriptor": {"name": "grype", "version": "0.116.0", "db": db},
        }
    ).encode()


def scan(data: bytes) -> Scan:
    return read(data, what="grype.json")


WHOLE = report(MATCH, db={"status": {"built": "2026-05-01T01:02:03Z", "valid": True}})


def test_matches() -> None:
    found = scan(WHOLE)
    assert (found.packages, found.version) == (None, "0.116.0")
    assert found.data_date.startswith("2026-05-01")
    (told,) = found.told
    assert told.package == Listed("npm", "minimist", "0.0.8")
    assert (told.id, told.aliases) == ("GHSA-vh95-rmgr-6w4m", ("CVE-2020-7598",))
    assert (told.severity, told.score, told.cwe) == (Severity.MEDIUM, Decimal("9.8"), (1321,))
    assert told.ratings == (("CVSS_V3", VECTOR),)
    assert (told.fix_versions, told.summary) == (("0.2.1",), "Pollution")
    assert told.place == "/package-lock.json"


@pytest.mark.parametrize(("word", "severity"), SEVERITIES.items())
def test_every_severity(word: str, severity: Severity) -> None:
    match = {**MATCH, "vulnerability": {"id": "X-1", "severity": word}}
    (told,) = scan(report(match)).told
    assert told.severity is severity


def test_no_severity_is_unknown() -> None:
    (told,) = scan(report({**MATCH, "vulnerability": {"id": "X-1"}})).told
    assert told.severity is Severity.UNKNOWN
    assert told.fix_versions == ()


def test_what_its_rules_ignore_is_suppressed() -> None:
    rules = [{"vulnerability": "X-1", "reason": "not reached"}, {"fix-state": "unknown"}]
    found = scan(report(ignored=[{**MATCH, "appliedIgnoreRules": rules}, MATCH]))
    assert [of.suppressed for of in found.told] == ["not reached, X-1", "ignored"]


def test_the_older_form_of_the_data() -> None:
    assert scan(report(db={"built": "2026-05-01T01:02:03Z"})).data_date == "2026-05-01"
    assert scan(report()).data_date == ""


def test_a_python_package_is_named_as_a_lock_names_it() -> None:
    artifact = {"name": "Jinja2", "version": "2.10", "type": "python", "language": "python"}
    match = {**MATCH, "artifact": artifact, "vulnerability": {"id": "X-1", "cwes": ["CWE-20"]}}
    (told,) = scan(report(match)).told
    assert (told.package, told.cwe) == (Listed("pypi", "jinja2", "2.10"), (20,))


def test_data_that_is_not_valid_is_refused() -> None:
    for db in ({"status": {"valid": False}}, {"error": "too old"}):
        with pytest.raises(StageError, match="its data is not valid"):
            scan(report(db=db))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"{}", "descriptor"),
        (b'{"matches": [], "descriptor": {"name": "syft", "version": "1"}}', "not grype"),
        (b'{"descriptor": {"name": "grype", "version": "1"}}', "matches"),
        (report({**MATCH, "vulnerability": {"id": "X-1", "severity": "Grave"}}), "`Grave`"),
        (report({**MATCH, "artifact": {"name": "a", "type": "npm"}}), "version"),
        (b'{"matches": [], "matches": []}', "twice"),
        (report(db={"built": "yesterday"}), "is no date: `yesterday`"),
        (b"[" * 1000, "deep"),
    ],
)
def test_what_is_no_such_report_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(OutputUnreadable, match=why):
        scan(data)


def test_every_cut_is_refused() -> None:
    refuses_every_cut(scan, WHOLE)
