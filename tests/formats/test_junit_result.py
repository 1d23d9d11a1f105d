from __future__ import annotations

from pathlib import Path

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import junit_result

DATA = Path(__file__).parent / "data"
ROOTS = ("/project",)


def judged(text: str, *files: str, rate: bool = False) -> dict[str, object]:
    merged = junit_result.read_all([("junit.xml", text.encode())])
    result = junit_result.result_of(merged.report, files=files, roots=ROOTS, rate=rate)
    found = {
        metric.name: metric.value if metric.value is not None else metric.fraction
        for metric in result.metrics
        if metric.value != 0
    }
    return {**found, "places": [finding.path for finding in result.findings]}


@pytest.mark.parametrize(
    ("attributes", "path"),
    [
        ("file='/project/a/test_b.py'", "a/test_b.py"),
        ("file='./a/test_b.py'", "a/test_b.py"),
        ("file='/elsewhere/b.py'", "/elsewhere/b.py"),
        ("classname='a.test_b'", "a/test_b.py"),
        ("classname='a.test_b.TestIt.Inner'", "a/test_b.py"),
        ("classname='web/a.test.ts'", "web/a.test.ts"),
        ("classname='a.absent'", ""),
        ("", ""),
    ],
)
def test_the_place_of_a_test_is_found(attributes: str, path: str) -> None:
    text = f"<testsuite><testcase {attributes} name='t'><failure/></testcase></testsuite>"
    assert judged(text, "a/test_b.py", "web/a.test.ts")["places"] == [path]


def test_the_rate_is_exact() -> None:
    cases = "".join(f"<testcase name='{number}'/>" for number in range(19))
    bad = "<testcase name='x'><error/></testcase><testcase name='s'><skipped/></testcase>"
    text = f"<testsuite>{cases}{bad}</testsuite>"
    assert judged(text, rate=True) == {
        "tests": 20,
        "passed": 19,
        "errors": 1,
        "skipped": 1,
        "pass_rate": (19, 20),
        "places": [""],
    }
    assert "pass_rate" not in judged(text)


# Made to the documentation of each writer, but for Vitest's, which is recorded.
SUREFIRE = """<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0.2"
 name="shop.PriceTest" time="1,234.5" tests="3" errors="0" skipped="0" failures="1" flakes="1">
<properties><property name="java.version" value="21"/></properties>
<testcase name="net" classname="shop.PriceTest" time="0.01"/>
<testcase name="gross" classname="shop.PriceTest" time="0.01"><flakyFailure message="m" type="t">
<stackTrace>s</stackTrace><system-out>o</system-out></flakyFailure></testcase>
<testcase name="tax" classname="shop.PriceTest" time="0.01"><failure message="m" type="t"
>s</failure>
<rerunFailure message="m" type="t"><stackTrace>s</stackTrace></rerunFailure></testcase>
</testsuite>"""
GOTESTSUM = """<testsuites tests="3" failures="1" errors="0" time="0.1">
<testsuite tests="3" failures="1" time="0.1" name="example.org/shop"
 timestamp="2026-01-31T12:00:00Z">
<properties><property name="go.version" value="go1.24 linux/amd64"></property></properties>
<testcase classname="example.org/shop" name="TestNet" time="0.0"></testcase>
<testcase classname="example.org/shop" name="TestTax" time="0.0"><failure message="Failed" type="">
=== RUN TestTax</failure></testcase>
<testcase classname="example.org/shop" name="TestTax" time="0.0"></testcase>
</testsuite></testsuites>"""
DOTNET = """<testsuites>
<testsuite name="Shop.Tests.dll" tests="2" skipped="1" failures="0" errors="0"
 time="0.5" timestamp="2026-01-31T12:00:00" hostname="h" id="0" package="Shop.Tests.dll">
<properties/>
<testcase classname="Shop.Tests.Prices" name="Net" time="0.1"/>
<testcase classname="Shop.Tests.Prices" name="Tax" time="0"><skipped/></testcase>
<system-out>Junit Logger does not log standard output</system-out><system-err/>
</testsuite></testsuites>"""
PLAYWRIGHT = """<testsuites id="" name="" tests="2" failures="1" skipped="0" errors="0" time="1.5">
<testsuite name="shop.spec.ts" timestamp="2026-01-31T12:00:00.000Z" hostname="chromium" tests="1"
 failures="0" skipped="0" time="0.5" errors="0">
<testcase name="buys" classname="shop.spec.ts" time="0.5"/>
</testsuite>
<testsuite name="shop.spec.ts" timestamp="2026-01-31T12:00:00.000Z" hostname="firefox" tests="1"
 failures="1" skipped="0" time="0.5" errors="0">
<testcase name="buys" classname="shop.spec.ts" time="0.5">
<failure message="shop.spec.ts:3:1 buys" type="FAILURE"><![CDATA[  Error: no]]></failure>
<system-out><![CDATA[[[ATTACHMENT|test-failed-1.png]]]]></system-out></testcase>
</testsuite></testsuites>"""

