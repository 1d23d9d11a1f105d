from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, ended, fake_context, metrics_of, recorded
from stages.given_run import write_given
from stages.live_context import live_context

from gates.formats import pylint_canary
from gates.formats.pylint_canary import Planted
from gates.formats.pylint_result import SEVERITIES
from gates.formats.pylint_witness import EXAMINED
from gates.formats.tool_paths import Tree
from gates.plugin import (
    Completed,
    OutputUnreadable,
    Severity,
    StageError,
    StageResult,
    Tool,
    ToolCrashed,
)
from gates.stages.pylint import Pylint, PylintOptions, parse

NEW, OLD = "pylint/4.1.4", "pylint/3.0.0"
PYLINT = Tool(name="pylint", version="4.1.4", path="/tools/pylint")
BOTH = ("src/a.py", "src/b.py")
PLANTED = "/planted/gates_pylint_canary.py"
RULES = frozenset({"E0401", "W0601", "W0603", "W0604", "W0611"})
CANARY = Planted(path=PLANTED, rules=RULES)
UNPROVED = "no enabled rule finds a defect that was planted"
TREE = Tree(roots=("/project",), files=frozenset(BOTH), sources=frozenset(BOTH))


def ran(exit_code: int) -> Completed:
    return ended(PYLINT, ("/tools/pylint",), exit_code, b"", b"", ok=tuple(range(32)))


def report(*entries: tuple[str, str, str]) -> bytes:
    messages = [
        {
            "messageId": code,
            "symbol": "symbol",
            "type": category,
            "message": "text",
            "path": path,
            "line": 1,
            "column": 0,
            "confidence": "HIGH",
        }
        for code, category, path in entries
    ]
    counts = Counter(category for _, category, _ in entries)
    return json.dumps({"messages": messages, "statistics": {"messageTypeCount": counts}}).encode()


SEEN = (EXAMINED, "info", "src/a.py")


def parsed(
    *entries: tuple[str, str, str],
    exit_code: int = 0,
    handed: tuple[str, ...] = BOTH,
    settings: dict[str, object] | None = None,
    canary: Planted = CANARY,
) -> StageResult:
    known = settings or {}
    found = report(*entries)
    return parse(ran(exit_code), found, TREE, handed=handed, settings=known, canary=canary)


@pytest.mark.parametrize("data", [NEW, OLD])
def test_recorded_findings_are_counted_and_placed(data: str) -> None:
    found = recorded(f"{data}/findings.json")

    result = parse(ran(6), found, TREE, handed=BOTH, settings={}, canary=CANARY)

    assert metrics_of(result) == {"errors": 1, "warnings": 3, "suppressed": 1}
    assert [(f.rule, f.place) for f in result.findings] == [
        ("E0602", "src/a.py:9:10"),
        ("W0613", "src/a.py:7:17"),
        ("W0612", "src/a.py:9:5"),
        ("W0611", "src/a.py:3:1"),
    ]
    assert result.findings[0].aliases == ("undefined-variable",)
    assert (result.examined.count, result.examined.excluded) == (2, 0)
    assert result.examined.details == (("rules", 5),)


def test_a_recorded_clean_run_tells_what_it_left_out() -> None:
    result = parse(
        ran(0), recorded(f"{NEW}/clean.json"), TREE, handed=BOTH, settings={}, canary=CANARY
    )

    assert metrics_of(result) == {"errors": 0, "warnings": 0, "suppressed": 0}
    assert (result.examined.count, result.examined.excluded) == (1, 1)
    assert result.notes == ("not linted, by configuration: `src/b.py`", UNPROVED)


@pytest.mark.parametrize("data", [NEW, OLD])
def test_a_recorded_syntax_error_is_no_result(data: str) -> None:
    handed = (*BOTH, "src/c.py")

    with pytest.raises(StageError, match=r"could not examine `src/c\.py`") as caught:
        parse(
            ran(2), recorded(f"{data}/syntax.json"), TREE, handed=handed, settings={}, canary=CANARY
        )

    assert caught.value.problem.place == "src/c.py:1"


