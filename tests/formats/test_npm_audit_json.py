from __future__ import annotations

import json
from pathlib import Path

import pytest
from formats.cuts import refuses_every_cut

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Severity
from gates.formats.npm_audit_json import SEVERITIES, Advisory, AuditReport, Vulnerable, read

DATA = Path(__file__).with_name("data") / "npm_audit" / "11.19.1"


def recorded(name: str) -> bytes:
    return (DATA / f"{name}.json").read_bytes()


def scan(data: bytes) -> AuditReport:
    return read(data, what="npm audit")


def test_advisories_and_not_packages_are_told() -> None:
    found = scan(recorded("found"))
    assert found.total == 7
    lodash, minimist = found.vulnerable
    assert (lodash.name, lodash.places) == ("lodash", ("node_modules/lodash",))
    assert minimist == Vulnerable(
        "minimist",
        (
            Advisory(
                id="GHSA-vh95-rmgr-6w4m",
                aliases=("npm-1179",),
                severity=Severity.MEDIUM,
                vector="CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L",
                cwe=(1321,),
                title="Prototype pollution",
                range="<0.2.1 || >=1.0.0 <1.2.3",
            ),
        ),
        ("node_modules/minimist", "node_modules/wrapper/node_modules/minimist"),
    )


@pytest.mark.parametrize("name", ["clean", "silent", "offline", "part"])
def test_the_report_is_the_same_whether_it_looked_or_not(name: str) -> None:
    assert scan(recorded(name)).vulnerable == ()


@pytest.mark.parametrize(
    ("name", "slug", "said"),
    [
        ("not-allowed", "audit-failed", "405 Method Not Allowed"),
        ("not-found", "audit-failed", "(404)"),
        ("page", "audit-failed", "invalid json response"),
        ("no-lock", "lock-absent", "requires an existing lockfile"),
    ],
)
def test_failures_are_told_in_npms_words(name: str, slug: str, said: str) -> None:
    with pytest.raises(StageError) as caught:
        scan(recorded(name))
    assert caught.value.problem.slug == slug
    assert said in caught.value.problem.summary
    assert caught.value.problem.hint


def test_a_failure_with_a_code_and_without_words() -> None:
    with pytest.raises(StageError, match=r"it says no reason \[EAUDIT\]"):
        scan(b'{"error": {"code": "EAUDIT"}}')


def advisory(**more: object) -> dict[str, object]:
    return {"source": 1, "name": "a", "dependency": "a", "severity": "low", **more}


def entry(*via: object, **more: object) -> dict[str, object]:
    return {"name": "a", "severity": "low", "via": via, "nodes": ["node_modules/a"], **more}


def report(*, totals: object = None, **entries: object) -> bytes:
    words = [str(of.get("severity")) for of in entries.values() if isinstance(of, dict)]
    counted = {word: words.count(word) for word in SEVERITIES} | {"total": len(entries)}
    return json.dumps(
        {
            "auditReportVersion": 2,
            "vulnerabilities": entries,
            "metadata": {"vulnerabilities": totals or counted, "dependencies": {"total": 3}},
        }
    ).encode()


@pytest.mark.parametrize(("word", "severity"), SEVERITIES.items())
def test_every_severity(word: str, severity: Severity) -> None:
    data = report(a=entry(advisory(severity=word), severity=word))
    assert scan(data).vulnerable[0].advisories[0].severity is severity


def test_what_is_vulnerable_by_another_alone_is_left_out() -> None:
    other = entry("a", name="b", nodes=["node_modules/b"])
    found = scan(report(a=entry(advisory()), b=other))
    assert [of.name for of in found.vulnerable] == ["a"]
    (first,) = found.vulnerable[0].advisories
    assert (first.id, first.aliases, first.range, first.vector) == ("npm-1", (), "*", "")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"{}", "auditReportVersion"),
        (b'{"auditReportVersion": 3}', "is 3, and 2"),
        (b'{"auditReportVersion": 2}', "vulnerabilities"),
        (b'{"auditReportVersion": 2, "vulnerabilities": {}}', "metadata"),
        (
            report(a=entry(advisory()), totals=dict.fromkeys((*SEVERITIES, "total"), 0)),
            "are listed",
        ),
        (report(a=entry(advisory(), severity="grave")), "`grave`"),
        (report(a=entry(advisory(severity="grave"))), "`grave`"),
        (report(a=entry(advisory(severity="high"))), "below that of an advisory"),
        (report(a=entry("b")), "`b`, which has no entry"),
        (report(a=entry("a")), "no advisory at all"),
        (report(a=entry()), "is empty"),
        (report(a=entry(advisory(), nodes=[])), "is empty"),
        (report(a=entry(advisory(), nodes=[""])), "is empty"),
        (report(a=entry(advisory(), name="b")), "is not `a`"),
        (report(a=entry(advisory(dependency="b"))), "is not `a`"),
        (report(a=entry(advisory(source=True))), "is no id"),
        (b'{"auditReportVersion": 2, "auditReportVersion": 2}', "twice"),
        (b'{"auditReportVersion": NaN}', "no number"),
        (b"[" * 1000, "deep"),
    ],
)
def test_what_is_no_such_report_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(OutputUnreadable, match=why):
        scan(data)


def test_every_cut_is_refused() -> None:
    refuses_every_cut(scan, recorded("found"))
