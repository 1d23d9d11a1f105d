from __future__ import annotations

from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of

from gates.plugin import Change, OutputUnreadable, StageError
from gates.stages.lcov import Lcov, LcovOptions
from gates.toolkit.changes import Base, ChangedFile

DATA = Path(__file__).parents[1] / "formats" / "data"
REPORT = DATA / "lcov/vitest-4.1.11/lcov.info"
GIVEN = LcovOptions(report=("out/lcov.info",))


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    made = fake_context(tmp_path)
    lines = {"index": 2, "never": 10, "prices": 16, "tax": 3}
    for name, number in lines.items():
        made.write(f"src/{name}.ts", "// a line\n" * number)
    made.write("out/lcov.info", REPORT.read_bytes())
    made.source_folders = ("src",)
    made.difference = Change(Base("0123456789ab", "named"), {})
    return made


def test_what_ran_is_counted_over_the_sources(ctx: FakeContext) -> None:
    result = Lcov(GIVEN).measure(ctx)
    assert metrics_of(result) == {"line": (5, 9), "branch": (4, 8)}
    assert (result.examined.count, result.tool.name) == (9, "lcov")
    assert [(f.rule, f.place) for f in result.findings] == [
        ("uncovered", "src/never.ts:4"),
        ("uncovered", "src/prices.ts:7"),
    ]
    assert result.notes == ()


def test_changed_lines(ctx: FakeContext) -> None:
    changed = {"src/prices.ts": ChangedFile("src/prices.ts", "M", ((5, 9),))}
    ctx.difference = Change(Base("0123456789ab", "named"), changed)
    metrics = metrics_of(Lcov(GIVEN).measure(ctx))
    assert (metrics["changed_uncovered"], metrics["changed_branch"]) == (1, (3, 4))


def test_a_source_that_the_report_leaves_out_is_not_covered(ctx: FakeContext) -> None:
    ctx.write("src/new.ts", "export const a = 1;\n")
    result = Lcov(GIVEN).measure(ctx)
    assert metrics_of(result)["line"] == (5, 10)
    assert "leaves out src/new.ts" in result.notes[0]


def test_lines_that_a_source_does_not_have_are_errored(ctx: FakeContext) -> None:
    ctx.write("src/prices.ts", "// a line\n" * 15)
    with pytest.raises(OutputUnreadable, match="line 16"):
        Lcov(GIVEN).measure(ctx)


def test_a_cut_report_is_errored(ctx: FakeContext) -> None:
    ctx.write("out/lcov.info", REPORT.read_bytes()[:-20])
    with pytest.raises(OutputUnreadable):
        Lcov(GIVEN).measure(ctx)


def test_a_report_must_be_named(ctx: FakeContext) -> None:
    with pytest.raises(ValueError, match="report"):
        Lcov(LcovOptions()).check()
    with pytest.raises(StageError, match="judges a report"):
        Lcov(LcovOptions()).measure(ctx)
    assert Lcov(GIVEN).wants() is None


def test_critical_paths_have_a_condition_of_their_own() -> None:
    options = LcovOptions(report=GIVEN.report, critical={"src/pay": "95%"})
    Lcov(options).check()
    assert Lcov(options).conditions()[-1].text == 'line{path="src/pay"} >= 95%'
    with pytest.raises(ValueError, match="at least 1"):
        Lcov(LcovOptions(report=GIVEN.report, min_changed=0)).check()


def test_comments_that_take_lines_out_are_told(ctx: FakeContext) -> None:
    text = (ctx.root / "src/prices.ts").read_text()
    ctx.write("src/prices.ts", text.replace("// a line", "/* c8 ignore next */", 1))
    result = Lcov(GIVEN).measure(ctx)
    assert dict(result.examined.details)["ignore comments"] == 1
    assert result.notes[-1] == "a comment takes lines out of coverage, in `src/prices.ts`"