GRADLE = """<testsuite name="shop.PriceTest" tests="2" skipped="1" failures="0" errors="0"
 timestamp="2026-01-31T12:00:00" hostname="h" time="0.02"><properties/>
<testcase name="net()" classname="shop.PriceTest" time="0.01"/>
<testcase name="tax()" classname="shop.PriceTest" time="0.0"><skipped/></testcase>
<system-out><![CDATA[]]></system-out><system-err><![CDATA[]]></system-err></testsuite>"""
PHPUNIT = """<testsuites><testsuite name="" tests="2" assertions="3" errors="0" warnings="0"
 failures="1" skipped="0" time="0.01"><testsuite name="PriceTest" file="/project/PriceTest.php"
 tests="2" assertions="3" errors="0" warnings="0" failures="1" skipped="0" time="0.01">
<testcase name="testNet" class="PriceTest" classname="PriceTest" file="/project/PriceTest.php"
 line="9" assertions="2" time="0.005"/>
<testcase name="testTax" class="PriceTest" classname="PriceTest" file="/project/PriceTest.php"
 line="14" assertions="1" time="0.005"><failure type="E">no</failure></testcase>
</testsuite></testsuite></testsuites>"""
GTEST = """<testsuites tests="2" failures="0" disabled="1" errors="0" time="0.1" random_seed="3"
 timestamp="2026-01-31T12:00:00.000" name="AllTests"><properties><property name="k" value="v"/>
</properties><testsuite name="Price" tests="2" failures="0" disabled="1" skipped="0" errors="0"
 time="0.1" timestamp="2026-01-31T12:00:00.000">
<testcase name="Net" file="price.cc" line="7" value_param="1" status="run" result="completed"
 time="0.1" timestamp="2026-01-31T12:00:00.000" classname="Price"><properties>
<property name="k" value="v"/></properties></testcase>
<testcase name="DISABLED_Tax" file="price.cc" line="9" status="notrun" result="suppressed"
 time="0." timestamp="2026-01-31T12:00:00.000" classname="Price"/></testsuite></testsuites>"""
