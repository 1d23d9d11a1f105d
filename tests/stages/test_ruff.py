from __future__ import annotations

import json
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, ended, fake_context, metrics_of, recorded
from stages.given_run import write_given
from stages.live_context import LiveContext, live_context

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
from gates.stages.ruff import SEVERITIES, Ruff, RuffOptions, hidden, parse

DATA = "ruff/0.17.6"
RUFF = Tool(name="ruff", version="0.17.6", path="/tools/ruff")
FILES = frozenset({"src/a.py", "src/b.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)


def ran(log: bytes, exit_code: int) -> Completed:
    return ended(RUFF, ("/tools/ruff",), exit_code, b"", log, ok=(0, 1))


def entry(**changes: object) -> dict[str, object]:
    return {
        "code": "F401",
        "message": "unused",
        "filename": "/project/src/a.py",
        "location": {"row": 3, "column": 8},
        "fix": None,
        "severity": "error",
        **changes,
    }


def parsed(entries: list[dict[str, object]], *, exit_code: int = 1) -> StageResult:
    log = recorded(f"{DATA}/findings.log")
    return parse(ran(log, exit_code), json.dumps(entries).encode(), TREE)


def test_recorded_findings_are_counted_and_placed() -> None:
    log, data = recorded(f"{DATA}/findings.log"), recorded(f"{DATA}/findings.json")

    result = parse(ran(log, 1), data, TREE)

    assert metrics_of(result) == {"errors": 3, "warnings": 0}
    assert [(f.rule, f.place) for f in result.findings] == [
        ("F401", "src/a.py:3:8"),
        ("F401", "src/a.py:6:8"),
        ("F821", "src/a.py:23:1"),
    ]
    assert result.findings[0].fix == "Remove unused import: `os`"
    assert result.findings[0].end_line == 3
    assert (result.examined.count, result.examined.excluded) == (2, 0)
    assert result.tool == RUFF
    assert not result.notes


def test_a_recorded_clean_run_tells_what_it_left_out() -> None:
    log, data = recorded(f"{DATA}/clean.log"), recorded(f"{DATA}/clean.json")

    result = parse(ran(log, 0), data, TREE)

    assert metrics_of(result) == {"errors": 0, "warnings": 0}
    assert (result.examined.count, result.examined.excluded) == (1, 1)
    assert result.notes == ("not linted, by configuration: `src/a.py`",)


def test_a_recorded_syntax_error_is_no_result() -> None:
    log, data = recorded(f"{DATA}/syntax.log"), recorded(f"{DATA}/syntax.json")

    with pytest.raises(StageError, match=r"`src/c\.py` could not be read") as caught:
        parse(ran(log, 1), data, TREE)

    assert caught.value.problem.place == "src/c.py:1:12"


@pytest.mark.parametrize(
    ("word", "severity", "metric"),
    [
        ("fatal", Severity.HIGH, "errors"),
        ("error", Severity.HIGH, "errors"),
        ("warning", Severity.MEDIUM, "warnings"),
        ("info", Severity.INFO, "warnings"),
    ],
)
def test_each_severity_is_counted(word: str, severity: Severity, metric: str) -> None:
    result = parsed([entry(severity=word)])

    assert metrics_of(result)[metric] == 1
    assert (result.findings[0].severity, result.findings[0].counts) == (severity, (metric,))


def test_the_table_of_severities_is_the_tested_one() -> None:
    assert set(SEVERITIES) == {"fatal", "error", "warning", "info"}


def test_an_unknown_severity_is_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="`odd`"):
        parsed([entry(severity="odd")])


def test_an_unreadable_file_without_a_place_names_the_file() -> None:
    with pytest.raises(StageError) as caught:
        parsed([entry(code="E902", location=None)])

    assert caught.value.problem.place == "src/a.py"


@pytest.mark.parametrize(("entries", "exit_code"), [([], 1), ([entry()], 0)])
def test_exit_code_and_diagnostics_must_agree(
    entries: list[dict[str, object]], exit_code: int
) -> None:
    with pytest.raises(OutputUnreadable, match=f"exit code {exit_code}"):
        parsed(entries, exit_code=exit_code)


@pytest.mark.parametrize("data", [b"", b"[{", b"{}", b'[{"code": "F401"}]'])
def test_a_broken_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parse(ran(recorded(f"{DATA}/findings.log"), 1), data, TREE)


def test_only_configuration_files_are_no_proof() -> None:
    log = b"[DEBUG] Checking: /project/pyproject.toml\n[DEBUG] Checked 1 files in: 1ms\n"

    with pytest.raises(StageError, match="no Python file"):
        parse(ran(log, 0), b"[]", TREE)


def test_suppressed_diagnostics_are_those_that_only_the_second_run_has() -> None:
    plain, whole = (
        recorded(f"{DATA}/{name}.json") for name in ("findings", "findings-without-noqa")
    )

    assert hidden(plain, whole) == 2
    assert hidden(plain, plain) == 0


def fake(tmp_path: Path) -> FakeContext:
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/b.py": "", "src/sub/c.py": ""})
    paths = sorted(str(ctx.root / path) for path in ctx.files("src"))
    lines = [f"[DEBUG] Checking: {path}" for path in paths]
    log = "\n".join((*lines, f"[DEBUG] Checked {len(lines)} files in: 1ms", ""))

    def write(argv: tuple[str, ...]) -> None:
        output = next(word for word in argv if word.startswith("--output-file="))
        Path(output.partition("=")[2]).write_text("[]", encoding="utf-8")

    ctx.answer("ruff", "check", "--output-file=*", stderr=log, does=write)
    ctx.answer("ruff", "--show-settings", stdout=recorded(f"{DATA}/settings.txt"))
    return ctx


def test_each_configuration_is_asked_for_its_rules(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    ctx.write("pyproject.toml")
    ctx.write("src/sub/ruff.toml")

    result = Ruff(RuffOptions()).run(ctx)

    asked = [argv[-1] for argv in ctx.runs if "--show-settings" in argv]
    assert asked == ["./src/a.py", "./src/sub/c.py"]
    assert dict(result.examined.details)["rules"] > 50
    assert metrics_of(result)["suppressed"] == 0


def test_a_file_that_ruff_would_lint_and_did_not_is_no_result(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    late = ctx.write("tests/late.py")
    ctx.source_folders = ("src",)
    ctx.answer("ruff", "--show-files", stdout=f"{ctx.root}/src/a.py\n{late}\n")

    with pytest.raises(StageError, match=r"would look at `tests/late\.py`"):
        Ruff(RuffOptions()).run(ctx)

    assert "--extend-exclude=.gates" in ctx.runs[-2]


def test_no_enabled_rule_is_no_result(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    ctx.answer("ruff", "--show-settings", stdout=recorded(f"{DATA}/settings-empty.txt"))

    with pytest.raises(StageError, match="enables no rule"):
        Ruff(RuffOptions()).run(ctx)


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    ctx.missing.add("ruff")

    with pytest.raises(ToolMissing):
        Ruff(RuffOptions()).run(ctx)


def test_inputs_are_python_files_and_configuration(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "README.md": "", "ruff.toml": ""})

    assert Ruff(RuffOptions()).inputs(ctx) == ("ruff.toml", "src/a.py")


CONFIG = '[lint]\nselect = ["F"]\n'


def live(tmp_path: Path, config: str = CONFIG, **files: str) -> LiveContext:
    named = {f"src/{name}.py": text for name, text in files.items()}
    return live_context(tmp_path, {"ruff.toml": config, **named})


@pytest.mark.live
def test_live_clean(tmp_path: Path) -> None:
    result = Ruff(RuffOptions()).run(live(tmp_path, a="X = 1\n"))

    assert metrics_of(result) == {"errors": 0, "warnings": 0, "suppressed": 0}
    assert (result.examined.count, result.examined.excluded) == (1, 0)


@pytest.mark.live
def test_live_finding_and_what_a_comment_hides(tmp_path: Path) -> None:
    ctx = live(tmp_path, a="import os\n", b="# ruff: noqa\nimport os\n")

    result = Ruff(RuffOptions()).run(ctx)

    assert metrics_of(result) == {"errors": 1, "warnings": 0, "suppressed": 1}
    assert result.findings[0].place == "src/a.py:1:8"


@pytest.mark.live
@pytest.mark.parametrize("config", ["", "fix = true\n", "fix-only = true\nunsafe-fixes = true\n"])
def test_live_nothing_is_fixed(tmp_path: Path, config: str) -> None:
    ctx = live(tmp_path, f"{config}{CONFIG}", a="import os\n")

    result = Ruff(RuffOptions()).run(ctx)

    assert metrics_of(result)["errors"] == 1
    assert (ctx.root / "src/a.py").read_text() == "import os\n"


@pytest.mark.live
@pytest.mark.parametrize("head", ["", "# ruff: noqa\n"])
def test_live_syntax_error(tmp_path: Path, head: str) -> None:
    with pytest.raises(StageError, match=r"src/a\.py"):
        Ruff(RuffOptions()).run(live(tmp_path, a=f"{head}def f(:\n"))


@pytest.mark.live
def test_live_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    ctx = live(tmp_path, f'{CONFIG}ignore = ["ALL"]\n', b="X = 1\n")
    ctx.write("src/a.py", b'x = "\xff"\n')

    with pytest.raises(StageError, match=r"src/a\.py"):
        Ruff(RuffOptions()).run(ctx)


@pytest.mark.live
@pytest.mark.parametrize("config", ['exclude = ["src"]\n', ""])
def test_live_no_file(tmp_path: Path, config: str) -> None:
    files = {"a": "import os\n"} if config else {}

    with pytest.raises(StageError, match="no Python file"):
        Ruff(RuffOptions()).run(live(tmp_path, config, **files))


@pytest.mark.live
def test_live_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="`nothing`: no such file or folder"):
        Ruff(RuffOptions(paths=("nothing",))).run(live(tmp_path, a="X = 1\n"))


@pytest.mark.live
@pytest.mark.parametrize("where", ["", "[lint]\n"])
def test_live_excluded_sources_are_told(tmp_path: Path, where: str) -> None:
    ctx = live(tmp_path, f'{where}exclude = ["src/a.py"]\n', a="import os\n", b="X = 1\n")

    result = Ruff(RuffOptions()).run(ctx)

    assert metrics_of(result)["errors"] == 0
    assert (result.examined.count, result.examined.excluded) == (1, 1)
    assert result.notes == ("not linted, by configuration: `src/a.py`",)


@pytest.mark.live
def test_live_empty_selection(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no rule"):
        Ruff(RuffOptions()).run(live(tmp_path, "[lint]\nselect = []\n", a="import os\n"))


@pytest.mark.live
def test_live_bad_configuration(tmp_path: Path) -> None:
    with pytest.raises(ToolCrashed):
        Ruff(RuffOptions()).run(live(tmp_path, "selekt = 1\n", a="import os\n"))


@pytest.mark.live
def test_live_a_program_that_says_nothing(tmp_path: Path) -> None:
    ctx = live(tmp_path, a="import os\n")
    ctx.stand_in("ruff", "exit 0")

    with pytest.raises(OutputUnreadable, match="was not written"):
        Ruff(RuffOptions()).run(ctx)


@pytest.mark.live
def test_live_a_program_that_writes_an_empty_list(tmp_path: Path) -> None:
    ctx = live(tmp_path, a="import os\n")
    ctx.stand_in(
        "ruff",
        'for word; do case "$word" in --output-file=*) echo "[]" >"${word#*=}";; esac; done',
    )

    with pytest.raises(OutputUnreadable, match="did not say which files"):
        Ruff(RuffOptions()).run(ctx)


@pytest.mark.live
def test_live_names_like_options(tmp_path: Path) -> None:
    ctx = live(tmp_path)
    ctx.write("--extend-ignore=F,.py", "import os\n")
    ctx.write("src/--exit-zero.py", "import os\n")

    result = Ruff(RuffOptions(paths=("--extend-ignore=F,.py", "src"))).run(ctx)

    assert metrics_of(result)["errors"] == 2
    assert {f.path for f in result.findings} == {"--extend-ignore=F,.py", "src/--exit-zero.py"}


@pytest.mark.live
@pytest.mark.parametrize(
    "ignores", ['"*" = ["ALL"]', '"src/*.py" = ["F"]', '"!x.py" = ["F"]', '"a.py" = ["ALL"]']
)
def test_live_a_source_for_which_every_rule_is_ignored(tmp_path: Path, ignores: str) -> None:
    ctx = live(tmp_path, f"{CONFIG}[lint.per-file-ignores]\n{ignores}\n", a="import os\n")

    with pytest.raises(StageError, match=r"enables no rule for `src/a\.py`"):
        Ruff(RuffOptions()).run(ctx)


@pytest.mark.live
def test_live_ignoring_some_rules_leaves_the_others(tmp_path: Path) -> None:
    ctx = live(tmp_path, f'{CONFIG}[lint.per-file-ignores]\n"*" = ["F401"]\n', a="import os\n")
    ctx.write("tests/test_a.py", "import os\n")
    ctx.write("tests/ruff.toml", '[lint]\nselect = ["F"]\n[lint.per-file-ignores]\n"*" = ["ALL"]\n')
    ctx.source_folders = ("src",)
    (tmp_path / "plain").mkdir()
    plain = live(tmp_path / "plain", a="X = 1\n")

    rules = dict(Ruff(RuffOptions()).run(ctx).examined.details)["rules"]

    assert rules == dict(Ruff(RuffOptions()).run(plain).examined.details)["rules"] - 1


@pytest.mark.live
def test_live_configuration_outside_of_the_project_decides_nothing(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"src/a.py": "import os\n"})
    (tmp_path / "ruff.toml").write_text('[lint]\nselect = ["W605"]\n', encoding="utf-8")

    assert metrics_of(Ruff(RuffOptions()).run(ctx))["errors"] == 1


@pytest.mark.live
def test_live_configuration_above_the_project_in_its_git_decides(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"src/a.py": "import os\n"})
    (tmp_path / ".git").mkdir()
    (tmp_path / "ruff.toml").write_text('[lint]\nselect = ["W605"]\n', encoding="utf-8")

    assert metrics_of(Ruff(RuffOptions()).run(ctx))["errors"] == 0


@pytest.mark.live
def test_live_an_isolated_run_knows_the_required_python(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"src/a.py": "type X = int\n"})
    ctx.write("pyproject.toml", '[project]\nrequires-python = ">=3.12"\n')

    assert Ruff(RuffOptions()).run(ctx).examined.count == 1
    assert "--isolated" in ctx.runs[0]


