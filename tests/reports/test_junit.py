from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from inline_snapshot import snapshot
from reports.runs import gate_runs, sample_run
from samples import ERRORS, condition, gate, result

from gates.domain.finding import Finding, Severity
from gates.domain.judge import Judged, judge
from gates.domain.metric import count
from gates.domain.run import GateRun, Run
from gates.domain.stage_result import Inconclusive
from gates.domain.status import Status, Verdict
from gates.formats import junit as reader
from gates.reports.junit import SHOWN_FINDINGS, report

LINT, COVERAGE, SAST, AUDIT, LATER = gate_runs()


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - it is our own


def case_of(text: str, name: str) -> ET.Element:
    found = parsed(text).find(f".//testcase[@name='{name}']")
    assert found is not None
    return found


def one(status: Status, level: int = 1) -> GateRun:
    return GateRun(
        plan=gate(name=status.value, level=level), judged=Judged(status=status, reason="so")
    )


def test_the_report_says_of_each_gate_what_ci_systems_read() -> None:
    text = report(sample_run(COVERAGE, SAST))
    assert text == snapshot("""\
<?xml version="1.0" encoding="utf-8"?>
<testsuites name="orders" tests="2" failures="1" errors="0" time="2.5">
	<testsuite name="Level 1 Level 1" timestamp="2026-01-31T12:00:00" hostname="runner" tests="2" errors="0" failures="1" skipped="0" time="2.5">
		<properties>
			<property name="record" value="20260131T120000Z-abcdef"/>
			<property name="verdict" value="failed"/>
			<property name="exit_code" value="1"/>
			<property name="complete" value="true"/>
			<property name="commit" value="cccccccccccccccccccccccccccccccccccccccc"/>
			<property name="gates_version" value="0.1.0"/>
			<property name="note" value="files changed while they were judged"/>
		</properties>
		<testcase name="coverage" classname="orders.level1" time="1.25">
			<properties>
				<property name="status" value="failed"/>
				<property name="uses" value="ruff"/>
				<property name="criteria" value="L1-COVERAGE"/>
				<property name="place" value="gates.yaml:8:5"/>
			</properties>
			<failure message="failed: line is 89.5 %, required &gt;= 90 %" type="failed">line is 89.5 %, required &gt;= 90 %; 1 more covered line would pass
src/orders/pricing.py:45:1 uncovered lines 45-52 are not covered
gate: gates.yaml:8:5
again: /env/bin/tool check 'a file'</failure>
			<system-out>line 89.5 % (&gt;= 90 %)
changed_line unaffected
errors 2 (== 0 warn)
10 files · ruff 1.0 · 1.2 s
`line &gt;= 90%` replaces the default `line &gt;= 85%`
changed_line does not apply: no executable line changed
warning: errors is 2, required == 0
the default `branch &gt;= 80%` is dropped in gates.yaml
a note</system-out>
		</testcase>
		<testcase name="sast" classname="orders.level1" time="1.25">
			<properties>
				<property name="status" value="waived"/>
				<property name="uses" value="ruff"/>
				<property name="criteria" value="L1-SAST"/>
				<property name="waived" value="B602 src/orders/mail.py:12"/>
				<property name="waived_until" value="2026-02-01"/>
				<property name="waived_by" value="ana"/>
			</properties>
			<system-out>waived: passed with waived findings
B602 src/orders/mail.py:12: waived until 2026-02-01 by ana: input is a constant
errors 0, 1 waived (== 0)
10 files · ruff 1.0 · 1.2 s
a note</system-out>
		</testcase>
	</testsuite>
</testsuites>
""")  # noqa: E501


@pytest.mark.parametrize(
    ("status", "level", "tag"),
    [
        (Status.PASSED, 1, None),
        (Status.UNAFFECTED, 1, None),
        (Status.WAIVED, 1, None),
        (Status.OVERRIDDEN, 1, None),
        (Status.FAILED, 1, "failure"),
        (Status.ERRORED, 1, "error"),
        (Status.PENDING, 1, "error"),
        (Status.INCONCLUSIVE, 1, "skipped"),
        (Status.INCONCLUSIVE, 2, "error"),
        (Status.SKIPPED, 1, "skipped"),
    ],
)
def test_each_status_is_told_apart(status: Status, level: int, tag: str | None) -> None:
    run = replace(sample_run(one(status, level), one(Status.PASSED)), level=level)
    case = case_of(report(run), status.value)
    found = [each for each in case if each.tag in {"failure", "error", "skipped"}]
    assert [each.tag for each in found] == ([tag] if tag else [])
    assert [each.get("type") for each in found] == ([status.value] if tag else [])
    kept = case.find(".//property[@name='status']")
    assert kept is not None
    assert kept.get("value") == status.value


def test_every_status_has_its_place() -> None:
    for status in Status:
        assert f'name="{status.value}"' in report(sample_run(one(status), one(Status.PASSED)))


