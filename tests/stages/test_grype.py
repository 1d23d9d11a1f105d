"""The grype stage: a report counts only where it is known what was examined."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context

from gates.domain.condition import subject
from gates.plugin import StageError, StageResult
from gates.stages.grype import Grype, GrypeOptions

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
SBOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "components": [{"purl": "pkg:npm/one@1.0.0"}, {"purl": "pkg:npm/two@1.0.0"}],
}


def match(name: str) -> dict[str, object]:
    return {
        "vulnerability": {"id": "GHSA-1", "severity": "Critical"},
        "artifact": {"name": name, "version": "1.0.0", "type": "npm"},
    }


def report(*matches: object, **more: object) -> dict[str, object]:
    descriptor = {"name": "grype", "version": "0.116.0", "db": {"built": "2026-01-30T00:00:00Z"}}
    return {"matches": matches, "descriptor": descriptor, **more}


def project(folder: Path, **reports: object) -> FakeContext:
    ctx = fake_context(folder, {"package-lock.json": LOCK})
    for name, report in reports.items():
        ctx.write(f"{name}.json", json.dumps(report))
    return ctx


def stage(**options: object) -> Grype:
    made = Grype(GrypeOptions.from_plain({"report": ["a.json"], **options}))
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


def test_what_was_found_in_an_sbom(tmp_path: Path) -> None:
    ctx = project(tmp_path, a=report(match("one")), sbom=SBOM)
    result = measured(ctx, sbom="sbom.json")
    assert numbers(result) == {"critical": 1, 'critical{fix="no"}': 1, "advisory_age": 86_400}
    assert result.examined.count == 2
    assert "the 2 of sbom.json are taken as examined" in result.notes[0]
    assert result.tool.version == "0.116.0"


def test_its_report_alone_proves_nothing(tmp_path: Path) -> None:
    ctx = project(tmp_path, a=report(), b=report(match("three")), sbom=SBOM)
    assert refused(ctx) == "packages-untold"
    assert refused(ctx, lock="package-lock.json") == "packages-untold"
    assert measured(ctx, lock="package-lock.json", assume_lock=True).examined.count == 2
    assert refused(ctx, report=["b.json"], sbom="sbom.json") == "contradiction"


def test_what_its_rules_ignore_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path, a=report(ignoredMatches=[match("one")]), sbom=SBOM)
    result = measured(ctx, sbom="sbom.json")
    assert numbers(result)["suppressed"] == 1
    assert "critical" not in numbers(result)


def test_how_old_its_data_is_must_be_told(tmp_path: Path) -> None:
    about = {"name": "grype", "version": "0.116.0"}
    undated = report(descriptor=about)
    old = report(descriptor={**about, "db": {"built": "2025-01-31T00:00:00Z"}})
    ctx = project(tmp_path, a=undated, b=report(), c=old, sbom=SBOM)
    assert refused(ctx, sbom="sbom.json") == "data-undated"
    assert refused(ctx, report=["a.json", "b.json"], sbom="sbom.json") == "data-undated"
    both = measured(ctx, report=["b.json", "c.json"], sbom="sbom.json")
    assert numbers(both)["advisory_age"] == 365 * 86_400
    assert both.not_applicable == ()


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