@pytest.mark.live
@pytest.mark.parametrize("ignored", ["a.py", "*.py"])
def test_live_a_source_that_gitignore_names_is_linted(tmp_path: Path, ignored: str) -> None:
    ctx = live(tmp_path, a="import os  # noqa\nimport re\n", b="X = 1\n")
    ctx.write(".gitignore", f"{ignored}\n")
    (ctx.root / ".git").mkdir()

    result = Ruff(RuffOptions()).run(ctx)

    assert (result.examined.count, result.examined.excluded) == (2, 0)
    assert metrics_of(result) == {"errors": 1, "warnings": 0, "suppressed": 1}


@pytest.mark.live
def test_live_files_of_gates_are_not_linted(tmp_path: Path) -> None:
    ctx = live(tmp_path, 'extend-exclude = ["b.py"]\n' + CONFIG, a="X = 1\n", b="import os\n")
    ctx.write(".gates/local/runs/1/conftest.py", "import os\n")

    result = Ruff(RuffOptions()).run(ctx)

    assert (metrics_of(result)["errors"], result.examined.count) == (0, 1)


def test_inputs_follow_what_a_configuration_extends(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"ruff.toml": 'extend = "lint/base.cfg"\n', "lint/base.cfg": ""})

    assert Ruff(RuffOptions()).inputs(ctx) == ("lint/base.cfg", "ruff.toml")


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
        Ruff(RuffOptions()).run(ctx)


