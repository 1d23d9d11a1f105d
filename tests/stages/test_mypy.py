from __future__ import annotations

import json
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, ended, fake_context, metrics_of, recorded
from stages.live_context import LiveContext, live_context

from gates.formats import mypy_config
from gates.formats.mypy_comments import Comments
from gates.formats.mypy_config import MypyConfig, Section
from gates.formats.mypy_given import UNTOLD
from gates.formats.mypy_result import SEVERITIES
from gates.formats.tool_paths import Tree
from gates.plugin import (
    Completed,
    OutputUnreadable,
    Severity,
    StageError,
    StageResult,
    Tool,
    ToolCrashed,
    ToolMissing,
)
from gates.stages.mypy import Mypy, MypyOptions, parse

DATA = "mypy/2.4.1"
MYPY = Tool(name="mypy", version="2.4.1", path="/tools/mypy")
FILES = frozenset({"src/a.py", "src/b.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)
STRICT = MypyConfig(whole=Section(modules=(), flags={"strict": True}, texts={}))
LOG = recorded(f"{DATA}/findings.log")


def ran(stdout: bytes, log: bytes, exit_code: int) -> Completed:
    return ended(MYPY, ("/tools/mypy",), exit_code, stdout, log, ok=(0, 1, 2))


def entry(**changes: object) -> bytes:
    whole = {
        "file": "/project/src/a.py",
        "line": 3,
        "column": 0,
        "message": "wrong",
        "hint": None,
        "code": "misc",
        "severity": "error",
        **changes,
    }
    return json.dumps(whole).encode()


def parsed(stdout: bytes, exit_code: int = 1, config: MypyConfig = STRICT) -> StageResult:
    return parse(ran(stdout, LOG, exit_code), TREE, comments={}, config=config)


def test_recorded_findings_are_counted_and_placed() -> None:
    result = parsed(recorded(f"{DATA}/findings.jsonl"))

    assert metrics_of(result) == {"errors": 2, "any": 1, "untyped": 1, "strict": 1, "ignores": 0}
    assert [(f.rule, f.place, f.counts) for f in result.findings] == [
        ("explicit-any", "src/a.py:10:1", ("any",)),
        ("no-untyped-def", "src/a.py:14:1", ("errors", "untyped")),
        ("assignment", "src/a.py:20:14", ("errors",)),
        ("misc", "src/a.py:23:13", ()),
    ]
    assert (result.examined.count, result.examined.excluded) == (2, 0)


def test_without_strict_mode_untyped_functions_are_only_counted_as_such() -> None:
    result = parsed(recorded(f"{DATA}/findings.jsonl"), config=MypyConfig())

    assert metrics_of(result) == {"errors": 1, "any": 1, "untyped": 1, "strict": 0, "ignores": 0}
    assert result.notes == (
        "not strict: `strict = true` is not set; set it in `[tool.mypy]` of pyproject.toml",
    )


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("pyproject.toml", "`[tool.mypy]` of pyproject.toml"),
        ("setup.cfg", "`[mypy]` of setup.cfg"),
        ("/above/mypy.ini", "`[mypy]` of /above/mypy.ini"),
    ],
)
def test_where_strict_mode_would_be_set_is_told(name: str, place: str) -> None:
    result = parsed(recorded(f"{DATA}/findings.jsonl"), config=MypyConfig(name=name))

    assert result.notes[0].endswith(f"; set it in {place}")


def test_any_is_also_an_error_where_the_project_says_so() -> None:
    config = MypyConfig(whole=Section(modules=(), flags={"disallow_any_explicit": True}, texts={}))

    result = parsed(recorded(f"{DATA}/findings.jsonl"), config=config)

    assert metrics_of(result)["errors"] == 2
    assert result.findings[0].counts == ("errors", "any")


def test_strict_by_option_makes_untyped_functions_errors() -> None:
    done = ran(recorded(f"{DATA}/findings.jsonl"), LOG, 1)

    result = parse(done, TREE, comments={}, config=MypyConfig(), strict=True)

    assert metrics_of(result) == {"errors": 2, "any": 1, "untyped": 1, "strict": 1, "ignores": 0}


def test_a_recorded_clean_run_tells_what_it_left_out() -> None:
    done = ran(recorded(f"{DATA}/clean.jsonl"), recorded(f"{DATA}/clean.log"), 0)

    result = parse(done, TREE, comments={}, config=STRICT)

    assert metrics_of(result) == {"errors": 0, "any": 0, "untyped": 0, "strict": 0, "ignores": 0}
    assert (result.examined.count, result.examined.excluded) == (1, 1)
    assert result.notes == ("not strict: mypy does not check `src/a.py`, by configuration",)


