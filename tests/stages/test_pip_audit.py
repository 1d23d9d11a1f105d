"""The pip-audit stage: a report counts only where every package and the canary are in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest
from advisories.samples import V3_CRITICAL, about, record
from stages.fake_context import FakeContext, fake_context

from gates.advisories import documented
from gates.domain.condition import subject
from gates.plugin import Completed, OutputUnreadable, StageError, StageResult, Tool, ToolCrashed
from gates.stages.pip_audit import CANARY, PipAudit, PipAuditOptions, parse

RECORDED = Path(__file__).parents[1] / "formats" / "data" / "pip_audit" / "2.10.1"
NOBODY = "http://127.0.0.1:9"
"""An address at which nothing listens."""

BAD = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["1.2"], "description": "It breaks"}
SEEN = {"name": "jinja2", "version": "2.10", "vulns": [{**BAD, "id": "PYSEC-2019-217"}]}
RECORDS = (
    record(
        "GHSA-1",
        aliases=["CVE-1"],
        affected=[about("lib", events=(("introduced", "0"), ("fixed", "1.2")))],
        severity=[{"type": "CVSS_V3", "score": V3_CRITICAL}],
    ),
)


def fine(name: str, version: str, *vulns: object) -> dict[str, object]:
    return {"name": name, "version": version, "vulns": list(vulns)}


def skipped(name: str) -> dict[str, object]:
    return {"name": name, "skip_reason": f"Dependency not found on PyPI: {name}"}


@dataclass(slots=True)
class InEnvironment(FakeContext):
    """The project's interpreter is that of an environment beside the project."""

    places: dict[str, str] = field(default_factory=dict)

    def tool(self, name: str, *, ask: bool = True) -> Tool:
        found = FakeContext.tool(self, name, ask=ask)
        return replace(found, path=self.places.get(name, found.path))


def project(folder: Path, **files: str) -> InEnvironment:
    plain = fake_context(folder)
    ctx = InEnvironment(
        root=plain.root,
        out=plain.out,
        today=date(2026, 5, 8),
        versions={"pip-audit": "2.10.1"},
        settings={"XDG_CACHE_HOME": str(folder / "cache")},
    )
    for name, text in files.items():
        ctx.write(f"{name}.txt", text)
    ctx.write("osv.json", json.dumps(RECORDS))
    says(ctx, SEEN, way="--locked")
    return ctx


def says(
    ctx: FakeContext,
    *dependencies: object,
    way: str,
    exit_code: int | None = None,
    stderr: str = "",
    data: bytes | None = None,
) -> None:
    """What pip-audit reports where its command holds a word."""
    report = json.dumps({"dependencies": dependencies, "fixes": []}).encode()
    found = any(isinstance(of, dict) and of.get("vulns") for of in dependencies)

    def write(argv: tuple[str, ...]) -> None:
        (path,) = (word.partition("=")[2] for word in argv if word.startswith("--output="))
        Path(path).write_bytes(report if data is None else data)
        (Path(path).parent / "cache").mkdir(exist_ok=True)

    code = int(found) if exit_code is None else exit_code
    ctx.answer("pip-audit", way, exit_code=code, stderr=stderr, does=write)


def run(ctx: FakeContext, **options: object) -> StageResult:
    stage = PipAudit(PipAuditOptions.from_plain({"lock": "main.txt", "osv_url": NOBODY, **options}))
    stage.check()
    return stage.run(ctx)


def numbers(result: StageResult) -> dict[str, object]:
    return {subject(of.name, of.tags): of.value for of in result.metrics if of.value}


def refused(ctx: FakeContext, **options: object) -> tuple[str, str]:
    with pytest.raises(StageError) as caught:
        run(ctx, **options)
    return caught.value.problem.slug, caught.value.problem.summary


def planted(ctx: FakeContext, at: int = -1) -> str:
    """The lock that was handed over in one of the calls."""
    return (Path(ctx.runs[at][-1]) / "pylock.toml").read_text()


