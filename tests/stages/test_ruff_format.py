from __future__ import annotations

import json
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, ended, fake_context, metrics_of, recorded
from stages.given_run import write_given
from stages.live_context import LiveContext, live_context

from gates.formats.tool_paths import Tree
from gates.plugin import Completed, OutputUnreadable, StageError, Tool, ToolCrashed
from gates.stages.ruff_format import RuffFormat, RuffFormatOptions, parse

NEW, OLD = "ruff_format/0.17.6", "ruff_format/0.14.0"
RUFF = Tool(name="ruff", version="0.17.6", path="/tools/ruff")
FILES = frozenset({"src/a.py", "src/b.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)


def ran(stdout: bytes, log: bytes, exit_code: int) -> Completed:
    return ended(RUFF, ("/tools/ruff",), exit_code, stdout, log, ok=(0, 1, 2))


@pytest.mark.parametrize(("data", "place"), [(NEW, "src/a.py:23:1"), (OLD, "src/a.py")])
def test_recorded_findings_are_counted(data: str, place: str) -> None:
    done = ran(recorded(f"{data}/findings.json"), recorded(f"{data}/findings.log"), 1)

    result = parse(done, TREE)

    assert metrics_of(result) == {"unformatted": 1}
    assert [(f.place, f.counts) for f in result.findings] == [(place, ("unformatted",))]
    assert (result.examined.count, result.examined.excluded) == (2, 0)


@pytest.mark.parametrize("data", [NEW, OLD])
def test_a_recorded_clean_run_tells_what_it_left_out(data: str) -> None:
    done = ran(recorded(f"{data}/clean.json"), recorded(f"{data}/clean.log"), 0)

    result = parse(done, TREE)

    assert metrics_of(result) == {"unformatted": 0}
    assert (result.examined.count, result.examined.excluded) == (1, 1)
    assert result.notes == ("not formatted, by configuration: `src/a.py`",)


def test_a_recorded_syntax_error_is_no_result() -> None:
    done = ran(recorded(f"{NEW}/syntax.json"), recorded(f"{NEW}/syntax.log"), 2)

    with pytest.raises(StageError) as caught:
        parse(done, TREE)

    assert caught.value.problem.place == "src/c.py:1:12"


def entry(**changes: object) -> bytes:
    whole = {
        "code": "unformatted",
        "message": "File would be reformatted",
        "filename": "/project/src/a.py",
        "location": {"row": 1, "column": 1},
        **changes,
    }
    return json.dumps([whole, whole]).encode()


def test_a_file_counts_once() -> None:
    result = parse(ran(entry(), recorded(f"{NEW}/findings.log"), 1), TREE)

    assert metrics_of(result) == {"unformatted": 1}


def test_an_unknown_code_is_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="`odd`"):
        parse(ran(entry(code="odd"), recorded(f"{NEW}/findings.log"), 1), TREE)


def test_an_unreadable_file_without_a_place_names_the_file() -> None:
    with pytest.raises(StageError) as caught:
        parse(ran(entry(code="io", location=None), b"", 2), TREE)

    assert caught.value.problem.place == "src/a.py"


@pytest.mark.parametrize(
    ("stdout", "exit_code"),
    [
        (b"[]", 1),
        (b"", 1),
        (entry(), 0),
        (entry(filename="/project/src/other.py"), 1),
        (b"Would reformat: src/a.py\n", 1),
        (b"Would reformat: src/a.py\n1 file would be reformatted\n", 1),
        (b"1 file would be reformatted, 1 file already formatted\n", 1),
        (b"", 0),
        (b"{}", 0),
        (b"<html>", 0),
        (b"1 file already formatted\n", 0),
        (b"2 files already formatted\nmore", 0),
        (b"Would reformat: src/a.py\n2 files would be reformatted\n", 1),
    ],
)
def test_files_sums_and_exit_code_must_agree(stdout: bytes, exit_code: int) -> None:
    with pytest.raises(OutputUnreadable):
        parse(ran(stdout, recorded(f"{NEW}/findings.log"), exit_code), TREE)


def test_exit_code_2_without_a_file_is_a_crash() -> None:
    with pytest.raises(ToolCrashed, match="bad key"):
        parse(ran(b"", b"ruff failed\n  Cause: bad key\n", 2), TREE)


def test_no_file_is_no_result() -> None:
    with pytest.raises(StageError, match="no file"):
        parse(ran(b"", b"[DEBUG] Formatted 0 files in 1ms\n", 0), TREE)


def test_inputs_are_what_may_be_formatted(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"a.py": "", "README.md": "", "ruff.toml": "", "b.txt": ""})

    found = RuffFormat(RuffFormatOptions()).inputs(ctx)

    assert found == ("README.md", "a.py", "ruff.toml")


