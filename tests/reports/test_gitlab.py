from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports.hostile import ATTACKS, infested, infested_rollup
from reports.rollups import sample_rollup
from reports.runs import gate_runs, sample_run

from gates.domain.finding import Finding, Severity
from gates.reports.gitlab import SEVERITIES, report

LINT, COVERAGE, SAST, _, _ = gate_runs()


def check(text: str) -> list[dict[str, object]]:
    entries = json.loads(text)
    assert isinstance(entries, list)
    prints = [each["fingerprint"] for each in entries]
    assert len(set(prints)) == len(prints)
    for each in entries:
        assert set(each) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert each["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert each["description"]
        assert each["location"]["lines"]["begin"] >= 1
        path = each["location"]["path"]
        assert path
        assert not path.startswith(("/", "./", "../"))
    return entries


def of_rule(*findings: Finding) -> list[dict[str, object]]:
    run = sample_run(replace(COVERAGE, judged=replace(COVERAGE.judged, findings=findings)))
    return [each for each in check(report(run)) if each["check_name"] == "coverage/R"]


def test_an_entry_for_each_thing_to_mend() -> None:
    (_, found, _) = check(report(sample_run()))
    assert found["description"] == "lines 45-52 are not covered (coverage/uncovered)"
    assert found["check_name"] == "coverage/uncovered"
    assert found["severity"] == "info"
    assert found["location"] == {"path": "src/orders/pricing.py", "lines": {"begin": 45}}


def test_a_run_with_nothing_to_mend_is_an_empty_list() -> None:
    assert json.loads(report(sample_run(LINT, SAST))) == []


def test_equal_findings_stay_apart_and_keep_their_identity() -> None:
    finding = Finding(rule="R", severity=Severity.LOW, message="m", path="./a.py", line=1)
    one, two = of_rule(finding, finding)
    assert one["fingerprint"] != two["fingerprint"]
    moved = replace(finding, line=9)
    assert of_rule(moved)[0]["fingerprint"] == one["fingerprint"]
    assert one["location"] == {"path": "a.py", "lines": {"begin": 1}}


def test_every_severity_has_a_word() -> None:
    assert set(SEVERITIES) == set(Severity)
    assert SEVERITIES[Severity.UNKNOWN] == SEVERITIES[Severity.HIGH]


def test_a_roll_up_has_the_paths_of_the_repository() -> None:
    rollup = sample_rollup()
    runs = [
        replace(each, run=replace(each.run, prefix="api/")) for each in rollup.projects if each.run
    ]
    paths = {str(each["location"]) for each in check(report(replace(rollup, projects=tuple(runs))))}
    assert any("api/src/orders/pricing.py" in path for path in paths)


@pytest.mark.parametrize("text", ATTACKS)
def test_a_hostile_run_is_a_sound_list(text: str) -> None:
    assert check(report(infested(text)))
    assert check(report(infested_rollup(text)))


@settings(max_examples=50)
@given(st.text(max_size=50))
def test_any_text_is_a_sound_list(text: str) -> None:
    assert check(report(infested(text)))
