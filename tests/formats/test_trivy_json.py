"""Trivy's reports, made to its documentation: the program cannot be had here."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from formats.cuts import refuses_every_cut

from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Severity
from gates.formats.scanned import Listed, Scan
from gates.formats.trivy_json import SEVERITIES, looked_for_vulnerabilities, read

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
FINDING = {
    "VulnerabilityID": "CVE-2019-10906",
    "VendorIDs": ["GHSA-462w-v97r-4m45"],
    "PkgName": "Jinja2",
    "InstalledVersion": "2.10",
    "FixedVersion": "2.10.1, 2.11",
    "Severity": "HIGH",
    "Title": "Sandbox escape",
    "CweIDs": ["CWE-693"],
    "CVSS": {"nvd": {"V3Vector": VECTOR, "V3Score": 9.8, "V2Score": 5.0}, "ghsa": {"V3Score": 8}},
}


def result(*findings: object, **more: object) -> dict[str, object]:
    found = {"Vulnerabilities": findings} if findings else {}
    packages = [{"Name": "jinja2", "Version": "2.10"}, {"Name": "six", "Version": "1.0"}]
    return {
        "Target": "poetry.lock",
        "Class": "lang-pkgs",
        "Type": "poetry",
        "Packages": packages,
        **found,
        **more,
    }


def report(*results: object, **more: object) -> bytes:
    return json.dumps({"SchemaVersion": 2, "Results": results, **more}).encode()


def scan(data: bytes) -> Scan:
    return read(data, what="trivy.json")


WHOLE = report(result(FINDING), Trivy={"Version": "0.68.1"})


def test_packages_and_vulnerabilities() -> None:
    found = scan(WHOLE)
    jinja = Listed("pypi", "jinja2", "2.10")
    assert set(found.packages or ()) == {jinja, Listed("pypi", "six", "1.0")}
    assert found.version == "0.68.1"
    (told,) = found.told
    assert (told.package, told.id, told.aliases) == (
        jinja,
        "CVE-2019-10906",
        ("GHSA-462w-v97r-4m45",),
    )
    assert (told.severity, told.score, told.cwe) == (Severity.HIGH, Decimal("9.8"), (693,))
    assert told.ratings == (("CVSS_V3", VECTOR),)
    assert told.fix_versions == ("2.10.1", "2.11")
    assert found.places == {"poetry.lock"}
    assert found.notes == ()
    assert (told.summary, told.place) == ("Sandbox escape", "poetry.lock")


@pytest.mark.parametrize(("word", "severity"), SEVERITIES.items())
def test_every_severity(word: str, severity: Severity) -> None:
    (told,) = scan(report(result({**FINDING, "Severity": word}))).told
    assert told.severity is severity


def test_no_vulnerabilities_are_none() -> None:
    found = scan(report(result()))
    assert found.told == ()
    assert found.packages is not None


def test_without_a_list_of_packages_it_is_untold() -> None:
    assert scan(report(result(FINDING, Packages=None))).packages is None
    assert scan(report(result(), result(FINDING, Packages=[]))).packages is None
    assert scan(report()).packages is None
    assert scan(b'{"SchemaVersion": 2}').packages is None


def test_what_is_ignored_is_kept_as_suppressed() -> None:
    modified = [
        {
            "Type": "vulnerability",
            "Status": "ignored",
            "Source": ".trivyignore",
            "Finding": FINDING,
        },
        {"Type": "secret", "Finding": {}},
    ]
    found = scan(report(result(ExperimentalModifiedFindings=modified)))
    assert [of.suppressed for of in found.told] == ["ignored, .trivyignore"]


def test_other_classes_hold_no_packages() -> None:
    other = {"Target": "Dockerfile", "Class": "config", "Type": "dockerfile"}
    found = scan(report(other, result()))
    assert len(found.packages or ()) == 2
    assert found.places == {"poetry.lock"}


def test_what_other_scanners_found_is_told() -> None:
    secrets = {"Target": "a.py", "Class": "secret", "Secrets": [{}, {}]}
    config = {"Target": "Dockerfile", "Class": "config", "Misconfigurations": [{}]}
    found = scan(report(secrets, config, result(), secrets))
    assert found.notes == ("trivy.json also holds 4 secrets, 1 misconfiguration, not judged here",)


def test_a_package_of_the_system_has_epoch_and_release() -> None:
    entry = result(
        {**FINDING, "PkgName": "zlib1g", "InstalledVersion": "1:1.2.13-1"},
        Class="os-pkgs",
        Type="debian",
        Packages=[{"Name": "zlib1g", "Version": "1.2.13", "Release": "1", "Epoch": 1}],
    )
    assert set(scan(report(entry)).packages or ()) == {Listed("debian", "zlib1g", "1:1.2.13-1")}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"{}", "SchemaVersion"),
        (b'{"SchemaVersion": 3}', "is 3, and 2"),
        (b'{"SchemaVersion": 2, "SchemaVersion": 2}', "twice"),
        (report(result({**FINDING, "Severity": "GRAVE"})), "severity `GRAVE`"),
        (report(result({**FINDING, "PkgName": "other"})), "lists no other 2.10"),
        (report(result(Class="new-pkgs")), "`new-pkgs`, which is not known"),
        (report(result(FINDING, Class="secret")), "of the class `secret`"),
        (report(result({**FINDING, "CVSS": {"nvd": {"V3Score": "9"}}})), "not a number"),
        (b'{"SchemaVersion": 2, "Results": NaN}', "no number"),
        (b"[" * 1000, "deep"),
    ],
)
def test_what_is_no_such_report_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(OutputUnreadable, match=why):
        scan(data)


def test_the_log_tells_what_was_looked_for() -> None:
    assert looked_for_vulnerabilities(b"INFO\t[vuln] Vulnerability scanning is enabled\n")
    assert looked_for_vulnerabilities(b"a\nINFO\tVulnerability scanning is enabled\r\nb\n")
    assert not looked_for_vulnerabilities(b"INFO\tVulnerability scanning is enabled? no\n")
    assert not looked_for_vulnerabilities(b"INFO\t[license] License scanning is enabled\n")


def test_every_cut_is_refused() -> None:
    refuses_every_cut(scan, WHOLE)
