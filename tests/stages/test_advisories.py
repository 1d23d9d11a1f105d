"""The advisories stage: every package of a lock or an environment, from one database alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from advisories.samples import V3_CRITICAL, about, npm, record
from stages.fake_context import FakeContext, fake_context

from gates.domain.condition import bind, parse, subject
from gates.domain.judge import judge
from gates.domain.plan import GatePlan
from gates.domain.status import Status
from gates.plugin import StageError, StageResult, Tool
from gates.stages.advisories import Advisories, AdvisoriesOptions

BACKENDS = Path(__file__).parents[1] / "backends"
RECORDS = (
    record(
        "CVE-1",
        affected=[about("lib", events=(("introduced", "0"), ("fixed", "1.2")))],
        severity=[{"type": "CVSS_V3", "score": V3_CRITICAL}],
    ),
    record("CVE-2", affected=[about("tool", versions=("2",))]),
)


def project(folder: Path, **files: str) -> FakeContext:
    ctx = fake_context(folder)
    ctx.today = date(2026, 5, 8)
    ctx.settings["XDG_CACHE_HOME"] = str(folder / "cache")
    for name, text in files.items():
        ctx.write(f"{name}.txt", text)
    ctx.write("osv.json", json.dumps(RECORDS))
    return ctx


def run(ctx: FakeContext, **options: object) -> StageResult:
    stage = Advisories(AdvisoriesOptions.from_plain({"source": "osv.json", **options}))
    stage.check()
    return stage.run(ctx)


def numbers(result: StageResult) -> dict[str, object]:
    return {subject(of.name, of.tags): of.value for of in result.metrics if of.value}


def verdict(result: StageResult, level: int = 1) -> tuple[Status, str]:
    """The gate's outcome under the default conditions of a level."""
    specs = {spec.name: spec for spec in Advisories.metrics}
    conditions = []
    for default in Advisories.defaults:
        if default.from_level <= level <= default.to_level:
            written = parse(default.text)
            conditions.append(bind(written, specs[written.metric], {}, role=default.role))
    gate = GatePlan(
        name="audit",
        level=level,
        uses="advisories",
        options={},
        specs=Advisories.metrics,
        conditions=tuple(conditions),
        needs=(),
        criteria=(),
    )
    judged = judge(gate, result, waivers=(), today=date(2026, 5, 8))
    return judged.status, judged.reason


def test_a_clean_lock_passes(tmp_path: Path) -> None:
    result = run(project(tmp_path, main="lib==1.2\nother==1\n-e .\n"), lock="main.txt")
    assert (result.examined.count, result.examined.unit) == (2, "packages")
    assert dict(result.examined.details) == {"internal": 1}
    assert numbers(result) == {"advisory_age": 7 * 86_400}
    assert verdict(result)[0] is Status.PASSED
    assert result.canary == "planted lib 0, and osv.json found it"
    assert result.notes == (
        "advisory data of 2026-05-01, 2 records",
        "packages of main.txt",
        "internal, not looked up: .",
    )
    assert [(of.path, len(of.sha256)) for of in result.artifacts] == [
        ("main.txt", 64),
        ("osv.json", 64),
    ]


def test_data_of_seven_days_fails_at_level_3_and_warns_below(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="other==1\n")
    result = run(ctx, lock="main.txt")
    assert verdict(result, 2)[0] is Status.PASSED
    assert verdict(result, 3) == (Status.FAILED, "advisory_age is 7 d, required < 7 d")
    ctx.today = date(2026, 5, 7)
    assert verdict(run(ctx, lock="main.txt"), 3)[0] is Status.PASSED


def test_what_is_known_fails_with_its_place_and_its_fix(tmp_path: Path) -> None:
    result = run(project(tmp_path, main="other==1\nlib==1.1\n"), lock=["main.txt"])
    (finding,) = result.findings
    assert (finding.rule, finding.place, finding.subject) == ("CVE-1", "main.txt:2", "lib 1.1")
    assert finding.fix == "upgrade to 1.2"
    assert finding.counts == ("critical", 'critical{fix="yes"}')
    assert verdict(result) == (Status.FAILED, "critical is 1, required == 0")


def test_an_unknown_severity_blocks(tmp_path: Path) -> None:
    result = run(project(tmp_path, main="tool==2\n"), lock="main.txt")
    assert verdict(result) == (Status.FAILED, "unknown is 1, required == 0")


