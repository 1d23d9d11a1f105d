from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context

from gates.plugin import Change, Needed, OutputUnreadable, StageError, Wants
from gates.stages.coverage import Coverage, CoverageOptions
from gates.toolkit.changes import Base, ChangedFile


def report(files: Mapping[str, tuple[list[int], list[int]]]) -> str:
    def summary(parts: list[tuple[list[int], list[int]]]) -> dict[str, int]:
        ran, missed = (sum(len(part[at]) for part in parts) for at in (0, 1))
        return {
            "covered_lines": ran,
            "missing_lines": missed,
            "num_statements": ran + missed,
            "excluded_lines": 0,
        }

    return json.dumps(
        {
            "meta": {
                "format": 3,
                "version": "7.17.3",
                "timestamp": "2026-01-31T12:00:00",
                "branch_coverage": False,
            },
            "files": {
                path: {
                    "executed_lines": ran,
                    "missing_lines": missed,
                    "excluded_lines": [],
                    "summary": summary([(ran, missed)]),
                }
                for path, (ran, missed) in files.items()
            },
            "totals": summary(list(files.values())),
        }
    )


class WithoutBase(FakeContext):
    """A clone that does not hold the named base."""

    __slots__ = ()

    def change(self) -> Change:
        raise StageError("base-absent", "no such commit")


def given(tmp_path: Path, text: str) -> FakeContext:
    ctx = fake_context(
        tmp_path,
        {
            "src/a.py": "x = [\n    1,\n]\ny = 2\n",
            "src/never.py": "x = 1\ny = 2\n",
            "tests/test_a.py": "",
            "out/coverage.json": text,
        },
    )
    ctx.source_folders = ("src",)
    ctx.difference = Change(Base("0123456789ab", "named"), {})
    ctx.versions["coverage"] = "7.17.3"
    return ctx


GIVEN = CoverageOptions(report=("out/coverage.json",))
TEXT = report({"src/a.py": ([1], [4]), "tests/test_a.py": (list(range(1, 50)), [])})


def test_a_given_report_is_counted_over_the_sources(tmp_path: Path) -> None:
    ctx = given(tmp_path, TEXT)
    result = Coverage(GIVEN).measure(ctx)
    assert result.metrics[0].fraction == (1, 4)
    assert (result.tool.name, result.tool.version) == ("coverage", "7.17.3")
    assert result.notes == ("the report leaves out src/never.py: counted as not covered",)
    assert [(f.rule, f.place) for f in result.findings] == [
        ("uncovered", "src/a.py:4"),
        ("unmeasured", "src/never.py:1"),
    ]
    assert ctx.runs == []


def test_a_changed_line_inside_a_statement_changes_the_statement(tmp_path: Path) -> None:
    ctx = given(tmp_path, TEXT)
    changed = {"src/a.py": ChangedFile("src/a.py", "M", ((2, 2),))}
    ctx.difference = Change(Base("0123456789ab", "named"), changed)
    result = Coverage(GIVEN).measure(ctx)
    assert dict(result.examined.details)["changed lines"] == 1
    assert result.metrics[1].name == "changed_uncovered"


def test_outside_git_nothing_is_said_of_changes(tmp_path: Path) -> None:
    ctx = given(tmp_path, TEXT)
    ctx.difference = None
    result = Coverage(GIVEN).measure(ctx)
    assert len(result.not_applicable) == 2
    assert "no repository" in result.notes[0]


