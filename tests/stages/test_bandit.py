from __future__ import annotations

import json
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, ended, fake_context, metrics_of, recorded
from stages.live_context import LiveContext, live_context

from gates.domain.condition import Role
from gates.formats.bandit_json import WITHHELD
from gates.formats.bandit_result import SEVERITIES
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
from gates.stages.bandit import Bandit, BanditOptions, parse

DATA = "bandit/1.9.4"
BANDIT = Tool(name="bandit", version="1.9.4", path="/tools/bandit")
FILES = frozenset({"src/a.py", "src/b.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)


def ran(exit_code: int) -> Completed:
    return ended(BANDIT, ("/tools/bandit",), exit_code, b"", b"", ok=(0, 1))


def parsed(data: bytes, exit_code: int = 1, *, excluding: bool = False) -> StageResult:
    return parse(ran(exit_code), data, TREE, excluding=excluding)


def report(word: str, **issue: object) -> bytes:
    sums = {f"SEVERITY.{name}": int(name == word) for name in SEVERITIES}
    return json.dumps(
        {
            "errors": [],
            "metrics": {
                "_totals": {**sums, "loc": 1, "nosec": 0, "skipped_tests": 0},
                **{f"./{path}": sums for path in FILES},
            },
            "results": [
                {
                    "test_id": "B999",
                    "issue_severity": word,
                    "issue_confidence": "MEDIUM",
                    "issue_cwe": {},
                    "issue_text": "odd",
                    "filename": "./src/a.py",
                    "line_number": 1,
                    **issue,
                }
            ],
        }
    ).encode()


def test_recorded_findings_carry_weakness_category_and_confidence() -> None:
    result = parsed(recorded(f"{DATA}/findings.json"))

    assert metrics_of(result) == {
        "high": 1,
        "medium": 1,
        "low": 4,
        "unknown": 0,
        "nosec": 2,
        "skipped_tests": 0,
    }
    shell = next(finding for finding in result.findings if finding.rule == "B602")
    assert (shell.place, shell.severity) == ("src/a.py:16:5", Severity.HIGH)
    assert (shell.confidence, shell.cwe) == ("high", (78,))
    assert shell.owasp == "A05:2025 Injection"
    assert shell.counts == ("high",)
    assert all(finding.owasp for finding in result.findings)
    assert (result.examined.count, result.examined.excluded) == (2, 0)
    assert result.examined.details == (("lines", 18),)


def test_the_xml_parser_is_a_misconfiguration() -> None:
    result = parsed(recorded(f"{DATA}/findings.json"))

    owasp = {finding.rule: finding.owasp for finding in result.findings}
    assert owasp["B408"] == "A02:2025 Security Misconfiguration"


def test_a_recorded_clean_run_must_have_examined_everything() -> None:
    with pytest.raises(StageError, match=r"did not examine `src/a\.py`"):
        parsed(recorded(f"{DATA}/clean.json"), 0)


def test_a_source_that_the_configuration_leaves_out_is_told() -> None:
    result = parsed(recorded(f"{DATA}/clean.json"), 0, excluding=True)

    assert metrics_of(result)["high"] == 0
    assert (result.examined.count, result.examined.excluded) == (1, 1)
    assert result.notes == ("not examined, by configuration: `src/a.py`",)


def test_a_configuration_that_leaves_out_everything_is_no_result() -> None:
    empty = report("LOW").replace(b"SEVERITY.HIGH", b"OTHER.HIGH")

    with pytest.raises(StageError, match="did not examine"):
        parsed(empty, excluding=True)


@pytest.mark.parametrize(("name", "place"), [("syntax", "src/c.py"), ("missing", "src/d.py")])
def test_a_recorded_file_that_was_not_read_is_no_result(name: str, place: str) -> None:
    with pytest.raises(StageError) as caught:
        parsed(recorded(f"{DATA}/{name}.json"))

    assert caught.value.problem.place == place


def test_further_files_that_were_not_read_are_counted() -> None:
    whole: dict[str, list[dict[str, str]]] = json.loads(recorded(f"{DATA}/syntax.json"))
    whole["errors"] *= 3

    with pytest.raises(StageError, match="and 2 more"):
        parsed(json.dumps(whole).encode())


@pytest.mark.parametrize(
    ("word", "severity", "metric"),
    [
        ("HIGH", Severity.HIGH, "high"),
        ("MEDIUM", Severity.MEDIUM, "medium"),
        ("LOW", Severity.LOW, "low"),
        ("UNDEFINED", Severity.UNKNOWN, "unknown"),
    ],
)
def test_each_severity_is_counted(word: str, severity: Severity, metric: str) -> None:
    result = parsed(report(word))

    assert metrics_of(result)[metric] == 1
    finding = result.findings[0]
    assert (finding.severity, finding.counts, finding.cwe) == (severity, (metric,), ())
    assert not finding.owasp


def test_the_table_of_severities_is_the_tested_one() -> None:
    assert set(SEVERITIES) == {"HIGH", "MEDIUM", "LOW", "UNDEFINED"}


def test_an_unknown_severity_is_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="`ODD`"):
        parsed(report("ODD"))


def test_results_that_are_filtered_are_unreadable() -> None:
    whole: dict[str, list[object]] = json.loads(recorded(f"{DATA}/findings.json"))
    whole["results"].pop()

    with pytest.raises(OutputUnreadable, match="and reported"):
        parsed(json.dumps(whole).encode())


def test_exit_code_and_results_must_agree() -> None:
    with pytest.raises(OutputUnreadable, match="exit code 0 and 6 results"):
        parsed(recorded(f"{DATA}/findings.json"), 0)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"metrics": {}, "results": [], "errors": []}']
)
def test_a_broken_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parsed(data, 0)