@pytest.mark.parametrize(
    ("category", "severity", "counts", "bit"),
    [
        ("fatal", Severity.HIGH, ("errors",), 1),
        ("error", Severity.HIGH, ("errors",), 2),
        ("warning", Severity.MEDIUM, ("warnings",), 4),
        ("refactor", Severity.LOW, ("warnings",), 8),
        ("convention", Severity.LOW, ("warnings",), 16),
        ("info", Severity.INFO, (), 0),
    ],
)
def test_each_category_is_counted(
    category: str, severity: Severity, counts: tuple[str, ...], bit: int
) -> None:
    result = parsed(SEEN, ("X9999", category, "src/a.py"), exit_code=bit)

    assert [(f.severity, f.counts) for f in result.findings] == [(severity, counts)]
    assert sum(int(str(number)) for number in metrics_of(result).values()) == len(counts)


def test_the_table_of_severities_is_the_tested_one() -> None:
    assert set(SEVERITIES) == {"fatal", "error", "warning", "refactor", "convention", "info"}


def test_an_unknown_category_is_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="`odd`"):
        parsed(SEEN, ("X9999", "odd", "src/a.py"))


@pytest.mark.parametrize("code", ["E0001", "F0001", "F0002", "F0010", "F0011"])
def test_what_was_not_read_is_no_result(code: str) -> None:
    category, bit = ("error", 2) if code == "E0001" else ("fatal", 1)

    with pytest.raises(StageError, match="and 1 more") as caught:
        parsed(SEEN, *[(code, category, ".pylintrc")] * 2, exit_code=bit)

    assert caught.value.problem.slug == "file-unreadable"


@pytest.mark.parametrize(
    ("exit_code", "settings"),
    [(0, {}), (2, {}), (20, {}), (4, {"exit-zero": True}), (1, {"fail-on": ["W"]})],
)
def test_bits_and_messages_must_agree(exit_code: int, settings: dict[str, object]) -> None:
    with pytest.raises(OutputUnreadable, match=f"exit code {exit_code}"):
        parsed(SEEN, ("W0611", "warning", "src/a.py"), exit_code=exit_code, settings=settings)


def test_settings_that_change_the_exit_code_are_known() -> None:
    warning = ("W0611", "warning", "src/a.py")

    assert parsed(SEEN, warning, settings={"exit-zero": True}).findings
    assert parsed(SEEN, exit_code=1, settings={"fail-on": ["I0020"]}).examined.count == 1


@pytest.mark.parametrize("entries", [(), (("I0013", "info", "src/a.py"),)])
def test_without_a_witness_nothing_was_examined(entries: tuple[tuple[str, str, str], ...]) -> None:
    with pytest.raises(StageError) as caught:
        parsed(*entries)

    assert caught.value.problem.slug == "nothing-examined"


def test_a_package_brings_modules_that_nobody_asked_for() -> None:
    others = [
        (code, category, "/project/src/b.py")
        for code, category in ((EXAMINED, "info"), ("E0001", "error"), ("I0020", "info"))
    ]

    result = parsed(SEEN, *others, exit_code=2, handed=BOTH[:1])

    assert metrics_of(result) == {"errors": 0, "warnings": 0, "suppressed": 0}
    assert (result.examined.count, result.examined.excluded) == (1, 1)


def test_messages_about_the_configuration_count() -> None:
    result = parsed(SEEN, ("E0013", "error", "Command line or configuration file"), exit_code=2)

    assert metrics_of(result)["errors"] == 1


def test_files_that_a_comment_hides_are_told() -> None:
    result = parsed(SEEN, ("I0013", "info", "src/b.py"))

    assert result.notes == ("hidden by a `skip-file` comment: `src/b.py`", UNPROVED)


SHOWN = (("E0602", "error", PLANTED), ("W0102", "warning", PLANTED))
DUE = Planted(path=PLANTED, rules=RULES | {"E0602", "W0102"})


def test_what_is_planted_proves_the_rules_and_is_no_finding() -> None:
    result = parsed(SEEN, (EXAMINED, "info", PLANTED), *SHOWN, exit_code=6, canary=DUE)

    assert metrics_of(result) == {"errors": 0, "warnings": 0, "suppressed": 0}
    assert (result.examined.count, result.findings) == (1, ())
    assert result.canary == "a file with 2 kinds of defects, found by their rules"
    assert UNPROVED not in result.notes


@pytest.mark.parametrize("shown", [(), SHOWN[:1], SHOWN[1:]])
def test_a_filter_of_messages_is_no_result(shown: tuple[tuple[str, str, str], ...]) -> None:
    entries = (SEEN, (EXAMINED, "info", PLANTED), *shown)
    bits = sum({"E0602": 2, "W0102": 4}[code] for code, _, _ in shown)

    with pytest.raises(StageError, match="nothing of a planted file") as caught:
        parsed(*entries, exit_code=bits, canary=DUE)

    assert caught.value.problem.slug == "canary-missed"


