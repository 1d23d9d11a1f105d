"""The snyk stage: a report counts only where it is known what was examined."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context

from gates.advisories import documented
from gates.domain.condition import subject
from gates.plugin import StageError, StageResult
from gates.stages.snyk import Snyk, SnykOptions

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
FINDING = {
    "id": "SNYK-1",
    "title": "Bad",
    "severity": "high",
    "packageName": "one",
    "version": "1.0.0",
    "from": ["orders", "one"],
}


def report(*findings: object, count: int = 2) -> dict[str, object]:
    return {
        "ok": not findings,
        "vulnerabilities": findings,
        "dependencyCount": count,
        "packageManager": "npm",
        "displayTargetFile": "package-lock.json",
    }


def project(folder: Path, **reports: object) -> FakeContext:
    ctx = fake_context(folder, {"package-lock.json": LOCK})
    for name, report in reports.items():
        ctx.write(f"{name}.json", json.dumps(report))
    return ctx


def stage(**options: object) -> Snyk:
    made = Snyk(SnykOptions.from_plain({"report": ["a.json"], **options}))
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


def test_a_vulnerability_counts_once_by_however_many_paths(tmp_path: Path) -> None:
    other = {**FINDING, "from": ["orders", "two", "one"]}
    ctx = project(tmp_path, a=report(FINDING, other))
    result = measured(ctx, lock="package-lock.json")
    assert numbers(result) == {"high": 1, 'high{fix="no"}': 1, 'high{scope="runtime"}': 1}
    assert (result.examined.count, result.findings[0].place) == (2, "package-lock.json")
    assert ctx.notes == ["snyk's report tells how many packages were looked up, and not which"]


def test_no_dependency_is_nothing_examined(tmp_path: Path) -> None:
    empty = {**report(count=0), "displayTargetFile": "web/package-lock.json"}
    ctx = project(tmp_path, a=report(count=0), b=[report(), empty])
    assert refused(ctx) == "nothing-examined"
    assert refused(ctx, report=["b.json"]) == "nothing-examined"


def test_fewer_dependencies_than_the_lock_has(tmp_path: Path) -> None:
    ctx = project(tmp_path, a=report(count=1))
    assert refused(ctx, lock="package-lock.json") == "packages-not-examined"
    result = measured(ctx)
    assert result.examined.count == 1
    assert result.notes == (documented.NOT_ASKED,)


def test_a_project_counts_once(tmp_path: Path) -> None:
    other = {**report(count=1), "displayTargetFile": "web/package-lock.json"}
    ctx = project(tmp_path, a=report(count=1), b={**report(count=1), "x": 1}, c=other)
    assert refused(ctx, report=["a.json", "b.json"]) == "project-twice"
    result = measured(ctx, report=["a.json", "c.json"], lock="package-lock.json")
    assert result.examined.count == 2
    assert "the packages of 2 projects are added up" in result.notes


def test_a_failure_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path, a={"ok": False, "error": "Not signed in"})
    assert refused(ctx) == "scan-failed"


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