def test_a_base_that_is_not_there_is_errored(tmp_path: Path) -> None:
    ctx = given(tmp_path, TEXT)
    without = WithoutBase(root=ctx.root, out=ctx.out, source_folders=("src",))
    with pytest.raises(StageError, match="no such commit"):
        Coverage(GIVEN).measure(without)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (report({"lib/a.py": ([1], [])}), "none of the 2 sources, but lib/a.py"),
        (report({}), "but no file"),
        (TEXT[:-5], "JSON"),
        (TEXT.replace('"missing_lines": 1', '"missing_lines": 0'), "but 1 are listed"),
    ],
)
def test_a_report_that_tells_nothing_of_the_sources_is_errored(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(OutputUnreadable, match=words):
        Coverage(GIVEN).measure(given(tmp_path, text))


def test_many_uncovered_places_are_cut_and_told(tmp_path: Path) -> None:
    lines = list(range(1, 1001))
    ctx = given(tmp_path, report({"src/a.py": (lines[::2], lines[1::2])}))
    ctx.write("src/a.py", "x = 1\n" * 1000)
    result = Coverage(GIVEN).measure(ctx)
    assert any(note.startswith("301 more uncovered places") for note in result.notes)


def test_without_a_test_gate_there_is_no_data(tmp_path: Path) -> None:
    ctx = given(tmp_path, TEXT)
    for needed in ({}, {"tests": Needed(name="tests", result=None, out=ctx.out, started_ns=0)}):
        ctx.needed = needed
        with pytest.raises(StageError, match="no gate ran the tests"):
            Coverage(CoverageOptions()).run(ctx)


def test_each_gate_that_is_named_must_have_run_the_tests(tmp_path: Path) -> None:
    ctx = given(tmp_path, TEXT)
    (tmp_path / "ran" / "proof").mkdir(parents=True)
    ran = Needed(name="ran", result=None, out=tmp_path / "ran", started_ns=0)
    ctx.needed = {
        "ran": ran,
        "judged": Needed(name="judged", result=None, out=ctx.out, started_ns=0),
    }

    with pytest.raises(StageError, match="gate `judged` did not run the tests"):
        Coverage(CoverageOptions(tests=("ran", "judged"))).run(ctx)


def proof(out: Path, **coverage: object) -> None:
    """Leave the record of a run that measured, and no data."""
    counts = dict.fromkeys(
        (
            *("passed", "failed", "errors", "skipped", "xfailed", "xpassed", "unknown"),
            *("not_run", "subtests_skipped", "subtests_xfailed"),
        ),
        0,
    )
    record = {
        "format": 1,
        "nonce": "",
        "pytest": {"version": "9", "file": ""},
        "worker": "",
        "loop_ended": True,
        "stopped": "",
        "collected": 1,
        "never_ran": 0,
        "deselected": 0,
        "skipped_modules": 0,
        "collect_errors": [],
        "tests": counts,
        "problems": [],
        "warnings": 0,
        "workers": {},
        "coverage": {"problem": "", "file": "", "config": "", "measured": 1, **coverage},
        "end": True,
    }
    (out / "proof" / "data").mkdir(parents=True)
    (out / "proof" / "main.json").write_text(json.dumps(record))


def test_a_process_that_lost_its_data_is_errored(tmp_path: Path) -> None:
    ctx = given(tmp_path, TEXT)
    proof(ctx.out)
    ctx.needed = {"tests": Needed(name="tests", result=None, out=ctx.out, started_ns=0)}
    with pytest.raises(StageError, match="left no data"):
        Coverage(CoverageOptions(tests=("tests",))).run(ctx)


def test_a_run_that_measured_nothing_is_errored(tmp_path: Path) -> None:
    ctx = given(tmp_path, TEXT)
    proof(ctx.out, measured=0)
    ctx.needed = {"tests": Needed(name="tests", result=None, out=ctx.out, started_ns=0)}
    with pytest.raises(StageError) as caught:
        Coverage(CoverageOptions()).run(ctx)
    assert caught.value.problem.slug == "nothing-measured"


def measured(tmp_path: Path, config: str = "") -> FakeContext:
    ctx = given(tmp_path, TEXT)
    proof(ctx.out, data="lines.1", config=config)
    (ctx.out / "proof" / "data" / "lines.1").write_bytes(b"data")
    ctx.needed = {"tests": Needed(name="tests", result=None, out=ctx.out, started_ns=1)}

    def write(_: tuple[str, ...]) -> None:
        (ctx.out / "coverage.json").write_text(TEXT)

    ctx.answer("coverage", "json", does=write)
    return ctx


def test_one_data_file_needs_no_combining(tmp_path: Path) -> None:
    ctx = measured(tmp_path, "/p/my.cfg")
    assert Coverage(CoverageOptions()).run(ctx).metrics[0].fraction == (1, 4)
    (argv,) = ctx.runs
    assert argv[1] == "json"
    assert f"--data-file={ctx.out / 'proof' / 'data' / 'lines.1'}" in argv
    assert "--rcfile=/p/my.cfg" in argv
    assert "--include=src/**" in argv
    assert "--fail-under=0" in argv


@pytest.mark.parametrize("version", ["7.13.9", "6.5", "7.2.7"])
def test_a_version_that_counts_more_than_statements_is_refused(
    tmp_path: Path, version: str
) -> None:
    ctx = measured(tmp_path)
    ctx.versions["coverage"] = version
    with pytest.raises(StageError, match="lists lines as executed") as caught:
        Coverage(CoverageOptions()).run(ctx)
    assert "7.14" in caught.value.problem.hint


@pytest.mark.parametrize("version", ["7.14", "8.0.1", ""])
def test_newer_and_unknown_versions_are_tried(tmp_path: Path, version: str) -> None:
    ctx = measured(tmp_path)
    ctx.versions["coverage"] = version
    assert Coverage(CoverageOptions()).run(ctx).metrics


def test_several_data_files_are_all_combined(tmp_path: Path) -> None:
    ctx = measured(tmp_path)
    (ctx.out / "proof" / "data" / "lines.2").write_bytes(b"data")
    (ctx.out / "proof" / "data" / "lines.2-journal").write_bytes(b"")
    ctx.answer("coverage", "combine", stdout="Combined 2 files\n")
    Coverage(CoverageOptions()).run(ctx)
    ctx.answer("coverage", "combine", stdout="Combined 1 file, 1 file errored\n")
    with pytest.raises(OutputUnreadable, match="1 of 2"):
        Coverage(CoverageOptions()).run(ctx)


def test_odd_folders_are_not_taken_for_patterns(tmp_path: Path) -> None:
    ctx = measured(tmp_path)
    ctx.write("o[d]d.py", "x = 1\n")
    ctx.source_folders = ("",)
    (ctx.out / "proof" / "data" / "lines.1").touch()
    Coverage(CoverageOptions()).run(ctx)
    assert "--include=*" in ctx.runs[0]


def test_an_odd_project_folder_is_not_taken_for_a_pattern(tmp_path: Path) -> None:
    odd = tmp_path / "we[ird]"
    odd.mkdir()
    ctx = measured(odd)
    (ctx.out / "proof" / "data" / "lines.1").touch()
    Coverage(CoverageOptions()).run(ctx)
    assert "--include=*" in ctx.runs[0]


def test_modules_at_the_top_are_named(tmp_path: Path) -> None:
    ctx = measured(tmp_path)
    ctx.write("top.py", "x = 1\n")
    ctx.source_folders = ("",)
    (ctx.out / "proof" / "data" / "lines.1").touch()
    Coverage(CoverageOptions()).run(ctx)
    assert "--include=src/**,tests/**,top.py" in ctx.runs[0]


def test_the_gate_of_the_tests_is_wanted_unless_a_report_is_given() -> None:
    assert Coverage(CoverageOptions()).wants() == Wants(
        uses=("pytest",), ask="coverage", option="tests", several=True
    )
    assert Coverage(GIVEN).wants() is None


def test_critical_paths_have_a_condition_of_their_own() -> None:
    options = CoverageOptions(critical={"src/orders/pricing.py": "95%", "src/pay": "99.5 %"})
    stage = Coverage(options)
    stage.check()
    assert [default.text for default in stage.conditions()] == [
        "line >= 90%",
        "changed_line >= 90%",
        "changed_uncovered <= 2",
        'line{path="src/orders/pricing.py"} >= 95%',
        'line{path="src/pay"} >= 99.5 %',
    ]


@pytest.mark.parametrize(
    "options",
    [
        CoverageOptions(critical={"src/a.py": "0.8"}),
        CoverageOptions(critical={"src/a.py": "101%"}),
        CoverageOptions(critical={'src/"a.py': "80%"}),
        CoverageOptions(critical={"": "80%"}),
        CoverageOptions(min_changed=0),
    ],
)
def test_options_that_no_condition_can_hold_are_refused(options: CoverageOptions) -> None:
    with pytest.raises(ValueError, match=r"critical|percentage|at least"):
        Coverage(options).check()


def test_whatever_the_tests_may_read_matters(tmp_path: Path) -> None:
    ctx = given(tmp_path, TEXT)
    ctx.write("README.md")
    ctx.write("pyproject.toml")
    ctx.write("src/template.md")
    assert Coverage(CoverageOptions()).inputs(ctx) == (
        "out/coverage.json",
        "pyproject.toml",
        "src/a.py",
        "src/never.py",
        "src/template.md",
        "tests/test_a.py",
    )


def test_parts_of_one_run_are_joined(tmp_path: Path) -> None:
    ctx = given(tmp_path, report({"src/a.py": ([1], [4])}))
    ctx.write("out/other.json", report({"src/a.py": ([4], [1]), "src/never.py": ([1], [2])}))
    result = Coverage(CoverageOptions(report=("out/*.json",))).measure(ctx)
    assert result.metrics[0].fraction == (3, 4)
    assert result.tool.version == "7.17.3"
