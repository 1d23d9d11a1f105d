from __future__ import annotations

from pathlib import Path

import pytest
from stages.fake_context import fake_context, metrics_of

from gates.formats.junit_result import NOTE_ENDED, NOTE_RETRIED
from gates.plugin import OutputUnreadable, StageError
from gates.stages.junit import Junit, JunitOptions

ONE = """<testsuite name="a" tests="3" failures="1" skipped="1"><testcase classname="a" name="x"/>
<testcase classname="tests.test_a" name="y"><failure message="no"/></testcase>
<testcase classname="a" name="z"><skipped/></testcase></testsuite>"""
TWO = """<testsuite name="b" tests="2"><testcase classname="a" name="x"/>
<testcase classname="b" name="w"/></testsuite>"""


def test_shards_are_judged_as_one(tmp_path: Path) -> None:
    files = {"out/1/junit.xml": ONE, "out/2/junit.xml": TWO, "tests/test_a.py": ""}
    ctx = fake_context(tmp_path, files)
    result = Junit(JunitOptions(report=("out/**/junit.xml",))).measure(ctx)
    assert metrics_of(result) == {
        "tests": 3, "passed": 2, "failed": 1, "errors": 0, "flaky": 0, "skipped": 1, "xfailed": 0,
        "pass_rate": (2, 3),
    }  # fmt: skip
    assert [(f.place, f.message) for f in result.findings] == [("tests/test_a.py", "y: no")]
    assert result.examined.count == 3
    assert ctx.notes == [
        NOTE_ENDED,
        "1 tests stand in more than one report: each counts once, at its worst",
        NOTE_RETRIED,
    ]
    assert ctx.runs == []


@pytest.mark.parametrize("text", ["", ONE[:-3], "<testsuite/>", ONE.replace('"3"', '"4"')])
def test_a_report_that_proves_nothing_is_errored(tmp_path: Path, text: str) -> None:
    ctx = fake_context(tmp_path, {"junit.xml": text})
    with pytest.raises(StageError):
        Junit(JunitOptions(report=("junit.xml",))).measure(ctx)


def test_the_shard_that_is_broken_is_named(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"out/1/junit.xml": ONE, "out/2/junit.xml": TWO[:-3]})
    with pytest.raises(OutputUnreadable) as caught:
        Junit(JunitOptions(report=("out/*/junit.xml",))).measure(ctx)
    assert caught.value.problem.place.startswith("out/2/junit.xml:")


def test_a_gate_that_names_no_report_is_refused() -> None:
    with pytest.raises(ValueError, match="names what is judged"):
        Junit(JunitOptions()).check()


def test_the_defaults_are_those_of_tests() -> None:
    stage = Junit(JunitOptions(report=("a.xml",)))
    assert [default.text for default in stage.conditions()] == [
        "failed == 0",
        "errors == 0",
        "flaky == 0",
    ]
