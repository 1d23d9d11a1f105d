from __future__ import annotations

from pathlib import Path

import pytest
from stages.fake_context import FakeContext, ended, fake_context, metrics_of, recorded
from stages.given_run import write_given
from stages.live_context import live_context

from gates.formats.tool_paths import Tree
from gates.plugin import Completed, OutputUnreadable, StageError, Tool, ToolCrashed
from gates.stages.black import Black, BlackOptions, parse

NEW, OLD = "black/26.10.1", "black/24.1.0"
BLACK = Tool(name="black", version="26.10.1", path="/tools/black")
BOTH = ("src/a.py", "src/b.py")
TREE = Tree(roots=("/project",), files=frozenset(BOTH), sources=frozenset(BOTH))


def ran(log: bytes, exit_code: int) -> Completed:
    return ended(BLACK, ("/tools/black",), exit_code, b"", log, ok=(0, 1, 123))


@pytest.mark.parametrize("data", [NEW, OLD])
def test_recorded_findings_are_counted(data: str) -> None:
    result = parse(ran(recorded(f"{data}/findings.log"), 1), TREE, handed=BOTH)

    assert metrics_of(result) == {"unformatted": 1}
    assert [(f.place, f.counts) for f in result.findings] == [("src/a.py", ("unformatted",))]
    assert (result.examined.count, result.examined.excluded) == (2, 0)
    assert not result.notes


def test_a_recorded_clean_run_tells_what_it_left_out() -> None:
    result = parse(ran(recorded(f"{NEW}/clean.log"), 0), TREE, handed=BOTH)

    assert metrics_of(result) == {"unformatted": 0}
    assert (result.examined.count, result.examined.excluded) == (1, 1)
    assert result.notes == ("not formatted, by configuration: `src/b.py`",)


@pytest.mark.parametrize("data", [NEW, OLD])
def test_a_recorded_syntax_error_is_no_result(data: str) -> None:
    with pytest.raises(StageError, match=r"`src/c\.py`") as caught:
        parse(ran(recorded(f"{data}/syntax.log"), 123), TREE, handed=(*BOTH, "src/c.py"))

    assert caught.value.problem.place == "src/c.py:1:11"


def test_several_files_without_a_place() -> None:
    log = b"error: cannot format a: x\nerror: cannot format b: y\n2 files would fail to reformat.\n"

    with pytest.raises(StageError, match="x, and 1 more") as caught:
        parse(ran(log, 123), TREE, handed=("a", "b"))

    assert caught.value.problem.place == "a"


@pytest.mark.parametrize(
    ("exit_code", "handed"),
    [(0, BOTH), (123, BOTH), (1, (*BOTH, "src/c.py")), (1, BOTH[:1])],
)
def test_files_and_exit_code_must_agree(exit_code: int, handed: tuple[str, ...]) -> None:
    with pytest.raises(OutputUnreadable):
        parse(ran(recorded(f"{NEW}/findings.log"), exit_code), TREE, handed=handed)


def test_a_file_cannot_be_ignored_and_looked_at() -> None:
    ignored = b"src/b.py ignored: matches the --force-exclude regular expression\n"

    with pytest.raises(OutputUnreadable, match="`src/b"):
        parse(ran(ignored + recorded(f"{NEW}/findings.log"), 1), TREE, handed=BOTH)


def test_every_file_ignored_is_no_result() -> None:
    log = (
        b"src/a.py ignored: matches the --force-exclude regular expression\n"
        b"No Python files are present to be formatted. Nothing to do\n"
    )

    with pytest.raises(StageError, match="no file to look at"):
        parse(ran(log, 0), TREE, handed=("src/a.py",))


def test_another_version_than_the_required_one() -> None:
    log = b"Oh no! The required version `22` does not match the running version `26.10.1`!\n"

    with pytest.raises(StageError, match="refuses to run: The required version `22`") as caught:
        parse(ran(log, 1), TREE, handed=BOTH)

    assert caught.value.problem.slug == "tool-version"


def test_exit_code_1_without_sums_is_a_crash() -> None:
    with pytest.raises(ToolCrashed, match="bad key"):
        parse(ran(b"Invalid config\nbad key\n", 1), TREE, handed=BOTH)


def test_exit_code_0_without_sums_proves_nothing() -> None:
    with pytest.raises(OutputUnreadable, match="did not say"):
        parse(ran(b"", 0), TREE, handed=BOTH)


def answered(tmp_path: Path, files: dict[str, str]) -> FakeContext:
    ctx = fake_context(tmp_path, files)
    paths = [path for path in ctx.files("**/*.py") if "build" not in path]
    lines = [f"{path} already well formatted, good job.\n" for path in paths]
    log = "".join((*lines, f"{len(paths)} files would be left unchanged.\n"))
    ctx.answer("black", "--check", stderr=log)
    return ctx


def test_what_the_configuration_excludes_is_not_handed_over(tmp_path: Path) -> None:
    files = {"src/a.py": "", "src/build/b.py": "", "--check.py": ""}
    ctx = answered(tmp_path, files)
    ctx.write("pyproject.toml", "[tool.black]\nextend-exclude = '/build/'\ncache-dir = 'x'\n")

    result = Black(BlackOptions()).run(ctx)

    assert ctx.runs[0][-3:] == ("--", "./--check.py", "./src/a.py")
    assert "--no-cache" in ctx.runs[0]
    assert result.notes == ("not formatted, by configuration: `src/build/b.py`",)


