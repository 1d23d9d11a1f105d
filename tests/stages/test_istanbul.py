from __future__ import annotations

import os
from pathlib import Path

import pytest
from repositories import Repo
from stages.fake_context import FakeContext, fake_context, metrics_of
from stages.node_project import node_context

from gates.plugin import Change, Needed, OutputUnreadable, StageError, StageResult, Wants
from gates.stages.istanbul import REPORT, Istanbul, IstanbulOptions
from gates.stages.vitest import Vitest, VitestOptions
from gates.toolkit.changes import Base, ChangedFile

DATA = Path(__file__).parents[1] / "formats" / "data" / "istanbul" / "vitest-4.1.11"
FULL = "coverage/coverage-final.json"
TOTALS = "coverage/coverage-summary.json"
GIVEN = IstanbulOptions(report=(FULL,))


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    made = fake_context(tmp_path)
    lines = {"index": 2, "never": 10, "prices": 16, "tax": 3}
    for name, number in lines.items():
        made.write(f"src/{name}.ts", "// a line\n" * number)
    for name in (FULL, TOTALS):
        text = (DATA / name.removeprefix("coverage/")).read_text()
        made.write(name, text.replace("/project", str(made.root)))
    made.source_folders = ("src",)
    made.difference = changed()
    return made


def changed(*lines: int) -> Change:
    files = {}
    if lines:
        added = tuple((line, line) for line in lines)
        files = {"src/prices.ts": ChangedFile("src/prices.ts", "M", added)}
    return Change(Base("0123456789ab", "named"), files)


def test_what_ran_is_counted_over_the_sources(ctx: FakeContext) -> None:
    result = Istanbul(GIVEN).measure(ctx)
    assert metrics_of(result) == {"line": (5, 9), "branch": (4, 8)}
    assert (result.examined.count, result.tool.name) == (9, "istanbul")
    assert [(f.rule, f.place) for f in result.findings] == [
        ("uncovered", "src/never.ts:4"),
        ("uncovered", "src/prices.ts:7"),
    ]
    assert result.notes == ()


def test_comments_that_take_lines_out_are_told(ctx: FakeContext) -> None:
    ctx.write("src/tax.ts", "// a line\n/* v8 ignore next */\n/* istanbul ignore if */\n")
    needed(ctx)
    for options in (GIVEN, IstanbulOptions()):
        result = Istanbul(options).measure(ctx)
        assert dict(result.examined.details)["ignore comments"] == 2
        assert result.notes[-1] == "2 comments take lines out of coverage, in `src/tax.ts`"


def test_a_changed_line_inside_a_statement_changes_the_statement(ctx: FakeContext) -> None:
    ctx.difference = changed(7, 11, 14)
    result = Istanbul(GIVEN).measure(ctx)
    assert dict(result.examined.details)["changed lines"] == 2
    assert metrics_of(result)["changed_uncovered"] == 1


def test_a_source_that_the_report_leaves_out_is_not_covered(ctx: FakeContext) -> None:
    ctx.write("src/new.tsx", "export const a = 1;\n")
    ctx.write("src/types.ts", "export interface A { a: string }\n")
    result = Istanbul(GIVEN).measure(ctx)
    assert metrics_of(result)["line"] == (5, 10)
    assert "leaves out src/new.tsx:" in result.notes[0]


def test_totals_measure_no_changed_line(ctx: FakeContext) -> None:
    stage = Istanbul(IstanbulOptions(report=(TOTALS,)))
    assert metrics_of(stage.measure(ctx)) == {"line": (5, 9), "branch": (4, 8)}
    assert len(stage.measure(ctx).not_applicable) == 3
    ctx.difference = changed(7)
    result = stage.measure(ctx)
    assert metrics_of(result) == {"line": (5, 9), "branch": (4, 8)}
    assert result.not_applicable == ()
    assert "changed lines are not measured" in result.notes[0]


def test_totals_and_lines_of_one_run_are_not_joined(ctx: FakeContext) -> None:
    with pytest.raises(OutputUnreadable, match="only tells totals"):
        Istanbul(IstanbulOptions(report=("coverage/*.json",))).measure(ctx)