def test_a_file_that_ruff_would_format_and_did_not_is_no_result(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "tests/late.py": ""})
    ctx.source_folders = ("src",)
    log = f"[DEBUG] format_path; path={ctx.root}/src/a.py\n[DEBUG] Formatted 1 files in 1ms\n"
    ctx.answer("ruff", "format", stdout="[]", stderr=log)
    ctx.answer("ruff", "--show-files", stdout=f"{ctx.root}/src/a.py\n{ctx.root}/tests/late.py\n")
    ctx.answer("ruff", "--show-settings", stdout="formatter.exclude = []\n")

    with pytest.raises(StageError, match=r"would look at `tests/late\.py`"):
        RuffFormat(RuffFormatOptions()).run(ctx)

    excluded = 'formatter.exclude = [\n\t"late.py",\n]\n'
    ctx.answer("ruff", "--show-settings", stdout=excluded)
    assert RuffFormat(RuffFormatOptions()).run(ctx).examined.count == 1


def live(tmp_path: Path, **files: str) -> LiveContext:
    named = {f"src/{name}.py": text for name, text in files.items()}
    return live_context(tmp_path, {"ruff.toml": "", **named})


@pytest.mark.live
def test_live_clean_and_unformatted(tmp_path: Path) -> None:
    ctx = live(tmp_path, a="X = 1\n", b="X=1\n")

    result = RuffFormat(RuffFormatOptions()).run(ctx)

    assert metrics_of(result) == {"unformatted": 1}
    assert [finding.path for finding in result.findings] == ["src/b.py"]
    assert result.examined.count == 2
    assert (ctx.root / "src/b.py").read_text() == "X=1\n"


@pytest.mark.live
def test_live_excluded_sources_are_told(tmp_path: Path) -> None:
    ctx = live(tmp_path, a="X=1\n", b="X = 1\n")
    ctx.write("ruff.toml", '[format]\nexclude = ["src/a.py"]\n')

    result = RuffFormat(RuffFormatOptions()).run(ctx)

    assert metrics_of(result) == {"unformatted": 0}
    assert result.notes == ("not formatted, by configuration: `src/a.py`",)


@pytest.mark.live
def test_live_syntax_error(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"src/a\.py"):
        RuffFormat(RuffFormatOptions()).run(live(tmp_path, a="def f(:\n"))


@pytest.mark.live
def test_live_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="nothing"):
        RuffFormat(RuffFormatOptions(paths=("nothing",))).run(live(tmp_path, a="X = 1\n"))


@pytest.mark.live
def test_live_no_file(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no file"):
        RuffFormat(RuffFormatOptions()).run(live(tmp_path))


@pytest.mark.live
def test_live_a_program_that_says_nothing(tmp_path: Path) -> None:
    ctx = live(tmp_path, a="X=1\n")
    ctx.stand_in("ruff", "exit 0")

    with pytest.raises(OutputUnreadable, match="did not say which files"):
        RuffFormat(RuffFormatOptions()).run(ctx)


@pytest.mark.live
def test_live_names_like_options(tmp_path: Path) -> None:
    ctx = live(tmp_path)
    ctx.write("--exclude=src,.py", "X=1\n")

    result = RuffFormat(RuffFormatOptions(paths=("--exclude=src,.py",))).run(ctx)

    assert metrics_of(result) == {"unformatted": 1}


@pytest.mark.live
def test_live_files_of_gates_and_configuration_outside_decide_nothing(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"src/a.py": "X = 1\n"})
    ctx.write(".gates/local/runs/1/conftest.py", "x  =  1\n")
    (tmp_path / "ruff.toml").write_text("indent-width = 8\n[format]\nexclude = ['a.py']\n")

    result = RuffFormat(RuffFormatOptions()).run(ctx)

    assert (metrics_of(result)["unformatted"], result.examined.count) == (0, 1)


