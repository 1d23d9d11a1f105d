from __future__ import annotations

from pathlib import Path

import pytest

from gates.plugin import (
    Change,
    Examined,
    OutputUnreadable,
    StageError,
    StageResult,
    Tool,
    ToolCrashed,
    ToolMissing,
    ToolTimedOut,
    count,
    ratio,
)
from gates.testing import FakeContext, fake_context, metrics_of
from gates.toolkit.changes import Base

FILES = {"src/a.py": "a = 1\n", "src/b.py": "", "README.md": "# text\n", ".tox/c.py": ""}


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    return fake_context(tmp_path, FILES)


def test_the_project_holds_the_files(ctx: FakeContext) -> None:
    assert (ctx.root / "src" / "a.py").read_text() == "a = 1\n"
    assert list(ctx.out.iterdir()) == []
    assert ctx.files("**/*.py") == ("src/a.py", "src/b.py")
    assert ctx.write("data.bin", b"\0").read_bytes() == b"\0"


def test_sources_are_what_the_test_says(ctx: FakeContext) -> None:
    ctx.source_folders, ctx.source_excluded = ("src",), ("src/b.py",)
    found = ctx.sources(".py", ".md")
    assert (found.files, found.excluded) == (("src/a.py",), ("src/b.py",))


def test_the_last_answer_that_fits_wins(ctx: FakeContext) -> None:
    tool = ctx.tool("lint")
    ctx.answer("lint", stdout="any")
    ctx.answer("lint", "--format=*", "src", stdout=b"more", stderr="told", exit_code=1)
    done = ctx.run(tool, "--format=json", "--quiet", "src", ok=(0, 1), env={"A": "1"})
    assert (done.stdout, done.stderr, done.exit_code) == (b"more", b"told", 1)
    assert ctx.run(tool, "src").stdout == b"any"
    assert ctx.runs[0] == ("/tools/lint", "--format=json", "--quiet", "src")
    assert ctx.envs == [{"A": "1"}, {}]


def test_a_command_that_no_answer_fits_is_a_mistake_of_the_test(ctx: FakeContext) -> None:
    with pytest.raises(AssertionError, match="no answer fits"):
        ctx.run(ctx.tool("lint"))


@pytest.mark.parametrize(
    ("stdout", "stderr", "words"),
    [("out\n", "err\nlast\n", ": last"), ("out\n", "", ": out"), ("", "", "code 2")],
)
def test_an_exit_code_that_is_no_result_is_a_crash_with_its_last_words(
    ctx: FakeContext, stdout: str, stderr: str, words: str
) -> None:
    ctx.answer("lint", stdout=stdout, stderr=stderr, exit_code=2)
    with pytest.raises(ToolCrashed) as caught:
        ctx.run(ctx.tool("lint"))
    assert str(caught.value).endswith(words)


def test_an_answer_can_write_a_report_or_raise(ctx: FakeContext) -> None:
    report = ctx.out / "report.json"

    def write(argv: tuple[str, ...]) -> None:
        report.write_text(argv[1])

    ctx.answer("lint", does=write)
    ctx.run(ctx.tool("lint"), "said")
    assert ctx.report(report).data == b"said"
    ctx.answer("lint", raises=ToolTimedOut("timed-out", "too slow"))
    with pytest.raises(ToolTimedOut):
        ctx.run(ctx.tool("lint"))


def test_a_report_is_read_as_strictly_as_in_a_run(ctx: FakeContext) -> None:
    with pytest.raises(OutputUnreadable):
        ctx.report(ctx.out / "absent.json")
    assert ctx.given_report("README.md").data == b"# text\n"
    assert [report.data for report in ctx.given_reports(("*.md",))] == [b"# text\n"]
    assert ctx.before("README.md") is None
    ctx.earlier["README.md"] = b"# before\n"
    assert ctx.before("README.md") == b"# before\n"


def test_programs_have_the_versions_that_the_test_gives(ctx: FakeContext) -> None:
    ctx.versions["lint"] = "3.1"
    ctx.missing.add("other")
    assert (ctx.tool("lint").version, ctx.tool("third").version) == ("3.1", "1.0")
    with pytest.raises(ToolMissing):
        ctx.tool("other")


def test_a_project_without_git_has_no_change(ctx: FakeContext) -> None:
    with pytest.raises(StageError) as caught:
        ctx.change()
    assert caught.value.problem.slug == "no-repository"
    ctx.difference = Change(base=Base(commit="0" * 40, how="given"), files={})
    assert ctx.change() is ctx.difference


def test_a_cache_is_kept_for_files_that_are_there(ctx: FakeContext) -> None:
    assert ctx.kept_cache("lint", ["src/a.py"]).is_dir()
    with pytest.raises(AssertionError, match=r"gone\.py"):
        ctx.kept_cache("lint", ["gone.py"])


def test_each_planted_file_stands_alone_beside_the_project(ctx: FakeContext) -> None:
    first, second = ctx.plant("bad.py", b"1"), ctx.plant("bad.py", b"2")
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")
    assert not first.is_relative_to(ctx.root)


def test_what_the_stage_tells_is_kept(ctx: FakeContext) -> None:
    ctx.settings["A"] = "1"
    ctx.note("a note")
    ctx.progress("half way", done=1, total=2)
    assert (ctx.setting("A"), ctx.setting("B")) == ("1", "")
    assert (ctx.notes, ctx.progressed) == (["a note"], ["half way"])
    assert ctx.clean(b"\x1b[31mred\n") == "red"


def test_metrics_are_told_by_name() -> None:
    made = StageResult(
        metrics=(count("errors", 2), ratio("line", 9, 10)),
        examined=Examined(count=1, unit="files"),
        tool=Tool(name="lint", version="1"),
    )
    assert metrics_of(made) == {"errors": 2, "line": (9, 10)}
