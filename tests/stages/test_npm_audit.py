"""The npm-audit stage: npm's silence counts only where its log and the canary bear it out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context
from stages.fake_npm_registry import FakeRegistry, Mode
from stages.live_context import LiveContext

from gates.domain.condition import subject
from gates.plugin import StageError, StageResult, Tool
from gates.stages.npm_audit import NpmAudit, NpmAuditOptions

RECORDED = Path(__file__).parents[1] / "formats" / "data" / "npm_audit" / "11.19.1"
CANARY = {
    "auditReportVersion": 2,
    "vulnerabilities": {
        "minimist": {
            "name": "minimist",
            "severity": "moderate",
            "via": [
                {"source": 1179, "dependency": "minimist", "severity": "moderate", "range": "<1"}
            ],
            "nodes": ["node_modules/minimist"],
        }
    },
    "metadata": {
        "vulnerabilities": {
            "info": 0,
            "low": 0,
            "moderate": 1,
            "high": 0,
            "critical": 0,
            "total": 1,
        },
        "dependencies": {"total": 1},
    },
}
BLIND = {
    "auditReportVersion": 2,
    "vulnerabilities": {},
    "metadata": {
        "vulnerabilities": dict.fromkeys(
            ("info", "low", "moderate", "high", "critical", "total"), 0
        ),
        "dependencies": {"total": 1},
    },
}


def recorded(name: str) -> bytes:
    return (RECORDED / name).read_bytes()


def project(folder: Path) -> FakeContext:
    """The project of the recordings, in which the canary is found."""
    ctx = fake_context(folder)
    ctx.write("package-lock.json", recorded("package-lock.json"))
    ctx.answer("npm", "config", "get", "globalconfig", stdout="/usr/etc/npmrc\n")
    ctx.answer("npm", "--prefix=*planted*", stdout=json.dumps(CANARY), exit_code=1)
    return ctx


def says(ctx: FakeContext, name: str, exit_code: int, log: str = "") -> None:
    """npm answers as it did in a recording."""
    ctx.answer(
        "npm",
        f"--prefix={ctx.root}*",
        stdout=recorded(f"{name}.json"),
        stderr=recorded(f"{log or name}.log"),
        exit_code=exit_code,
    )


def stage(**options: object) -> NpmAudit:
    made = NpmAudit(NpmAuditOptions.from_plain(options))
    made.check()
    return made


def refused(ctx: FakeContext, **options: object) -> tuple[str, str]:
    with pytest.raises(StageError) as caught:
        stage(**options).measure(ctx)
    assert caught.value.problem.hint or caught.value.problem.place
    return caught.value.problem.slug, caught.value.problem.summary


def numbers(result: StageResult) -> dict[str, object]:
    return {subject(of.name, of.tags): of.value for of in result.metrics if of.value}


def test_advisories_are_counted_by_package_and_version(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    says(ctx, "found", 1)
    result = stage().run(ctx)
    assert numbers(result) == {
        "high": 1,
        'high{fix="yes"}': 1,
        'high{scope="runtime"}': 1,
        "medium": 2,
        'medium{fix="yes"}': 2,
        'medium{scope="dev"}': 1,
        'medium{scope="runtime"}': 1,
    }
    assert (result.examined.count, dict(result.examined.details)) == (5, {"internal": 1})
    first = result.findings[0]
    assert (first.rule, first.subject) == ("GHSA-35jh-r3h4-6jhm", "lodash 4.17.4")
    assert (first.path, first.fix) == ("package-lock.json", "upgrade to 4.17.21")
    assert (first.cwe, first.owasp) == ((77, 94), "A05:2025 Injection")
    assert (first.aliases, first.message) == (("npm-1673",), "Command injection (CVSS 7.2)")
    assert result.canary == "planted minimist 0.0.8, and npm audit found it"
    assert "internal, not looked up: shop-web" in result.notes
    assert {of.name for of in result.metrics} == {of.name for of in NpmAudit.metrics}


def test_the_command_leaves_nothing_to_configuration(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write(".npmrc", "registry=https://registry.example/\n")
    says(ctx, "found", 1)
    stage(omit=["peer"]).run(ctx)
    _, first, second = ctx.runs
    assert {"--no-offline", "--package-lock", "--audit", "--loglevel=silly"} <= set(first)
    assert first[-5:] == (
        f"--prefix={ctx.root}",
        "--globalconfig=/usr/etc/npmrc",
        "--include=dev",
        "--include=optional",
        "--omit=peer",
    )
    # The canary differs in the folder alone, and is looked for with the same configuration.
    assert [(a, b) for a, b in zip(first, second, strict=True) if a != b] == [
        (first[-5], second[-5])
    ]
    planted = Path(second[-5].partition("=")[2])
    assert (planted / ".npmrc").readlink() == ctx.root / ".npmrc"
    assert "0.0.8" in (planted / "package-lock.json").read_text()
    assert not (ctx.out / "cache").exists()


@pytest.mark.parametrize(
    ("name", "exit_code", "log", "slug"),
    [
        ("not-allowed", 1, "", "audit-failed"),
        ("not-found", 1, "", "audit-failed"),
        ("page", 1, "", "audit-failed"),
        ("no-lock", 1, "", "lock-absent"),
        ("offline", 0, "", "packages-untold"),
        ("part", 0, "", "packages-not-examined"),
        ("silent", 0, "not-allowed", "audit-failed"),
        ("found", 0, "", "contradiction"),
        ("silent", 1, "", "contradiction"),
        ("clean", 0, "", "contradiction"),
    ],
)
def test_what_proves_nothing_is_errored(
    tmp_path: Path, name: str, exit_code: int, log: str, slug: str
) -> None:
    ctx = project(tmp_path)
    says(ctx, name, exit_code, log)
    assert refused(ctx)[0] == slug


def test_a_registry_that_knows_nothing_is_blind(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    says(ctx, "silent", 0)
    ctx.answer("npm", "--prefix=*planted*", stdout=json.dumps(BLIND))
    assert refused(ctx)[0] == "scanner-blind"


def test_a_silence_that_the_canary_bears_out(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    says(ctx, "silent", 0)
    result = stage().run(ctx)
    assert (numbers(result), result.findings) == ({}, ())


def test_what_is_internal_is_not_counted_and_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    says(ctx, "found", 1)
    result = stage(internal=["lodash"]).run(ctx)
    assert "high" not in numbers(result)
    assert any("internal lodash 4.17.4: npm names GHSA" in of for of in result.notes)


def test_npm_that_cannot_tell_its_configuration(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    error = "npm error code X\nnpm error This command does not support workspaces.\n"
    ctx.answer("npm", "config", exit_code=1, stderr=error)
    assert refused(ctx)[0] == "configuration-unknown"
    ctx.answer("npm", "config", stdout="undefined\n")
    assert "undefined" in refused(ctx)[1]


def test_a_lock_that_is_not_the_one_that_npm_reads(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("npm-shrinkwrap.json", "{}")
    assert refused(ctx)[0] == "lock-shadowed"


def test_a_lock_without_packages(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("package-lock.json", '{"lockfileVersion": 3, "packages": {"": {}}}')
    assert refused(ctx)[0] == "nothing-examined"


def test_a_lock_that_is_not_of_its_package_json(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    says(ctx, "silent", 0)
    asked = json.loads(recorded("package-lock.json"))["packages"][""]
    ctx.write("package.json", json.dumps(asked))
    assert not any("there is no package.json" in of for of in stage().run(ctx).notes)
    asked["dependencies"]["evil"] = "1.0.0"
    ctx.write("package.json", json.dumps(asked))
    assert refused(ctx) == (
        "lock-stale",
        "the lock is not of this package.json: `package.json` asks otherwise for `evil`",
    )


def test_without_a_package_json_nobody_knows_what_the_lock_lacks(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    says(ctx, "silent", 0)
    assert any(of.startswith("there is no package.json") for of in stage().run(ctx).notes)


def test_a_report_is_judged_beside_its_log(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    for name in ("found", "silent"):
        ctx.write(f"{name}.json", recorded(f"{name}.json"))
        ctx.write(f"{name}.log", recorded(f"{name}.log"))
    result = stage(report=["found.json"], log="found.log").measure(ctx)
    assert (numbers(result)["medium"], result.examined.count, result.canary) == (2, 5, "")
    assert ctx.notes == []
    stage(report=["silent.json"], log="silent.log").measure(ctx)
    assert ctx.notes == ["no canary: a registry that knows no advisory would give the same report"]
    assert ctx.runs == []


def test_a_report_whose_log_tells_another_story(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    for name in ("offline", "part"):
        ctx.write(f"{name}.json", recorded(f"{name}.json"))
        ctx.write(f"{name}.log", recorded(f"{name}.log"))
    assert refused(ctx, report=["offline.json"], log="offline.log")[0] == "packages-untold"
    assert refused(ctx, report=["part.json"], log="part.log")[0] == "packages-not-examined"
    both = ["offline.json", "part.json"]
    assert refused(ctx, report=both, log="part.log")[0] == "several-reports"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"lock": "yarn.lock"}, "`lock` is one of"),
        ({"omit": ["test"]}, "knows no `test`"),
        ({"report": ["a.json"]}, "prove something together"),
        ({"log": "a.log"}, "prove something together"),
    ],
)
def test_options_that_cannot_be_used(options: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        stage(**options)


def test_packages_of_the_base(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    assert stage().subjects_before(ctx) == frozenset()
    ctx.earlier["package-lock.json"] = recorded("package-lock.json")
    assert "minimist 0.0.8" in stage().subjects_before(ctx)


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with FakeRegistry() as fake:
        yield fake


class WithNpm(LiveContext):
    """Runs the machine's npm."""

    __slots__ = ()

    def tool(self, name: str, *, ask: bool = True) -> Tool:
        del ask
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"`{name}` is not installed")
        return Tool(name=name, version="", path=path, how="on PATH")


