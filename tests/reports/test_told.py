from __future__ import annotations

from dataclasses import replace
from datetime import date

from reports.runs import gate_runs, sample_run
from samples import ERRORS, condition, gate, result

from gates.domain.errors import Problem
from gates.domain.finding import Finding, Severity
from gates.domain.judge import NotMeasured, judge
from gates.domain.metric import count
from gates.domain.run import GateRun
from gates.domain.service import ServiceRun
from gates.domain.waiver import Waiver
from gates.reports import told

LINT, COVERAGE, SAST, AUDIT, LATER = gate_runs()


def test_a_failed_gate_says_how_far_it_is() -> None:
    assert list(told.reasons(COVERAGE)) == [
        "line is 89.5 %, required >= 90 %; 1 more covered line would pass"
    ]
    assert list(told.reasons(LINT)) == ["errors is 0"]
    assert list(told.reasons(LATER)) == ["not selected on the command line"]


def test_the_commit_of_a_policy_is_shortened_for_people() -> None:
    assert told.place(LINT) == LINT.plan.place
    for digits in (40, 64):
        plan = replace(LINT.plan, place=f"gates.yaml@{'a' * digits}:8:5")
        assert told.place(replace(LINT, plan=plan)) == f"gates.yaml@{'a' * 12}:8:5"


def test_an_errored_gate_says_where_and_what_is_the_cause() -> None:
    problem = Problem("no-report", "nothing came", place="out/x.xml", hint="look there")
    planned = gate(name="coverage")
    outcome = NotMeasured(problem=problem, caused_by="tests")
    run = GateRun(plan=planned, judged=judge(planned, outcome, waivers=(), today=date(2026, 1, 1)))
    assert list(told.reasons(run)) == ["nothing came (at out/x.xml)", "caused by gate `tests`"]
    assert told.next_step(run) == "look there"
    # The place that the summary names already is not told twice.
    assert list(told.reasons(AUDIT)) == ["`pip-audit` was not found"]
    assert told.next_step(LINT) == ""


def test_the_findings_that_decide_come_by_weight() -> None:
    made = tuple(
        Finding(rule=rule, severity=severity, message="m", counts=counts)
        for rule, severity, counts in (
            ("low", Severity.LOW, ("line",)),
            ("other", Severity.CRITICAL, ("errors",)),
            ("high", Severity.HIGH, ()),
        )
    )
    run = replace(COVERAGE, judged=replace(COVERAGE.judged, findings=made))
    assert [each.rule for each in told.findings(run)] == ["high", "low"]


def test_a_finding_says_its_category_and_what_mends_it() -> None:
    finding = SAST.judged.waived[0][0]
    assert told.finding_text(finding) == (
        "subprocess call with shell=True [A05:2025 Injection] · pass a list"
    )


def test_what_must_be_told_is_told_once() -> None:
    assert told.notes(COVERAGE) == (
        "`line >= 90%` replaces the default `line >= 85%`",
        "changed_line does not apply: no executable line changed",
        "warning: errors is 2, required == 0",
        "the default `branch >= 80%` is dropped in gates.yaml",
        "a note",
    )
    examined = replace(COVERAGE.examined, note="a note") if COVERAGE.examined else None
    assert told.notes(replace(COVERAGE, examined=examined)) == told.notes(COVERAGE)


def test_waived_findings_and_conditions_are_told_with_their_waiver() -> None:
    assert [told.waiver_text(*each) for each in told.waived(SAST)] == [
        "B602 src/orders/mail.py:12: waived until 2026-02-01 by ana: input is a constant"
    ]
    waiver = Waiver(
        gate="lint",
        condition="errors",
        reason="next week",
        owner="ben",
        created=date(2026, 1, 1),
        expires=date(2026, 2, 1),
    )
    planned = gate(condition("errors == 0", ERRORS))
    judged = judge(planned, result(count("errors", 2)), waivers=(waiver,), today=date(2026, 1, 9))
    run = GateRun(plan=planned, judged=judged)
    assert [what for what, _ in told.waived(run)] == ["errors is 2, required == 0"]
    assert list(told.reasons(run)) == ["errors is 2, required == 0"]


def test_paths_are_those_of_the_folder_of_gates_yaml() -> None:
    run = sample_run()
    inside = replace(LINT, argv=("/project/.venv/bin/ruff", "a file", "/elsewhere"))
    assert told.root_of(run) == "/project"
    assert told.command(inside, run) == ".venv/bin/ruff 'a file' /elsewhere"
    assert told.shown_folder(run) == ".gates/local/runs/20260131T120000Z-abcdef"
    moved = replace(run, folder="/kept")
    assert told.root_of(moved) == ""
    assert told.command(inside, moved) == "/project/.venv/bin/ruff 'a file' /elsewhere"
    assert told.shown_folder(moved) == "/kept"


def test_a_level_is_named() -> None:
    run = sample_run()
    assert told.level_name(run, 1) == "Level 1 Level 1"
    assert told.level_name(run, 3) == "Level 3"


def test_a_command_that_no_screen_holds_is_named_and_not_shown() -> None:
    run = sample_run()
    assert told.short_command(COVERAGE, run) == "/env/bin/tool check 'a file'"
    long = replace(COVERAGE, argv=("/env/bin/tool", *("name" for _ in range(200))))
    assert told.short_command(long, run) == (
        "gates check --gate coverage (`gates explain` shows the whole command)"
    )


def test_the_log_of_a_failed_gate_is_that_of_what_measured() -> None:
    logs = ("a/02-tool.stdout", "a/02-tool.stderr", "a/01-python.stdout", "a/01-python.stderr")
    failed = replace(COVERAGE, logs=logs)
    assert told.log(failed) == "a/02-tool.stdout"
    assert told.log(replace(AUDIT, logs=logs)) == "a/01-python.stdout"


API = ServiceRun(
    name="api",
    url="http://127.0.0.1:4000",
    is_local=True,
    owner="checked",
    logs=(
        "a/s/01-setup.stdout",
        "a/s/01-setup.stderr",
        "a/s/02-serve.stdout",
        "a/s/02-serve.stderr",
    ),
)
DB = ServiceRun(name="db", url="", is_local=True, logs=("a/d/01-pg.stdout", "a/d/01-pg.stderr"))
FAR = ServiceRun(name="far", url="https://a.example", is_local=False)


def test_the_logs_of_services_stand_beside_that_of_what_measured() -> None:
    failed = replace(COVERAGE, services=(API, FAR))
    assert told.log(failed) == COVERAGE.logs[0]
    assert list(told.service_logs(failed)) == [("api", "a/s/02-serve.*")]


def test_a_service_that_did_not_come_through_is_the_one_to_look_at() -> None:
    broken = replace(API, trouble="it ended with exit code 1")
    gate = replace(AUDIT, logs=COVERAGE.logs, services=(broken, replace(DB, url="x")))
    assert told.log(gate) == ""
    assert list(told.service_logs(gate)) == [("api", "a/s/02-serve.*")]
    unborn = replace(AUDIT, services=(API, DB))
    assert told.log(unborn) == ""
    assert list(told.service_logs(unborn)) == [("db", "a/d/01-pg.*")]


def test_where_a_service_was_found() -> None:
    assert told.service_text(replace(API, is_shared=True)) == (
        "api http://127.0.0.1:4000, shared; owner of its port: checked"
    )
    assert told.service_text(DB) == "db did not start"
    assert told.service_text(FAR) == "far https://a.example, runs elsewhere"