def test_a_clean_lock_is_looked_up_whole(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.2\nother==1\n-e .\n")
    says(ctx, fine("lib", "1.2"), fine("other", "1"), skipped("-e ."), way="--requirement")
    result = run(ctx)
    assert (result.examined.count, result.examined.unit) == (2, "packages")
    assert dict(result.examined.details) == {"internal": 1}
    assert numbers(result) == {}
    assert result.findings == ()
    assert result.canary == "planted jinja2 2.10, and pip-audit found it"
    assert [of.metric for of in result.not_applicable] == ["advisory_age"]
    assert result.tool.version == "2.10.1"
    assert result.notes == (
        "packages of main.txt, looked up at pypi",
        "internal, not looked up: .",
    )


def test_the_command_leaves_nothing_to_chance(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.2\n")
    says(ctx, fine("lib", "1.2"), way="--requirement")
    run(ctx)
    first, second = ctx.runs
    assert first == (
        "/tools/pip-audit",
        "--format=json",
        f"--output={ctx.out}/pip-audit-1.json",
        "--progress-spinner=off",
        "--desc=on",
        "--aliases=on",
        f"--cache-dir={ctx.out}/cache",
        "--vulnerability-service=pypi",
        "--no-deps",
        "--disable-pip",
        "--requirement",
        "./main.txt",
    )
    # The canary is asked for with the same configuration.
    assert second[3:8] == first[3:8]
    assert f'name = "{CANARY.name}"' in planted(ctx)
    assert ctx.envs == [{"PIP_AUDIT_LOGLEVEL": "WARNING"}] * 2
    assert not (ctx.out / "cache").exists()


def test_the_osv_service_is_asked_at_its_address(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.2\n")
    says(ctx, fine("lib", "1.2"), way="--requirement")
    run(ctx, service="osv", osv_url="https://osv.example/v1/query")
    assert "--osv-url=https://osv.example/v1/query" in ctx.runs[0]
    run(ctx, service="osv", osv_url="")
    assert not any(word.startswith("--osv-url") for word in ctx.runs[-1])


def test_what_is_found_is_rated_by_its_aliases(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="other==1\nlib==1.1\n")
    says(ctx, fine("lib", "1.1", BAD), fine("other", "1"), way="--requirement")
    result = run(ctx, source="osv.json")
    assert numbers(result) == {
        "critical": 1,
        'critical{fix="yes"}': 1,
        "advisory_age": 7 * 86_400,
    }
    (finding,) = result.findings
    assert (finding.rule, finding.aliases) == ("CVE-1", ("GHSA-1", "PYSEC-1"))
    assert (finding.place, finding.subject) == ("main.txt:2", "lib 1.1")
    assert finding.fix == "upgrade to 1.2"
    assert finding.message == "It breaks (CVSS 9.8)"
    assert "severities by advisory data of 2026-05-01, 1 records" in result.notes


def test_what_the_data_does_not_know_is_unknown_and_not_low(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.1\n")
    says(ctx, fine("lib", "1.1", {**BAD, "id": "X-1", "aliases": []}), way="--requirement")
    result = run(ctx, source="osv.json")
    assert numbers(result)["unknown"] == 1
    assert "low" not in numbers(result)
    assert "1 of 1 vulnerabilities are not in that data" in result.notes


def test_without_anybody_who_knows_severities_it_is_errored(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.1\n")
    says(ctx, fine("lib", "1.1", BAD), way="--requirement")
    with pytest.raises(StageError) as caught:
        run(ctx)
    assert caught.value.problem.slug == "advisories-unreachable"
    assert "gates advisories update" in caught.value.problem.hint


def test_grace_counts_from_the_publication_that_the_data_knows(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.1\n")
    says(ctx, fine("lib", "1.1", BAD), way="--requirement")
    result = run(ctx, source="osv.json", grace={"critical": "99d"})
    assert numbers(result) == {"in_grace": 1, "advisory_age": 7 * 86_400}
    assert any(of.startswith("1 finding in grace, not counted") for of in result.notes)


@pytest.mark.parametrize("name", ["all-skipped", "empty"])
def test_recorded_reports_in_which_nothing_was_looked_up(tmp_path: Path, name: str) -> None:
    """Each ended with exit code 0 and "No known vulnerabilities found"."""
    ctx = project(tmp_path, main="jinja2==2.10\nrequests==2.19.0\n")
    says(ctx, way="--requirement", data=(RECORDED / f"{name}.json").read_bytes())
    slug, summary = refused(ctx)
    assert slug == {"all-skipped": "packages-skipped", "empty": "nothing-audited"}[name]
    if name == "all-skipped":
        assert "did not look up 2 of 2 packages: jinja2" in summary


def test_the_scanner_must_see_the_canary(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.2\n")
    says(ctx, fine("lib", "1.2"), way="--requirement")
    says(ctx, fine("jinja2", "2.10"), way="--locked")
    assert refused(ctx)[0] == "scanner-blind"
    says(ctx, skipped("jinja2"), way="--locked")
    assert "not found on PyPI" in refused(ctx)[1]
    assert not (ctx.out / "cache").exists()


def test_what_the_lock_pins_for_other_systems_is_looked_up_too(tmp_path: Path) -> None:
    ctx = project(tmp_path, main='a==1\nwin==2; sys_platform == "win32"\nwin==3; os_name == "x"\n')
    says(ctx, fine("a", "1"), way="--requirement")
    says(ctx, fine("win", "2", BAD), fine("win", "3"), SEEN, way="--locked")
    result = run(ctx, source="osv.json")
    assert result.examined.count == 3
    assert [of.subject for of in result.findings] == ["win 2"]
    assert planted(ctx).count('name = "win"') == 2
    says(ctx, SEEN, way="--locked")
    assert refused(ctx)[0] == "packages-not-examined"


def test_the_canary_may_be_one_of_the_packages(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="jinja2==2.10\n")
    says(ctx, SEEN, way="--requirement")
    result = run(ctx, source="osv.json")
    assert result.examined.count == 1
    assert len(result.findings) == 1


def test_a_report_on_other_packages_is_a_contradiction(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.2\n")
    says(ctx, fine("lib", "1.2"), fine("more", "1"), way="--requirement")
    assert refused(ctx)[0] == "contradiction"


def test_what_is_found_in_a_package_called_internal_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.2\nown==1\n")
    says(ctx, fine("lib", "1.2"), fine("own", "1", BAD), way="--requirement")
    result = run(ctx, internal=["own"])
    assert numbers(result) == {}
    assert ctx.notes == ["internal own 1: pip-audit names PYSEC-1, which is not counted"]


def test_exit_code_1_without_a_report_is_a_crash(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.2\n")
    ctx.answer("pip-audit", "--requirement", exit_code=1, stderr="Traceback\nServiceError\n\n")
    with pytest.raises(ToolCrashed, match="wrote no report: ServiceError"):
        run(ctx)
    ctx.answer("pip-audit", "--requirement", exit_code=1)
    with pytest.raises(ToolCrashed, match="it says nothing"):
        run(ctx)
    ctx.answer("pip-audit", "--requirement", exit_code=2, stderr="usage: pip-audit")
    with pytest.raises(ToolCrashed, match="exit code 2"):
        run(ctx)
    ctx.answer("pip-audit", "--requirement")
    with pytest.raises(OutputUnreadable, match="was not written"):
        run(ctx)


def test_a_report_and_its_exit_code_must_agree(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.1\n")
    says(ctx, fine("lib", "1.1", BAD), way="--requirement", exit_code=0)
    assert refused(ctx) == (
        "contradiction",
        "pip-audit ended with exit code 0 and 1 vulnerabilities",
    )
    says(ctx, fine("lib", "1.1"), way="--requirement", exit_code=1)
    assert refused(ctx)[0] == "contradiction"


def test_a_dropped_advisory_is_an_error() -> None:
    tool = Tool(name="pip-audit", version="2.10.1")
    done = Completed(
        tool=tool,
        argv=(),
        exit_code=0,
        stdout=b"",
        stderr=b"WARNING:pip_audit._service.osv:OSV vuln entry 'X' is missing 'affected' list\n",
        seconds=1,
    )
    clean = (RECORDED / "clean.json").read_bytes()
    with pytest.raises(StageError, match="missing 'affected' list") as caught:
        parse(done, clean)
    assert caught.value.problem.slug == "advisory-dropped"
    assert len(parse(replace(done, stderr=b""), clean).audited) == 2
    for broken in (b"", clean[:-9], b"<<<<<<< main\n" + clean):
        with pytest.raises(OutputUnreadable):
            parse(replace(done, stderr=b""), broken)


@pytest.mark.parametrize("lock", ["uv.lock", "poetry.lock"])
def test_a_lock_that_pip_audit_cannot_read_is_handed_over_as_a_list(
    tmp_path: Path, lock: str
) -> None:
    ctx = project(tmp_path)
    ctx.write(
        lock,
        """
version = 1
[[package]]
name = "lib"
version = "1.1"
source = { registry = "https://registry.example", type = "legacy" }
groups = ["main"]
files = []
[metadata]
lock-version = "2.1"
""",
    )
    says(ctx, fine("lib", "1.1", BAD), SEEN, way="--locked")
    result = run(ctx, lock=lock, source="osv.json")
    assert len(ctx.runs) == 1
    assert numbers(result)["critical"] == 1
    assert result.findings[0].place == lock


def test_a_pylock_is_read_by_both(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    text = 'lock-version = "1.0"\n[[packages]]\nname = "lib"\nversion = "1.2"\n'
    ctx.write("locks/pylock.dev.toml", text)
    says(ctx, fine("lib", "1.2"), way="--locked")
    says(ctx, SEEN, way="*/locked-2")
    result = run(ctx, lock=["locks/pylock.dev.toml"])
    assert result.examined.count == 1
    assert planted(ctx, 0) == text


def environment(folder: Path, ctx: InEnvironment, **packages: str) -> Path:
    site = folder / "env" / "lib" / "python3.11" / "site-packages"
    for name, version in packages.items():
        (site / f"{name}-{version}.dist-info").mkdir(parents=True)
        text = f"Name: {name}\nVersion: {version}\n"
        (site / f"{name}-{version}.dist-info" / "METADATA").write_text(text)
    (folder / "env" / "pyvenv.cfg").write_text("")
    ctx.places["python"] = f"{folder}/env/bin/python"
    return site


def test_the_projects_environment_is_audited_and_not_pip_audits_own(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    site = environment(tmp_path, ctx, lib="1.1", other="1")
    says(ctx, fine("lib", "1.1", BAD), fine("other", "1"), way=f"--path={site}")
    result = run(ctx, lock="", source="osv.json")
    assert result.examined.count == 2
    assert result.findings[0].place == "lib 1.1"
    assert result.notes[0] == f"packages of {tmp_path}/env (fake), looked up at pypi"
    says(ctx, fine("lib", "1.1", BAD), way="--path=*")
    # A second look does not mend a listing of another environment.
    says(ctx, fine("other", "1"), SEEN, way="--locked")
    slug, summary = refused(ctx, lock="", source="osv.json")
    assert (slug, "other 1" in summary) == ("packages-not-examined", True)


def test_nothing_to_look_up_proves_nothing(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="# nothing\n")
    assert refused(ctx)[0] == "nothing-examined"
    assert ctx.runs == []


@pytest.mark.parametrize("version", ["2.8.0", "", "unknown", "1.99"])
def test_an_old_pip_audit_is_refused(tmp_path: Path, version: str) -> None:
    ctx = project(tmp_path, main="lib==1.2\n")
    ctx.versions["pip-audit"] = version
    assert refused(ctx)[0] == "tool-too-old"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"lock": "Pipfile.lock"}, "is no lock"),
        ({"grace": {"high": "soon"}}, "not days"),
        ({"service": "esms"}, "one of pypi, osv"),
        ({"osv_url": "http://osv.example"}, "`osv_url`: .* neither an https address"),
    ],
)
def test_options_that_cannot_be_used(options: Mapping[str, Sequence[str]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        PipAudit(PipAuditOptions.from_plain(options)).check()


def given(ctx: FakeContext, name: str, *dependencies: object) -> None:
    """A report that an earlier step wrote."""
    ctx.write(name, json.dumps({"dependencies": dependencies, "fixes": []}))


def judged(ctx: FakeContext, *reports: str, **options: object) -> StageResult:
    plain = {"report": list(reports), "source": "osv.json", **options}
    stage = PipAudit(PipAuditOptions.from_plain(plain))
    stage.check()
    return stage.measure(ctx)


def test_a_report_tells_itself_which_packages_are_in_use(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    given(ctx, "a.json", fine("lib", "1.1", BAD), skipped("mine"))
    given(ctx, "b.json", fine("other", "1"), fine("lib", "1.1", BAD))
    result = judged(ctx, "a.json", "b.json", internal=["mine", "nobody"])
    assert (result.examined.count, dict(result.examined.details)) == (2, {"internal": 1})
    assert numbers(result)["critical"] == 1
    assert (result.findings[0].subject, result.canary) == ("lib 1.1", "")
    assert "packages of the report" in result.notes
    assert "named as internal, and not there: nobody" in result.notes
    assert (ctx.runs, ctx.notes) == ([], [documented.NOT_ASKED])


def test_a_clean_report_says_that_no_canary_was_planted(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    given(ctx, "a.json", fine("lib", "1.2"))
    assert "advisory_age" in numbers(judged(ctx, "a.json"))
    assert ctx.notes == [
        documented.NOT_ASKED,
        "no canary: a service that knows no advisory would give the same report",
    ]


def test_an_internal_package_with_a_public_name_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    given(ctx, "a.json", fine("lib", "1.1", BAD), fine("other", "1"))
    assert judged(ctx, "a.json", internal=["lib"]).examined.count == 1
    assert ctx.notes[1] == "internal lib 1.1: pip-audit names PYSEC-1, which is not counted"


def test_a_report_beside_a_lock(tmp_path: Path) -> None:
    ctx = project(tmp_path, main="lib==1.2\nother==1\n")
    given(ctx, "a.json", fine("lib", "1.2"))
    given(ctx, "b.json", fine("other", "1"))
    result = judged(ctx, "a.json", "b.json", lock="main.txt")
    assert (result.examined.count, result.notes[0]) == (2, "packages of main.txt")
    assert documented.NOT_ASKED not in ctx.notes
    with pytest.raises(StageError, match="did not look up other 1"):
        judged(ctx, "a.json", lock="main.txt")


@pytest.mark.parametrize(
    ("entries", "slug"),
    [
        ((), "nothing-examined"),
        ((skipped("lib"),), "nothing-examined"),
        ((fine("other", "1"), skipped("lib")), "packages-skipped"),
    ],
)
def test_a_report_that_proves_nothing(tmp_path: Path, entries: Sequence[object], slug: str) -> None:
    ctx = project(tmp_path)
    given(ctx, "a.json", *entries)
    with pytest.raises(StageError) as caught:
        judged(ctx, "a.json")
    assert caught.value.problem.slug == slug


def test_reports_that_contradict_each_other(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    given(ctx, "a.json", fine("lib", "1.1", BAD))
    given(ctx, "b.json", fine("lib", "1.1.0"))
    with pytest.raises(OutputUnreadable, match="different vulnerabilities in lib"):
        judged(ctx, "a.json", "b.json")


def test_packages_of_the_base(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.earlier["main.txt"] = b"lib==1.1\n"
    assert PipAudit(PipAuditOptions(lock="main.txt")).subjects_before(ctx) == {"lib 1.1"}
    assert PipAudit(PipAuditOptions()).subjects_before(ctx) == frozenset()
    # What stood under a marker is new where that is gone.
    ctx.earlier["main.txt"] = b'lib==1.1 ; python_version < "3"\n'
    ctx.write("main.txt", "lib==1.1\n")
    assert PipAudit(PipAuditOptions(lock="main.txt")).subjects_before(ctx) == frozenset()