@pytest.mark.live
def test_live_configuration_above_the_project_in_its_git_decides(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"src/a.py": "def f():\n  return 1\n"})
    (tmp_path / ".git").mkdir()
    (tmp_path / "ruff.toml").write_text("indent-width = 2\n", encoding="utf-8")

    assert metrics_of(RuffFormat(RuffFormatOptions()).run(ctx)) == {"unformatted": 0}


def test_inputs_follow_what_a_configuration_extends(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"ruff.toml": 'extend = "./base.cfg"\n', "base.cfg": ""})

    assert RuffFormat(RuffFormatOptions()).inputs(ctx) == ("base.cfg", "ruff.toml")


@pytest.mark.live
def test_live_a_source_that_gitignore_names_is_judged(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"src/a.py": "x  =  1\n", ".gitignore": "a.py\n"})
    ctx.write("src/b.py", "X = 1\n")
    (ctx.root / ".git").mkdir()

    result = RuffFormat(RuffFormatOptions()).run(ctx)

    assert (metrics_of(result)["unformatted"], result.examined.count) == (1, 2)


@pytest.mark.live
@pytest.mark.parametrize("hidden", ["", "src/x/ruff.toml"])
def test_live_python_that_is_taken_for_something_else_is_no_result(
    tmp_path: Path, hidden: str
) -> None:
    ctx = live(tmp_path, b="X = 1\n")
    ctx.write("src/x/a.py", "import os\nx = [1,2]\n")
    ctx.write(hidden or "ruff.toml", 'extension = {py = "markdown"}\n')
    ctx.unlisted = frozenset({hidden})

    with pytest.raises(StageError, match="for Markdown, so it was not examined as Python"):
        RuffFormat(RuffFormatOptions()).run(ctx)


@pytest.mark.parametrize("name", ["src/new\nline.py", "src/b.py\nnew.py"])
def test_a_name_that_holds_a_line_break_is_no_result(tmp_path: Path, name: str) -> None:
    ctx = fake_context(tmp_path, {"src/b.py": "", name: "import os\n"})

    with pytest.raises(StageError, match="cannot be proved"):
        RuffFormat(RuffFormatOptions()).run(ctx)


GIVEN = RuffFormatOptions(report=("out/*.txt",))


def given(tmp_path: Path, version: str = NEW) -> FakeContext:
    """The project of the recorded report, beside the report."""
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/b.py": "", "src/gen/c.py": ""})
    data = recorded(f"{version}/given.txt")
    ctx.write("out/ruff-format.txt", data.replace(b"/project", str(ctx.root).encode()))
    return ctx


@pytest.mark.parametrize(("version", "place"), [(NEW, "src/a.py:4:14"), (OLD, "src/a.py")])
def test_a_given_report_is_judged(tmp_path: Path, version: str, place: str) -> None:
    ctx = given(tmp_path, version)

    result = RuffFormat(GIVEN).measure(ctx)

    assert metrics_of(result) == {"unformatted": 1}
    assert [(f.rule, f.place) for f in result.findings] == [("unformatted", place)]
    assert (result.examined.count, result.examined.excluded) == (2, 1)
    assert result.notes == ("not formatted, by configuration: `src/gen/c.py`",)
    assert "does not tell which version" in ctx.notes[0]
    assert (result.tool.how, ctx.runs) == ("a given report", [])


def test_a_given_report_without_a_source_is_no_result(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("src/new.py")

    with pytest.raises(StageError, match=r"tells nothing of `src/new\.py`") as caught:
        RuffFormat(GIVEN).measure(ctx)

    assert RuffFormat.written_by in caught.value.problem.hint


def test_paths_do_not_fit_a_report() -> None:
    RuffFormat(GIVEN).check()

    with pytest.raises(ValueError, match="`paths` configures a run"):
        RuffFormat(RuffFormatOptions(report=("out/x.txt",), paths=("src",))).check()


@pytest.mark.live
def test_live_what_the_documented_command_writes_is_judged(tmp_path: Path) -> None:
    files = {"src/a.py": "X=1\n", "src/b.py": "X = 1\n", "src/c.py": ""}
    ctx = live_context(tmp_path, {"ruff.toml": 'exclude = ["c.py"]\n', **files})

    for _ in range(2):  # the second time, there is a cache
        write_given(ctx, RuffFormat.written_by)
        result = RuffFormat(GIVEN).measure(ctx)

        assert metrics_of(result) == {"unformatted": 1}
        assert (result.examined.count, result.examined.excluded) == (2, 1)
