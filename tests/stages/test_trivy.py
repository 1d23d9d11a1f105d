"""The trivy stage: a report counts only where it is known what was examined."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context

from gates.advisories import documented
from gates.domain.condition import subject
from gates.plugin import StageError, StageResult
from gates.stages.trivy import Trivy, TrivyOptions

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
LOG = "INFO\t[vuln] Vulnerability scanning is enabled\n"
FINDING = {
    "VulnerabilityID": "CVE-1",
    "PkgName": "one",
    "InstalledVersion": "1.0.0",
    "Severity": "HIGH",
}


def report(*findings: object, packages: tuple[str, ...] = ("one", "two")) -> dict[str, object]:
    result = {
        "Target": "package-lock.json",
        "Class": "lang-pkgs",
        "Type": "npm",
        "Packages": [{"Name": name, "Version": "1.0.0"} for name in packages],
        "Vulnerabilities": findings,
    }
    return {"SchemaVersion": 2, "Results": [result]}


def listed(of: dict[str, object]) -> list[dict[str, object]]:
    results = of["Results"]
    assert isinstance(results, list)
    return results


def project(folder: Path, **reports: object) -> FakeContext:
    ctx = fake_context(folder, {"package-lock.json": LOCK})
    for name, report in reports.items():
        ctx.write(f"{name}.json", json.dumps(report))
    return ctx


def stage(**options: object) -> Trivy:
    made = Trivy(TrivyOptions.from_plain({"report": ["a.json"], **options}))
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


def test_what_was_found(tmp_path: Path) -> None:
    ctx = project(tmp_path, a=report(FINDING))
    result = measured(ctx, lock="package-lock.json")
    assert numbers(result)["high"] == 1
    assert result.examined.count == 2
    assert result.findings[0].place == "package-lock.json"
    assert documented.NOT_ASKED not in result.notes
    assert ctx.notes == ["trivy's report does not tell whether some severities were left out of it"]


def test_nothing_found_needs_the_log(tmp_path: Path) -> None:
    ctx = project(tmp_path, a=report())
    ctx.write("trivy.log", LOG)
    ctx.write("other.log", "INFO\t[license] License scanning is enabled\n")
    assert refused(ctx) == "not-looked-for"
    assert refused(ctx, log="other.log") == "not-looked-for"
    assert numbers(measured(ctx, log="trivy.log")) == {}


def test_one_part_does_not_vouch_for_another(tmp_path: Path) -> None:
    silent = report(packages=("two",))
    ctx = project(tmp_path, a=report(FINDING, packages=("one",)), b=silent, c=silent)
    ctx.write("trivy.log", LOG)
    both: dict[str, object] = {"report": ["a.json", "b.json"]}
    assert refused(ctx, **both) == "not-looked-for"
    assert refused(ctx, **both, log="trivy.log") == "not-looked-for"
    ctx.write("b.log", LOG)
    assert measured(ctx, **both, log="b.log").examined.count == 2
    # Nor does one log for several reports.
    assert refused(ctx, report=["b.json", "c.json"], log="b.log") == "not-looked-for"
    ctx.write("c.log", f"{LOG}\n")
    assert measured(ctx, report=["b.json", "c.json"], log=["b.log", "c.log"]).examined.count == 1


def test_every_log_that_is_named_must_tell_it(tmp_path: Path) -> None:
    ctx = project(tmp_path, a=report(FINDING))
    ctx.write("a.log", LOG)
    ctx.write("b.log", "INFO\t[license] License scanning is enabled\n")
    assert refused(ctx, log="*.log") == "not-looked-for"


def test_a_report_on_something_else(tmp_path: Path) -> None:
    other = report(FINDING)
    other["Results"] = [{**of, "Target": "/elsewhere/package-lock.json"} for of in listed(other)]
    ctx = project(tmp_path, a=other, b=report(FINDING))
    assert refused(ctx) == "other-project"
    assert measured(ctx, lock="package-lock.json").examined.count == 2
    assert documented.NOT_ASKED in measured(ctx, report=["b.json"]).notes


def test_what_it_found_beside_vulnerabilities_is_told(tmp_path: Path) -> None:
    held = report(FINDING)
    secret = {"Target": "a.py", "Class": "secret", "Secrets": [{"Severity": "CRITICAL"}]}
    held["Results"] = [*listed(held), secret]
    result = measured(project(tmp_path, a=held))
    assert "a.json also holds 1 secret, not judged here" in result.notes


def test_the_list_of_packages(tmp_path: Path) -> None:
    ctx = project(tmp_path, a=report(FINDING, packages=()), b=report(FINDING, packages=("one",)))
    assert refused(ctx) == "packages-untold"
    assert measured(ctx, lock="package-lock.json", assume_lock=True).examined.count == 2
    assert refused(ctx, report=["b.json"], lock="package-lock.json") == "packages-not-examined"


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
