from __future__ import annotations

import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.domain.errors import OutputUnreadable
from gates.formats import junit
from gates.formats.junit import JunitCounts, JunitReport, Outcome

DATA = Path(__file__).parent / "data" / "pytest" / "9.2.0"


def recorded(name: str, *, subtests: bool = False) -> JunitReport:
    with (DATA / f"{name}.xml").open("rb") as file:
        return junit.read(file, what=name, subtests=subtests)


def suite(body: str, attributes: str = "", *, subtests: bool = False) -> JunitReport:
    text = f'<testsuites><testsuite name="s" {attributes}>{body}</testsuite></testsuites>'
    return junit.read(text.encode(), what="junit.xml", subtests=subtests)


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(OutputUnreadable) as caught:
        junit.read(text.encode(), what="junit.xml")
    return caught.value.problem.slug, caught.value.problem.summary


def only(counts: JunitCounts) -> str:
    """The outcome of the one test of a report, by the counts."""
    names = ("passed", "failed", "errors", "skipped", "xfailed", "not_run")
    assert counts.tests == sum(int(getattr(counts, name)) for name in names) == 1
    return next(name for name in names if getattr(counts, name))


@pytest.mark.parametrize("name", ["mixed", "mixed-xunit1", "mixed-xdist"])
def test_pytest(name: str) -> None:
    report = recorded(name)
    assert report.counts == JunitCounts(
        tests=12, passed=4, failed=4, errors=2, skipped=1, xfailed=1, retried=0, not_run=0
    )
    assert (report.records, report.declared) == (13, 13)
    assert report.counts.executed == 11
    assert report.seconds > 0
    cases = {case.name: case for case in report.cases}
    both = cases["test_fail_and_teardown_error"]
    assert both.outcome is Outcome.FAILED
    assert both.identity == "test_mixed::test_fail_and_teardown_error"
    assert both.message == "AssertionError: body\nassert False"
    assert "test_mixed.py:53: AssertionError" in both.detail
    assert cases["test_setup_error"].outcome is Outcome.ERROR
    assert cases["test_xfail"].outcome is Outcome.XFAILED
    assert cases["test_skip"].message == "not today"
    assert cases["test_xpass_strict"].message == "[XPASS(strict)] known"
    is_placed = name == "mixed-xunit1"
    assert both.file == ("test_mixed.py" if is_placed else "")
    assert both.line == (51 if is_placed else None)


def test_pytest_subtests() -> None:
    report = recorded("subtests", subtests=True)
    assert (report.records, report.declared) == (5, 15)
    assert (report.counts.passed, report.counts.failed, report.counts.skipped) == (1, 3, 1)
    with pytest.raises(OutputUnreadable, match="declares 15 tests, but holds 5"):
        recorded("subtests")


def test_pytest_rerunfailures_writes_failed_attempts_as_passes() -> None:
    report = recorded("rerun")
    assert (report.counts.tests, report.counts.passed, report.counts.failed) == (3, 2, 1)
    assert report.retried == ("test_rerun::test_flaky", "test_rerun::test_never")
    assert (report.records, report.declared, report.counts.retried) == (7, 3, 2)


def test_pytest_collection() -> None:
    report = recorded("collection-error")
    assert (report.counts.passed, report.counts.errors) == (1, 1)
    assert report.cases[0].message == "collection failure"
    assert recorded("module-skip").counts.executed == 0
    assert recorded("empty").counts.tests == 0


