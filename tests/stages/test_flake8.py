from __future__ import annotations

from pathlib import Path

import pytest
from stages.fake_context import FakeContext, ended, fake_context, metrics_of, recorded
from stages.given_run import write_given
from stages.live_context import live_context

from gates.formats.flake8_config import Flake8Config
from gates.formats.flake8_result import SEVERITIES
from gates.formats.tool_paths import Tree
from gates.plugin import Completed, OutputUnreadable, Severity, StageError, StageResult, Tool
from gates.stages.flake8 import Flake8, Flake8Options, parse, suppressed

NEW, OLD = "flake8/7.5.0", "flake8/6.0.0"
FLAKE8 = Tool(name="flake8", version="7.5.0", path="/tools/flake8")
BOTH = ("src/a.py", "src/b.py")
TREE = Tree(roots=("/project",), files=frozenset(BOTH), sources=frozenset(BOTH))
PLANTED = "/planted/canary.py"


def ran(stdout: bytes, log: bytes, exit_code: int) -> Completed:
    return ended(FLAKE8, ("/tools/flake8",), exit_code, stdout, log, ok=(0, 1))


def record(name: str, *, exit_code: int = 1) -> Completed:
    return ran(recorded(f"{name}.txt"), recorded(f"{name}.log"), exit_code)


def parsed(
    done: Completed,
    handed: tuple[str, ...] = BOTH,
    *,
    settings: dict[str, str] | None = None,
    muted: frozenset[str] = frozenset(),
) -> StageResult:
    config = Flake8Config(root="/project", name=".flake8", settings=settings or {})
    return parse(done, TREE, config=config, handed=handed, planted=PLANTED, muted=muted)


def printed(*entries: tuple[str, str], files: int = 2) -> tuple[bytes, bytes]:
    lines = [f"{code} 3 1 {path!r} 'text'\n" for code, path in entries]
    sums = f"{files}          total files processed\n"
    log = f"Found a total of 99 violations and reported {len(entries)}\n"
    return "".join((*lines, sums)).encode(), log.encode()


@pytest.mark.parametrize("data", [NEW, OLD])
def test_recorded_findings_are_counted_and_placed(data: str) -> None:
    result = parsed(record(f"{data}/findings"))

    assert metrics_of(result) == {"errors": 4, "warnings": 0}
    assert [(f.rule, f.place) for f in result.findings] == [
        ("F401", "src/a.py:3:1"),
        ("F841", "src/a.py:9:5"),
        ("E221", "src/a.py:9:6"),
        ("F821", "src/a.py:9:10"),
    ]
    assert (result.examined.count, result.examined.excluded) == (2, 0)
    assert "kinds of defects" in result.canary
    assert dict(result.examined.details)["rules"] > 40


@pytest.mark.parametrize("data", [NEW, OLD])
def test_recorded_comments_hide_one_entry(data: str) -> None:
    plain, whole = record(f"{data}/findings"), record(f"{data}/whole")

    assert suppressed(plain, whole, TREE, planted=PLANTED) == 1


def test_a_recorded_clean_run_still_finds_what_was_planted() -> None:
    result = parsed(record(f"{NEW}/clean"))

    assert metrics_of(result) == {"errors": 0, "warnings": 0}
    assert not result.findings


@pytest.mark.parametrize("data", [NEW, OLD])
def test_a_recorded_syntax_error_is_no_result(data: str) -> None:
    with pytest.raises(StageError, match=r"`src/c\.py` could not be read") as caught:
        parsed(record(f"{data}/syntax"), (*BOTH, "src/c.py"))

    assert caught.value.problem.place == "src/c.py:1:13"


@pytest.mark.parametrize(
    ("code", "severity", "metric"),
    [
        ("E501", Severity.HIGH, "errors"),
        ("F401", Severity.HIGH, "errors"),
        ("B006", Severity.HIGH, "errors"),
        ("ABC123", Severity.HIGH, "errors"),
        ("W291", Severity.MEDIUM, "warnings"),
        ("C901", Severity.MEDIUM, "warnings"),
    ],
)
def test_each_code_is_counted(code: str, severity: Severity, metric: str) -> None:
    entries = printed((code, "./src/a.py"), ("F401", PLANTED))

    result = parsed(ran(*entries, 1), ("src/a.py",))

    assert metrics_of(result)[metric] == 1
    assert (result.findings[0].severity, result.findings[0].counts) == (severity, (metric,))


