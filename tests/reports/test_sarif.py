from __future__ import annotations

import json
import zlib
from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports.hostile import ATTACKS, infested, infested_rollup
from reports.rollups import sample_rollup
from reports.runs import gate_runs, sample_run

from gates.domain.finding import Finding, Severity
from gates.domain.rollup import RollUp
from gates.domain.run import GateRun, Run
from gates.domain.status import Verdict
from gates.reports import sarif
from gates.reports.sarif import MOST_RESULTS, MOST_RUNS, report

LINT, COVERAGE, SAST, AUDIT, LATER = gate_runs()

Json = dict[str, object]
LEVELS = {"error", "warning", "note"}


def members(value: object) -> Json:
    assert isinstance(value, dict)
    return value


def at(value: object, *keys: str | int) -> object:
    for key in keys:
        if isinstance(key, int):
            assert isinstance(value, list)
            value = value[key]
        else:
            value = members(value)[key]
    return value


def listed(value: object, *keys: str | int) -> list[object]:
    found = at(value, *keys)
    assert isinstance(found, list)
    return found


def runs_of(run: Run | RollUp) -> list[object]:
    document = json.loads(report(run))
    assert list(document) == ["$schema", "version", "runs"]
    assert document["version"] == "2.1.0"
    return listed(document, "runs")


def category(run: object) -> str:
    return str(at(run, "automationDetails", "id"))


def of(run: Run | RollUp, name: str) -> object:
    return next(each for each in runs_of(run) if category(each) == name)


def with_findings(number: int, base: GateRun = COVERAGE, **more: object) -> GateRun:
    findings = tuple(
        Finding(
            rule=f"R{n % 7}",
            severity=Severity.MEDIUM,
            message=f"message {n}",
            path=f"src/{n}.py",
            line=n + 1,
            fingerprint=f"{n:032x}",
            is_new=n == number - 1,
        )
        for n in range(number)
    )
    return replace(base, judged=replace(base.judged, findings=findings, **more))  # type: ignore[arg-type]


def check_structure(text: str) -> None:
    """What code scanning asks of a file."""
    runs = listed(json.loads(text), "runs")
    assert 0 < len(runs) <= MOST_RUNS
    names = [category(run) for run in runs]
    assert len(set(names)) == len(names)
    assert all(name.startswith("gates/level-") and name.endswith("/") for name in names)
    for run in runs:
        results, rules = listed(run, "results"), listed(run, "tool", "driver", "rules")
        assert len(results) <= MOST_RESULTS
        ids = [at(rule, "id") for rule in rules]
        assert len(set(map(str, ids))) == len(ids)
        for rule in rules:
            for part in ("shortDescription", "fullDescription", "help"):
                assert at(rule, part, "text")
            assert isinstance(members(at(rule, "properties")).get("security-severity", ""), str)
        for result in results:
            check_result(result, ids)
        assert at(run, "invocations", 0, "executionSuccessful") in {True, False}


def check_result(result: object, ids: list[object]) -> None:
    index = at(result, "ruleIndex")
    assert isinstance(index, int)
    assert ids[index] == at(result, "ruleId")
    assert at(result, "level") in LEVELS
    assert at(result, "message", "text")
    assert "](" not in str(at(result, "message", "text"))
    assert len(listed(result, "locations")) == 1
    where = at(result, "locations", 0, "physicalLocation")
    uri = str(at(where, "artifactLocation", "uri"))
    assert uri.isascii()
    assert unquote(uri) == unquote(uri).strip("/")
    assert not set(uri) & set(' :#?\\"<>')
    assert ".." not in unquote(uri).split("/")
    region = members(at(where, "region"))
    numbers = [region[key] for key in ("startLine", "startColumn", "endLine", "endColumn")]
    assert all(isinstance(number, int) and 0 < number < 2**31 for number in numbers)
    assert (region["endLine"], region["endColumn"]) > (
        region["startLine"],
        region["startColumn"],
    ) or (region["endLine"] != region["startLine"])
    assert ":" in str(at(result, "partialFingerprints", "primaryLocationLineHash"))


def test_a_run_for_each_gate_that_was_looked_at() -> None:
    names = [category(run) for run in runs_of(sample_run())]
    assert names == [
        "gates/level-1/",
        "gates/level-1/lint/",
        "gates/level-1/coverage/",
        "gates/level-1/sast/",
        "gates/level-1/audit/",
    ]


def test_a_gate_without_findings_has_an_empty_run_so_that_alerts_close() -> None:
    run = of(sample_run(), "gates/level-1/lint/")
    assert listed(run, "results") == []
    assert at(run, "invocations", 0, "executionSuccessful") is True