def test_pytest_exit_leaves_a_contradiction() -> None:
    with pytest.raises(OutputUnreadable, match="has no name") as caught:
        recorded("exit")
    assert caught.value.problem.slug == "junit-contradiction"


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("<testcase name='t'/>", "passed"),
        ("<testcase name='t'><failure/></testcase>", "failed"),
        ("<testcase name='t'><error/></testcase>", "errors"),
        ("<testcase name='t'><skipped/></testcase>", "skipped"),
        ("<testcase name='t'><disabled/></testcase>", "not_run"),
        ("<testcase name='t'><skipped type='pytest.xfail'/></testcase>", "xfailed"),
        ("<testcase name='t'><skipped/><failure/></testcase>", "failed"),
        ("<testcase name='t'><error/><failure/></testcase>", "failed"),
        ("<testcase name='t'><output><failure/></output></testcase>", "failed"),
        ("<testcase name='t'><system-out>&lt;failure/></system-out></testcase>", "passed"),
        ("<testcase name='t'><failure><b>1</b></failure></testcase>", "failed"),
        ("<testcase name='t' failure='no'><failure/></testcase>", "failed"),
        ("<testcase name='t' Status='Failed'/>", "failed"),
        ("<testcase name='t' success='False' executed='true'/>", "failed"),
        ("<testcase name='t' success='True' executed='False'/>", "not_run"),
        ("<testcase name='t' timed-out='true'/>", "errors"),
        ("<testcase name='t' status='run' result='completed'/>", "passed"),
        ("<testcase name='t' status='notrun'/>", "not_run"),
        ("<testcase name='t' status='notrun' result='suppressed'/>", "not_run"),
        ("<testcase name='t' status='run' result='skipped'/>", "skipped"),
        ("<testcase name='t' status='FAILED'/>", "failed"),
        ("<testcase name='t' status='error'/>", "errors"),
        ("<testcase name='t' status='passed'><failure/></testcase>", "failed"),
        ("<testcase name='t' status='failed'><failure/></testcase>", "failed"),
        ("<testcase name='t'/><testcase name='t'><failure/></testcase>", "failed"),
        ("<testcase name='t'><failure/></testcase><testcase name='t'/>", "failed"),
        ("<testsuite><testsuite><testcase name='t'/></testsuite></testsuite>", "passed"),
        ("<error message='no setup'/>", "errors"),
        ("<failure/>", "failed"),
        ("<skipped/>", "skipped"),
    ],
)
def test_outcomes(case: str, expected: str) -> None:
    assert only(suite(case).counts) == expected


@pytest.mark.parametrize(
    "text",
    [
        "<testsuite><testcase name='t'/></testsuite>",
        "<testsuites><testcase name='t'/></testsuites>",
        "<testrun><testsuite><testcase name='t'/></testsuite></testrun>",
        "<testsuite xmlns='urn:x'><testcase name='t'/></testsuite>",
        "<j:testsuite xmlns:j='urn:x'><j:testcase name='t'/></j:testsuite>",
        "<!DOCTYPE testsuite><testsuite><testcase name='t'/></testsuite>",
    ],
)
def test_shapes(text: str) -> None:
    assert only(junit.read(text.encode(), what="x").counts) == "passed"


@pytest.mark.parametrize("tag", ["rerunFailure", "rerunError", "flakyFailure", "flakyError"])
def test_attempts_inside_a_case_are_told(tag: str) -> None:
    report = suite(f"<testcase name='t'><{tag}/></testcase><testcase name='u'/>")
    assert (report.counts.passed, report.counts.retried, report.retried) == (2, 1, ("t",))
    failed = suite(f"<testcase name='t'><failure/><{tag}/></testcase>")
    assert (failed.counts.failed, failed.counts.retried) == (1, 1)