def needed(ctx: FakeContext, *, result: StageResult | None = None) -> None:
    """Let a gate `tests` have run and left its coverage."""
    out = ctx.root.parent / "tests-out"
    (out / REPORT).parent.mkdir(parents=True)
    (out / REPORT).write_bytes((ctx.root / FULL).read_bytes())
    ctx.needed = {"tests": Needed(name="tests", result=result, out=out, started_ns=1)}


def test_the_run_of_the_tests_is_counted(ctx: FakeContext) -> None:
    needed(ctx)
    for options in (IstanbulOptions(), IstanbulOptions(tests="tests")):
        assert metrics_of(Istanbul(options).measure(ctx))["line"] == (5, 9)


def test_a_source_that_changed_since_is_errored(ctx: FakeContext) -> None:
    needed(ctx)
    later_ns = (ctx.root.parent / "tests-out" / REPORT).stat().st_mtime_ns + 1_000_000_000
    os.utime(ctx.root / "src/tax.ts", ns=(later_ns, later_ns))
    with pytest.raises(StageError, match=r"`src/tax\.ts` changed after"):
        Istanbul(IstanbulOptions()).measure(ctx)


def test_without_a_test_gate_there_is_no_data(ctx: FakeContext) -> None:
    empty = Needed(name="tests", result=None, out=ctx.out, started_ns=1)
    for gates in ({}, {"tests": empty}):
        ctx.needed = gates
        with pytest.raises(StageError, match="no gate ran the tests"):
            Istanbul(IstanbulOptions()).measure(ctx)
    needed(ctx)
    with pytest.raises(StageError, match="no gate ran the tests"):
        Istanbul(IstanbulOptions(tests="others")).measure(ctx)


def test_a_report_older_than_the_tests_is_errored(ctx: FakeContext) -> None:
    needed(ctx)
    need = ctx.needed["tests"]
    later = (need.out / REPORT).stat().st_mtime_ns + 10**12
    ctx.needed = {"tests": Needed(name="tests", result=None, out=need.out, started_ns=later)}
    with pytest.raises(OutputUnreadable, match="older"):
        Istanbul(IstanbulOptions()).measure(ctx)


def test_the_gate_of_the_tests_is_wanted_unless_a_report_is_given() -> None:
    wanted = Wants(uses=("vitest", "jest"), ask="coverage", option="tests")
    assert Istanbul(IstanbulOptions()).wants() == wanted
    assert Istanbul(GIVEN).wants() is None


def test_critical_paths_have_a_condition_of_their_own() -> None:
    stage = Istanbul(IstanbulOptions(critical={"src/pay": "95%"}))
    stage.check()
    assert stage.conditions()[-1].text == 'line{path="src/pay"} >= 95%'
    with pytest.raises(ValueError, match="at least 1"):
        Istanbul(IstanbulOptions(min_changed=0)).check()


@pytest.mark.live
def test_behind_a_real_run_of_vitest(repo: Repo) -> None:
    ctx = node_context(
        repo,
        {
            "package.json": '{"type": "module"}',
            "src/prices.ts": "export function net(gross: number): number {\n"
            "  if (gross < 0) {\n    return 0;\n  }\n  return gross - gross / 5;\n}\n",
            "src/never.ts": "export function never(): number {\n  return 1;\n}\n",
            "src/types.ts": "export interface Price {\n  gross: number;\n}\n",
            "tests/prices.test.ts": "import { expect, test } from 'vitest';\n"
            "import { net } from '../src/prices.js';\n"
            "test('net', () => { expect(net(100)).toBe(80); });\n",
        },
    )
    ctx.asked = frozenset({"coverage"})
    tests = Vitest(VitestOptions()).measure(ctx)
    need = Needed(name="tests", result=tests, out=ctx.out, started_ns=1)
    ctx.needed, ctx.difference = {"tests": need}, changed(3)
    result = Istanbul(IstanbulOptions()).measure(ctx)
    assert metrics_of(result) == {
        "line": (2, 4),
        "branch": (1, 2),
        "changed_uncovered": 1,
    }
    assert [f.place for f in result.findings] == ["src/prices.ts:3", "src/never.ts:2"]
    assert result.notes == ()
