"""The pip-audit stage with the real pip-audit, against a service that answers in known ways."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from advisories.fake_osv import FakeOsv, Mode
from advisories.samples import V3_CRITICAL, about, canary, record
from stages.live_context import LiveContext, live_context

from gates.domain.condition import subject
from gates.plugin import StageError, StageResult, ToolTimedOut
from gates.stages.pip_audit import PipAudit, PipAuditOptions

pytestmark = pytest.mark.live

RECORDS = (
    canary(),
    record(
        "PYSEC-2026-9001",
        aliases=["CVE-2026-90001"],
        affected=[
            about("Order-Lib", versions=("1.1",), events=(("introduced", "0"), ("fixed", "1.2")))
        ],
    ),
    record(
        "CVE-2026-90001",
        affected=[],
        severity=[{"type": "CVSS_V3", "score": V3_CRITICAL}],
    ),
)


@pytest.fixture
def osv() -> Iterator[FakeOsv]:
    with FakeOsv(list(RECORDS)) as service:
        yield service


def run(ctx: LiveContext, osv: FakeOsv, **options: object) -> StageResult:
    given = {"lock": "main.txt", "service": "osv", "osv_url": osv.address, **options}
    return PipAudit(PipAuditOptions.from_plain(given)).run(ctx)


def numbers(result: StageResult) -> dict[str, object]:
    return {subject(of.name, of.tags): of.value for of in result.metrics if of.value}


def test_a_clean_lock(tmp_path: Path, osv: FakeOsv) -> None:
    ctx = live_context(tmp_path, {"main.txt": "clean==1.0\nother==2\n-e .\n"})
    result = run(ctx, osv)
    assert result.examined.count == 2
    assert numbers(result) == {}
    assert [path.name for path in ctx.out.glob("cache")] == []


def test_a_vulnerable_lock(tmp_path: Path, osv: FakeOsv) -> None:
    lock = 'clean==1.0\norder_lib==1.1\nwin==3; sys_platform == "no"\n./vendored\n'
    ctx = live_context(tmp_path, {"main.txt": lock})
    result = run(ctx, osv)
    assert result.examined.count == 3
    assert numbers(result) == {"critical": 1, 'critical{fix="yes"}': 1}
    (finding,) = result.findings
    assert (finding.rule, finding.aliases) == ("CVE-2026-90001", ("PYSEC-2026-9001",))
    assert (finding.place, finding.fix) == ("main.txt:2", "upgrade to 1.2")


@pytest.mark.parametrize(
    ("mode", "slug"),
    [
        (Mode.EMPTY, "scanner-blind"),
        (Mode.PAGED, "scanner-blind"),
        (Mode.NOT_FOUND, "tool-crashed"),
        (Mode.BUSY, "tool-crashed"),
        (Mode.BROKEN, "tool-crashed"),
        (Mode.PAGE, "tool-crashed"),
        (Mode.NO_CONTENT, "tool-crashed"),
        (Mode.CUT, "tool-crashed"),
        (Mode.SCHEMA_2, "advisory-dropped"),
        (Mode.NO_AFFECTED, "advisory-dropped"),
        (Mode.NO_RECORDS, ""),
    ],
)
def test_a_service_that_answers_wrongly(
    tmp_path: Path, osv: FakeOsv, mode: Mode, slug: str
) -> None:
    osv.mode = mode
    ctx = live_context(tmp_path, {"main.txt": "clean==1.0\norder_lib==1.1\n"})
    if not slug:
        # It names a vulnerability and has no record of it: nobody knows how grave it is.
        assert numbers(run(ctx, osv)) == {"unknown": 1, 'unknown{fix="no"}': 1}
        return
    with pytest.raises(StageError) as caught:
        run(ctx, osv)
    assert caught.value.problem.slug == slug
    assert caught.value.problem.hint


def test_a_dropped_advisory_is_told_whatever_the_environment_says(
    tmp_path: Path, osv: FakeOsv
) -> None:
    osv.mode = Mode.SCHEMA_2
    ctx = live_context(tmp_path, {"main.txt": "order_lib==1.1\n"})
    ctx.environment["PIP_AUDIT_LOGLEVEL"] = "ERROR"
    with pytest.raises(StageError, match="Unsupported OSV schema version"):
        run(ctx, osv)


def test_a_service_that_never_answers(tmp_path: Path, osv: FakeOsv) -> None:
    osv.mode = Mode.HANG
    ctx = live_context(tmp_path, {"main.txt": "clean==1.0\n"})
    ctx.timeout_s = 4
    with pytest.raises(ToolTimedOut):
        run(ctx, osv)


def test_a_service_that_is_not_there(tmp_path: Path, osv: FakeOsv) -> None:
    ctx = live_context(tmp_path, {"main.txt": "clean==1.0\n"})
    with pytest.raises(StageError) as caught:
        run(ctx, osv, osv_url="http://127.0.0.1:9")
    assert caught.value.problem.slug == "tool-crashed"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("# nothing\n", "nothing-examined"),
        ("-r other.txt\n", "nothing-audited"),
        ("clean\n", "requirement-unpinned"),
        ("clean==1.*\n", "requirement-unpinned"),
        ("clean @ git+https://registry.example/clean\n", "package-unknowable"),
    ],
)
def test_locks_that_prove_nothing(tmp_path: Path, osv: FakeOsv, text: str, slug: str) -> None:
    ctx = live_context(tmp_path, {"main.txt": text, "other.txt": "clean==1.0\n"})
    with pytest.raises(StageError) as caught:
        run(ctx, osv)
    assert caught.value.problem.slug == slug


def test_an_included_file_is_looked_up_though_pip_audit_does_not_follow_it(
    tmp_path: Path, osv: FakeOsv
) -> None:
    files = {"main.txt": "clean==1.0\n-r other.txt\n", "other.txt": "order_lib==1.1\n"}
    result = run(live_context(tmp_path, files), osv)
    assert result.examined.count == 2
    assert result.findings[0].place == "other.txt:1"


def test_a_pylock(tmp_path: Path, osv: FakeOsv) -> None:
    text = 'lock-version = "1.0"\n' + "".join(
        f'[[packages]]\nname = "order-lib"\nversion = "{version}"\n' for version in ("1.1", "1.2")
    )
    result = run(live_context(tmp_path, {"pylock.toml": text}), osv, lock="pylock.toml")
    assert result.examined.count == 2
    assert [of.subject for of in result.findings] == ["order-lib 1.1"]


def add(site: Path, name: str, version: str, direct: str = "") -> None:
    place = site / f"{name}-{version}.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if direct:
        (place / "direct_url.json").write_text(direct)


def test_the_projects_environment(tmp_path: Path, osv: FakeOsv) -> None:
    ctx = live_context(tmp_path)
    site = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    add(site, "order_lib", "1.1")
    add(site, "clean", "1.0")
    direct = {"url": f"{ctx.root.as_uri()}/own", "dir_info": {"editable": True}}
    add(site, "own", "1", json.dumps(direct))
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    ctx.stand_in("python", "exit 1")
    (tmp_path / "env" / "bin").mkdir()
    ctx.programs["python"] = ctx.programs["python"].rename(tmp_path / "env" / "bin" / "python")
    # What lies in the project's folder is no part of the environment.
    ctx.write("stray.egg-info/PKG-INFO", "Metadata-Version: 2.1\nName: stray\nVersion: 1\n")
    result = run(ctx, osv, lock="")
    assert (result.examined.count, dict(result.examined.details)) == (2, {"internal": 1})
    assert [of.subject for of in result.findings] == ["order-lib 1.1"]
