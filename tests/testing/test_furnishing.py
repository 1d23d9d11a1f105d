from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from testing.naive import SAMPLE, Careful
from testing.naive_service import SAMPLE as ASKING
from testing.naive_service import SERVICES, Asks

from gates.domain.errors import ConfigError, StageError
from gates.domain.plan import Plan
from gates.plugin import Sample
from gates.testing.furnishing import GATE, faulty, finder, furnish, vacant
from gates.toolkit.git import Git


def made(folder: Path, sample: Sample) -> Plan:
    return furnish(folder / "project", Careful, sample, dict(os.environ))


def test_a_sample_stands_in_a_repository_with_one_old_commit(tmp_path: Path) -> None:
    root = tmp_path / "project"
    made(tmp_path, replace(SAMPLE, message="fix: this"))
    git = Git(root, os.environ)
    assert set(git.ls_files()) == {*SAMPLE.files, "gates.yaml"}
    assert git.commit_time() == 1_000_000_000
    assert git.ask("log", "-1", "--format=%s").stdout == b"fix: this\n"
    assert os.access(root / "lint", os.X_OK)
    assert not os.access(root / "src" / "a.txt", os.X_OK)


def test_the_gate_has_the_stage_s_conditions_and_the_sample_s(tmp_path: Path) -> None:
    more = replace(SAMPLE, require=("errors <= 3",), sources=("src",))
    plan = made(tmp_path, more)
    assert [each.text for each in plan.gate(GATE).conditions] == ["errors <= 3"]
    assert plan.include == ("src",)


def test_options_that_the_stage_does_not_have_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        made(tmp_path, replace(SAMPLE, options={"unknown": 1}))


def test_without_git_there_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(StageError) as caught:
        furnish(tmp_path / "project", Careful, SAMPLE, {"PATH": str(tmp_path)})
    assert caught.value.problem.slug == "tool-missing"


def test_a_sample_that_git_refuses_is_told(tmp_path: Path) -> None:
    missing = replace(SAMPLE, message="")
    with pytest.raises(StageError) as caught:
        made(tmp_path, missing)
    assert caught.value.problem.slug == "sample-repository"


@pytest.mark.parametrize(
    "path",
    [
        "../out",
        "a/../../out",
        "/abs/olute",
        "",
        ".",
        "a//b",
        "a/",
        "nul\0",
        ".git/hooks/x",
        "\udc80",
    ],
)
@pytest.mark.parametrize("field", ["files", "faulty"])
def test_a_path_that_does_not_stay_in_the_project_is_refused(
    tmp_path: Path, path: str, field: str
) -> None:
    stray = {path: "x"}
    given = replace(SAMPLE, files={**SAMPLE.files, **stray})
    if field == "faulty":
        given = replace(SAMPLE, faulty=stray)
    with pytest.raises(StageError) as caught:
        made(tmp_path / "deep" / "deeper", given)
    assert caught.value.problem.slug == "bad-sample"
    assert caught.value.problem.summary.isprintable()
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_is_none_is_refused(tmp_path: Path) -> None:
    for bad in (
        replace(SAMPLE, files={**SAMPLE.files, "src/c.txt": "half \ud800"}),
        replace(SAMPLE, faulty={"src/c.txt": "half \ud800"}),
        replace(SAMPLE, message="half \ud800"),
        replace(SAMPLE, faulty_message="half \ud800"),
        replace(SAMPLE, options={"path": Path("x")}),
        replace(SAMPLE, reports=("../../absent",)),
        replace(SAMPLE, services={"api": {"run": Path("x")}}),
        replace(SAMPLE, services={"api": {"url": "http://127.0.0.1:1"}}),
        replace(SAMPLE, needs={"other": {"uses": Path("x")}}),
        replace(SAMPLE, vital=("absent",)),
        replace(SAMPLE, files={**SAMPLE.files, "lint/inside": "x"}),
    ):
        with pytest.raises(StageError) as caught:
            made(tmp_path, bad)
        assert caught.value.problem.slug == "bad-sample"
        assert caught.value.problem.summary.isprintable()


def test_a_sample_whose_repository_is_vital_can_be_without_it(tmp_path: Path) -> None:
    given = replace(SAMPLE, vital=(".git",))
    assert vacant(given).files == SAMPLE.files
    furnish(tmp_path / "project", Careful, vacant(given), dict(os.environ), in_git=False)
    assert (tmp_path / "project" / "lint").is_file()
    assert not (tmp_path / "project" / ".git").exists()


def test_where_nothing_is_vital_every_file_is() -> None:
    assert vacant(replace(SAMPLE, vital=())).files == {}


def test_the_vacant_sample_lacks_what_is_vital_and_the_faulty_one_has_its_message() -> None:
    given = replace(SAMPLE, reports=("lint",), faulty_message="other")
    assert "lint" not in vacant(given).files
    assert vacant(given).reports == ()
    assert faulty(given).message == "other"
    assert faulty(SAMPLE).message == SAMPLE.message


def test_the_stage_under_test_is_found_whether_or_not_it_is_installed() -> None:
    find = finder(Careful)
    assert find("small-lint") is Careful
    assert find("ruff").uses == "ruff"
    with pytest.raises(KeyError):
        find("nowhere")


def test_the_gate_under_test_names_the_first_service(tmp_path: Path) -> None:
    other = {**SERVICES, "db": {"run": "db"}}
    plan = furnish(tmp_path / "p", Asks, replace(ASKING, services=other), dict(os.environ))
    assert plan.gate(GATE).service == "api"
    assert [each.name for each in plan.services] == ["api", "db"]


def test_a_needed_gate_that_names_a_service_takes_it(tmp_path: Path) -> None:
    needs = {
        "asking": {
            "uses": "command",
            "service": "api",
            "with": {"run": "true", "examined": "exit-status"},
            "require": ["exit_status == 0"],
        },
        "ruff": "ruff",
    }
    given = replace(SAMPLE, services=SERVICES, needs=needs)
    plan = furnish(tmp_path / "p", Careful, given, dict(os.environ))
    services = {gate.name: gate.service for gate in plan.gates}
    assert services == {"asking": "api", "ruff": "", GATE: ""}