def live(folder: Path, registry: FakeRegistry, configuration: str = "") -> WithNpm:
    ctx = WithNpm(root=folder / "project", out=folder / "out", timeout_s=60)
    ctx.root.mkdir()
    ctx.out.mkdir()
    ctx.write("package-lock.json", recorded("package-lock.json"))
    root = json.loads(recorded("package-lock.json"))["packages"][""]
    ctx.write("package.json", json.dumps(root))
    web = json.loads(recorded("package-lock.json"))["packages"]["packages/web"]
    ctx.write("packages/web/package.json", json.dumps(web))
    ctx.write(".npmrc", registry.configuration + configuration)
    return ctx


@pytest.mark.live
def test_live_npm_asks_for_the_whole_lock_whatever_is_configured(
    tmp_path: Path, registry: FakeRegistry
) -> None:
    ctx = live(tmp_path, registry, "offline=true\naudit=false\nomit=dev\npackage-lock=false\n")
    result = stage().run(ctx)
    assert result.examined.count == 5
    assert [of.subject for of in result.findings] == [
        "lodash 4.17.4",
        "minimist 1.2.0",
        "minimist 0.0.8",
    ]
    asked, canary = registry.asked
    assert sum(map(len, asked.values())) == 5
    assert canary == {"minimist": ["0.0.8"]}


@pytest.mark.live
def test_live_a_registry_that_knows_nothing_is_errored(
    tmp_path: Path, registry: FakeRegistry
) -> None:
    registry.mode = Mode.EMPTY
    assert refused(live(tmp_path, registry))[0] == "scanner-blind"


@pytest.mark.live
def test_live_a_configuration_that_asks_for_a_part_is_errored(
    tmp_path: Path, registry: FakeRegistry
) -> None:
    # npm itself ends with 0 here, and its report counts all seven places.
    ctx = live(tmp_path, registry, "workspaces=false\n")
    lock = json.loads(recorded("package-lock.json"))
    lock["packages"]["packages/web/node_modules/only"] = {"version": "1.0.0"}
    ctx.write("package-lock.json", json.dumps(lock))
    assert refused(ctx)[0] == "packages-not-examined"