def test_a_finding_is_a_result_with_all_that_code_scanning_reads() -> None:
    (finding,) = COVERAGE.judged.findings
    finding = replace(finding, line_hash="abc:2", is_new=True, end_line=52)
    bad = replace(COVERAGE, judged=replace(COVERAGE.judged, findings=(finding,)))
    result = at(of(sample_run(bad), "gates/level-1/coverage/"), "results", 0)
    assert result == {
        "ruleId": "coverage/uncovered",
        "ruleIndex": 0,
        "kind": "fail",
        "level": "error",
        "message": {"text": "lines 45-52 are not covered"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "src/orders/pricing.py"},
                    "region": {"startLine": 45, "startColumn": 1, "endLine": 52, "endColumn": 2},
                }
            }
        ],
        "partialFingerprints": {
            "primaryLocationLineHash": "abc:2",
            "gatesFingerprint/v1": finding.fingerprint,
        },
        "properties": {"severity": "info", "tool": "ruff", "new": True},
    }


def test_without_the_hash_of_its_line_a_finding_has_its_own() -> None:
    result = at(of(sample_run(COVERAGE), "gates/level-1/coverage/"), "results", 0)
    own = COVERAGE.judged.findings[0].fingerprint
    assert at(result, "partialFingerprints", "primaryLocationLineHash") == f"{own}:1"


def test_a_failed_condition_is_a_result_at_its_gate() -> None:
    run = of(sample_run(COVERAGE), "gates/level-1/coverage/")
    result = at(run, "results", 1)
    assert at(result, "ruleId") == "coverage/errors"
    where = at(result, "locations", 0, "physicalLocation")
    assert at(where, "artifactLocation", "uri") == "gates.yaml"
    assert at(where, "region", "startLine") == 8


def test_what_is_waived_is_suppressed_with_its_reason() -> None:
    run = of(sample_run(), "gates/level-1/sast/")
    (result,) = listed(run, "results")
    assert at(result, "suppressions") == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "input is a constant (waived until 2026-02-01 by ana)",
        }
    ]
    assert at(run, "tool", "driver", "rules", 0, "properties", "security-severity") == "8.0"
    assert at(run, "invocations", 0, "executionSuccessful") is True


def test_a_gate_that_was_not_measured_is_a_failed_invocation_and_a_result() -> None:
    run = of(sample_run(), "gates/level-1/audit/")
    invocation = at(run, "invocations", 0)
    assert at(invocation, "executionSuccessful") is False
    (notification,) = listed(invocation, "toolExecutionNotifications")
    assert at(notification, "descriptor", "id") == "tool-missing"
    assert "`pip-audit` was not found" in str(at(notification, "message", "text"))
    (result,) = listed(run, "results")
    assert at(result, "ruleId") == "audit/errored"


def test_an_interrupt_is_a_failed_invocation_of_the_level() -> None:
    stopped = replace(sample_run(LINT), verdict=Verdict.ERRORED, exit_code=130, complete=False)
    run = of(stopped, "gates/level-1/")
    assert at(run, "invocations", 0, "executionSuccessful") is False
    assert at(run, "results", 0, "ruleId") == "verdict"


def test_a_verdict_graver_than_all_gates_is_a_failed_invocation() -> None:
    changed = replace(sample_run(LINT), verdict=Verdict.ERRORED, exit_code=3)
    invocation = at(of(changed, "gates/level-1/"), "invocations", 0)
    assert at(invocation, "executionSuccessful") is False
    (told,) = listed(invocation, "toolExecutionNotifications")
    assert at(told, "descriptor", "id") == "errored"
    assert at(of(sample_run(LINT), "gates/level-1/"), "invocations", 0, "executionSuccessful")


def test_a_project_that_was_not_judged_is_a_failed_invocation() -> None:
    rollup = sample_rollup()
    names = [p.path for p in rollup.projects if p.run is None and p.problem is not None]
    assert names
    for name in names:
        run = of(rollup, f"gates/level-1/{name.replace('/', '%2F')}/")
        assert at(run, "invocations", 0, "executionSuccessful") is False


def test_tools_are_told_once() -> None:
    assert at(of(sample_run(), "gates/level-1/lint/"), "tool", "extensions") == [
        {"name": "ruff", "version": "1.0"}
    ]
    unversioned = replace(LINT, tool=replace(LINT.tool, version="")) if LINT.tool else LINT
    run = of(sample_run(unversioned), "gates/level-1/lint/")
    assert at(run, "tool", "extensions") == [{"name": "ruff"}]