@pytest.mark.parametrize("name", ["src/new\nline.py", "src/b.py\nnew.py"])
def test_a_name_that_holds_a_line_break_is_no_result(tmp_path: Path, name: str) -> None:
    ctx = fake_context(tmp_path, {"src/b.py": "", name: "import os\n"})

    with pytest.raises(StageError, match="cannot be proved"):
        Ruff(RuffOptions()).run(ctx)


GIVEN = RuffOptions(report=("out/*.json",), log="out/ruff.log")


def given(tmp_path: Path, log: bytes | None = None) -> FakeContext:
    """The project of the recorded report, beside the report and its log."""
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/b.py": "", "src/gen/c.py": ""})
    told = recorded(f"{DATA}/given.log") if log is None else log
    for name, data in (("ruff.json", recorded(f"{DATA}/given.json")), ("ruff.log", told)):
        ctx.write(f"out/{name}", data.replace(b"/project", str(ctx.root).encode()))
    return ctx


def test_a_given_report_is_judged_beside_its_log(tmp_path: Path) -> None:
    ctx = given(tmp_path)

    result = Ruff(GIVEN).measure(ctx)

    assert metrics_of(result) == {"errors": 2, "warnings": 0}
    assert [(f.rule, f.place) for f in result.findings] == [
        ("F401", "src/a.py:1:8"),
        ("F821", "src/a.py:5:11"),
    ]
    assert (result.examined.count, result.examined.excluded) == (2, 1)
    assert result.notes == ("not linted, by configuration: `src/gen/c.py`",)
    assert "does not tell which rules were enabled" in ctx.notes[0]
    assert (result.tool.how, result.canary) == ("a given report", "")
    assert ctx.runs == []