def test_a_suite_names_its_own_failure() -> None:
    report = suite("<error message='no database'>trace</error><testcase name='t'/>", "errors='1'")
    assert (report.counts.tests, report.counts.errors, report.records) == (2, 1, 1)
    case = report.cases[0]
    assert (case.identity, case.message, case.detail) == ("s", "no database", "trace")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("<html><body/></html>", "junit-root"),
        ("<testcase name='t'/>", "junit-root"),
        ("<j:testcase xmlns:j='u' name='t'/>", "junit-root"),
        ("<coverage line-rate='1'/>", "junit-root"),
        ("<testsuite><testcase/></testsuite>", "junit-contradiction"),
        ("<testsuite><testcase name=''/></testsuite>", "junit-contradiction"),
        (
            "<testsuite><testcase name='a'><testcase name='b'/></testcase></testsuite>",
            "junit-contradiction",
        ),
        (
            "<testsuite><failure><testcase name='b'/></failure></testsuite>",
            "junit-contradiction",
        ),
        (
            "<testsuite><testcase name='a'><testsuite/></testcase></testsuite>",
            "junit-contradiction",
        ),
        (
            "<testsuite><testcase name='a'><skipped><failure/></skipped></testcase></testsuite>",
            "junit-contradiction",
        ),
        (
            "<testsuite><system-out><testcase name='a'/></system-out></testsuite>",
            "junit-contradiction",
        ),
        (
            "<testsuite><properties><testsuite/></properties></testsuite>",
            "junit-contradiction",
        ),
        ("<testsuite tests='2'><testcase name='a'/></testsuite>", "junit-contradiction"),
        ("<testsuites failures='1'><testsuite/></testsuites>", "junit-contradiction"),
        ("<testsuite><testcase name='a' status='meh'/></testsuite>", "junit-status"),
        ("<testsuite result='meh'><testcase name='a'/></testsuite>", "junit-status"),
        ("<testsuite><testcase name='a' time='soon'/></testsuite>", "junit-time"),
        ("<testsuite><testcase name='a' time='NaN'/></testsuite>", "junit-time"),
        ("<testsuite><testcase name='a' time='1e99999'/></testsuite>", "junit-time"),
        ("<testsuite>" * 101 + "</testsuite>" * 101, "junit-limit"),
        (f"<testsuite><testcase name='{'a' * 70_000}'/></testsuite>", "junit-limit"),
        ("", "xml-empty"),
        ("<testsuite><testcase name='a'/>", "xml-syntax"),
        ("<testsuite><testcase name='a'>\x1b[1m</testcase></testsuite>", "xml-syntax"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><testsuite/>", "xml-entity"),
    ],
)
def test_hostile_input_is_refused(text: str, slug: str) -> None:
    assert refusal(text)[0] == slug


def test_too_many_failures_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "MAX_CASES", 2)
    case = "<testcase name='{}'><failure/></testcase>"
    assert suite(case.format(1) + case.format(2)).counts.failed == 2
    with pytest.raises(OutputUnreadable, match="more than 2 tests did not pass"):
        suite("".join(case.format(number) for number in range(3)))


def test_too_many_tests_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "MAX_TESTS", 2)
    assert suite("<testcase name='1'/>").counts.passed == 1
    with pytest.raises(OutputUnreadable, match="2 test cases or more"):
        suite("<testcase name='1'/><testcase name='2'/>")


def test_the_first_reason_of_the_worst_outcome_is_told() -> None:
    reasons = "<skipped message='s'/><failure message='a'/><failure message='b'/>"
    report = suite(f"<testcase name='t'>{reasons}</testcase>", "failures='2' skipped='1'")
    assert [case.message for case in report.cases] == ["a"]


def test_failed_tests_without_an_element_are_limited_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "MAX_CASES", 1)
    with pytest.raises(OutputUnreadable, match="more than 1 tests did not pass"):
        suite("<testcase name='1' status='failed'/><testcase name='2' status='failed'/>")


@pytest.mark.parametrize(
    ("time", "seconds"),
    [("", "0"), ("0.250", "0.25"), ("1,234.5", "1234.5"), ("0,5", "0.5"), ("1e-05", "0.00001")],
)
def test_times(time: str, seconds: str) -> None:
    assert suite(f"<testcase name='t' time='{time}'/>").seconds == Decimal(seconds)


def test_details_are_cut() -> None:
    long = "x" * 5000
    report = suite(f"<testcase name='t' line='07'><failure>\n{long}</failure></testcase>")
    case = report.cases[0]
    assert (len(case.detail), len(case.message), case.line) == (4000, 1000, 7)
    bad_line = suite("<testcase name='t' line='x'><failure message='m'/></testcase>").cases[0]
    assert (bad_line.line, bad_line.message) == (None, "m")