def test_the_table_of_severities_knows_every_letter() -> None:
    assert sorted(SEVERITIES) == [chr(letter) for letter in range(ord("A"), ord("Z") + 1)]


def test_a_code_without_a_letter_is_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="`1`"):
        parsed(ran(*printed(("1", "./src/a.py"), ("F401", PLANTED)), 1), ("src/a.py",))


@pytest.mark.parametrize(("files", "exit_code"), [(3, 1), (1, 1), (2, 0)])
def test_files_entries_and_exit_code_must_agree(files: int, exit_code: int) -> None:
    with pytest.raises(OutputUnreadable, match=f"exit code {exit_code}"):
        parsed(ran(*printed(("F401", PLANTED), files=files), exit_code), ("src/a.py",))


@pytest.mark.parametrize("entries", [(), (("D100", PLANTED),), (("F401", "./src/a.py"),)])
def test_no_enabled_rule_is_no_result(entries: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(StageError, match="enables no rule by which") as caught:
        parsed(ran(*printed(*entries), int(bool(entries))), ("src/a.py",))

    assert caught.value.problem.slug == "no-rule"


def test_a_source_for_which_every_rule_is_ignored() -> None:
    ignores = {"per-file-ignores": "src/b.py:E,F,W"}

    with pytest.raises(StageError, match=r"enables no rule for `src/b\.py`"):
        parsed(record(f"{NEW}/findings"), settings=ignores)


def test_few_rules_for_a_source_are_told() -> None:
    entries = printed(("F401", PLANTED), ("W605", PLANTED), ("E501", PLANTED))

    result = parsed(ran(*entries, 1), ("src/a.py",), settings={"per-file-ignores": "src/a.py:E,F"})

    assert result.examined.details == (("rules", 1),)
    assert "few rules of flake8's own are enabled: `W605`" in result.notes


def test_files_that_a_comment_hides_are_not_examined() -> None:
    result = parsed(record(f"{NEW}/findings"), muted=frozenset(BOTH[1:]))

    assert (result.examined.count, result.examined.excluded) == (1, 1)
    assert result.notes == ("hidden by a `# flake8: noqa` comment: `src/b.py`",)


def test_no_file_but_hidden_ones_is_no_result() -> None:
    with pytest.raises(StageError, match="hides each file"):
        parsed(record(f"{NEW}/findings"), muted=frozenset(BOTH))


def test_the_run_without_comments_must_take_the_same_files() -> None:
    plain, whole = ran(*printed(("F401", PLANTED)), 1), ran(*printed(files=2), 0)

    with pytest.raises(OutputUnreadable, match="took 1 files, and 2"):
        suppressed(plain, whole, TREE, planted=PLANTED)


def test_a_hidden_file_that_is_not_readable_is_no_result() -> None:
    plain, whole = ran(*printed(("F401", PLANTED)), 1), ran(*printed(("E999", "a.py"), files=1), 1)

    with pytest.raises(StageError, match=r"`a\.py` could not be read"):
        suppressed(plain, whole, TREE, planted=PLANTED)


def fake(tmp_path: Path, files: dict[str, str], *, handed: int) -> FakeContext:
    ctx = fake_context(tmp_path, files)
    planted = str(tmp_path / "planted-0" / "canary.py")
    stdout, log = printed(("F401", planted), files=handed + 1)
    ctx.answer("flake8", "--benchmark", stdout=stdout, stderr=log, exit_code=1)
    return ctx


def test_what_the_configuration_excludes_is_not_handed_over(tmp_path: Path) -> None:
    files = {"src/a.py": "", "src/build/b.py": "", "tox.ini": "[flake8]\nexclude = build\n"}
    ctx = fake(tmp_path, files, handed=1)

    result = Flake8(Flake8Options()).run(ctx)

    assert ctx.runs[0][-3:-1] == ("--", "./src/a.py")
    assert {"--exclude=", "--extend-exclude=", "--config=tox.ini"} <= set(ctx.runs[0])
    assert "not linted, by configuration: `src/build/b.py`" in result.notes
    assert len(ctx.runs) == 1


def test_a_configuration_above_the_project_in_its_git_is_obeyed(tmp_path: Path) -> None:
    ctx = fake(tmp_path, {"a.py": "", "b.py": "", "setup.cfg": "[metadata]\n"}, handed=1)
    (tmp_path / ".git").mkdir()
    config = tmp_path / ".flake8"
    config.write_text("[flake8]\nexclude = project/b.py\n", encoding="utf-8")

    Flake8(Flake8Options()).run(ctx)

    assert f"--config={config}" in ctx.runs[0]


def test_a_configuration_outside_of_the_project_is_not(tmp_path: Path) -> None:
    ctx = fake(tmp_path, {"a.py": ""}, handed=1)
    (ctx.root / ".git").mkdir()
    (tmp_path / ".flake8").write_text("[flake8]\nexclude = *\n", encoding="utf-8")

    Flake8(Flake8Options()).run(ctx)

    assert "--isolated" in ctx.runs[0]


@pytest.mark.parametrize(
    ("version", "handed"),
    [("7.5.0 (flake8-pyproject:\n1.2.4, mccabe: 0.7.0)", 1), ("7.5.0 (mccabe: 0.7.0)", 2)],
)
def test_pyproject_is_obeyed_with_the_plugin(tmp_path: Path, version: str, handed: int) -> None:
    files = {"a.py": "", "b.py": "", "pyproject.toml": '[tool.flake8]\nexclude = ["b.py"]\n'}
    ctx = fake(tmp_path, files, handed=handed)
    ctx.answer("flake8", "--version", stdout=version)

    result = Flake8(Flake8Options()).run(ctx)

    assert result.examined.count == handed
    assert bool(ctx.notes) == (handed == 2)


@pytest.mark.parametrize("files", [{}, {"a.py": "", ".flake8": "[flake8]\nexclude = *\n"}])
def test_no_file_is_no_result(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(StageError) as caught:
        Flake8(Flake8Options()).run(fake_context(tmp_path, files))

    assert caught.value.problem.slug == "nothing-examined"


def test_inputs_are_python_files_and_configuration(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "README.md": "", "tox.ini": ""})

    assert Flake8(Flake8Options()).inputs(ctx) == ("src/a.py", "tox.ini")


@pytest.mark.parametrize("is_disabled", [True, False])
def test_disabled_comments_hide_no_file(tmp_path: Path, *, is_disabled: bool) -> None:
    config = f"[flake8]\ndisable-noqa = {is_disabled}\n"
    ctx = fake(tmp_path, {"a.py": "# flake8: noqa\n", "b.py": "", ".flake8": config}, handed=2)
    ctx.answer("flake8", "--disable-noqa", stdout=printed()[0], stderr=printed()[1])

    assert Flake8(Flake8Options()).run(ctx).examined.count == (2 if is_disabled else 1)


def test_a_configuration_that_is_not_ini_is_passed_over(tmp_path: Path) -> None:
    files = {"a.py": "", "setup.cfg": "[metadata]\nfoo\n", "tox.ini": "[flake8]\n"}
    ctx = fake(tmp_path, files, handed=1)

    Flake8(Flake8Options()).run(ctx)

    assert "--config=tox.ini" in ctx.runs[0]


CONFIG = """\
[flake8]
quiet = 2
format = pylint
count = true
show_source = true
statistics = true
tee = true
exclude = left_out.py
"""


@pytest.mark.live
def test_live_findings_are_counted_whatever_is_printed(tmp_path: Path) -> None:
    files = {
        ".flake8": CONFIG,
        "--extend-ignore=F,.py": "import os\n",
        "src/hidden.py": "# flake8: noqa\nimport os\n",
        "src/line.py": "import os  # noqa : X\nX = 1 \n",
        "src/odd.py": "# coding: utf-7\n+ACM- flake8: noqa\nimport os\n",
        "src/space.py": "# flake8:\u00a0noqa\nimport os\n",
        "src/left_out.py": "import os\n",
    }
    ctx = live_context(tmp_path, files)
    ctx.write("src/--exit-zero.py", "import os\n")

    result = Flake8(Flake8Options()).run(ctx)

    assert metrics_of(result) == {"errors": 2, "warnings": 1, "suppressed": 4}
    places = [(f.rule, f.place) for f in result.findings]
    assert ("F401", "--extend-ignore=F,.py:1:1") in places
    assert ("F401", "src/--exit-zero.py:1:1") in places
    assert (result.examined.count, result.examined.excluded) == (3, 4)
    assert len(result.notes) == 2


@pytest.mark.live
@pytest.mark.parametrize(
    ("config", "text", "slug"),
    [
        ("", "def f(:\n", "file-unreadable"),
        ("select = F", "def f(:\n", "file-unreadable"),
        ("ignore = E999", "# flake8: noqa\ndef f(:\n", "file-unreadable"),
        ("select =", "import os\n", "no-rule"),
        ("ignore = E,W,F,C", "import os\n", "no-rule"),
        ("ignore = bad", "import os\n", "flake8-unproved"),
    ],
)
def test_live_what_could_not_be_linted(tmp_path: Path, config: str, text: str, slug: str) -> None:
    files = {"src/a.py": text, "src/b.py": "X = 1\n", "tox.ini": f"[flake8]\n{config}\n"}

    with pytest.raises(StageError) as caught:
        Flake8(Flake8Options()).run(live_context(tmp_path, files))

    assert caught.value.problem.slug == slug


GIVEN = Flake8Options(report=("out/*.txt",), log="out/flake8.log")


def given(tmp_path: Path, version: str = NEW) -> FakeContext:
    """The project of the recorded report, beside the report and its log."""
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/b.py": "", "src/gen/c.py": ""})
    for ending in ("txt", "log"):
        data = recorded(f"{version}/given.{ending}")
        ctx.write(f"out/flake8.{ending}", data.replace(b"/project", str(ctx.root).encode()))
    return ctx


@pytest.mark.parametrize("version", [NEW, OLD])
def test_a_given_report_is_judged_beside_its_log(tmp_path: Path, version: str) -> None:
    ctx = given(tmp_path, version)

    result = Flake8(GIVEN).measure(ctx)

    assert metrics_of(result) == {"errors": len(result.findings), "warnings": 0}
    assert {"F401", "F821"} <= {finding.rule for finding in result.findings}
    assert {finding.path for finding in result.findings} == {"src/a.py"}
    assert (result.examined.count, result.examined.excluded) == (2, 1)
    assert result.notes == ("not linted, by configuration: `src/gen/c.py`",)
    assert "does not tell which rules were enabled" in ctx.notes[0]
    assert (result.tool.how, result.canary, ctx.runs) == ("a given report", "", [])


def test_a_file_that_hides_itself_was_not_examined(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    for path in ("src/a.py", "src/b.py"):  # of the first, the report tells
        ctx.write(path, "# flake8: noqa\n")

    result = Flake8(GIVEN).measure(ctx)

    assert (result.examined.count, result.examined.excluded) == (1, 2)
    assert result.notes[-1] == "hidden by a `# flake8: noqa` comment: `src/b.py`"


def test_a_given_log_without_a_source_is_no_result(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("src/new.py")

    with pytest.raises(StageError, match=r"tells nothing of `src/new\.py`") as caught:
        Flake8(GIVEN).measure(ctx)

    assert Flake8.written_by in caught.value.problem.hint


def test_a_given_report_does_not_tell_what_is_suppressed() -> None:
    assert "suppressed" in {spec.name for spec in Flake8(Flake8Options()).specs()}
    assert {spec.name for spec in Flake8(GIVEN).specs()} == {"errors", "warnings"}


@pytest.mark.parametrize(
    "options",
    [
        Flake8Options(report=("out/x.txt",)),
        Flake8Options(log="out/x.log"),
        Flake8Options(report=("out/x.txt",), log="out/x.log", paths=("src",)),
    ],
)
def test_options_that_do_not_fit_a_report_are_refused(options: Flake8Options) -> None:
    Flake8(GIVEN).check()

    with pytest.raises(ValueError, match="`report`"):
        Flake8(options).check()


@pytest.mark.live
def test_live_what_the_documented_command_writes_is_judged(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"src/a.py": "import os\n", "src/b.py": "X = 1\n", "src/c.py": ""})
    ctx.write(".flake8", "[flake8]\nexclude = c.py\nformat = pylint\nshow-source = true\n")

    write_given(ctx, Flake8.written_by)
    result = Flake8(GIVEN).measure(ctx)

    assert metrics_of(result) == {"errors": 1, "warnings": 0}
    assert (result.examined.count, result.examined.excluded) == (2, 1)