def test_a_recorded_syntax_error_is_no_result() -> None:
    done = ran(recorded(f"{DATA}/syntax.jsonl"), recorded(f"{DATA}/syntax.log"), 2)

    with pytest.raises(StageError, match=r"`src/c\.py`") as caught:
        parse(done, TREE, comments={}, config=STRICT)

    assert caught.value.problem.place.startswith("src/c.py:1:")


@pytest.mark.parametrize(
    ("word", "severity", "counts"),
    [("error", Severity.HIGH, ("errors",)), ("note", Severity.INFO, ())],
)
def test_each_severity_is_counted(word: str, severity: Severity, counts: tuple[str, ...]) -> None:
    result = parsed(entry(severity=word), exit_code=1 if counts else 0)

    assert (result.findings[0].severity, result.findings[0].counts) == (severity, counts)


def test_the_table_of_severities_is_the_tested_one() -> None:
    assert set(SEVERITIES) == {"error", "note"}


def test_an_unknown_severity_is_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="`odd`"):
        parsed(entry(severity="odd"))


@pytest.mark.parametrize(("stdout", "exit_code"), [(b"", 1), (entry(), 0)])
def test_exit_code_and_messages_must_agree(stdout: bytes, exit_code: int) -> None:
    with pytest.raises(OutputUnreadable, match=f"exit code {exit_code}"):
        parsed(stdout, exit_code)


@pytest.mark.parametrize("stdout", [b"Success", entry()[:-5], b"[]"])
def test_a_broken_line_is_unreadable(stdout: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parsed(stdout)


def test_a_log_without_an_end_is_unreadable() -> None:
    log = LOG.replace(b"Build finished", b"Build")

    with pytest.raises(OutputUnreadable, match="no end"):
        parse(ran(b"", log, 0), TREE, comments={}, config=STRICT)


def test_a_file_that_was_handed_over_must_be_looked_at() -> None:
    handed = ("src/a.py", "src/lost.py")

    with pytest.raises(OutputUnreadable, match=r"`src/lost\.py`"):
        parse(ran(b"", LOG, 0), TREE, comments={}, config=STRICT, handed=handed)


def test_checking_no_source_is_no_result() -> None:
    tree = Tree(roots=("/project",), files=FILES, sources=frozenset({"lib/x.py"}))

    with pytest.raises(StageError, match="none of the project's sources"):
        parse(ran(b"", LOG, 0), tree, comments={}, config=STRICT)


@pytest.mark.parametrize(("log", "words"), [(b"LOG:  x\nbad key\n", ": bad key"), (b"", "2$")])
def test_exit_code_2_without_a_message_is_a_crash(log: bytes, words: str) -> None:
    with pytest.raises(ToolCrashed, match=words):
        parse(ran(b"", log, 2), TREE, comments={}, config=STRICT)


def test_comments_that_silence_mypy_break_strict_mode() -> None:
    comments = {
        "src/a.py": Comments(ignores=2, is_ignored=True),
        "src/b.py": Comments(ignores=1, inline=("ignore-errors, disallow-untyped-defs",)),
    }

    result = parse(ran(b"", LOG, 0), TREE, comments=comments, config=STRICT)

    assert metrics_of(result)["ignores"] == 3
    assert metrics_of(result)["strict"] == 0
    assert result.notes == (
        "not strict: a `type: ignore` hides all of `src/a.py`; `ignore_errors` is on in `src/b.py`",
    )


def test_many_reasons_are_cut() -> None:
    comments = {f"src/{name}.py": Comments(is_ignored=True) for name in "abcde"}

    result = parse(ran(b"", LOG, 0), TREE, comments=comments, config=STRICT)

    assert result.notes[0].endswith("all of `src/c.py` and 2 more")


def test_inputs_are_python_files_and_configuration(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "README.md": "", "mypy.ini": ""})

    assert Mypy(MypyOptions()).inputs(ctx) == ("mypy.ini", "src/a.py")


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": ""})
    ctx.missing.add("mypy")

    with pytest.raises(ToolMissing):
        Mypy(MypyOptions()).run(ctx)


@pytest.mark.parametrize(
    ("config", "interpreter"),
    [("", True), ("[mypy]\npython_executable = /other/python\n", False)],
)
def test_the_projects_interpreter_is_named_unless_it_names_one(
    tmp_path: Path, config: str, *, interpreter: bool
) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "mypy.ini": config})
    ctx.answer("mypy", stderr=LOG, exit_code=0)

    Mypy(MypyOptions(strict=True)).run(ctx)

    assert ("--python-executable=/tools/python" in ctx.runs[0]) is interpreter
    assert ctx.runs[0][-2:] == ("--", "./src/a.py")
    assert "--strict" in ctx.runs[0]