def test_a_message_about_several_files_counts_wherever_it_is_placed() -> None:
    entries = [("R0801", "refactor", path) for path in ("src/a.py", "src/c.py", PLANTED)]

    result = parsed(SEEN, *entries, *SHOWN, exit_code=14, canary=DUE)

    assert [finding.path for finding in result.findings] == ["src/a.py", "src/c.py", ""]


def test_errors_only_is_named_where_it_empties_the_run() -> None:
    with pytest.raises(StageError, match="`errors-only`"):
        parsed(settings={"errors-only": True})


@pytest.mark.parametrize("data", [b"", b"[]", b'{"messages": []}'])
def test_a_broken_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parse(ran(0), data, TREE, handed=BOTH, settings={}, canary=CANARY)


def fake(tmp_path: Path, files: dict[str, str], *, ignore: str = "CVS") -> FakeContext:
    ctx = fake_context(tmp_path, files)

    def write(argv: tuple[str, ...]) -> None:
        output = next(word for word in argv if word.startswith("--output="))
        handed = [word for word in argv if word.endswith(".py")]
        shown = [(c, k, handed[0]) for c, k, _ in SHOWN]
        data = report(*((EXAMINED, "info", path) for path in handed), *shown)
        Path(output.partition("=")[2]).write_bytes(data)

    settings = f'[tool.pylint.main]\nignore = ["{ignore}"]\n'
    ctx.answer("pylint", "--output=*", does=write, exit_code=6)
    ctx.answer("pylint", "--list-msgs-enabled", stdout=recorded(f"{NEW}/enabled.txt"))
    ctx.answer("pylint", "--generate-toml-config", stdout=settings)
    return ctx


def test_files_below_an_ignored_folder_are_dropped(tmp_path: Path) -> None:
    ctx = fake(tmp_path, {"a/b.py": "", "a/gen/c.py": "", "gen.py": ""}, ignore="gen")

    result = Pylint(PylintOptions()).run(ctx)

    assert Path(ctx.runs[0][-4]).name == pylint_canary.NAME
    assert ctx.runs[0][-3:] == ("./a/b.py", "./a/gen/c.py", "./gen.py")
    assert (result.examined.count, result.examined.excluded) == (2, 1)
    assert result.notes == ("not linted, by configuration: `a/gen/c.py`",)
    assert ctx.envs[0] == {"PYTHONPATH": str(tmp_path / "planted-1")}
    assert not list(ctx.out.rglob("*.py"))


def test_paths_are_linted_in_place_of_the_sources(tmp_path: Path) -> None:
    ctx = fake(tmp_path, {"src/a.py": "", "tests/b.py": ""})

    Pylint(PylintOptions(paths=("tests",))).run(ctx)

    assert ctx.runs[0][-1] == "./tests/b.py"
    assert "./src/a.py" not in ctx.runs[0]


@pytest.mark.parametrize(
    ("name", "text", "is_obeyed"),
    [
        ("pylintrc", "", True),
        (".pylintrc.toml", "[tool.pylint]\n", True),
        ("pyproject.toml", "[tool.pylint]\n", True),
        ("pyproject.toml", "[tool.black]\n", False),
        ("pyproject.toml", "[tool", True),
        ("setup.cfg", "[pylint.main]\n", True),
        ("setup.cfg", "[flake8]\n", False),
        ("tox.ini", "[pylint]\n", True),
        ("tox.ini", "pylint\n", False),
    ],
)
def test_configuration_is_found_as_pylint_finds_it(
    tmp_path: Path, name: str, text: str, *, is_obeyed: bool
) -> None:
    ctx = fake(tmp_path, {"a.py": "", name: text})

    Pylint(PylintOptions()).run(ctx)

    wanted = name if is_obeyed else str(ctx.out / "pylintrc")
    assert {argv[1] for argv in ctx.runs} == {f"--rcfile={wanted}"}


@pytest.mark.parametrize("is_inside", [True, False])
def test_pyproject_above_the_project_is_obeyed_in_its_git(
    tmp_path: Path, *, is_inside: bool
) -> None:
    ctx = fake(tmp_path, {"a.py": ""})
    ((tmp_path if is_inside else ctx.root) / ".git").mkdir()
    above = tmp_path / "pyproject.toml"
    above.write_text("[tool.pylint]\n", encoding="utf-8")

    Pylint(PylintOptions()).run(ctx)

    wanted = above if is_inside else ctx.out / "pylintrc"
    assert ctx.runs[0][1] == f"--rcfile={wanted}"