def test_many_gates_share_the_runs_of_their_levels() -> None:
    gates = [
        replace(COVERAGE, plan=replace(COVERAGE.plan, name=f"g{n}", level=1 + n % 2))
        for n in range(MOST_RUNS)
    ]
    run = replace(sample_run(*gates), level=2)
    names = [category(each) for each in runs_of(run)]
    assert names == ["gates/level-2/", "gates/level-1/gates-of-it/", "gates/level-2/gates-of-it/"]
    rules = listed(of(run, names[1]), "tool", "driver", "rules")
    assert "g0/uncovered" in [at(rule, "id") for rule in rules]
    check_structure(report(run))
    assert len(runs_of(sample_run(*gates[:-1]))) == MOST_RUNS


def test_results_are_cut_by_ourselves_the_new_first() -> None:
    run = sample_run(with_findings(MOST_RESULTS + 5))
    found = of(run, "gates/level-1/coverage/")
    results = listed(found, "results")
    assert len(results) == MOST_RESULTS
    assert at(results[0], "properties", "new") is True
    assert at(results[0], "message", "text") == f"message {MOST_RESULTS + 4}"
    (told,) = listed(found, "invocations", 0, "toolExecutionNotifications")
    assert "7 more results are left out" in str(at(told, "message", "text"))
    assert at(told, "level") == "warning"
    assert at(found, "invocations", 0, "executionSuccessful") is True


def test_no_finding_takes_the_place_of_a_gate_that_was_not_measured() -> None:
    many = [replace(LINT, plan=replace(LINT.plan, name=f"g{n}")) for n in range(MOST_RUNS)]
    found = with_findings(MOST_RESULTS + 5)
    new = tuple(replace(each, is_new=True) for each in found.judged.findings)
    found = replace(found, judged=replace(found.judged, findings=new))
    run = sample_run(*many, found, AUDIT)
    results = listed(of(run, "gates/level-1/gates-of-it/"), "results")
    assert len(results) == MOST_RESULTS
    assert "audit/errored" in [at(each, "ruleId") for each in results]


def test_a_file_that_would_be_too_large_holds_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_BYTES", 30_000)
    text = report(sample_run(with_findings(3000)))
    assert len(zlib.compress(text.encode())) <= 30_000
    assert 100 <= len(listed(json.loads(text), "runs", 1, "results")) < 3000
    check_structure(text)


def test_a_roll_up_has_a_run_for_each_project() -> None:
    rollup = sample_rollup()
    names = [category(run) for run in runs_of(rollup)]
    assert names == [
        "gates/level-1/",
        "gates/level-1/own/",
        "gates/level-1/services%2Fapi/",
        "gates/level-1/services%2Fmail/",
    ]
    check_structure(report(rollup))
    many = replace(
        rollup,
        projects=tuple(replace(rollup.projects[1], path=f"services/p{n}") for n in range(30)),
    )
    assert [category(run) for run in runs_of(many)] == ["gates/level-1/", "gates/level-1/projects/"]
    check_structure(report(many))


def test_two_names_that_look_alike_are_two_categories() -> None:
    pair = (LINT, replace(LINT, plan=replace(LINT.plan, name="lint ")))
    names = [category(run) for run in runs_of(sample_run(*pair))]
    assert names[1:] == ["gates/level-1/lint/", "gates/level-1/lint~2/"]


@pytest.mark.parametrize("text", ATTACKS)
def test_a_hostile_run_is_a_sound_file(text: str) -> None:
    check_structure(report(infested(text)))
    check_structure(report(infested_rollup(text)))


@settings(max_examples=60)
@given(st.text(max_size=50))
def test_any_text_makes_a_sound_file(text: str) -> None:
    check_structure(report(infested(text)))


def test_a_link_in_a_message_is_none() -> None:
    bad = with_findings(1)
    judged = replace(
        bad.judged, findings=(replace(bad.judged.findings[0], message="[go](https://x.example)"),)
    )
    assert "[go](" not in report(sample_run(replace(bad, judged=judged)))


def test_a_report_is_filed_under_a_category() -> None:
    text = report(sample_run())
    filed = json.loads(sarif.filed_under(text, "own/"))
    names = [category(run) for run in listed(json.loads(text), "runs")]
    assert [category(run) for run in listed(filed, "runs")] == [f"own/{name}" for name in names]
    for run, name in zip(listed(filed, "runs"), names, strict=True):
        members(members(run)["automationDetails"])["id"] = name
    assert filed == json.loads(text)
