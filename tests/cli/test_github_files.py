from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from cli.conftest import Gates
from reports.hostile import ATTACKS, infested, infested_rollup
from reports.rollups import sample_rollup
from reports.runs import gate_runs, sample_run, undecided
from runner.grammar import commands

from gates.cli.github_files import OUTPUTS, SUMMARY, SUMMARY_BYTES, write
from gates.domain.rollup import RollUp
from gates.domain.run import Run
from gates.reports import markdown, rollup_markdown
from gates.reports.record_v1 import render

LINT = gate_runs()[0]


@pytest.fixture
def step(tmp_path: Path) -> dict[str, str]:
    for name in ("summary", "outputs"):
        (tmp_path / name).write_text("")
    return {
        "GITHUB_ACTIONS": "true",
        SUMMARY: str(tmp_path / "summary"),
        OUTPUTS: str(tmp_path / "outputs"),
    }


def outputs(environ: dict[str, str]) -> dict[str, str]:
    text = Path(environ[OUTPUTS]).read_text()
    lines = text.splitlines()
    assert text.endswith("\n")
    assert len(lines) == text.count("\n")
    assert all(line.find("=") > 0 for line in lines)
    return dict(line.split("=", 1) for line in lines)


def test_the_outputs_are_each_on_one_line(step: dict[str, str]) -> None:
    run = sample_run()
    write(run, step)
    assert outputs(step) == {
        "verdict": "failed",
        "exit-code": "1",
        "failed-gates": '["coverage", "audit"]',
        "gates-version": "0.1.0",
        "record": f"{run.folder}/run.json",
    }


def test_the_summary_is_the_markdown_report(step: dict[str, str]) -> None:
    write(sample_run(), step, record="kept.json")
    expected = markdown.report(sample_run(), record="kept.json")
    assert Path(step[SUMMARY]).read_text() == expected
    assert outputs(step)["record"] == "kept.json"


def test_what_stands_there_stays(step: dict[str, str]) -> None:
    Path(step[SUMMARY]).write_text("before\n")
    Path(step[OUTPUTS]).write_text("other=1\n")
    write(sample_run(LINT), step)
    assert Path(step[SUMMARY]).read_text().startswith("before\n## passed")
    assert outputs(step)["other"] == "1"
    assert outputs(step)["failed-gates"] == "[]"


def test_a_roll_up_names_projects_and_their_gates(step: dict[str, str]) -> None:
    rollup = sample_rollup()
    write(rollup, step)
    found = outputs(step)
    assert json.loads(found["failed-gates"]) == [
        "services/api:coverage",
        "services/api:audit",
        "services/mail",
    ]
    assert found["record"] == f"{rollup.folder}/rollup.json"
    assert Path(step[SUMMARY]).read_text() == rollup_markdown.report(rollup)


def test_what_is_open_at_level_1_is_no_failed_gate(step: dict[str, str]) -> None:
    first = replace(undecided(), plan=replace(undecided().plan, level=1))
    write(sample_run(first, undecided()), step)
    assert outputs(step)["failed-gates"] == '["load"]'


def test_a_summary_stays_below_the_share_of_a_step(step: dict[str, str]) -> None:
    Path(step[SUMMARY]).write_text("x" * (SUMMARY_BYTES - 6_000))
    many = [replace(LINT, plan=replace(LINT.plan, name=f"gate-{n}")) for n in range(500)]
    write(sample_run(*many), step)
    data = Path(step[SUMMARY]).read_bytes()
    assert SUMMARY_BYTES - 6_000 < len(data) <= SUMMARY_BYTES
    assert b"**Cut:** this report was too long" in data


def test_a_summary_that_is_full_is_told(
    step: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(step[SUMMARY]).write_text("x" * SUMMARY_BYTES)
    write(sample_run(), step)
    assert Path(step[SUMMARY]).stat().st_size == SUMMARY_BYTES
    assert capsys.readouterr().err == (
        "gates: nothing was written to $GITHUB_STEP_SUMMARY: it is full already\n"
    )
    assert outputs(step)["verdict"] == "failed"


def test_elsewhere_nothing_is_written(step: dict[str, str]) -> None:
    for actions in ("", "false"):
        write(sample_run(), {**step, "GITHUB_ACTIONS": actions})
    assert Path(step[OUTPUTS]).read_text() == Path(step[SUMMARY]).read_text() == ""


@pytest.mark.parametrize("kind", ["folder", "pipe", "absent", "nul", "unset"])
def test_a_file_that_cannot_be_written_is_told(
    step: dict[str, str], tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    names = {"folder": str(tmp_path), "absent": "/proc/none/x", "nul": "a\0b", "unset": ""}
    step[OUTPUTS] = names.get(kind, str(tmp_path / "pipe"))
    write(sample_run(), step)
    told = capsys.readouterr().err
    assert told.startswith("gates: nothing was written to $GITHUB_OUTPUT: ")
    assert told.count("\n") == 1
    assert Path(step[SUMMARY]).read_text()


def test_a_device_is_no_file(step: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    step[OUTPUTS] = os.devnull
    write(sample_run(), step)
    assert "it is no file" in capsys.readouterr().err


@pytest.mark.parametrize("text", ATTACKS)
def test_no_text_forges_an_output(step: dict[str, str], text: str) -> None:
    runs: tuple[Run | RollUp, ...] = (infested(text), infested_rollup(text))
    for run in runs:
        Path(step[OUTPUTS]).write_text("")
        write(replace(run, folder=f"/x/{text}"), step)
        found = outputs(step)
        assert set(found) <= {"verdict", "exit-code", "failed-gates", "gates-version", "record"}
        assert found["verdict"] == "failed"
        assert isinstance(json.loads(found["failed-gates"]), list)


def test_in_a_step_the_format_github_writes_all(gates: Gates, step: dict[str, str]) -> None:
    gates.policy("version: 1\nproject: orders\nlevels:\n  1: [ruff]\n")
    gates.repo.write("kept.json", render(sample_run()))
    words = ("report", "github", "--record", "kept.json")
    done = gates(*words, **step)
    assert (done.code, done.err) == (0, "")
    assert [each.name for each in commands(done.out)] == ["error", "error", "warning"]
    assert outputs(step)["record"] == "kept.json"
    before = Path(step[SUMMARY]).read_text()
    assert before
    into = gates(*words, "-o", "out.txt", **step)
    assert (into.code, into.out) == (0, "")
    assert Path(step[SUMMARY]).read_text() == before
