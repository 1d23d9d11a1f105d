"""The osv-scanner stage: a report counts only where it is known what was examined."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context

from gates.advisories import documented
from gates.domain.condition import subject
from gates.plugin import StageError, StageResult
from gates.stages.osv_scanner import OsvScanner, OsvScannerOptions

LOCK = json.dumps(
    {
        "lockfileVersion": 3,
        "packages": {
            "": {},
            "node_modules/one": {"version": "1.0.0"},
            "node_modules/two": {"version": "1.0.0", "dev": True},
        },
    }
)
RECORD = {
    "id": "GHSA-1",
    "aliases": ["CVE-1"],
    "summary": "Bad",
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    "database_specific": {"severity": "HIGH"},
}


def package(name: str, *records: object) -> dict[str, object]:
    groups = [{"ids": ["GHSA-1"], "max_severity": "9.8"}] if records else []
    return {
        "package": {"name": name, "version": "1.0.0", "ecosystem": "npm"},
        "vulnerabilities": records,
        "groups": groups,
    }


def report(*packages: object) -> dict[str, object]:
    source = {"path": "package-lock.json", "type": "lockfile"}
    return {"results": [{"source": source, "packages": packages}]}


def listed(of: dict[str, object]) -> list[dict[str, object]]:
    results = of["results"]
    assert isinstance(results, list)
    return results


def project(folder: Path, **reports: object) -> FakeContext:
    ctx = fake_context(folder, {"package-lock.json": LOCK})
    for name, report in reports.items():
        ctx.write(f"{name}.json", json.dumps(report))
    return ctx


def stage(**options: object) -> OsvScanner:
    made = OsvScanner(OsvScannerOptions.from_plain({"report": ["a.json"], **options}))
    made.check()
    return made


def measured(ctx: FakeContext, **options: object) -> StageResult:
    return stage(**options).measure(ctx)


def refused(ctx: FakeContext, **options: object) -> str:
    with pytest.raises(StageError) as caught:
        measured(ctx, **options)
    return caught.value.problem.slug


def numbers(result: StageResult) -> dict[str, object]:
    return {subject(of.name, of.tags): of.value for of in result.metrics if of.value}


def test_what_all_packages_tells(tmp_path: Path) -> None:
    ctx = project(tmp_path, a=report(package("one", RECORD), package("two")))
    result = measured(ctx, lock="package-lock.json")
    # The highest that its records state counts.
    assert numbers(result)["critical"] == 1
    assert (result.examined.count, result.examined.unit) == (2, "packages")
    (finding,) = result.findings
    assert (finding.rule, finding.aliases) == ("CVE-1", ("GHSA-1",))
    assert (finding.path, finding.subject) == ("package-lock.json", "one 1.0.0")


def test_without_the_list_only_an_explicit_word_counts(tmp_path: Path) -> None:
    ctx = project(tmp_path, a=report(package("one", RECORD)), b={"results": []})
    assert refused(ctx) == "packages-untold"
    assert refused(ctx, report=["b.json"], lock="package-lock.json") == "packages-untold"
    said = {"lock": "package-lock.json", "assume_lock": True}
    assert measured(ctx, **said).examined.count == 2
    assert "are taken as examined" in measured(ctx, report=["b.json"], **said).notes[0]


def test_the_lock_must_be_in_the_report(tmp_path: Path) -> None:
    ctx = project(tmp_path, a=report(package("one")))
    assert refused(ctx, lock="package-lock.json") == "packages-not-examined"
    assert measured(ctx, lock="package-lock.json", omit=["dev"]).examined.count == 1


def test_parts_are_one_whole(tmp_path: Path) -> None:
    ctx = project(tmp_path, a=report(package("one")), b=report(package("two"), package("one")))
    result = measured(ctx, report=["a.json", "b.json"], lock="package-lock.json")
    assert result.examined.count == 2


def test_a_report_on_something_else(tmp_path: Path) -> None:
    other = report(package("one"), package("two"))
    other["results"] = [{**of, "source": {"path": "/x/other.txt"}} for of in listed(other)]
    mixed = {"results": [*listed(other), *listed(report(package("one")))]}
    ctx = project(tmp_path, a=other, b=mixed)
    assert refused(ctx) == "other-project"
    assert documented.NOT_ASKED in measured(ctx, report=["b.json"]).notes
    assert documented.NOT_ASKED not in measured(ctx, lock="package-lock.json").notes


def test_a_source_without_packages(tmp_path: Path) -> None:
    of = {"results": [*listed(report(package("one"))), *listed(report())]}
    assert refused(project(tmp_path, a=of)) == "json-content"


def test_options_that_cannot_be_used() -> None:
    with pytest.raises(ValueError, match="`report` names what is judged"):
        stage(report=[])
    with pytest.raises(ValueError, match="no lock that can be read"):
        stage(lock="yarn.lock")


def test_packages_of_the_base(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.earlier["package-lock.json"] = LOCK.encode()
    assert stage(lock="package-lock.json").subjects_before(ctx) == {"one 1.0.0", "two 1.0.0"}
    assert stage().subjects_before(ctx) == frozenset()
