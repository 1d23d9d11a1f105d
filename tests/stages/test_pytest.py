from __future__ import annotations

from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context

from gates.formats import tested
from gates.plugin import OutputUnreadable, Role, SourceSet, StageError
from gates.stages.pytest import Pytest, PytestOptions, _relative

JUNIT = """<?xml version="1.0"?>
<testsuites><testsuite name="pytest" errors="1" failures="1" skipped="2" tests="6">
<testcase classname="tests.test_a" name="one" time="0.1"/>
<testcase classname="tests.test_a" name="two" file="tests/test_a.py" line="3" time="0.1">
<failure message="assert 1 == 2">long</failure></testcase>
<testcase classname="tests.test_a" name="three"><error>no set-up</error></testcase>
<testcase classname="tests.test_a" name="four"><skipped message="no"/></testcase>
<testcase classname="tests.test_a" name="five"><skipped type="pytest.xfail"/></testcase>
<testcase classname="tests.test_a" name="six"/>
<testcase classname="tests.test_a" name="six"/>
</testsuite></testsuites>
"""


TWICE = "reported more than once: tried again after a failure, or two tests share its name"
GIVEN = PytestOptions(report=("out/junit.xml",))


def test_a_given_report_is_counted(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"out/junit.xml": JUNIT, "tests/test_a.py": ""})
    result = Pytest(GIVEN).measure(ctx)
    assert {metric.name: metric.value for metric in result.metrics} == {
        "tests": 5,
        "passed": 2,
        "failed": 1,
        "errors": 1,
        "flaky": 1,
        "skipped": 1,
        "xfailed": 1,
    }
    assert result.examined.count == 5
    assert dict(result.examined.details) == {"skipped": 1, "xfailed": 1}
    assert [(f.rule, f.path, f.message, f.counts) for f in result.findings] == [
        ("failed", "tests/test_a.py", "two: assert 1 == 2", ("failed",)),
        ("error", "tests/test_a.py", "three: no set-up", ("errors",)),
        (
            "flaky",
            "",
            f"tests.test_a::six: {TWICE}",
            ("flaky",),
        ),
    ]
    assert ctx.notes == [
        "only a report was judged: whether the run behind it ended early is not known"
    ]
    assert ctx.runs == []


def test_a_given_report_measures_no_coverage(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"out/junit.xml": JUNIT})
    ctx.asked = frozenset({"coverage"})
    Pytest(GIVEN).measure(ctx)
    assert ctx.notes[0].startswith("no coverage was measured")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<testsuite/>", "no test ran: there is none"),
        ('<testsuite><testcase name="a"><skipped/></testcase></testsuite>', "all 1 were skipped"),
        (
            '<testsuite><testcase name="a"><skipped type="pytest.xfail"/></testcase></testsuite>',
            "0 were skipped, and 1 marked as expected failures",
        ),
        (JUNIT[:-20], "XML"),
        ("", "empty"),
    ],
)
def test_a_report_without_a_run_test_is_errored(tmp_path: Path, text: str, words: str) -> None:
    ctx = fake_context(tmp_path, {"out/junit.xml": text})
    with pytest.raises(StageError, match=words):
        Pytest(GIVEN).measure(ctx)


def test_a_given_report_that_lost_tests_is_errored(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"out/junit.xml": JUNIT.replace('tests="6"', 'tests="9"')})
    with pytest.raises(OutputUnreadable, match="declares 9 tests, but holds 7") as caught:
        Pytest(GIVEN).measure(ctx)
    assert "subtests" in caught.value.problem.hint


def test_shards_are_one_whole(tmp_path: Path) -> None:
    shard = "<testsuite><testcase classname='tests.test_a' name='{}'/></testsuite>"
    cases = "<testcase classname='c' name='two'/><testcase classname='c' name='x'/>"
    both = f"<testsuite>{cases}</testsuite>"
    files = {"out/1.xml": shard.format("one"), "out/2.xml": shard.format("two"), "out/3.xml": both}
    ctx = fake_context(tmp_path, files)
    result = Pytest(PytestOptions(report=("out/*.xml",))).measure(ctx)
    assert (result.examined.count, result.findings) == (4, ())


def test_an_absent_report_is_errored(tmp_path: Path) -> None:
    with pytest.raises(OutputUnreadable):
        Pytest(GIVEN).measure(fake_context(tmp_path))


