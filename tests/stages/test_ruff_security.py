from __future__ import annotations

import json
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, ended, fake_context, metrics_of, recorded
from stages.live_context import LiveContext, live_context

from gates.domain.condition import Role
from gates.formats.ruff_security_result import SEVERITIES
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
from gates.stages.bandit import Bandit
from gates.stages.ruff_security import RuffSecurity, RuffSecurityOptions, parse

DATA = "ruff_security/0.17.6"
RUFF = Tool(name="ruff", version="0.17.6", path="/tools/ruff")
FILES = frozenset({"src/a.py", "src/b.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)
CLEAN = {"high": 0, "medium": 0, "low": 0, "unknown": 0, "suppressed": 0, "ignored": 0}


def ran(log: bytes, exit_code: int) -> Completed:
    return ended(RUFF, ("/tools/ruff",), exit_code, b"", log, ok=(0, 1))


def test_a_recorded_run_is_read_beside_its_log() -> None:
    part = parse(ran(recorded(f"{DATA}/findings.log"), 1), recorded(f"{DATA}/findings.json"), TREE)

    assert part.examined == FILES
    assert [entry.code for entry in part.entries] == ["S404", "S324", "S602", "S602", "S607"]
    assert part.ignored == {"src/b.py": {"suspiciousevalusage"}}


def test_a_recorded_syntax_error_is_no_result() -> None:
    done = ran(recorded(f"{DATA}/syntax.log"), 1)

    with pytest.raises(StageError) as caught:
        parse(done, recorded(f"{DATA}/syntax.json"), TREE)

    assert caught.value.problem.place == "src/c.py:1:7"


@pytest.mark.parametrize(("data", "exit_code"), [(b"[]", 1), (b"", 0), (b"[{", 1), (b"{}", 0)])
def test_a_broken_report_is_unreadable(data: bytes, exit_code: int) -> None:
    with pytest.raises(OutputUnreadable):
        parse(ran(recorded(f"{DATA}/findings.log"), exit_code), data, TREE)


@pytest.mark.parametrize("log", [b"", b"warning: something else\n"])
def test_a_log_that_names_no_file_is_unreadable(log: bytes) -> None:
    with pytest.raises(OutputUnreadable, match="did not say which files"):
        parse(ran(log, 0), b"[]", TREE)


def test_a_run_that_says_that_it_found_no_file_examined_none() -> None:
    done = ran(b"warning: No Python files found under the given path(s)\n", 0)

    assert parse(done, b"[]", TREE).examined == frozenset()


def test_severities_and_conditions_are_those_of_bandit() -> None:
    assert list(SEVERITIES) == [Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.UNKNOWN]
    assert RuffSecurity.defaults == Bandit.defaults
    assert RuffSecurity.defaults[2].role is Role.WARN
    assert RuffSecurity.criteria == Bandit.criteria


def entry(code: str, path: Path, line: int, message: str = "bad") -> dict[str, object]:
    place = {"row": line, "column": 1}
    return {"code": code, "message": message, "filename": str(path), "location": place}


def write(argv: tuple[str, ...], entries: list[dict[str, object]]) -> None:
    output = next(word for word in argv if word.startswith("--output-file="))
    Path(output.partition("=")[2]).write_text(json.dumps(entries), encoding="utf-8")


def log_of(*paths: Path, ignored: str = "") -> str:
    lines = [f"[DEBUG] Checking: {path}" for path in paths]
    ignores = [
        f'[DEBUG] Adding per-file ignores for "{path}" due to match on "x": {{{ignored}}}'
        for path in paths
        if ignored
    ]
    return "\n".join((*lines, *ignores, f"[DEBUG] Checked {len(paths)} files in: 1ms", ""))


def fake(tmp_path: Path, *found: dict[str, object]) -> FakeContext:
    """A project of two sources in which ruff finds these, and finds what is planted."""
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/b.py": ""})
    here = [ctx.root / path for path in sorted(FILES)]
    ctx.answer("ruff", "--show-settings", stdout=recorded(f"{DATA}/settings.txt"))
    ctx.answer(
        "ruff",
        "--output-file=*/ruff-security-*",
        stderr=log_of(*here),
        exit_code=int(bool(found)),
        does=lambda argv: write(argv, list(found)),
    )
    ctx.answer(
        "ruff",
        "--output-file=*/everything-*",
        stderr=log_of(*here),
        exit_code=int(bool(found)),
        does=lambda argv: write(argv, list(found)),
    )
    finds(ctx, "S307", line=2)
    return ctx


def finds(ctx: FakeContext, *codes: str, line: int = 2, way: str = "*", ignored: str = "") -> None:
    """What ruff finds in a planted file."""
    ctx.answer(
        "ruff",
        "--output-file=*/planted-*",
        way,
        stderr=log_of(ctx.root.parent / "planted-0" / "planted.py", ignored=ignored),
        exit_code=int(bool(codes)),
        does=lambda argv: write(argv, [entry(code, Path(argv[-1]), line) for code in codes]),
    )


def run(ctx: FakeContext) -> StageResult:
    return RuffSecurity(RuffSecurityOptions()).run(ctx)


def test_findings_carry_what_bandit_would_say(tmp_path: Path) -> None:
    root = tmp_path / "project"
    ctx = fake(
        tmp_path,
        entry("S602", root / "src/a.py", 3),
        entry("S602", root / "src/a.py", 4, "seems safe, but"),
        entry("S104", root / "src/a.py", 5),
        entry("S999", root / "src/b.py", 1),
    )

    result = run(ctx)

    assert metrics_of(result) == {**CLEAN, "high": 1, "low": 1, "medium": 1, "unknown": 1}
    first, _, bound, new = result.findings
    assert (first.rule, first.place, first.cwe) == ("S602", "src/a.py:3:1", (78,))
    assert (first.severity, first.counts) == (Severity.HIGH, ("high",))
    assert first.owasp == "A05:2025 Injection"
    assert bound.owasp == "A02:2025 Security Misconfiguration"
    assert (new.severity, new.cwe, new.owasp) == (Severity.UNKNOWN, (), "")


def test_a_clean_run_tells_what_it_covers_and_what_was_planted(tmp_path: Path) -> None:
    ctx = fake(tmp_path)

    result = run(ctx)

    assert metrics_of(result) == CLEAN
    assert (result.examined.count, result.examined.details) == (2, (("rules", 71),))
    assert result.notes == ("covers 71 of bandit's 75 tests",)
    assert result.canary == "planted `eval(input())`, and S307 found it"
    planted = next(argv for argv in ctx.runs if any("/planted-" in word for word in argv))
    assert planted[-1].endswith("/planted.py")
    assert not Path(planted[-1]).is_relative_to(ctx.root)


@pytest.mark.parametrize(
    ("codes", "line"), [((), 2), (("S102",), 2), (("S307",), 1), (("invalid-syntax",), 2)]
)
def test_what_is_planted_must_be_found(tmp_path: Path, codes: tuple[str, ...], line: int) -> None:
    ctx = fake(tmp_path)
    finds(ctx, *codes, line=line)

    with pytest.raises(StageError, match=r"^the scanner is blind: ruff does not find") as caught:
        run(ctx)

    assert caught.value.problem.slug == "scanner-blind"
    assert caught.value.problem.hint


def test_ignores_by_path_that_take_the_planted_file_are_gone_without(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    finds(ctx, ignored="SuspiciousEvalUsage", way="--config=*")
    finds(ctx, "S307", way="--isolated")
    ctx.write("ruff.toml")

    assert run(ctx).canary

    planted = [argv for argv in ctx.runs if argv[-1].endswith("planted.py")]
    assert ["--isolated" in argv for argv in planted] == [False, True]


def test_a_file_that_ruff_would_examine_and_did_not_is_no_result(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    ctx.answer(
        "ruff",
        "--output-file=*/ruff-security-*",
        stderr=log_of(ctx.root / "src/a.py"),
        does=lambda argv: write(argv, []),
    )
    ctx.answer("ruff", "--show-files", stdout=f"{ctx.root}/src/a.py\n{ctx.root}/src/b.py\n")

    with pytest.raises(StageError, match=r"would look at `src/b\.py`"):
        run(ctx)

    ctx.answer("ruff", "--show-files", stdout=f"{ctx.root}/src/a.py\n")
    for old in ctx.out.iterdir():
        old.unlink()
    assert "not examined, by configuration: `src/b.py`" in run(ctx).notes


def test_no_examined_source_is_no_result(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    ctx.answer(
        "ruff",
        "--output-file=*/ruff-security-*",
        stderr="warning: No Python files found under the given path(s)\n",
        does=lambda argv: write(argv, []),
    )
    ctx.answer("ruff", "--show-files")

    with pytest.raises(StageError, match="examined no source"):
        run(ctx)


def test_a_project_without_python_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no Python source"):
        run(fake_context(tmp_path))


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    ctx = fake(tmp_path)
    ctx.missing.add("ruff")

    with pytest.raises(ToolMissing):
        run(ctx)


def test_inputs_are_sources_and_configuration(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "ruff.toml": "extend = 'b.cfg'", "b.cfg": ""})

    assert set(RuffSecurity(RuffSecurityOptions()).inputs(ctx)) == {
        "src/a.py",
        "ruff.toml",
        "b.cfg",
    }


BAD = "import subprocess\nexec(input())\nassert eval('1')  # noqa: S307\n"


def live(tmp_path: Path, **files: str) -> LiveContext:
    ctx = live_context(tmp_path, {f"src/{name}.py": text for name, text in files.items()})
    ctx.source_folders = ("src",)
    return ctx


@pytest.mark.live
def test_live_findings_whatever_the_lint_selects_or_excludes(tmp_path: Path) -> None:
    ctx = live(tmp_path, a=BAD, b="X = 1\n")
    ctx.write("ruff.toml", 'fix-only = true\nexclude = ["src"]\n[lint]\nselect = ["E"]\n')

    result = run(ctx)

    assert metrics_of(result) == {**CLEAN, "medium": 1, "low": 2, "suppressed": 1}
    assert result.examined.count == 2
    assert (ctx.root / "src/a.py").read_text() == BAD


@pytest.mark.live
def test_live_what_configurations_ignore_is_told_and_counted(tmp_path: Path) -> None:
    ctx = live(tmp_path, a=BAD)
    ctx.write("src/sub/b.py", BAD)
    ctx.write(
        "ruff.toml", '[lint]\nignore = ["S101"]\n[lint.per-file-ignores]\n"a.py" = ["S404"]\n'
    )
    ctx.write("src/sub/ruff.toml", 'extend = "../../ruff.toml"\n[lint]\nignore = ["S1"]\n')

    result = run(ctx)

    assert metrics_of(result) == {
        **CLEAN,
        "medium": 1,  # exec in a.py
        "low": 1,  # import in sub/b.py
        "suppressed": 2,
        "ignored": 4,
    }
    assert result.examined.count == 2
    assert result.notes[1].startswith("ignored by configuration: `S101`, `S102`")
    assert result.notes[2].endswith("for `src/a.py`")


@pytest.mark.live
@pytest.mark.parametrize(
    "config",
    [
        'force-exclude = true\nextend-exclude = ["/tmp", "planted*", "gates-*"]\n',
        '[lint]\nexclude = ["planted.py"]\n',
        '[lint.per-file-ignores]\n"!src/**" = ["S"]\n',
        '[lint.extend-per-file-ignores]\n"!src/**" = ["S"]\n',
        '[lint]\nignore = ["S307", "S102", "S3"]\n',
        '[lint]\nselect = ["S324"]\nignore = ["S"]\n',
    ],
)
def test_live_exclusions_and_a_small_selection_are_no_false_alarm(
    tmp_path: Path, config: str
) -> None:
    ctx = live(tmp_path, a="X = 1\n")
    ctx.write("ruff.toml", config)

    result = run(ctx)

    assert metrics_of(result) == CLEAN
    assert result.examined.count == 1
    assert result.canary


@pytest.mark.live
@pytest.mark.parametrize("text", [b"def f(:\n", b'X = "\xff"\n'])
def test_live_a_file_that_cannot_be_read(tmp_path: Path, text: bytes) -> None:
    ctx = live(tmp_path, b="X = 1\n")
    ctx.write("src/a.py", text)
    ctx.write("ruff.toml", '[lint.per-file-ignores]\n"*.py" = ["E"]\n')

    with pytest.raises(StageError, match=r"src/a\.py"):
        run(ctx)


@pytest.mark.live
def test_live_bad_configuration(tmp_path: Path) -> None:
    ctx = live(tmp_path, a="X = 1\n")
    ctx.write("ruff.toml", "selekt = 1\n")

    with pytest.raises(ToolCrashed):
        run(ctx)


@pytest.mark.live
@pytest.mark.parametrize("hidden", ["", "src/x/ruff.toml"])
def test_live_python_that_is_taken_for_something_else_is_no_result(
    tmp_path: Path, hidden: str
) -> None:
    ctx = live(tmp_path, b="X = 1\n")
    ctx.write("src/x/a.py", "import os\nx = [1,2]\n")
    ctx.write("ruff.toml", "line-length = 100\n")
    ctx.write(hidden or "ruff.toml", 'extension = {py = "markdown"}\n')
    ctx.unlisted = frozenset({hidden})

    with pytest.raises(StageError, match="for Markdown, so it was not examined as Python"):
        run(ctx)


@pytest.mark.parametrize("name", ["src/new\nline.py", "src/b.py\nnew.py"])
def test_a_name_that_holds_a_line_break_is_no_result(tmp_path: Path, name: str) -> None:
    ctx = fake_context(tmp_path, {"src/b.py": "", name: "import os\n"})

    with pytest.raises(StageError, match="cannot be proved"):
        run(ctx)


@pytest.mark.live
def test_live_a_comment_that_silences_a_whole_file_is_told(tmp_path: Path) -> None:
    result = run(live(tmp_path, a=f"# ruff: noqa\n{BAD}", b="X = 1\n"))

    assert metrics_of(result)["suppressed"] == 4
    assert result.notes[1:] == ("a comment switches security rules off in all of `src/a.py`",)


def given(ctx: FakeContext, log: bytes) -> StageResult:
    """What the stage makes of the recorded report and a log beside it."""
    ctx.write("out/ruff.json", recorded(f"{DATA}/findings.json").replace(b"/project", b"."))
    ctx.write("out/ruff.log", log.replace(b"/project/", b""))
    options = RuffSecurityOptions(report=("out/ruff.json",), log="out/ruff.log")
    stage = RuffSecurity(options)
    stage.check()
    return stage.measure(ctx)


def test_a_given_report_is_judged_beside_its_log(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/b.py": "# ruff: noqa\n"})

    result = given(ctx, recorded(f"{DATA}/findings.log"))

    assert ctx.runs == []
    assert metrics_of(result) == {"high": 2, "medium": 0, "low": 3, "unknown": 0}
    assert result.examined.count == 2
    assert "nothing was planted" in result.notes[0]
    assert any("switches security rules off in all of `src/b.py`" in told for told in result.notes)


def test_a_given_report_must_name_each_source(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/b.py": "", "src/new.py": ""})

    with pytest.raises(StageError, match=r"examined `src/new\.py`"):
        given(ctx, recorded(f"{DATA}/findings.log"))


@pytest.mark.parametrize("options", [{"report": ["x.json"]}, {"log": "x.log"}])
def test_a_report_and_its_log_need_each_other(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="need each other; both are written by `ruff check"):
        RuffSecurity(RuffSecurityOptions.from_plain(options)).check()


def test_what_a_report_does_not_tell_is_no_metric_of_it() -> None:
    stage = RuffSecurity(RuffSecurityOptions(report=("x.json",), log="x.log"))

    assert [spec.name for spec in stage.specs()] == ["high", "medium", "low", "unknown"]
    assert RuffSecurity(RuffSecurityOptions()).specs() == RuffSecurity.metrics
