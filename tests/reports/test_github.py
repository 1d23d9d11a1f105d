from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from reports.hostile import ATTACKS, infested, infested_rollup
from reports.rollups import sample_rollup
from reports.runs import gate_runs, sample_run
from runner.grammar import Listener, commands

from gates.domain.finding import Finding, Severity
from gates.domain.run import Run
from gates.domain.status import Status
from gates.reports.github import MESSAGE_UNITS, PER_KIND, command, report

LINT, COVERAGE, SAST, AUDIT, LATER = gate_runs()


def finding(number: int, **more: object) -> Finding:
    made = Finding(
        rule="R",
        severity=Severity.MEDIUM,
        message=f"m{number}",
        path=f"a{number:04}.py",
        line=number + 1,
        counts=("line",),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def with_findings(*findings: Finding) -> Run:
    return sample_run(replace(COVERAGE, judged=replace(COVERAGE.judged, findings=findings)))


def test_a_line_for_each_thing_to_mend() -> None:
    assert report(sample_run()) == snapshot("""\
::error file=gates.yaml,line=1,endLine=1,title=audit%3A errored::`pip-audit` was not found; next: pip install pip-audit
::error file=src/orders/pricing.py,line=45,endLine=45,col=1,endColumn=1,title=coverage%3A uncovered::lines 45-52 are not covered
::warning file=gates.yaml,line=8,endLine=8,col=5,endColumn=5,title=coverage%3A errors::errors is 2, required == 0; 2 fewer errors would pass
""")  # noqa: E501


def test_a_run_with_nothing_to_mend_says_nothing() -> None:
    assert report(sample_run(LINT, SAST)) == ""


def test_a_step_keeps_every_line() -> None:
    kept = Listener()
    found = kept.feed(report(with_findings(*(finding(n) for n in range(500)))))
    assert not kept.dropped
    assert len(found) == len(kept.annotations) == PER_KIND + 1  # and a warning


def test_the_new_come_first_and_the_last_counts_the_rest() -> None:
    old = [finding(n, severity=Severity.CRITICAL) for n in range(30)]
    new = [finding(n, severity=Severity.INFO, is_new=True) for n in range(40, 43)]
    errors = [each for each in commands(report(with_findings(*old, *new))) if each.name == "error"]
    assert [each.data for each in errors[:3]] == ["new: m40", "new: m41", "new: m42"]
    assert [each.data for each in errors[3:9]] == [f"m{n}" for n in range(6)]
    assert errors[9].data == (
        "24 more of this kind: the step summary tells of them, and the record"
        " 20260131T120000Z-abcdef holds them all"
    )
    assert errors[9].properties == {"title": "gates: 24 more"}


def test_the_new_among_the_rest_are_counted() -> None:
    new = [finding(n, is_new=True) for n in range(12)]
    last = [each for each in commands(report(with_findings(*new))) if each.name == "error"][-1]
    assert last.data.startswith("3 more of this kind, 3 of them new: ")


def test_exactly_as_many_as_fit_are_all_told() -> None:
    found = commands(report(with_findings(*(finding(n) for n in range(PER_KIND)))))
    assert [each.data for each in found[:PER_KIND]] == [f"m{n}" for n in range(PER_KIND)]


def test_columns_only_where_there_is_one_line() -> None:
    several = finding(0, column=3, end_line=9)
    (first, *_) = commands(report(with_findings(several)))
    assert first.properties == {
        "file": "a0000.py",
        "line": "1",
        "endline": "9",
        "title": "coverage: R",
    }
    (first, *_) = commands(report(with_findings(finding(0, column=3))))
    assert (first.properties["col"], first.properties["endcolumn"]) == ("3", "3")
    (first, *_) = commands(report(with_findings(finding(0, line=0, column=3))))
    assert first.properties == {"file": "a0000.py", "title": "coverage: R"}


@pytest.mark.parametrize("sign", ["a", "é", "\U0001f600", "%"])
def test_a_message_is_cut_as_the_runner_counts(sign: str) -> None:
    (first, *_) = commands(report(with_findings(finding(0, message=sign * 9000))))
    assert len(first.data.encode("utf-16-le")) // 2 <= MESSAGE_UNITS
    assert first.data.endswith("…")
    (first, *_) = commands(report(with_findings(finding(0, message=sign * 100))))
    assert first.data == sign * 100


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.text(max_size=40))
def test_escapes_are_those_of_the_runner(title: str, text: str) -> None:
    (found,) = commands(command("error", {"title": title.strip()}, f"x{text}"))
    assert found.name == "error"
    assert set(found.properties) <= {"title"}
    assert "\n" not in found.data


def test_signs_that_mean_something_arrive_as_they_were() -> None:
    line = command("error", {"title": "a:b,c%3A=d"}, "100 % %0A, :: =")
    (found,) = commands(line)
    assert (found.properties["title"], found.data) == ("a:b,c%3A=d", "100 % %0A, :: =")


@pytest.mark.parametrize("text", ATTACKS)
def test_each_line_is_one_command_of_ours(text: str) -> None:
    for run in (infested(text), infested_rollup(text)):
        found = report(run)
        names = [each.name for each in commands(found)]
        assert len(names) == found.count("\n") > 0
        assert set(names) <= {"error", "warning", "notice"}
        assert "##[" not in found


def test_a_roll_up_names_the_project() -> None:
    titles = [each.properties.get("title") for each in commands(report(sample_rollup()))]
    assert "services/api:coverage: uncovered" in titles


def test_low_findings_of_a_gate_that_passed_are_notices() -> None:
    judged = replace(LINT.judged, findings=(finding(0, severity=Severity.LOW),))
    (found,) = commands(report(sample_run(replace(LINT, judged=judged))))
    assert found.name == "notice"
    judged = replace(judged, status=Status.FAILED)
    assert commands(report(sample_run(replace(LINT, judged=judged))))