def test_without_an_interpreter_mypy_takes_its_own(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": ""})
    ctx.missing.add("python")
    ctx.answer("mypy", stderr=LOG, exit_code=0)

    Mypy(MypyOptions()).run(ctx)

    assert not [word for word in ctx.runs[0] if word.startswith("--python")]


@pytest.mark.parametrize(
    ("git", "shown"), [(False, "pyproject.toml"), (True, "")], ids=["above", "beyond git"]
)
def test_the_configuration_is_looked_for_up_to_git(
    tmp_path: Path, shown: str, *, git: bool
) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "pyproject.toml": "[project]\n"})
    (tmp_path / "pyproject.toml").write_text("[tool.mypy]\nstrict = true\nfiles = ['src']\n")
    ((ctx.root if git else tmp_path) / ".git").mkdir()
    ctx.answer("mypy", stderr=LOG, exit_code=0)

    Mypy(MypyOptions()).run(ctx)

    named = next(word for word in ctx.runs[0] if word.startswith("--config-file="))
    assert named == f"--config-file={tmp_path / shown if shown else ''}"
    assert ctx.runs[0][-1] == "./src/a.py"


def live(tmp_path: Path, config: str = "strict = true\n", **files: str) -> LiveContext:
    named = {f"src/{name}.py": text for name, text in files.items()}
    return live_context(tmp_path, {"pyproject.toml": f"[tool.mypy]\n{config}", **named})


@pytest.mark.live
def test_live_clean(tmp_path: Path) -> None:
    result = Mypy(MypyOptions()).run(live(tmp_path, a="X: int = 1\n"))

    assert metrics_of(result) == {"errors": 0, "any": 0, "untyped": 0, "strict": 1, "ignores": 0}
    assert (result.examined.count, result.examined.excluded) == (1, 0)
    assert not result.notes


@pytest.mark.live
def test_live_findings_and_a_weakened_override(tmp_path: Path) -> None:
    ctx = live(
        tmp_path,
        "strict = true\nstrcit = true\n[[tool.mypy.overrides]]\nmodule = 'a.*'\n"
        "disallow_untyped_defs = false\n",
        a="from typing import Any\nX: Any = 1\nimport nothing_there\nY: int = ''  # type: ignore\n",
    )

    result = Mypy(MypyOptions()).run(ctx)

    assert metrics_of(result) == {"errors": 1, "any": 1, "untyped": 0, "strict": 0, "ignores": 1}
    assert {finding.rule for finding in result.findings} == {"explicit-any", "import-not-found"}
    assert "strcit" in result.notes[0]
    assert result.notes[1] == "not strict: `disallow_untyped_defs` is off for `a.*`"


@pytest.mark.live
def test_live_an_edit_that_keeps_size_and_time_is_seen_by_a_fresh_cache(tmp_path: Path) -> None:
    ctx = live(tmp_path, a="X: int = 1\n")

    first = Mypy(MypyOptions()).run(ctx)
    ctx.write("src/a.py", "X: int = ''\n")
    second = Mypy(MypyOptions()).run(ctx)

    assert (metrics_of(first)["errors"], metrics_of(second)["errors"]) == (0, 1)


@pytest.mark.live
def test_live_syntax_error(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"src/a\.py"):
        Mypy(MypyOptions()).run(live(tmp_path, a="def f(:\n", b=""))


@pytest.mark.live
def test_live_no_file(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no Python source"):
        Mypy(MypyOptions()).run(live(tmp_path))


@pytest.mark.live
def test_live_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="nothing"):
        Mypy(MypyOptions(paths=("nothing",))).run(live(tmp_path, a="X: int = 1\n"))


@pytest.mark.live
@pytest.mark.parametrize("config", ["exclude = ['b\\.py$']\n", "files = ['src/a.py']\n"])
def test_live_excluded_sources_are_told(tmp_path: Path, config: str) -> None:
    ctx = live(tmp_path, f"strict = true\n{config}", a="X: int = 1\n", b="X: int = ''\n")

    result = Mypy(MypyOptions()).run(ctx)

    assert (metrics_of(result)["errors"], metrics_of(result)["strict"]) == (0, 0)
    assert (result.examined.count, result.examined.excluded) == (1, 1)
    assert result.notes == ("not strict: mypy does not check `src/b.py`, by configuration",)


@pytest.mark.live
def test_live_a_program_that_says_nothing(tmp_path: Path) -> None:
    ctx = live(tmp_path, a="X: int = ''\n")
    ctx.stand_in("mypy", "exit 0")

    with pytest.raises(OutputUnreadable, match="is empty"):
        Mypy(MypyOptions()).run(ctx)


@pytest.mark.live
def test_live_names_like_options(tmp_path: Path) -> None:
    ctx = live(tmp_path)
    ctx.write("--exclude=src,.py", "X: int = ''\n")
    ctx.write("@more.py", "X: int = ''\n")

    result = Mypy(MypyOptions()).run(ctx)

    assert {finding.path for finding in result.findings} == {"--exclude=src,.py", "@more.py"}
    assert result.examined.count == 2


