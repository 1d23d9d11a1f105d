from __future__ import annotations

from dataclasses import replace

from reports.rollups import PASSED_RUN, judged, projects, sample_rollup
from reports.runs import gate_runs, sample_run
from samples import gate

from gates.domain.judge import Judged
from gates.domain.run import GateRun
from gates.domain.status import Status
from gates.reports.markdown import LIMIT_BYTES
from gates.reports.rollup_markdown import report


def test_a_table_of_projects_stands_above_their_reports() -> None:
    text = report(sample_rollup())
    lines = text.splitlines()
    assert lines[0] == "# failed · shop · Level 1"
    assert lines[2] == "5 projects · 7.5 s · exit code 1"
    assert lines[6].startswith("| passed | orders | Level 1 · 1 passed · 3.2 s |  | `.gates/")
    assert "failed coverage: line is 89.5 %, required >= 90 %" in lines[7]
    assert "<br>errored audit: `pip-audit` was not found<br>" in lines[7]
    assert lines[8].startswith("| unaffected | packages/core |")
    assert lines[9].startswith("| **skipped** | packages/old |")
    assert "| next: mount a file system with locks |" in lines[10]
    assert "- projects: 1 folder of `projects:` without" in text
    assert text.index("## passed · orders") < text.index("## failed · services/api")
    assert "### failed: coverage (`gates.yaml:8:5`)" in text
    assert lines[-1] == (
        "roll-up `20260131T115959Z-abcdef` · commit `" + "c" * 40 + "`, with changes that are not"
        " in it · selected by `--changed-from main`"
    )


def test_a_clean_one_tells_less() -> None:
    rollup = replace(
        sample_rollup(judged("a", PASSED_RUN)), notes=(), commit=None, selection=None, dirty=False
    )
    text = report(rollup, record="kept/rollup.json")
    assert text.startswith("# passed · shop")
    assert "1 project · " in text
    assert "projects:" not in text
    assert text.endswith("roll-up `20260131T115959Z-abcdef` in `kept/rollup.json` · outside git\n")
    assert "**interrupted**" in report(replace(rollup, complete=False))


def test_what_is_too_long_is_cut_and_told_and_what_failed_stays() -> None:
    good = [judged(f"good/p{at}", PASSED_RUN) for at in range(40)]
    rollup = sample_rollup(*good, judged("bad/one", sample_run()))
    limit = 40_000
    text = report(rollup, limit=limit)
    assert len(text.encode()) <= limit
    assert "## failed · bad/one" in text
    assert "**Cut:** this report was too long; the records also hold the reports of " in text
    assert len(report(rollup).encode()) < LIMIT_BYTES
    assert "Cut:" not in report(rollup)


def test_rows_are_cut_too() -> None:
    many = [judged(f"p{at}" + "x" * 200, PASSED_RUN) for at in range(60)]
    text = report(sample_rollup(*many), limit=20_000)
    assert len(text.encode()) <= 20_000
    assert "rows of the table and the reports of 60 projects" in text
    one = report(sample_rollup(*many[:1]), limit=400)
    assert "1 row of the table and the reports of 1 project." in one


def test_many_gates_are_counted() -> None:
    broken = tuple(
        GateRun(
            plan=gate(name=f"g{at}"), judged=Judged(status=Status.FAILED, reason=f"reason {at}")
        )
        for at in range(25)
    )
    text = report(sample_rollup(judged("a", sample_run(*broken))))
    assert "failed g19: reason 19<br>… and 5 more |" in text


def test_foreign_text_stays_text() -> None:
    entry = replace(projects()[3], path="<b>|x", name="<b>|x", reason="a | b <script>")
    text = report(sample_rollup(entry, judged("a", sample_run(gate_runs()[0]))))
    assert "<script>" not in text
    assert "<b>" not in text
    row = next(each for each in text.splitlines() if "skipped" in each)
    assert row.count("|") == 6