@pytest.mark.parametrize(("files", "ignore"), [({}, "CVS"), ({"gen/a.py": ""}, "gen")])
def test_no_file_is_no_result(tmp_path: Path, files: dict[str, str], ignore: str) -> None:
    with pytest.raises(StageError) as caught:
        Pylint(PylintOptions()).run(fake(tmp_path, files, ignore=ignore))

    assert caught.value.problem.slug == "nothing-examined"


def test_no_enabled_rule_is_no_result(tmp_path: Path) -> None:
    ctx = fake(tmp_path, {"a.py": ""})
    ctx.answer("--list-msgs-enabled", stdout="Enabled messages:\nDisabled messages:\n")

    with pytest.raises(StageError) as caught:
        Pylint(PylintOptions()).run(ctx)

    assert caught.value.problem.slug == "no-rule"


def test_inputs_are_python_files_and_configuration(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "README.md": "", ".pylintrc": ""})

    assert Pylint(PylintOptions()).inputs(ctx) == (".pylintrc", "src/a.py")


CONFIG = """\
[MAIN]
exit-zero=yes
jobs=2
output-format=text
score=no
fail-under=0
load-plugins=pylint.extensions.docstyle
ignore-paths=src/pkg/left_out.py
confidence=HIGH,UNDEFINED
disable=all
enable=unused-import,undefined-variable
"""


@pytest.mark.live
def test_live_findings_are_counted_whatever_is_printed(tmp_path: Path) -> None:
    files = {
        ".pylintrc": CONFIG,
        "src/pkg/__init__.py": "",
        "src/pkg/a.py": "import os\n",
        "src/pkg/left_out.py": "import os\n",
        "src/pkg/hidden.py": "# pylint: skip-file\nimport os\n",
        "src/pkg/line.py": "import os  # pylint: disable=unused-import\nprint(undefined)\n",
        "--exit-zero.py": "import os\n",
    }

    result = Pylint(PylintOptions()).run(live_context(tmp_path, files))

    assert metrics_of(result) == {"errors": 1, "warnings": 2, "suppressed": 1}
    assert {finding.path for finding in result.findings} == {
        "--exit-zero.py", "src/pkg/a.py", "src/pkg/line.py",
    }  # fmt: skip
    assert (result.examined.count, result.examined.excluded) == (4, 2)
    assert result.examined.details == (("rules", 2),)
    assert len(result.notes) == 3
    assert "few rules are enabled: `E0602`, `W0611`" in result.notes


BLIND = "import sys; sys.path.insert(0, 'tools')\nload-plugins=quiet\n"
QUIET = """\
def register(linter):
    real = linter.add_message
    def add(code, *more, **named):
        if "examined" in code:
            real(code, *more, **named)
    linter.add_message = add
"""


@pytest.mark.live
def test_live_a_plugin_that_drops_messages_is_no_result(tmp_path: Path) -> None:
    files = {"src/a.py": "import os\n", "tools/quiet.py": QUIET}
    ctx = live_context(tmp_path, {**files, "pylintrc": f"[MAIN]\ninit-hook={BLIND}"})

    with pytest.raises(StageError) as caught:
        Pylint(PylintOptions(paths=("src",))).run(ctx)

    assert caught.value.problem.slug == "canary-missed"


@pytest.mark.live
@pytest.mark.parametrize("setting", ["confidence=CONTROL_FLOW", "from-stdin=yes"])
def test_live_settings_that_would_blind_it_do_not(tmp_path: Path, setting: str) -> None:
    text = (
        "# pylint: disable=suppressed-message,I,R\nimport os\nprint(undefined)\n"
        "import re  # pylint: disable=W\n"
    )
    ctx = live_context(tmp_path, {"a.py": text, "pylintrc": f"[MAIN]\n{setting}\ndisable=C\n"})

    result = Pylint(PylintOptions()).run(ctx)

    assert metrics_of(result) == {"errors": 1, "warnings": 1, "suppressed": 1}
    assert result.canary
    assert not list(ctx.out.rglob("*.py"))