def test_memory_is_bounded_by_names_and_not_by_the_file() -> None:
    head = b"<testsuite>"
    case = "<testcase classname='test_{}' name='test_{}'><system-out>{}</system-out></testcase>"
    noise = "x" * 500
    pieces = (case.format(number // 100, number, noise).encode() for number in range(20_000))
    tracemalloc.start()
    report = junit.read(
        (piece for part in ([head], pieces, [b"</testsuite>"]) for piece in part), what="x"
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.counts.passed == 20_000
    assert peak < 6 * 1024 * 1024


MIXED = (DATA / "mixed.xml").read_bytes()
RERUN = (DATA / "rerun.xml").read_bytes()


@given(st.integers(min_value=0, max_value=len(MIXED) - 1))
def test_every_truncation_is_refused(cut: int) -> None:
    # White space after the root's end tag is no part of the document.
    with pytest.raises(OutputUnreadable):
        junit.read(MIXED.rstrip()[: min(cut, len(MIXED.rstrip()) - 1)], what="x")


@settings(max_examples=600, deadline=None)
@given(st.sampled_from([MIXED, RERUN]), st.integers(0), st.integers(0, 255), st.booleans())
def test_no_changed_byte_adds_passes(data: bytes, at: int, byte: int, subtests: bool) -> None:  # noqa: FBT001
    at %= len(data)
    original = junit.read(data, what="x")
    try:
        changed = junit.read(
            data[:at] + bytes([byte]) + data[at + 1 :], what="x", subtests=subtests
        )
    except OutputUnreadable:
        return
    assert changed.counts.passed <= original.counts.passed
    problems = changed.counts.failed + changed.counts.errors
    assert problems >= original.counts.failed + original.counts.errors


def test_an_unknown_element_in_a_test_is_refused() -> None:
    suite = '<testsuite xmlns:x="urn:x"><testcase name="a">{}</testcase></testsuite>'
    with pytest.raises(OutputUnreadable, match="unknown element `faliure`"):
        junit.read(suite.format("<faliure/>").encode(), what="x")
    known = (
        "<system-out>a<b/></system-out><properties><property><odd/></property></properties>"
        "<x:odd/><flakyFailure><stackTrace/></flakyFailure>"
    )
    assert junit.read(suite.format(known).encode(), what="x").counts.passed == 1


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("<TestCase name='b' status='failed'/>", "TestCase"),
        ("<crash message='boom'/>", "crash"),
        ("<group><testcase name='b'/></group>", "group"),
        ("<flakyFailure/>", "flakyFailure"),
        ("<testsuite><crash/></testsuite>", "crash"),
    ],
)
def test_an_unknown_element_in_a_suite_is_refused(body: str, name: str) -> None:
    with pytest.raises(OutputUnreadable, match=f"a suite holds the unknown element `{name}`"):
        suite(f"<testcase name='a'/>{body}<testcase name='c'/>")


def test_elements_of_another_namespace_are_left_alone() -> None:
    odd = "<x:odd xmlns:x='urn:x'><odd/></x:odd>"
    assert suite(f"{odd}<testcase name='a'>{odd}</testcase>{odd}").counts.passed == 1
    text = "<j:testsuite xmlns:j='u'><j:testcase name='a'/><j:crash/></j:testsuite>"
    assert refusal(text)[1] == "a suite holds the unknown element `crash`"


@pytest.mark.parametrize(
    "attributes",
    [
        "result='Failed' failed='3'",
        "error='2'",
        "status='failed'",
        "aborted='true'",
        "timedout='true'",
        "timed-out='1'",
        "success='False'",
    ],
)
def test_a_suite_that_says_it_failed_though_all_passed_is_refused(attributes: str) -> None:
    with pytest.raises(OutputUnreadable, match="suite `s` says") as caught:
        suite("<testcase name='a'/>", attributes)
    assert caught.value.problem.slug == "junit-contradiction"
    assert "what the runner printed" in caught.value.problem.hint


def test_a_suite_that_says_what_stands_in_it_is_taken() -> None:
    failed = "<testcase name='a'/><testcase name='b'><failure/></testcase>"
    report = suite(failed, "status='failed' result='Failed' failed='1' success='False'")
    assert (report.counts.passed, report.counts.failed) == (1, 1)
    with pytest.raises(OutputUnreadable, match="did not come to its end"):
        suite(failed, "aborted='true'")
