from __future__ import annotations

import json
from dataclasses import replace

import pytest
from reports.records import edited
from reports.runs import gate_runs, sample_run

from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Finding
from gates.reports.record_v1 import render
from gates.reports.stored import read

COVERAGE = gate_runs()[1]
(UNCOVERED,) = COVERAGE.judged.findings


def stored(finding: Finding) -> Finding:
    run = sample_run(replace(COVERAGE, judged=replace(COVERAGE.judged, findings=(finding,))))
    (found,) = read(render(run).encode(), what="run.json").gates[0].judged.findings
    return found


def test_a_finding_is_read_back_whole() -> None:
    full = replace(UNCOVERED, end_line=52, is_new=True, line_hash="abc:1", subject="s", fix="f")
    assert stored(full) == full
    assert stored(UNCOVERED) == UNCOVERED


def test_what_came_later_may_be_absent() -> None:
    document = json.loads(render(sample_run()))
    (entry,) = document["gates"][1]["findings"]
    for name in ("end_line", "new", "line_hash"):
        del entry[name]
    del document["prefix"]
    run = read(json.dumps(document).encode(), what="run.json")
    assert run.gates[1].judged.findings == (UNCOVERED,)
    assert run.prefix == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [("end_line", -1), ("end_line", "1"), ("new", 1), ("line_hash", 3), ("severity", "bad")],
)
def test_what_is_of_another_kind_is_named(name: str, value: object) -> None:
    with pytest.raises(OutputUnreadable, match=f"/gates/1/findings/0/{name}"):
        read(edited(f"gates/1/findings/0/{name}", value), what="run.json")