@pytest.mark.live
@pytest.mark.parametrize(
    ("config", "text", "slug"),
    [
        ("disable=all", "# pylint: skip-file\ndef f(:\n", "no-rule"),
        ("disable=all\nenable=unused-import", "# pylint: skip-file\ndef f(:\n", "file-unreadable"),
        ("ignore-patterns=.*", "import os\n", "nothing-examined"),
        ("errors-only=yes", "import os\n", "nothing-examined"),
    ],
)
def test_live_what_could_not_be_linted(tmp_path: Path, config: str, text: str, slug: str) -> None:
    ctx = live_context(tmp_path, {"src/a.py": text, "pylintrc": f"[MAIN]\n{config}\n"})

    with pytest.raises(StageError) as caught:
        Pylint(PylintOptions()).run(ctx)

    assert caught.value.problem.slug == slug


@pytest.mark.live
def test_live_a_configuration_that_pylint_refuses(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"a.py": "X = 1\n", "pylintrc": "[MAIN]\njobs=x\n"})

    with pytest.raises(ToolCrashed):
        Pylint(PylintOptions()).run(ctx)


GIVEN = PylintOptions(report=("out/*.json",), log="out/pylint.log")


def given(tmp_path: Path) -> FakeContext:
    """The project of the recorded report, beside the report and its log."""
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/b.py": ""})
    for ending in ("json", "log"):
        data = recorded(f"{NEW}/given.{ending}")
        ctx.write(f"out/pylint.{ending}", data.replace(b"/project", str(ctx.root).encode()))
    return ctx


def test_a_given_report_is_judged_beside_its_log(tmp_path: Path) -> None:
    ctx = given(tmp_path)

    result = Pylint(GIVEN).measure(ctx)

    assert metrics_of(result) == {"errors": 1, "warnings": 5}
    assert {finding.path for finding in result.findings} == {"src/a.py"}
    assert (result.examined.count, result.examined.excluded) == (2, 0)
    assert "does not tell which rules were enabled" in ctx.notes[0]
    assert (result.tool.how, result.canary, ctx.runs) == ("a given report", "", [])


def test_a_given_file_that_hides_itself_was_not_examined(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("src/b.py", "# pylint: skip-file\n")

    result = Pylint(GIVEN).measure(ctx)

    assert (result.examined.count, result.examined.excluded) == (1, 1)
    assert result.notes == ("hidden by a `skip-file` comment: `src/b.py`",)


def test_given_files_that_all_hide_themselves_are_no_result(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    for path in ("src/a.py", "src/b.py"):
        ctx.write(path, "# pylint: skip-file\n")
    ctx.write("out/pylint.json", '{"messages": [], "statistics": {"messageTypeCount": {}}}')

    with pytest.raises(StageError, match="`skip-file` comments hide each file"):
        Pylint(GIVEN).measure(ctx)


def test_a_given_log_without_a_source_is_no_result(tmp_path: Path) -> None:
    ctx = given(tmp_path)
    ctx.write("src/new.py")

    with pytest.raises(StageError, match=r"tells nothing of `src/new\.py`") as caught:
        Pylint(GIVEN).measure(ctx)

    assert Pylint.written_by in caught.value.problem.hint


def test_a_given_report_does_not_tell_what_is_suppressed() -> None:
    assert "suppressed" in {spec.name for spec in Pylint(PylintOptions()).specs()}
    assert {spec.name for spec in Pylint(GIVEN).specs()} == {"errors", "warnings"}


@pytest.mark.parametrize(
    "options",
    [
        PylintOptions(report=("out/x.json",)),
        PylintOptions(log="out/x.log"),
        PylintOptions(report=("out/x.json",), log="out/x.log", paths=("src",)),
    ],
)
def test_options_that_do_not_fit_a_report_are_refused(options: PylintOptions) -> None:
    Pylint(GIVEN).check()

    with pytest.raises(ValueError, match="`report`"):
        Pylint(options).check()


@pytest.mark.live
def test_live_what_the_documented_command_writes_is_judged(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"src/a.py": "import os\n", "src/deep/b.py": "X = 1\n"})
    ctx.write("src/pack/__init__.py", "# pylint: skip-file\nimport re\n")
    ctx.write("pylintrc", "[MAIN]\ndisable=C\njobs=2\noutput-format=text\n")

    write_given(ctx, Pylint.written_by)
    result = Pylint(GIVEN).measure(ctx)

    assert metrics_of(result) == {"errors": 0, "warnings": 1}
    assert (result.examined.count, result.examined.excluded) == (2, 1)
    assert result.notes == ("hidden by a `skip-file` comment: `src/pack/__init__.py`",)
