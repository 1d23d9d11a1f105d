from __future__ import annotations

from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of

from gates.plugin import Change, OutputUnreadable, StageError
from gates.stages.jacoco import Jacoco, JacocoOptions
from gates.toolkit.changes import Base

DATA = Path(__file__).parents[1] / "formats" / "data"
REPORT = DATA / "jacoco/0.8.6/jacoco.xml"
GIVEN = JacocoOptions(report=("out/jacoco.xml",))


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    made = fake_context(tmp_path)
    for name in ("Prices", "Never", "Tax"):
        made.write(f"src/main/java/org/shop/{name}.java", "// a line\n" * 14)
    made.write("src/main/java/org/shop/package-info.java", "package org.shop;\n")
    made.write("out/jacoco.xml", REPORT.read_bytes())
    made.source_folders = ("src",)
    made.difference = Change(Base("0123456789ab", "named"), {})
    return made


def test_what_ran_is_counted_over_the_sources(ctx: FakeContext) -> None:
    result = Jacoco(GIVEN).measure(ctx)
    assert metrics_of(result) == {"line": (3, 11), "branch": (2, 4)}
    assert (result.examined.count, result.tool.name) == (11, "jacoco")
    assert [(f.rule, f.place) for f in result.findings] == [
        ("uncovered", "src/main/java/org/shop/Never.java:3"),
        ("uncovered", "src/main/java/org/shop/Prices.java:9"),
        ("uncovered", "src/main/java/org/shop/Prices.java:13"),
    ]
    assert result.notes == ()


def test_a_source_that_the_report_leaves_out_is_not_covered(ctx: FakeContext) -> None:
    ctx.write("src/main/java/org/shop/New.java", "class New {\n  int a = 1;\n}\n")
    assert metrics_of(Jacoco(GIVEN).measure(ctx))["line"] == (3, 14)


def test_two_sources_of_one_package_are_ambiguous(ctx: FakeContext) -> None:
    ctx.write("src/other/java/org/shop/Tax.java")
    with pytest.raises(OutputUnreadable, match="may be"):
        Jacoco(GIVEN).measure(ctx)


def test_a_group_tells_its_module(ctx: FakeContext) -> None:
    ctx.write("out/jacoco.xml", (REPORT.parent / "group.xml").read_bytes())
    ctx.write("src/shop/org/shop/Tax.java", "interface Tax {}\n")
    result = Jacoco(GIVEN).measure(ctx)
    # Of the two the one in a folder with the module's name is meant, and the other is left out.
    assert metrics_of(result)["line"] == (3, 11)


def test_a_cut_report_is_errored(ctx: FakeContext) -> None:
    ctx.write("out/jacoco.xml", REPORT.read_bytes()[:-20])
    with pytest.raises(OutputUnreadable):
        Jacoco(GIVEN).measure(ctx)


def test_a_report_must_be_named(ctx: FakeContext) -> None:
    with pytest.raises(ValueError, match="report"):
        Jacoco(JacocoOptions()).check()
    with pytest.raises(StageError, match="judges a report"):
        Jacoco(JacocoOptions()).measure(ctx)
    assert Jacoco(GIVEN).wants() is None


def test_critical_paths_have_a_condition_of_their_own() -> None:
    options = JacocoOptions(report=GIVEN.report, critical={"src/pay": "95%"})
    Jacoco(options).check()
    assert Jacoco(options).conditions()[-1].text == 'line{path="src/pay"} >= 95%'
    with pytest.raises(ValueError, match="at least 1"):
        Jacoco(JacocoOptions(report=GIVEN.report, min_changed=0)).check()