def test_medium_findings_only_warn() -> None:
    roles = {default.text: default.role for default in Bandit.defaults}

    assert roles == {
        "high == 0": Role.REQUIRE,
        "unknown == 0": Role.REQUIRE,
        "medium == 0": Role.WARN,
    }


@pytest.mark.parametrize("options", [BanditOptions(config="b.yaml"), BanditOptions(ini="x.ini")])
def test_a_named_configuration_must_be_there(tmp_path: Path, options: BanditOptions) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": ""})

    with pytest.raises(StageError, match="is not there"):
        Bandit(options).run(ctx)


SUMS = {f"SEVERITY.{name}": 0 for name in SEVERITIES} | {"loc": 1, "nosec": 0, "skipped_tests": 0}


def says(ctx: FakeContext, name: str, *tests: str, examines: bool = True, line: int = 2) -> None:
    """What bandit reports: nothing in the sources, and these tests' findings in what is planted."""

    def write(argv: tuple[str, ...]) -> None:
        files = [f"./{path}" for path in argv[argv.index("--") + 1 : -1]]
        planted = {argv[-1]: {**SUMS, "SEVERITY.HIGH": len(tests)}} if examines else {}
        results = [
            {
                "test_id": test,
                "issue_severity": "HIGH",
                "issue_confidence": "HIGH",
                "issue_cwe": {},
                "issue_text": "bad",
                "filename": argv[-1],
                "line_number": line,
            }
            for test in tests
        ]
        sums = {**dict.fromkeys(files, SUMS), **planted}
        totals = {key: sum(of[key] for of in sums.values()) for key in SUMS}
        report = {"errors": [], "results": results, "metrics": {**sums, "_totals": totals}}
        place = next(word for word in argv if word.startswith("--output="))
        Path(place.partition("=")[2]).write_text(json.dumps(report), encoding="utf-8")

    ctx.answer("bandit", f"--output=*/{name}.json", exit_code=int(bool(tests)), does=write)


