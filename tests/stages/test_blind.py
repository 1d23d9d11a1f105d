"""A scanner that sees nothing is errored, in whatever way it was blinded; an honest one passes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from advisories.samples import about, record
from stages.fake_context import fake_context
from stages.live_context import LiveContext, live_context

from gates.domain.condition import bind, parse
from gates.domain.errors import Problem
from gates.domain.judge import judge
from gates.domain.plan import GatePlan
from gates.domain.status import Status
from gates.formats.insecure_samples import SAMPLES
from gates.plugin import Context, Options, Stage, StageError
from gates.stages.advisories import Advisories, AdvisoriesOptions
from gates.stages.bandit import Bandit, BanditOptions
from gates.stages.ruff_security import RuffSecurity, RuffSecurityOptions

SOURCE = {"src/a.py": "X = 1\n"}
TODAY = date(2026, 5, 8)


def status(stage: Stage[Options], ctx: Context) -> Status:
    """The outcome of a gate of this stage under its default conditions."""
    result = stage.run(ctx)
    specs = {spec.name: spec for spec in stage.specs()}
    optional = {of.metric for of in result.not_applicable}
    conditions = tuple(
        bind(written, specs[written.metric], {}, role=default.role)
        for default in stage.conditions()
        if default.from_level == 1 and (written := parse(default.text)).metric not in optional
    )
    gate = GatePlan(
        name="scan",
        level=1,
        uses=stage.uses,
        options={},
        specs=stage.specs(),
        conditions=conditions,
        needs=(),
        criteria=(),
    )
    assert result.canary.startswith("planted ")
    return judge(gate, result, waivers=(), today=TODAY).status


def problem(stage: Stage[Options], ctx: Context) -> Problem:
    """Why a gate of this stage is errored."""
    with pytest.raises(StageError) as caught:
        stage.run(ctx)
    return caught.value.problem


def live(folder: Path, files: Mapping[str, str]) -> LiveContext:
    ctx = live_context(folder, {**SOURCE, **files})
    ctx.source_folders = ("src",)
    return ctx


EVERY_B = ", ".join(f'"B{number}"' for number in SAMPLES)
EVERY_S = ", ".join(f'"S{number}"' for number in SAMPLES)
BANDIT: dict[str, tuple[dict[str, str], BanditOptions]] = {
    "one other test": ({"pyproject.toml": '[tool.bandit]\ntests = ["B610"]\n'}, BanditOptions()),
    "all skipped": ({"pyproject.toml": f"[tool.bandit]\nskips = [{EVERY_B}]\n"}, BanditOptions()),
    "profile": (
        {
            "x.ini": "[bandit]\nprofile = small\n",
            "b.yaml": "profiles:\n  small:\n    include: [django_extra_used]\n",
        },
        BanditOptions(ini="x.ini", config="b.yaml"),
    ),
    "excluded too": (
        {"pyproject.toml": '[tool.bandit]\nexclude_dirs = ["planted"]\ntests = ["B610"]\n'},
        BanditOptions(),
    ),
}


@pytest.mark.live
@pytest.mark.parametrize("way", BANDIT)
def test_bandit_without_a_known_test(tmp_path: Path, way: str) -> None:
    files, options = BANDIT[way]

    told = problem(Bandit(options), live(tmp_path, files))

    assert told.slug == "scanner-blind"
    assert told.summary.startswith("the scanner is blind: bandit's configuration enables no test")
    assert told.hint


@pytest.mark.live
@pytest.mark.parametrize(
    ("files", "options"),
    [
        # No test is left at all; results are filtered; every source is excluded.
        ({"x.ini": "[bandit]\ntests = B610\nskips = B610\n"}, BanditOptions(ini="x.ini")),
        ({"x.ini": "[bandit]\nlevel = 3\n"}, BanditOptions(ini="x.ini")),
        ({"pyproject.toml": '[tool.bandit]\nexclude_dirs = ["/"]\n'}, BanditOptions()),
    ],
)
def test_bandit_that_reports_nothing(
    tmp_path: Path, files: dict[str, str], options: BanditOptions
) -> None:
    assert problem(Bandit(options), live(tmp_path, files)).summary


RUFF: dict[str, tuple[str, str]] = {
    "ignore": ('[lint]\nignore = ["S"]\n', "no-rule"),
    "extend-ignore": ('[lint]\nextend-ignore = ["S"]\n', "no-rule"),
    "every known": (f"[lint]\nignore = [{EVERY_S}]\n", "scanner-blind"),
    "one other rule": ('[lint]\nselect = ["S610"]\nignore = ["S"]\n', "scanner-blind"),
    "every file": ('[lint.per-file-ignores]\n"*" = ["S"]\n', "no-rule"),
    "every source": ('[lint.extend-per-file-ignores]\n"src/**" = ["ALL"]\n', "no-rule"),
    "known, by file": (f'[lint.per-file-ignores]\n"a.py" = [{EVERY_S}]\n', "scanner-blind"),
    "excluded": ('force-exclude = true\nextend-exclude = ["src"]\n', "nothing-examined"),
    "out of lint": ('force-exclude = true\n[lint]\nexclude = ["*.py"]\n', "nothing-examined"),
    "another version": ('required-version = "==0.0.1"\n', "tool-crashed"),
}


@pytest.mark.live
@pytest.mark.parametrize("way", RUFF)
def test_ruff_without_security_rules(tmp_path: Path, way: str) -> None:
    config, slug = RUFF[way]

    told = problem(RuffSecurity(RuffSecurityOptions()), live(tmp_path, {"ruff.toml": config}))

    assert told.slug == slug
    assert slug != "scanner-blind" or told.summary.startswith("the scanner is blind: ")


@pytest.mark.live
@pytest.mark.parametrize("name", ["bandit", "ruff"])
def test_a_program_that_ends_well_and_does_nothing(tmp_path: Path, name: str) -> None:
    ctx = live(tmp_path, {})
    ctx.stand_in(name, "exit 0")
    stage = Bandit(BanditOptions()) if name == "bandit" else RuffSecurity(RuffSecurityOptions())

    assert problem(stage, ctx).summary


@pytest.mark.live
def test_honest_scanners_for_insecure_code_pass(tmp_path: Path) -> None:
    for at, stage in enumerate((Bandit(BanditOptions()), RuffSecurity(RuffSecurityOptions()))):
        (tmp_path / str(at)).mkdir()
        assert status(stage, live(tmp_path / str(at), {})) is Status.PASSED


KNOWN = record("CVE-1", affected=[about("lib", versions=("1.0",))])
ELSEWHERE = {"package": {"ecosystem": "npm", "name": "lib"}, "versions": ["1.0"]}
DATABASES: dict[str, tuple[str, str]] = {
    "no bytes": ("", "json-empty"),
    "no record": ("[]", "json-empty"),
    "an empty answer": ("{}", "json-missing"),
    "another ecosystem": (json.dumps([record("CVE-1", affected=[ELSEWHERE])]), "advisories-blind"),
    "no package": (json.dumps([record("CVE-1", affected=[])]), "export-empty"),
    "all withdrawn": (
        json.dumps([{**KNOWN, "withdrawn": "2026-01-01T00:00:00Z"}]),
        "export-empty",
    ),
}


@pytest.mark.parametrize("way", DATABASES)
def test_advisories_that_know_nothing(tmp_path: Path, way: str) -> None:
    data, slug = DATABASES[way]
    ctx = fake_context(tmp_path, {"main.txt": "clean==1.0\n", "osv.json": data})
    ctx.settings["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    ctx.today = TODAY

    told = problem(Advisories(AdvisoriesOptions(lock="main.txt", source="osv.json")), ctx)

    assert told.slug == slug
    assert told.hint
    assert ".tmp" not in told.summary


def test_advisories_that_know_something_pass(tmp_path: Path) -> None:
    files = {"main.txt": "clean==1.0\n", "osv.json": json.dumps([KNOWN])}
    ctx = fake_context(tmp_path, files)
    ctx.settings["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    ctx.today = TODAY

    stage = Advisories(AdvisoriesOptions(lock="main.txt", source="osv.json"))

    assert status(stage, ctx) is Status.PASSED
