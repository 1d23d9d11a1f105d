from __future__ import annotations

from pathlib import Path

import pytest

from gates.domain.errors import StageError
from gates.domain.stage_result import Tool
from gates.formats import lcov
from gates.formats.coverage_model import CoverageReport, FileCoverage
from gates.formats.coverage_result import Terms, measured, of_reports
from gates.testing.fakes import FakeContext, fake_context, metrics_of
from gates.toolkit.changes import Base, Change, ChangedFile
from gates.toolkit.files import Report, read_report

TOOL = Tool(name="lcov", version="")
CODE = "const a = 1;\nconst b = [\n  2,\n];\n"


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    made = fake_context(tmp_path, {"src/a.ts": CODE, "src/b.ts": CODE, "src/c.py": "x = 1\n"})
    made.source_folders = ("src",)
    made.difference = Change(Base("0123456789ab", "named"), {})
    return made


def part(*files: FileCoverage, version: str = "") -> tuple[str, CoverageReport]:
    return "out/a.info", CoverageReport(files, has_branches=False, version=version)


def written(ctx: FakeContext, name: str, text: str) -> Report:
    ctx.write(name, text)
    (report,) = ctx.given_reports((name,))
    return report


def slug(ctx: FakeContext, *parts: tuple[str, CoverageReport]) -> str:
    with pytest.raises(StageError) as caught:
        measured(ctx, parts, Terms(tool=TOOL))
    return caught.value.problem.slug


def test_sources_of_the_languages_that_the_report_speaks_of_count(ctx: FakeContext) -> None:
    result = measured(ctx, (part(FileCoverage("src/a.ts", (1,), (2,))),), Terms(tool=TOOL))
    assert metrics_of(result) == {"line": (1, 6)}
    assert result.examined.count == 6
    assert result.notes == (
        "the report leaves out src/b.ts: counted as not covered, line of code by line of code",
        "no number is of src/c.py: the reports speak of other languages",
    )
    ctx.write("src/d.go", "package d\n")
    told = measured(ctx, (part(FileCoverage("src/a.ts", (1,), (2,))),), Terms(tool=TOOL)).notes
    assert told[-1].startswith("no number is of src/c.py and 1 more:")
    python = part(FileCoverage("src/c.py", (1,), ()))
    assert metrics_of(measured(ctx, (python,), Terms(tool=TOOL))) == {"line": (1, 1)}
    terms = Terms(tool=TOOL, suffixes=(".py",))
    both = part(FileCoverage("src/a.ts", (1,), (2,)), FileCoverage("src/c.py", (1,), ()))
    one_language = measured(ctx, (both,), terms)
    assert metrics_of(one_language) == {"line": (1, 1)}
    assert one_language.notes == ()


def test_a_report_that_tells_nothing_of_the_sources_is_errored(ctx: FakeContext) -> None:
    assert slug(ctx, part()) == "nothing-examined"
    assert slug(ctx, part(FileCoverage("Makefile", (1,), ()))) == "nothing-examined"
    assert slug(ctx, part(FileCoverage("lib/a.ts", (1,), ()))) == "paths-differ"
    assert slug(ctx, part(FileCoverage("src/a.ts", (9,), ()))) == "report-foreign"


def test_a_file_that_is_named_without_lines_is_left_out(ctx: FakeContext) -> None:
    ctx.difference = Change(
        Base("0123456789ab", "named"), {"src/b.ts": ChangedFile("src/b.ts", "M", ((2, 2),))}
    )
    files = (FileCoverage("src/a.ts", (1, 2), ()), FileCoverage("src/b.ts", (), ()))
    result = measured(ctx, (part(*files),), Terms(tool=TOOL))
    assert metrics_of(result) == {"line": (2, 6), "changed_uncovered": 1}
    assert result.notes[0].startswith("the report counts no line of src/b.ts: counted as not")