@pytest.mark.parametrize("text", ["", "[project]\nname = 'a'\n"])
def test_only_the_projects_own_configuration_is_obeyed(tmp_path: Path, text: str) -> None:
    ctx = answered(tmp_path, {"a.py": ""})
    (tmp_path / "pyproject.toml").write_text("[tool.black]\nexclude = 'a'\n", encoding="utf-8")
    (ctx.root / ".git").mkdir()
    if text:
        ctx.write("pyproject.toml", text)
    wanted = ctx.root / "pyproject.toml" if text else ctx.out / "black.toml"

    Black(BlackOptions()).run(ctx)

    assert f"--config={wanted}" in ctx.runs[0]
    assert wanted.read_text() == text


def test_a_configuration_above_the_project_in_its_git_is_obeyed(tmp_path: Path) -> None:
    ctx = answered(tmp_path, {"a.py": "", "build/b.py": ""})
    (tmp_path / ".git").mkdir()
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool.black]\nexclude = '^/project/build/'\n", encoding="utf-8")

    result = Black(BlackOptions()).run(ctx)

    assert f"--config={path}" in ctx.runs[0]
    assert (result.examined.count, result.examined.excluded) == (1, 1)


@pytest.mark.parametrize("files", [{}, {"a.py": "", "pyproject.toml": "[tool.black]\ninclude='z'"}])
def test_no_file_is_no_result(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(StageError) as caught:
        Black(BlackOptions()).run(fake_context(tmp_path, files))

    assert caught.value.problem.slug == "nothing-examined"


def test_inputs_are_python_files_and_configuration(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"a.py": "", "b.pyi": "", "README.md": "", "pyproject.toml": ""})

    assert Black(BlackOptions()).inputs(ctx) == ("a.py", "b.pyi", "pyproject.toml")


@pytest.mark.live
def test_live_every_file_is_looked_at_and_none_changed(tmp_path: Path) -> None:
    config = '[tool.black]\nquiet = true\ndiff = true\ncache-dir = "c"\nforce-exclude = "c.py"\n'
    files = {"src/a.py": "X = 1\n", "src/c.py": "x  =  1\n", "--fast.py": "x=1\n"}
    ctx = live_context(tmp_path, {**files, "pyproject.toml": config})

    results = [Black(BlackOptions()).run(ctx) for _ in range(2)]

    assert [metrics_of(result) for result in results] == [{"unformatted": 1}] * 2
    assert [finding.path for finding in results[1].findings] == ["--fast.py"]
    assert (results[1].examined.count, results[1].examined.excluded) == (2, 1)
    assert (ctx.root / "--fast.py").read_text() == "x=1\n"


@pytest.mark.live
@pytest.mark.parametrize(
    ("config", "text", "slug"),
    [
        ("", "def f(:\n", "file-unreadable"),
        ('required-version = "1"\n', "X = 1\n", "tool-version"),
        ('code = "x=1"\n', "X = 1\n", "tool-crashed"),
    ],
)
def test_live_what_could_not_be_judged(tmp_path: Path, config: str, text: str, slug: str) -> None:
    ctx = live_context(tmp_path, {"a.py": text, "pyproject.toml": f"[tool.black]\n{config}"})

    with pytest.raises(StageError) as caught:
        Black(BlackOptions()).run(ctx)

    assert caught.value.problem.slug == slug


GIVEN = BlackOptions(report=("out/*.txt",))


def given(tmp_path: Path, version: str = NEW) -> FakeContext:
    """The project of the recorded report, beside the report."""
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/b.py": "", "src/gen/c.py": ""})
    ctx.write("pyproject.toml", "[tool.black]\nextend-exclude = '/gen/'\n")
    data = recorded(f"{version}/given.txt")
    ctx.write("out/black.txt", data.replace(b"/project", str(ctx.root).encode()))
    return ctx


@pytest.mark.parametrize("version", [NEW, OLD])
def test_a_given_report_is_judged(tmp_path: Path, version: str) -> None:
    ctx = given(tmp_path, version)

    result = Black(GIVEN).measure(ctx)

    assert metrics_of(result) == {"unformatted": 1}
    assert [finding.path for finding in result.findings] == ["src/a.py"]
    assert (result.examined.count, result.examined.excluded) == (2, 1)
    assert result.notes == ("not formatted, by configuration: `src/gen/c.py`",)
    assert "does not tell which version" in ctx.notes[0]
    assert (result.tool.how, ctx.runs) == ("a given report", [])


def test_a_source_that_the_configuration_does_not_leave_out_is_asked_for(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("pyproject.toml")

    with pytest.raises(StageError, match=r"tells nothing of `src/gen/c\.py`") as caught:
        Black(GIVEN).measure(ctx)

    assert Black.written_by in caught.value.problem.hint


def test_a_line_break_in_a_name_proves_nothing(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("src/gen/x\nsrc.py")

    with pytest.raises(StageError, match="a line break is in the name"):
        Black(GIVEN).measure(ctx)


def test_paths_do_not_fit_a_report() -> None:
    Black(GIVEN).check()

    with pytest.raises(ValueError, match="`paths` configures a run"):
        Black(BlackOptions(report=("out/x.txt",), paths=("src",))).check()


@pytest.mark.live
def test_live_what_the_documented_command_writes_is_judged(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"src/a.py": "X=1\n", "src/b.py": "X = 1\n", "src/c.py": ""})
    ctx.write("pyproject.toml", "[tool.black]\nextend-exclude = 'c.py'\n")

    for _ in range(2):  # the second time, there would be a cache
        write_given(ctx, Black.written_by)
        result = Black(GIVEN).measure(ctx)

        assert metrics_of(result) == {"unformatted": 1}
        assert (result.examined.count, result.examined.excluded) == (2, 1)