def test_what_is_planted_counts_nowhere(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/b.py": ""})
    says(ctx, "bandit", "B307")

    result = Bandit(BanditOptions()).run(ctx)

    assert set(metrics_of(result).values()) == {0}
    assert (result.examined.count, result.examined.details) == (2, (("lines", 2),))
    assert not result.findings
    assert result.canary == "planted `eval(input())`, and B307 found it"
    assert result.notes[0].startswith("planted and not found, so bandit does not look for it here")
    assert not Path(ctx.runs[0][-1]).is_relative_to(ctx.root)


@pytest.mark.parametrize(
    ("sees_plainly", "why"),
    [((), "finds nothing in code that is known"), (("B307",), "enables no test that a canary")],
)
@pytest.mark.parametrize(("tests", "line"), [((), 2), (("B307",), 3), (("B999",), 2)])
def test_what_is_planted_must_be_found(
    tmp_path: Path, tests: tuple[str, ...], line: int, sees_plainly: tuple[str, ...], why: str
) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": ""})
    says(ctx, "bandit", *tests, line=line)
    says(ctx, "bandit-unconfigured", *sees_plainly)

    with pytest.raises(StageError, match=why) as caught:
        Bandit(BanditOptions()).run(ctx)

    assert caught.value.problem.slug == "scanner-blind"
    assert caught.value.problem.summary.startswith("the scanner is blind: ")


@pytest.mark.parametrize(
    ("config", "ini"), [("b.yaml", ""), ("", "x.ini"), ("", "y.ini")], ids=["config", "ini", "bare"]
)
def test_an_exclusion_that_takes_the_planted_file_is_no_false_alarm(
    tmp_path: Path, config: str, ini: str
) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "b.yaml": "exclude_dirs: [tmp]\nskips: [B1]\n"})
    ctx.write("x.ini", "[bandit]\nconfigfile = b.yaml\n")
    ctx.write("y.ini", "[bandit]\nexclude = tmp\n")
    says(ctx, "bandit", examines=False)
    says(ctx, "bandit-unexcluded", "B307")

    result = Bandit(BanditOptions(config=config, ini=ini)).run(ctx)

    assert result.canary
    again = ctx.runs[1]
    named = [word.partition("=")[2] for word in again if word.startswith("--configfile=")]
    assert [json.loads(Path(name).read_text()) for name in named] == (
        [] if ini == "y.ini" else [{"skips": ["B1"]}]
    )
    assert any(word.startswith("--exclude=") for word in again)


def test_an_exclusion_that_cannot_be_taken_out_is_told(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "b.yaml": "exclude_dirs: &a [tmp]\n"})
    says(ctx, "bandit", examines=False)
    says(ctx, "bandit-unconfigured", "B307")

    with pytest.raises(StageError, match="could not be read to go without them"):
        Bandit(BanditOptions(config="b.yaml")).run(ctx)


@pytest.mark.parametrize("report", [b"{ hunter2", b'["hunter2"]'])
def test_a_report_that_is_broken_is_not_kept(tmp_path: Path, report: bytes) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": ""})

    def write(_: tuple[str, ...]) -> None:
        (ctx.out / "bandit.json").write_bytes(report)

    ctx.answer("bandit", does=write)

    with pytest.raises(OutputUnreadable) as caught:
        Bandit(BanditOptions()).run(ctx)
    assert not (ctx.out / "bandit.json").exists()
    assert "hunter2" not in str(caught.value)