def test_what_is_waived_passes_and_says_until_when_and_by_whom() -> None:
    case = case_of(report(sample_run(SAST)), "sast")
    facts = [(each.get("name"), each.get("value")) for each in case.iter("property")]
    assert ("waived", "B602 src/orders/mail.py:12") in facts
    assert ("waived_until", "2026-02-01") in facts
    assert ("waived_by", "ana") in facts
    out = case.findtext("system-out") or ""
    assert "waived until 2026-02-01 by ana: input is a constant" in out


def test_our_own_reader_counts_the_same() -> None:
    run = sample_run()
    read = reader.read(report(run).encode(), what="gates.xml")
    counts = read.counts
    assert (counts.tests, counts.failed, counts.errors, counts.skipped) == (5, 1, 1, 1)
    assert read.declared == read.records == len(run.gates)
    assert read.seconds == sum(gate.seconds for gate in run.gates)
    assert {case.name for case in read.cases} == {"coverage", "audit", "later"}


def test_each_level_is_a_suite_and_the_totals_are_theirs() -> None:
    second = replace(one(Status.FAILED, 2), seconds=Decimal("0.1"))
    third = replace(one(Status.ERRORED, 2), seconds=Decimal("0.2"))
    run = replace(sample_run(LINT, second, third), level=2)
    top = parsed(report(run))
    assert [each.get("name") for each in top] == ["Level 1 Level 1", "Level 2 Level 2"]
    totals = [[each.get(key) for key in ("tests", "failures", "errors")] for each in (top, *top)]
    assert totals == [["3", "1", "1"], ["1", "0", "0"], ["2", "1", "1"]]
    assert [each.get("time") for each in (top, *top)] == ["1.55", "1.25", "0.3"]


def beyond(run: Run) -> list[ET.Element]:
    return [each for each in parsed(report(run)) if each.get("name") == "Verdict"]


def test_a_verdict_that_its_gates_tell_needs_no_suite() -> None:
    for status in Status:
        assert beyond(sample_run(one(status), one(Status.PASSED))) == []


def test_an_interrupted_run_is_not_green() -> None:
    run = replace(sample_run(LINT), verdict=Verdict.ERRORED, exit_code=130, complete=False)
    (suite,) = beyond(run)
    error = suite.find("testcase/error")
    assert error is not None
    assert error.get("message") == "errored: the run was interrupted"
    assert "passed lint" in (error.text or "")
    assert reader.read(report(run).encode(), what="x").counts.errors == 1


def test_a_run_that_skipped_everything_is_not_green() -> None:
    run = sample_run(LATER)
    assert run.verdict is Verdict.ERRORED
    (suite,) = beyond(run)
    assert suite.get("errors") == "1"


def test_a_run_that_failed_beyond_its_gates_is_a_failure() -> None:
    (suite,) = beyond(replace(sample_run(LINT), verdict=Verdict.FAILED, exit_code=1))
    assert (suite.get("failures"), suite.get("errors")) == ("1", "0")


def test_an_inconclusive_gate_says_why() -> None:
    planned = gate(condition("errors == 0", ERRORS))
    few = (Inconclusive(metric="errors", reason="too few requests"),)
    judged = judge(
        planned, result(count("errors", 0), inconclusive=few), waivers=(), today=date(2026, 1, 1)
    )
    case = case_of(report(sample_run(GateRun(plan=planned, judged=judged), LINT)), "lint")
    skipped = case.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "inconclusive: too few requests"


HOSTILE = "\x00\x0b\x1b[31m\ud800\ufffe\uffff]]>&<!ENTITY x \"'\r\n\u202e\U0001f600"


def test_what_xml_cannot_hold_is_left_out() -> None:
    finding = Finding(rule=HOSTILE, severity=Severity.LOW, message=HOSTILE, path=HOSTILE)
    judged = replace(COVERAGE.judged, findings=(finding,), reason=HOSTILE)
    bad = replace(COVERAGE, judged=judged, notes=(HOSTILE,), plan=replace(COVERAGE.plan, uses="\b"))
    run = replace(sample_run(bad), notes=(HOSTILE,), commit=None)
    text = report(run)
    # XML 1.0, section 2.2
    assert not re.search("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    failure = case_of(text, "coverage").find("failure")
    assert failure is not None
    assert "]]>&<!ENTITY x \"' \U0001f600" in (failure.text or "")
    assert reader.read(text.encode(), what="x").counts.failed == 1


def test_many_findings_are_cut_and_counted() -> None:
    many = tuple(
        Finding(rule="r", severity=Severity.LOW, message=str(n), path="a", line=n + 1)
        for n in range(SHOWN_FINDINGS + 7)
    )
    bad = replace(COVERAGE, judged=replace(COVERAGE.judged, findings=many))
    failure = case_of(report(sample_run(bad)), "coverage").find("failure")
    assert failure is not None
    assert "… and 7 more in the record" in (failure.text or "")


def test_times_are_seconds_with_a_point_and_without_an_exponent() -> None:
    short = replace(LINT, seconds=Decimal("0.00001"))
    long = replace(COVERAGE, seconds=Decimal("123456.7"))
    times = [each.get("time") for each in parsed(report(sample_run(short, long))).iter()]
    shown = [time for time in times if time is not None]
    assert shown
    assert all(re.fullmatch(r"[0-9]+\.[0-9]{1,3}", time) for time in shown)
