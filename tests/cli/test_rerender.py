"""Each format of a stored record is the one that the run itself wrote, whatever the record says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cli.conftest import Gates
from reports.hostile import ATTACKS, infested
from reports.rollups import sample_rollup
from reports.runs import sample_run

from gates.cli.outputs import FORMATS, JSON_FORMATS, MARKUP_FORMATS, ROLLUP_FORMATS
from gates.domain.rollup import ProjectRun
from gates.domain.run import Run
from gates.reports import rollup_stored, rollup_v1
from gates.reports.record_v1 import render
from gates.reports.stored import read

EACH = pytest.mark.parametrize("name", FORMATS)


def read_back(run: Run) -> Run:
    return replace(read(render(run).encode(), what="run.json"), folder=run.folder)


@EACH
def test_a_stored_record_renders_as_the_run_did(name: str) -> None:
    run = sample_run()
    assert FORMATS[name](read_back(run), "run.json") == FORMATS[name](run, "run.json")


@EACH
@pytest.mark.parametrize("text", ["\n".join(ATTACKS), *ATTACKS[::8]])
def test_so_does_a_hostile_one(name: str, text: str) -> None:
    run = infested(text)
    made = FORMATS[name](run, "run.json")
    assert FORMATS[name](read_back(run), "run.json") == made
    made.encode()


@EACH
def test_a_stored_roll_up_renders_as_the_check_did(name: str, tmp_path: Path) -> None:
    whole, projects = sample_rollup(), list[ProjectRun]()
    for each in whole.projects:
        run, path = each.run, tmp_path / each.record
        if run is not None:
            path.parent.mkdir(parents=True)
            path.write_text(render(run))
            run = replace(run, folder=str(path.parent))
        projects.append(replace(each, run=run))
    path = tmp_path / "rollup.json"
    rollup = replace(whole, projects=tuple(projects), folder=str(tmp_path))
    again = rollup_stored.of_folder(rollup_v1.render(rollup).encode(), path, tmp_path)
    assert ROLLUP_FORMATS[name](again, "r.json") == ROLLUP_FORMATS[name](rollup, "r.json")


def test_both_tables_have_the_same_formats() -> None:
    assert list(FORMATS) == list(ROLLUP_FORMATS)
    assert set(FORMATS) >= JSON_FORMATS | MARKUP_FORMATS


def test_a_check_writes_what_its_record_gives_later(gates: Gates) -> None:
    gates.policy(
        "version: 1\nproject: orders\nlevels:\n  1:\n    gates:\n"
        "      bad: {uses: command, with: {run: /bin/false, examined: exit-status}}\n"
    )
    names = [name for name in FORMATS if name not in {"console", "markdown", "html"}]
    done = gates("check", *(f"--report={name}=../out/{name}" for name in names))
    assert done.code == 1, done
    folder = gates.repo.root.parent / "out"
    for name in names:
        again = gates("report", name)
        assert again.code == 0
        assert again.out == (folder / name).read_text(), name
    assert json.loads((folder / "gitlab").read_text())[0]["location"]["path"] == "gates.yaml"
    assert Path(folder / "badge").read_text().startswith("<svg")