def test_a_report_of_the_project_beside_ours_is_refused(ctx: FakeContext) -> None:
    report = CoverageReport(
        (FileCoverage("src/a.ts", (1,), ()),),
        has_branches=False,
        roots=(str(ctx.root.parent / "web"),),
    )
    (ctx.root / ".git").mkdir()
    told = measured(ctx, (("c.xml", report),), Terms(tool=TOOL)).notes
    assert "which is not on this machine" in told[1]
    (ctx.root.parent / "web").mkdir()
    assert slug(ctx, ("c.xml", report)) == "report-foreign"
    (ctx.root.parent / "web").rmdir()
    (ctx.root / ".git").rmdir()
    (ctx.root.parent / ".git").mkdir()
    assert slug(ctx, ("c.xml", report)) == "report-foreign"


def test_a_link_to_the_project_is_the_project(ctx: FakeContext) -> None:
    link = ctx.root.parent / "link"
    link.symlink_to(ctx.root)
    file = FileCoverage("a.ts", (1,), (2,))
    report = CoverageReport((file,), has_branches=False, roots=(f"{link}/src",))
    result = measured(ctx, (("c.xml", report),), Terms(tool=TOOL))
    assert metrics_of(result) == {"line": (1, 6)}


def test_a_report_of_our_own_run_may_know_no_source(ctx: FakeContext) -> None:
    terms = Terms(tool=TOOL, suffixes=(".py",), is_given=False)
    assert metrics_of(measured(ctx, (part(),), terms)) == {"line": (0, 1)}


def test_the_version_is_the_reports_where_no_program_was_run(ctx: FakeContext) -> None:
    told = part(FileCoverage("src/c.py", (1,), ()), version="7.17.3")
    assert measured(ctx, (told,), Terms(tool=TOOL)).tool.version == "7.17.3"
    ran = Tool(name="coverage", version="7.18", path="/tools/coverage")
    assert measured(ctx, (told,), Terms(tool=ran)).tool == ran


def test_a_changed_line_counts_at_the_beginning_of_its_statement(ctx: FakeContext) -> None:
    changed = {"src/a.ts": ChangedFile("src/a.ts", "M", ((3, 3),))}
    ctx.difference = Change(Base("0123456789ab", "named"), changed)
    file = FileCoverage("src/a.ts", (1,), (2,), spans=((2, 4),))
    result = measured(ctx, (part(file),), Terms(tool=TOOL))
    assert metrics_of(result)["changed_uncovered"] == 1
    few = measured(ctx, (part(file),), Terms(tool=TOOL, min_changed=1))
    assert metrics_of(few)["changed_line"] == (0, 1)


def test_critical_paths_are_measured_for_themselves(ctx: FakeContext) -> None:
    terms = Terms(tool=TOOL, critical={"src/a.ts": "95%"})
    result = measured(ctx, (part(FileCoverage("src/a.ts", (1,), (2,))),), terms)
    assert [metric.fraction for metric in result.metrics] == [(1, 6), (1, 2)]


def test_parts_are_one_whole(ctx: FakeContext) -> None:
    one = written(ctx, "out/1.info", "SF:src/a.ts\nDA:1,1\nDA:2,0\nend_of_record\n")
    other = written(
        ctx,
        "out/2.info",
        "SF:src/a.ts\nDA:1,0\nDA:2,1\nend_of_record\nSF:src/b.ts\nDA:1,1\nBRDA:1,0,0,1\n"
        "end_of_record\n",
    )
    result = of_reports(ctx, (one, other), lcov.read, Terms(tool=TOOL))
    assert metrics_of(result) == {"line": (3, 3), "branch": (1, 1)}
    told = "`out/1.info` tells no branches: those of its files are in no number"
    assert result.notes[0] == told


def test_a_report_beside_the_project_is_named_by_its_file(ctx: FakeContext) -> None:
    path = ctx.root.parent / "broken.info"
    path.write_text("SF:")
    with pytest.raises(StageError) as caught:
        of_reports(ctx, (read_report(path),), lcov.read, Terms(tool=TOOL))
    assert caught.value.problem.place == "broken.info:1"
