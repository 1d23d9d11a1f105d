from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from reports.rollups import judged, projects, sample_rollup
from reports.runs import sample_run

from gates.domain.rollup import RollUp
from gates.domain.status import Verdict
from gates.reports.rollup_junit import report


def parsed(rollup: RollUp) -> ET.Element:
    return ET.fromstring(report(rollup))  # noqa: S314 - our own text


def test_suites_carry_the_path_of_their_project() -> None:
    top = parsed(sample_rollup())
    assert [suite.get("name") for suite in top] == [
        "orders: Level 1 Level 1",
        "services/api (orders): Level 1 Level 1",
        "packages/core: unaffected",
        "packages/old: skipped",
        "services/mail (mailer): errored",
    ]
    assert {case.get("classname") for case in top[1].iter("testcase")} == {
        "services/api (orders).level1"
    }


def test_totals_are_those_of_all_projects() -> None:
    top = parsed(sample_rollup())
    assert (top.get("name"), top.get("tests")) == ("shop", "9")
    assert (top.get("failures"), top.get("errors")) == ("1", "2")


def test_a_suite_names_the_record_behind_it() -> None:
    entry = projects()[1]
    found = {each.get("name"): each.get("value") for each in parsed(sample_rollup())[1].iter()}
    assert found["project_record"] == entry.record
    assert found["project_record_sha256"] == entry.sha256


def test_what_was_not_judged_is_one_test() -> None:
    core, old, mail = list(parsed(sample_rollup()))[2:]
    assert "touches none of its 12 files" in str(core.findtext("testcase/system-out"))
    assert core.find("testcase/skipped") is None
    skipped = old.find("testcase/skipped")
    assert skipped is not None
    assert skipped.get("type") == "skipped"
    error = mail.find("testcase/error")
    assert error is not None
    assert "next: mount a file system with locks" in str(error.text)


def test_a_verdict_that_no_project_tells_has_a_suite() -> None:
    calm = sample_rollup(projects()[0])
    assert len(parsed(calm)) == 1
    graver = replace(calm, verdict=Verdict.ERRORED, exit_code=3, notes=("files changed",))
    suite = parsed(graver)[-1]
    error = suite.find("testcase/error")
    assert suite.get("name") == "Verdict"
    assert error is not None
    assert "files changed" in str(error.text)
    stopped = replace(graver, complete=False, exit_code=130)
    assert "the check was interrupted" in report(stopped)


def test_a_hostile_name_is_text() -> None:
    top = parsed(sample_rollup(judged("a\x00<b>\x07", sample_run())))
    assert "<b>" in str(top[0].get("name"))