KARMA = """<testsuite name="Chrome" package="" timestamp="2026-01-31T12:00:00" id="0" hostname="h"
 tests="2" errors="0" failures="0" time="0.1"><properties><property name="browser.fullName"
 value="Chrome"/></properties><testcase name="net" time="0.01" classname="Chrome.shop"/>
<testcase name="tax" time="0" classname="Chrome.shop"><skipped/></testcase>
<system-out><![CDATA[]]></system-out><system-err/></testsuite>"""
MOCHA = """<testsuites name="Mocha Tests" time="0.01" tests="1" failures="0">
<testsuite name="Root Suite" timestamp="2026-01-31T12:00:00" tests="0" time="0" failures="0"/>
<testsuite name="shop" timestamp="2026-01-31T12:00:00" tests="1" file="/project/shop.js"
 time="0.01" failures="0"><testcase name="shop net" time="0.01" classname="net"/></testsuite>
</testsuites>"""
NUNIT = """<testsuites tests="2" failures="1" disabled="0" time="0.1">
<testsuite tests="2" time="0.1" errors="0" failures="1" skipped="0"
 timestamp="2026-01-31 12:00:00Z" name="Shop.Prices">
<testcase name="Net" assertions="1" time="0.1" status="Passed" classname="Shop.Prices"/>
<testcase name="Tax" assertions="1" time="0.1" status="Failed" classname="Shop.Prices">
<failure message="no">at Tax</failure></testcase></testsuite></testsuites>"""
JEST_JUNIT = """<testsuites name="jest tests" tests="1" failures="0" errors="0" time="0.2">
<testsuite name="shop" errors="0" failures="0" skipped="0" timestamp="2026-01-31T12:00:00"
 time="0.1" tests="1"><properties><property name="k" value="v"/></properties>
<testcase classname="shop net" name="shop net" time="0.001"></testcase></testsuite></testsuites>"""
NODE = """<testsuites><testsuite name="shop" time="0.1" disabled="0" errors="0" tests="2"
 failures="1" skipped="0" hostname="h"><testcase name="net" time="0.1" classname="test"/>
<testcase name="tax" time="0.1" classname="test" failure="no"><failure type="testCodeFailure"
 message="no">Error: no</failure></testcase></testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (SUREFIRE, {"tests": 3, "passed": 2, "failed": 1, "flaky": 2}),
        (GOTESTSUM, {"tests": 2, "passed": 1, "failed": 1, "flaky": 1}),
        (DOTNET, {"tests": 1, "passed": 1, "skipped": 1}),
        (PLAYWRIGHT, {"tests": 2, "passed": 1, "failed": 1}),
        (GRADLE, {"tests": 1, "passed": 1, "skipped": 1}),
        (PHPUNIT, {"tests": 2, "passed": 1, "failed": 1}),
        (GTEST, {"tests": 1, "passed": 1, "skipped": 1}),
        (KARMA, {"tests": 1, "passed": 1, "skipped": 1}),
        (MOCHA, {"tests": 1, "passed": 1}),
        (NUNIT, {"tests": 2, "passed": 1, "failed": 1}),
        (JEST_JUNIT, {"tests": 1, "passed": 1}),
        (NODE, {"tests": 2, "passed": 1, "failed": 1}),
    ],
    ids=[
        *("surefire", "gotestsum", "dotnet", "playwright", "gradle", "phpunit", "gtest", "karma"),
        *("mocha", "nunit", "jest-junit", "node"),
    ],
)
def test_each_writer_is_understood(text: str, numbers: dict[str, int]) -> None:
    told = judged(text)
    del told["places"]
    assert told == numbers


def test_vitest() -> None:
    text = (DATA / "vitest" / "4.1.11" / "junit.xml").read_text()
    told = judged(text, "tests/all.test.ts", "tests/hook.test.ts", "tests/broken.test.ts")
    assert told == {
        "tests": 10, "passed": 7, "failed": 3, "flaky": 1, "skipped": 3,
        "places": ["tests/all.test.ts", "tests/broken.test.ts", "tests/hook.test.ts", ""],
    }  # fmt: skip


def test_what_jest_junit_makes_of_todo_is_refused() -> None:
    # Recorded form: `todo` is written as a case that passed, and left out of the head.
    text = """<testsuites name="jest tests" tests="1" failures="0" errors="0" time="0.2">
<testsuite name="shop" errors="0" failures="0" skipped="0" tests="1">
<testcase classname="shop net" name="shop net" time="0.001"></testcase>
<testcase classname="shop later" name="shop later" time="0"></testcase></testsuite></testsuites>"""
    with pytest.raises(OutputUnreadable, match="declares 1 tests, but 2 ran") as caught:
        judged(text)
    assert "stage `jest`" in caught.value.problem.hint


def test_a_report_that_may_hold_subtests_is_refused_with_a_hint() -> None:
    with pytest.raises(OutputUnreadable, match="declares 9 tests") as caught:
        judged("<testsuite tests='9'><testcase name='a'/></testsuite>")
    assert "subtests" in caught.value.problem.hint
    with pytest.raises(OutputUnreadable) as caught:
        judged("<testsuite>")
    assert caught.value.problem.slug == "xml-syntax"


def test_a_failure_inside_another_reason_is_no_matter_of_subtests() -> None:
    with pytest.raises(OutputUnreadable, match="`failure` stands inside") as caught:
        judged("<testsuite><testcase name='a'><skipped><failure/></skipped></testcase></testsuite>")
    assert "subtests" not in caught.value.problem.hint


def test_a_report_without_a_run_is_errored() -> None:
    with pytest.raises(StageError, match="there is none"):
        judged("<testsuites tests='0'/>")


@pytest.mark.parametrize("empty", ["<testsuites/>", "<testsuite name='b' tests='0'/>"])
def test_an_empty_part_beside_others_is_refused(empty: str) -> None:
    full = b"<testsuite><testcase name='a'/></testsuite>"
    parts = [("out/1.xml", full), ("out/2.xml", empty.encode())]
    for order in (parts, parts[::-1]):
        with pytest.raises(
            OutputUnreadable, match="one of several reports holds no test"
        ) as caught:
            junit_result.read_all(order)
        assert caught.value.problem.place == "out/2.xml"
    skipped = b"<testsuite><testcase name='b'><skipped/></testcase></testsuite>"
    merged = junit_result.read_all([parts[0], ("out/2.xml", skipped)])
    assert merged.report.counts.tests == 2


def test_what_is_not_known_is_told() -> None:
    assert junit_result.notes(0) == (junit_result.NOTE_ENDED,)
    assert junit_result.notes(3)[1].startswith("3 tests stand in more than one report")