def test_a_given_log_without_a_source_is_no_result(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("src/new.py")

    with pytest.raises(StageError, match=r"tells nothing of `src/new\.py`") as caught:
        Ruff(GIVEN).measure(ctx)

    assert caught.value.problem.slug == "source-not-examined"
    assert Ruff.written_by in caught.value.problem.hint


def test_a_given_log_of_another_run_is_no_result(tmp_path: Path) -> None:
    log = recorded(f"{DATA}/given.log").replace(b"Checking: /project/src/a.py", b"")

    with pytest.raises(OutputUnreadable, match="named 2 files and counted 3"):
        Ruff(GIVEN).measure(given(tmp_path, log))


def test_a_given_report_does_not_tell_what_is_suppressed() -> None:
    assert "suppressed" in {spec.name for spec in Ruff(RuffOptions()).specs()}
    assert {spec.name for spec in Ruff(GIVEN).specs()} == {"errors", "warnings"}


@pytest.mark.parametrize(
    "options",
    [
        RuffOptions(report=("out/ruff.json",)),
        RuffOptions(log="out/ruff.log"),
        RuffOptions(report=("out/ruff.json",), log="out/ruff.log", paths=("src",)),
    ],
)
def test_options_that_do_not_fit_a_report_are_refused(options: RuffOptions) -> None:
    Ruff(GIVEN).check()

    with pytest.raises(ValueError, match="`report`"):
        Ruff(options).check()


@pytest.mark.live
def test_live_what_the_documented_command_writes_is_judged(tmp_path: Path) -> None:
    ctx = live(tmp_path, 'exclude = ["c.py"]\n' + CONFIG, a="import os\n", b="X = 1\n", c="")

    for _ in range(2):  # the second time, there is a cache
        write_given(ctx, Ruff.written_by)
        result = Ruff(GIVEN).measure(ctx)

        assert metrics_of(result) == {"errors": 1, "warnings": 0}
        assert (result.examined.count, result.examined.excluded) == (2, 1)