def test_a_report_is_not_kept_where_bandit_crashes(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": ""})

    def write(_: tuple[str, ...]) -> None:
        (ctx.out / "bandit.json").write_bytes(b"hunter2")

    ctx.answer("bandit", exit_code=2, does=write)

    with pytest.raises(ToolCrashed):
        Bandit(BanditOptions()).run(ctx)
    assert not (ctx.out / "bandit.json").exists()


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": ""})
    ctx.missing.add("bandit")

    with pytest.raises(ToolMissing):
        Bandit(BanditOptions()).run(ctx)


def test_inputs_are_sources_and_configuration(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/.bandit": "", "b.yaml": "", "c.yaml": ""})

    found = Bandit(BanditOptions(config="b.yaml")).inputs(ctx)

    assert set(found) == {"src/a.py", "src/.bandit", "b.yaml"}


BAD = "import subprocess\nsubprocess.run('ls ' + __name__, shell=True)\n"
HIDES = "[bandit]\nskips = B602,B404\n"


def live(tmp_path: Path, **files: str) -> LiveContext:
    ctx = live_context(tmp_path, {f"src/{name}.py": text for name, text in files.items()})
    ctx.source_folders = ("src",)
    return ctx


@pytest.mark.live
def test_live_clean(tmp_path: Path) -> None:
    result = Bandit(BanditOptions()).run(live(tmp_path, a="X = 1\n", b=""))

    assert set(metrics_of(result).values()) == {0}
    assert (result.examined.count, result.examined.excluded) == (2, 0)
    assert result.examined.details == (("lines", 1),)
    assert not result.notes
    assert not result.findings
    assert result.canary == "planted `eval(input())`, and B307 found it"


@pytest.mark.live
def test_live_finding(tmp_path: Path) -> None:
    result = Bandit(BanditOptions()).run(live(tmp_path, a=BAD))

    assert metrics_of(result)["high"] == 1
    assert {finding.path for finding in result.findings} == {"src/a.py"}


@pytest.mark.live
def test_live_a_password_is_neither_shown_nor_kept(tmp_path: Path) -> None:
    given = "password='hunter2'"  # pragma: allowlist secret
    text = f"{given}\n\n\ndef f({given}):\n    f({given})\n"
    ctx = live(tmp_path, a=text)

    result = Bandit(BanditOptions()).run(ctx)

    assert {finding.rule for finding in result.findings} == {"B105", "B106", "B107"}
    assert {finding.message for finding in result.findings} == {WITHHELD}
    assert "hunter2" not in repr(result)
    kept = b"".join(path.read_bytes() for path in ctx.out.iterdir())
    assert b"B105" in kept
    assert b"hunter2" not in kept


@pytest.mark.live
@pytest.mark.parametrize("text", [b"def f(:\n", b'X = "\xff"\n', b"type X[T = int] = T\n"])
def test_live_a_file_that_cannot_be_parsed(tmp_path: Path, text: bytes) -> None:
    ctx = live(tmp_path, b="X = 1\n")
    ctx.write("src/a.py", text)

    with pytest.raises(StageError, match=r"src/a\.py"):
        Bandit(BanditOptions()).run(ctx)


@pytest.mark.live
def test_live_no_file(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no Python source"):
        Bandit(BanditOptions()).run(live(tmp_path))


@pytest.mark.live
def test_live_paths(tmp_path: Path) -> None:
    ctx = live(tmp_path, a=BAD, b="X = 1\n")

    result = Bandit(BanditOptions(paths=("src/b.py",))).run(ctx)

    assert (metrics_of(result)["high"], result.examined.count) == (0, 1)
    with pytest.raises(StageError, match="`nothing`"):
        Bandit(BanditOptions(paths=("src", "nothing"))).run(ctx)


@pytest.mark.live
@pytest.mark.parametrize("place", [".bandit", "src/.bandit"])
def test_live_a_bandit_file_is_only_obeyed_when_named(tmp_path: Path, place: str) -> None:
    ctx = live(tmp_path, a=BAD)
    ctx.write(place, HIDES)

    plain = Bandit(BanditOptions()).run(ctx)
    obeyed = Bandit(BanditOptions(ini=place)).run(ctx)

    assert metrics_of(plain)["high"] == 1
    assert plain.notes == (f"`{place}` is not obeyed; `with: {{ini: {place}}}` obeys it",)
    assert metrics_of(obeyed)["high"] == 0
    assert obeyed.notes == ("switched off by configuration: `B404`, `B602`",)


@pytest.mark.live
def test_live_a_level_that_hides_results_is_refused(tmp_path: Path) -> None:
    ctx = live(tmp_path, a=BAD)
    ctx.write(".bandit", "[bandit]\nlevel = 3\n")

    with pytest.raises(OutputUnreadable):
        Bandit(BanditOptions(ini=".bandit")).run(ctx)


@pytest.mark.live
def test_live_excluded_sources_are_told(tmp_path: Path) -> None:
    ctx = live(tmp_path, a=BAD, b="X = 1\n")
    ctx.write("pyproject.toml", '[tool.bandit]\nexclude_dirs = ["src/a.py"]\n')

    result = Bandit(BanditOptions()).run(ctx)

    assert (metrics_of(result)["high"], result.examined.count, result.examined.excluded) == (
        0,
        1,
        1,
    )
    assert result.notes == ("not examined, by configuration: `src/a.py`",)


@pytest.mark.live
@pytest.mark.parametrize("text", ["[project]\nname = 'x'\n", "not toml"])
def test_live_a_pyproject_without_a_table_changes_nothing(tmp_path: Path, text: str) -> None:
    ctx = live(tmp_path, a=BAD)
    ctx.write("pyproject.toml", text)

    assert metrics_of(Bandit(BanditOptions()).run(ctx))["high"] == 1


@pytest.mark.live
def test_live_a_named_configuration(tmp_path: Path) -> None:
    ctx = live(tmp_path, a=BAD)
    ctx.write("b.yaml", "skips: [B602]\n")

    assert metrics_of(Bandit(BanditOptions(config="b.yaml")).run(ctx))["high"] == 0


@pytest.mark.live
def test_live_bad_configuration(tmp_path: Path) -> None:
    ctx = live(tmp_path, a=BAD)
    ctx.write("pyproject.toml", '[tool.bandit]\ntests = ["B999"]\n')

    with pytest.raises(ToolCrashed):
        Bandit(BanditOptions()).run(ctx)


@pytest.mark.live
def test_live_a_name_that_bandit_would_pass_over_is_examined(tmp_path: Path) -> None:
    ctx = live(tmp_path, b="X = 1\n")
    ctx.write("src/a.toxic.py", BAD)

    result = Bandit(BanditOptions()).run(ctx)

    assert (metrics_of(result)["high"], result.examined.count) == (1, 2)


@pytest.mark.live
def test_live_a_program_that_says_nothing(tmp_path: Path) -> None:
    ctx = live(tmp_path, a=BAD)
    ctx.stand_in("bandit", "exit 0")

    with pytest.raises(OutputUnreadable, match="was not written"):
        Bandit(BanditOptions()).run(ctx)


@pytest.mark.live
def test_live_names_like_options(tmp_path: Path) -> None:
    ctx = live(tmp_path)
    ctx.source_folders = ("",)
    ctx.write("--exit-zero.py", BAD)

    result = Bandit(BanditOptions()).run(ctx)

    assert metrics_of(result)["high"] == 1
    assert result.findings[0].path == "--exit-zero.py"


def test_inputs_are_the_paths_that_are_examined(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "scripts/b.py": ""})

    assert Bandit(BanditOptions(paths=("scripts",))).inputs(ctx) == ("scripts/b.py",)


@pytest.mark.live
@pytest.mark.parametrize(
    ("config", "told"),
    [
        ('skips = ["B602"]\n', ("switched off by configuration: `B602`",)),
        (
            "[tool.bandit.shell_injection]\nsubprocess = []\nshell = []\nno_shell = []\n",
            (
                "what tests look for is set by configuration: `shell_injection`",
                "planted and not found, so bandit does not look for it here: `B602`, `B605`",
            ),
        ),
    ],
)
def test_live_a_test_of_grave_findings_that_is_off_is_told(
    tmp_path: Path, config: str, told: tuple[str, ...]
) -> None:
    ctx = live(tmp_path, a=BAD)
    ctx.write("pyproject.toml", f"[tool.bandit]\n{config}")

    result = Bandit(BanditOptions()).run(ctx)

    assert metrics_of(result)["high"] == 0
    assert result.notes == told


def test_a_given_report_is_judged_in_place_of_a_run(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/b.py": ""})
    ctx.write("out/bandit.json", recorded(f"{DATA}/findings.json"))

    result = Bandit(BanditOptions(report=("out/*.json",))).measure(ctx)

    assert ctx.runs == []
    assert metrics_of(result)["high"] == 1
    assert (result.examined.count, result.tool.name) == (2, "bandit")
    assert "nothing was planted" in result.notes[0]
    assert not result.canary


def test_a_given_report_must_name_each_source(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.py": "", "src/b.py": "", "src/new.py": ""})
    ctx.write("out/bandit.json", recorded(f"{DATA}/findings.json"))

    with pytest.raises(StageError, match=r"examined `src/new\.py`"):
        Bandit(BanditOptions(report=("out/bandit.json",))).measure(ctx)
    some = Bandit(BanditOptions(report=("out/bandit.json",), paths=("src/a.py",))).measure(ctx)
    assert some.examined.count == 2


@pytest.mark.parametrize("options", [{"config": "b.yaml"}, {"ini": "x.ini"}])
def test_a_given_report_takes_the_place_of_settings(options: dict[str, str]) -> None:
    Bandit(BanditOptions.from_plain(options)).check()

    with pytest.raises(ValueError, match="`report` takes its place"):
        Bandit(BanditOptions.from_plain({"report": ["x.json"], **options})).check()