@pytest.mark.live
@pytest.mark.parametrize(
    ("config", "text", "words"),
    [
        ("", "# mypy: always-false=A\nA = False\nif A:\n    X: int = ''\n", "`always_false` hides"),
        ("always_true = ['A']\n", "A = True\nif not A:\n    X: int = ''\n", "`always_true` hides"),
        (
            "",
            "import typing\n\n\n@typing.no_type_check\ndef f(a):\n    return 1 + ''\n",
            "`no_type_check` hides a part of `src/a.py`",
        ),
    ],
)
def test_live_code_that_is_hidden_is_not_strict(
    tmp_path: Path, config: str, text: str, words: str
) -> None:
    result = Mypy(MypyOptions()).run(live(tmp_path, f"strict = true\n{config}", a=text))

    assert (metrics_of(result)["errors"], metrics_of(result)["strict"]) == (0, 0)
    assert words in result.notes[0]


@pytest.mark.live
def test_live_every_part_of_strict_mode_one_by_one_is_strict(tmp_path: Path) -> None:
    flags = "".join(f"{flag} = {str(on).lower()}\n" for flag, on in mypy_config.STRICT.items())

    result = Mypy(MypyOptions()).run(live(tmp_path, flags, a="X: int = 1\n"))

    assert "warn_unused_configs" not in flags
    assert metrics_of(result)["strict"] == 1


def test_inputs_hold_what_says_which_packages_there_are(tmp_path: Path) -> None:
    files = (
        "requirements.txt",
        "requirements-dev.txt",
        "uv.lock",
        "api/poetry.lock",
        "pylock.toml",
    )
    ctx = fake_context(tmp_path, dict.fromkeys((*files, "notes.txt"), ""))

    assert set(Mypy(MypyOptions()).inputs(ctx)) == set(files)


def given(folder: Path, *names: str, config: str = "[tool.mypy]\nstrict = true\n") -> FakeContext:
    """A project beside reports that were written elsewhere."""
    ctx = fake_context(folder, {"pyproject.toml": config, "src/a.py": "", "src/b.py": ""})
    for number, name in enumerate(names):
        ctx.write(f"out/{number}.txt", recorded(f"{DATA}/given-{name}.txt"))
    return ctx


def judged(ctx: FakeContext) -> StageResult:
    return Mypy(MypyOptions(report=("out/*.txt",))).measure(ctx)


def test_a_given_report_is_judged_beside_the_files(tmp_path: Path) -> None:
    ctx = given(tmp_path, "findings")
    ctx.write("src/b.py", "from typing import Any\nY: Any = 2\nZ = 1  # type: ignore\n")

    result = judged(ctx)

    assert metrics_of(result) == {"errors": 3, "any": 1, "untyped": 1, "strict": 1, "ignores": 1}
    assert (result.examined.count, result.examined.excluded) == (2, 0)
    assert (result.tool.version, result.tool.how) == ("2.4.1", "told by the report")
    assert ctx.notes == [UNTOLD]
    assert not ctx.runs


def test_a_given_report_without_strict_mode_is_not_strict(tmp_path: Path) -> None:
    result = judged(given(tmp_path, "clean", config="[tool.mypy]\n"))

    assert metrics_of(result) == {"errors": 0, "any": 0, "untyped": 0, "strict": 0, "ignores": 0}


def test_a_given_report_that_does_not_name_a_source_is_no_result(tmp_path: Path) -> None:
    ctx = given(tmp_path, "clean")
    ctx.write("src/c.py", "")

    with pytest.raises(StageError, match=r"did not look at `src/c\.py`"):
        judged(ctx)


def test_an_empty_report_is_no_result(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("out/0.txt", b"")

    with pytest.raises(OutputUnreadable, match="is empty"):
        judged(ctx)


@pytest.mark.parametrize("options", [{"strict": True}, {"paths": ("src",)}])
def test_options_of_a_run_are_refused_beside_a_report(options: dict[str, object]) -> None:
    Mypy(MypyOptions.from_plain(options)).check()
    with pytest.raises(ValueError, match="is for a run"):
        Mypy(MypyOptions.from_plain({**options, "report": ["x"]})).check()


@pytest.mark.live
def test_live_what_the_documented_command_writes_is_judged(tmp_path: Path) -> None:
    text = "from typing import Any\n\n\ndef f(x) -> Any:\n    return x\n"
    ctx = live(tmp_path, a=text, b="Y: int = ''\n")

    ctx.run(Tool(name="sh", version="", path="/bin/sh"), "-ec", Mypy.written_by)
    result = Mypy(MypyOptions(report=("mypy.txt",))).measure(ctx)

    assert metrics_of(result) == {"errors": 2, "any": 1, "untyped": 1, "strict": 1, "ignores": 0}
    assert result.examined.count == 2