def test_grace_takes_a_young_one_out_of_its_severity(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.1\n")
    ctx.write("osv.json", json.dumps([{**RECORDS[0], "published": "2026-05-01T00:00:00Z"}]))
    result = run(ctx, lock="main.txt", grace={"critical": "8d"})
    assert numbers(result)["in_grace"] == 1
    assert verdict(result)[0] is Status.PASSED
    told = "1 finding in grace, not counted by severity: CVE-1 (ends 2026-05-09)"
    assert told in result.notes
    assert result.findings[0].message.endswith("in grace, which ends 2026-05-09)")
    result = run(ctx, lock="main.txt", grace={"critical": "7d"})
    assert verdict(result)[0] is Status.FAILED


def test_a_withdrawal_that_is_to_come_takes_nothing_away(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.1\n")
    for day, count in (("2026-05-09", 1), ("2026-05-08", 0)):
        gone = {**RECORDS[0], "withdrawn": f"{day}T00:00:00Z"}
        ctx.write("osv.json", json.dumps([gone, RECORDS[1]]))
        result = run(ctx, lock="main.txt")
        assert numbers(result).get("critical", 0) == count


def test_a_folder_elsewhere_is_not_internal(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.2\n-e ../other\n")
    with pytest.raises(StageError, match="no advisory can be looked up"):
        run(ctx, lock="main.txt")
    assert run(ctx, lock="main.txt", internal=["../other"]).examined.count == 1


def test_an_internal_package_is_not_looked_up(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.1\nother==1\n")
    result = run(ctx, lock="main.txt", internal=["Lib"])
    assert result.examined.count == 1
    assert result.findings == ()
    with pytest.raises(StageError, match="no package to look up"):
        run(ctx, lock="main.txt", internal=["lib", "other"])


def test_an_empty_lock_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StageError) as caught:
        run(project(tmp_path, main="# nothing\n"), lock="main.txt")
    assert caught.value.problem.slug == "nothing-examined"


def test_data_of_a_day_to_come_proves_nothing(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="other==1\n")
    ctx.today = date(2026, 4, 30)
    with pytest.raises(StageError, match="is of 2026-05-01"):
        run(ctx, lock="main.txt")


def test_without_a_database_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StageError) as caught:
        run(project(tmp_path, main="other==1\n"), lock="main.txt", source="")
    problem = caught.value.problem
    assert problem.slug == "advisories-absent"
    assert "gates advisories update URL-or-path" in problem.hint
    assert "GATES_ADVISORIES" in problem.hint


def test_the_database_may_be_named_outside(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.1\n")
    ctx.settings["GATES_ADVISORIES"] = str(ctx.root / "osv.json")
    assert numbers(run(ctx, lock="main.txt", source=""))["critical"] == 1


def test_the_environment_is_listed_where_no_lock_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "env"
    site = folder / "lib" / "python3.11" / "site-packages"
    for name, version in (("lib", "1.1"), ("other", "1")):
        (site / f"{name}.dist-info").mkdir(parents=True)
        text = f"Name: {name}\nVersion: {version}\n"
        (site / f"{name}.dist-info" / "METADATA").write_text(text)
    (folder / "pyvenv.cfg").write_text("")

    class InEnvironment(FakeContext):
        def tool(self, name: str, *, ask: bool = True) -> Tool:
            found = FakeContext.tool(self, name, ask=ask)
            return replace(found, path=f"{folder}/bin/{name}", how=".venv")

    plain = project(tmp_path)
    ctx = InEnvironment(root=plain.root, out=plain.out, today=plain.today, settings=plain.settings)
    result = run(ctx)
    assert result.examined.count == 2
    assert [of.place for of in result.findings] == ["lib 1.1"]
    assert f"packages of {folder} (.venv)" in result.notes


def test_two_hundred_packages_are_asked_for_at_once(tmp_path: Path) -> None:
    text = "".join(f"p{number}==1\n" for number in range(200))
    assert run(project(tmp_path, main=text), lock="main.txt").examined.count == 200


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"lock": "Pipfile.lock"}, "is no lock"),
        ({"grace": {"high": "soon"}}, "not days"),
        ({"lock": ["package-lock.json", "uv.lock"]}, "a gate of its own"),
        ({"lock": "package-lock.json", "omit": ["prod"]}, "`omit` knows no `prod`"),
        ({"lock": "uv.lock", "omit": ["dev"]}, "name that lock"),
    ],
)
def test_options_that_cannot_be_used(options: Mapping[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Advisories(AdvisoriesOptions.from_plain(options)).check()


NPM_RECORDS = (
    record(
        "GHSA-1",
        aliases=["CVE-1"],
        affected=[npm("lib", events=(("introduced", "0"), ("fixed", "1.2.0")))],
        database_specific={"severity": "MODERATE"},
    ),
    record("MAL-1", affected=[npm("@bad/tool", versions=("2.0.0",))]),
    record("GHSA-2", withdrawn="2026-05-02T00:00:00Z", affected=[npm("old", versions=("1.0.0",))]),
)


def node_project(folder: Path, **packages: object) -> FakeContext:
    ctx = project(folder)
    ctx.write("osv.json", json.dumps(NPM_RECORDS))
    entries = {f"node_modules/{name}": of for name, of in packages.items()}
    text = json.dumps({"lockfileVersion": 3, "packages": {"": {"name": "shop"}, **entries}})
    ctx.write("package-lock.json", text)
    return ctx


def of_npm(ctx: FakeContext, **options: object) -> StageResult:
    return run(ctx, lock="package-lock.json", **options)


def test_a_clean_lock_of_npm_passes(tmp_path: Path) -> None:
    result = of_npm(node_project(tmp_path, lib={"version": "1.2.0"}, old={"version": "1.0.0"}))
    assert (result.examined.count, result.examined.unit) == (2, "packages")
    assert numbers(result) == {"advisory_age": 7 * 86_400}
    assert verdict(result)[0] is Status.PASSED
    assert result.canary == "planted lib 0.0.0, and osv.json found it"
    assert result.notes[:2] == (
        "advisory data of 2026-05-01, 3 records",
        "packages of package-lock.json",
    )


def test_what_is_known_of_npm_is_told_with_its_fix(tmp_path: Path) -> None:
    packages = {"lib": {"version": "1.2.0-rc.1", "dev": True}, "@bad/tool": {"version": "2.0.0"}}
    result = of_npm(node_project(tmp_path, **packages))
    bad, lib = result.findings
    assert (lib.rule, lib.aliases, lib.subject) == ("CVE-1", ("GHSA-1",), "lib 1.2.0-rc.1")
    assert (lib.fix, lib.path) == ("upgrade to 1.2.0", "package-lock.json")
    assert lib.counts == ("medium", 'medium{fix="yes"}', 'medium{scope="dev"}')
    assert (bad.rule, bad.subject) == ("MAL-1", "@bad/tool 2.0.0")
    assert verdict(result) == (Status.FAILED, "unknown is 1, required == 0")


def test_what_is_omitted_is_told(tmp_path: Path) -> None:
    ctx = node_project(tmp_path, lib={"version": "1.0.0", "dev": True}, a={"version": "1.0.0"})
    result = of_npm(ctx, omit=["dev"])
    assert (result.examined.count, result.findings) == (1, ())
    assert "left out: what only development needs" in result.notes
    with pytest.raises(StageError, match="no package to look up"):
        of_npm(ctx, omit=["dev"], internal=["a"])


@pytest.mark.parametrize(
    ("lock", "records", "ecosystem"),
    [
        ("package-lock.json", RECORDS, "npm"),
        ("main.txt", NPM_RECORDS, "Python"),
        # What is published in both stands in the export of either.
        (
            "package-lock.json",
            (*RECORDS, record("A-1", affected=[about("x"), npm("lib", versions=("1.0.0",))])),
            "npm",
        ),
    ],
)
def test_a_database_of_another_ecosystem_proves_nothing(
    tmp_path: Path, lock: str, records: tuple[object, ...], ecosystem: str
) -> None:
    ctx = node_project(tmp_path, a={"version": "1.0.0"})
    ctx.write("main.txt", "a==1\n")
    ctx.write("osv.json", json.dumps(records))
    with pytest.raises(StageError, match=f"no export about {ecosystem} packages") as caught:
        run(ctx, lock=lock)
    assert caught.value.problem.slug == "advisories-lacking"


def test_young_data_on_python_does_not_make_that_on_npm_young(tmp_path: Path) -> None:
    ctx = node_project(tmp_path, a={"version": "1.0.0"})
    young = {**RECORDS[0], "modified": "2026-05-08T00:00:00Z"}
    ctx.write("osv.json", json.dumps([*NPM_RECORDS, young]))
    assert numbers(of_npm(ctx)) == {"advisory_age": 7 * 86_400}


def test_an_unreadable_version_of_a_package_that_advisories_name(tmp_path: Path) -> None:
    ctx = node_project(tmp_path, lib={"version": "1.2"}, a={"version": "odd"})
    with pytest.raises(StageError, match="which is no semantic version"):
        of_npm(ctx)
    assert of_npm(ctx, internal=["lib"]).examined.count == 1


def test_packages_of_the_base_of_npm(tmp_path: Path) -> None:
    ctx = node_project(tmp_path, lib={"version": "1.0.0"})
    ctx.earlier["package-lock.json"] = (ctx.root / "package-lock.json").read_bytes()
    stage = Advisories(AdvisoriesOptions(lock="package-lock.json"))
    assert stage.subjects_before(ctx) == {"lib 1.0.0"}


@dataclass(frozen=True)
class Service:
    """A service with a sample database, and the faults that are planted in copies of it."""

    folder: str
    lock: str
    faults: int

    def patches(self) -> list[Path]:
        return sorted((BACKENDS / f"{self.folder}-faults").glob("*-audit-*.patch"))

    def copy(self, tmp_path: Path) -> FakeContext:
        out = tmp_path / "out"
        out.mkdir()
        root = tmp_path / "project"
        shutil.copytree(BACKENDS / self.folder / "advisories", root / "advisories")
        shutil.copy(BACKENDS / self.folder / self.lock, root)
        settings = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
        return FakeContext(root=root, out=out, today=date(2026, 11, 1), settings=settings)

    def outcome(self, ctx: FakeContext) -> tuple[str, str]:
        """The status, and the slug of the error or the reason."""
        try:
            result = run(ctx, lock=self.lock, source="advisories")
        except StageError as error:
            return "errored", error.problem.slug
        status, reason = verdict(result)
        return status.value, reason


SERVICES = (Service("orders", "requirements.txt", 12), Service("orders-ts", "package-lock.json", 6))
FAULTS = [(service, patch) for service in SERVICES[:1] for patch in service.patches()]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.folder)
def test_the_service_is_clean_and_faults_are_planted_in_it(
    tmp_path: Path, service: Service
) -> None:
    assert service.outcome(service.copy(tmp_path))[0] == "passed"
    assert len(service.patches()) == service.faults


@pytest.mark.parametrize(
    ("service", "patch"),
    FAULTS,
    ids=[f"{service.folder}-{patch.stem}" for service, patch in FAULTS],
)
def test_each_planted_fault_turns_the_gate(tmp_path: Path, service: Service, patch: Path) -> None:
    ctx = service.copy(tmp_path)
    subprocess.run(["/usr/bin/env", "git", "apply", patch], cwd=ctx.root, check=True)
    expected = next(
        line.removeprefix("Expect: ")
        for line in patch.read_text().splitlines()
        if line.startswith("Expect: ")
    )
    assert service.outcome(ctx)[0] == expected


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("22-audit-critical", "critical is 1, required == 0"),
        ("23-audit-critical-second-range", "critical is 1, required == 0"),
        ("24-audit-unknown-severity", "unknown is 1, required == 0"),
        ("25-audit-without-integrity", "lock-hash"),
        ("26-audit-lock-cut-off", "json-syntax"),
        ("27-audit-no-records", "export-unreadable"),
    ],
)
def test_each_fault_of_a_lock_of_npm_is_told_for_what_it_is(
    tmp_path: Path, fault: str, why: str
) -> None:
    service = SERVICES[1]
    ctx = service.copy(tmp_path)
    patch = BACKENDS / "orders-ts-faults" / f"{fault}.patch"
    subprocess.run(["/usr/bin/env", "git", "apply", patch], cwd=ctx.root, check=True)
    assert service.outcome(ctx)[1] == why


def test_packages_of_the_base(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    ctx.earlier["main.txt"] = b"Six==1.0\n"
    assert Advisories(AdvisoriesOptions(lock="main.txt")).subjects_before(ctx) == {"six 1.0"}
    # What an environment held is not known: all of it counts as new.
    assert Advisories(AdvisoriesOptions()).subjects_before(ctx) == frozenset()