@pytest.mark.parametrize(
    "options",
    [
        PytestOptions(report=("a.xml",), paths=("tests",)),
        PytestOptions(report=("a.xml",), args=("-q",)),
        PytestOptions(report=("a.xml",), workers="2"),
    ],
)
def test_a_report_and_a_run_exclude_each_other(options: PytestOptions) -> None:
    with pytest.raises(ValueError, match="leave out"):
        Pytest(options).check()
    Pytest(PytestOptions(report=("a.xml",))).check()
    Pytest(PytestOptions(paths=("tests",))).check()


def test_the_defaults_want_all_tests_to_pass_at_once() -> None:
    assert [(d.text, d.role) for d in Pytest(PytestOptions()).conditions()] == [
        ("failed == 0", Role.REQUIRE),
        ("errors == 0", Role.REQUIRE),
        ("flaky == 0", Role.REQUIRE),
        ("xpassed == 0", Role.WARN),
    ]
    given = Pytest(PytestOptions(report=("a.xml",))).conditions()
    assert [d.text for d in given] == ["failed == 0", "errors == 0", "flaky == 0"]
    assert set(tested.SEVERITY) <= {spec.name for spec in Pytest.metrics}


def test_documents_do_not_matter_unless_they_hold_tests(tmp_path: Path) -> None:
    files = {
        **dict.fromkeys(("README.md", "src/a.py", "data/x.json", "docs/conf.py", "docs/a.md"), ""),
        "tests/cases/case.md": "",
        "tests/test_a.py": "",
        "pyproject.toml": "[project]\n",
    }
    ctx = fake_context(tmp_path, files)
    stage = Pytest(PytestOptions())
    assert stage.inputs(ctx) == (
        "data/x.json",
        "docs/conf.py",
        "pyproject.toml",
        "src/a.py",
        "tests/cases/case.md",
        "tests/test_a.py",
    )
    ctx.write("pyproject.toml", "[tool.pytest.ini_options]\naddopts = '--doctest-glob=*.md'\n")
    assert "README.md" in stage.inputs(ctx)


def test_a_test_outside_the_project_keeps_its_path(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    assert _relative("/elsewhere/test_a.py", link) == "/elsewhere/test_a.py"
    assert _relative(str(link / "tests" / "test_a.py"), link) == "tests/test_a.py"
    assert _relative(str(real / "tests" / "test_a.py"), link) == "tests/test_a.py"


def test_the_command_line(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"tests/test_a.py": "", "src/a.py": ""})
    ctx.answer("pytest", exit_code=0)
    ctx.asked = frozenset({"coverage"})
    options = PytestOptions(paths=("tests", "-odd"), args=("-q",), workers="auto")
    with pytest.raises(StageError, match="left no completion proof"):
        Pytest(options).run(ctx)
    (argv,) = ctx.runs
    assert argv[1] == "-p"
    assert argv[2].startswith("gates_proof_")
    assert argv[3] == f"--junitxml={ctx.out / 'junit.xml'}"
    assert argv[4:] == ("-n", "auto", "-q", "tests", "./-odd")
    assert ctx.envs == [{"PYTHONPATH": str(ctx.out / "plugin")}]
    settings = (ctx.out / "plugin" / f"{argv[2]}.json").read_text()
    assert str(ctx.root / "src" / "a.py") in settings


class WithoutSources(FakeContext):
    """A project whose `sources:` match nothing."""

    __slots__ = ()

    def sources(self, *suffixes: str) -> SourceSet:
        raise StageError("source-unmatched", f"no file of {suffixes}")


def test_sources_that_match_nothing_are_left_to_the_coverage_gate(tmp_path: Path) -> None:
    found = fake_context(tmp_path, {"tests/test_a.py": ""})
    ctx = WithoutSources(root=found.root, out=found.out)
    ctx.answer("pytest", exit_code=0)
    ctx.asked = frozenset({"coverage"})
    with pytest.raises(StageError, match="left no completion proof"):
        Pytest(PytestOptions()).run(ctx)


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"tests/test_a.py": ""})
    ctx.answer(
        "pytest", exit_code=4, stderr="ERROR: file or directory not found: tests/gone.py\n\n"
    )
    with pytest.raises(StageError, match=r"refused its arguments.*not found: tests/gone\.py"):
        Pytest(PytestOptions(paths=("tests/gone.py",))).run(ctx)
