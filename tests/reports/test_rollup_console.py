from __future__ import annotations

from dataclasses import replace

from reports.rollups import judged, projects, sample_rollup
from reports.runs import sample_run

from gates.domain.rollup import RollUp
from gates.domain.status import Verdict
from gates.reports.rollup_console import closing, report
from gates.reports.style import render


def shown(rollup: RollUp, wrap: int | None = None) -> str:
    return render(closing(rollup, wrap=wrap), colour=False)


def test_each_project_has_its_line() -> None:
    lines = shown(sample_rollup()).splitlines()
    assert lines[1] == "shop · Level 1 · 5 projects"
    assert lines[3].split()[:2] == ["passed", "orders"]
    assert "Level 1 · 1 passed · 3.2 s  .gates/local/runs/20260131T120000Z" in lines[3]
    assert lines[4].startswith("failed      services/api (orders)   Level 1 · 1 passed, 1 waived,")
    assert lines[5] == (
        "            failed coverage: line is 89.5 %, required >= 90 %;"
        " 1 more covered line would pass"
    )
    assert lines[6].strip() == "errored audit: `pip-audit` was not found"
    assert lines[7].strip() == "`services/api/x.py` changed"
    assert lines[8].startswith("unaffected  packages/core ")
    assert lines[8].endswith("touches none of its 12 files, nor what they name")
    assert lines[9].split(None, 2) == [
        "skipped",
        "packages/old",
        "not selected on the command line",
    ]
    assert lines[10].startswith("errored     services/mail (mailer)  `run.lock` cannot be locked")
    assert lines[11].strip() == "next: mount a file system with locks"


def test_the_verdict_counts_projects_and_ends_with_the_record() -> None:
    lines = shown(sample_rollup()).splitlines()
    assert lines[-2] == (
        "failed · Level 1 · projects: 1 failed, 1 errored, 1 passed, 1 unaffected, 1 skipped"
        " · 7.5 s · exit code 1"
    )
    assert lines[-1] == "record .gates/local/runs/20260131T115959Z-abcdef/rollup.json"
    assert "projects: 1 folder of `projects:` without gates.yaml" in lines[-4]


def test_an_interrupt_is_told() -> None:
    stopped = replace(sample_run(), complete=False, exit_code=130)
    rollup = replace(
        sample_rollup(judged("a", stopped)),
        complete=False,
        exit_code=130,
        verdict=Verdict.FAILED,
        notes=(),
        folder="",
    )
    text = shown(rollup)
    assert "1 project\n" in text
    assert " · interrupted · 3.2 s" in text
    assert text.endswith("exit code 130 · interrupted\n")


def test_the_report_holds_the_reports_of_the_runs() -> None:
    text = report(sample_rollup(), colour=False, width=120, record="kept/rollup.json")
    assert "\norders · Level 1 Level 1 · 1 gate\n" in text
    assert "\nservices/api (orders) · Level 1 Level 1 · 5 gates\n" in text
    assert "failed coverage  gates.yaml:8:5" in text
    assert f"record {projects()[1].record}\n" in text
    assert text.endswith("record kept/rollup.json\n")


def test_a_terminal_wraps() -> None:
    text = report(sample_rollup(), colour=True, width=60, is_screen=True)
    assert "\x1b[" in text
    narrow = shown(sample_rollup(), wrap=60).splitlines()
    assert max(map(len, narrow)) < 100
    assert len(narrow) > len(shown(sample_rollup()).splitlines())


def test_a_hostile_name_stays_on_its_line() -> None:
    entry = replace(projects()[2], path="a\nb\x1b[2J", reason="x\ny")
    text = shown(sample_rollup(entry))
    assert "\x1b" not in text
    assert len(text.splitlines()) == len(shown(sample_rollup(projects()[2])).splitlines())
