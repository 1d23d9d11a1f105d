"""The coverage stage behind a real run of pytest with real coverage.py."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from stages.live_context import WITHOUT_OURS, LiveContext, live_context

from gates.plugin import Needed, StageError, StageResult
from gates.stages.coverage import Coverage, CoverageOptions
from gates.stages.pytest import Pytest, PytestOptions
from gates.toolkit.changes import Base, Change, ChangedFile

pytestmark = pytest.mark.live

LIB = "def used():\n    return 1\n\n\ndef unused():\n    return 2\n"
TEST = "from lib.a import used\n\ndef test_used():\n    assert used() == 1\n"
PLAIN = {
    "src/lib/__init__.py": "",
    "src/lib/a.py": LIB,
    "tests/test_a.py": TEST,
    "pytest.ini": "[pytest]\npythonpath = src\n",
}


def after_tests(
    tmp_path: Path,
    files: Mapping[str, str],
    options: PytestOptions | None = None,
    *,
    stand_in: str = "",
) -> LiveContext:
    """A context whose gate `tests` has run and measured; `stand_in` may start pytest otherwise."""
    ctx = live_context(tmp_path, files)
    ctx.environment |= WITHOUT_OURS
    if stand_in:
        ctx.stand_in("pytest", stand_in)
    ctx.source_folders = ("src",)
    ctx.asked = frozenset({"coverage"})
    ctx.out = tmp_path / "tests-out"
    ctx.out.mkdir()
    result = Pytest(options or PytestOptions()).run(ctx)
    need = Needed(name="tests", result=result, out=ctx.out, started_ns=1)
    ctx.needed = {"tests": need}
    ctx.out = tmp_path / "out"
    ctx.difference = change({})
    return ctx


def covered(ctx: LiveContext, options: CoverageOptions | None = None) -> StageResult:
    return Coverage(options or CoverageOptions()).run(ctx)


def fraction(result: StageResult, name: str) -> tuple[int, int] | None:
    return next((m.fraction for m in result.metrics if m.name == name and not m.tags), None)


def change(files: Mapping[str, tuple[tuple[int, int], ...]]) -> Change:
    changed = {path: ChangedFile(path, "M", added) for path, added in files.items()}
    return Change(Base("0123456789abcdef", "named"), changed)


def with_lines(total: int, run: int) -> dict[str, str]:
    """A module with `total` executable lines, of which `run` are run."""
    body = "".join(f"x{n} = {n}\n" for n in range(run - 1))
    never = "".join(f"    y{n} = {n}\n" for n in range(total - run))
    return {
        **PLAIN,
        "src/lib/a.py": f"{body}def used():\n{never}" if never else f"{body}used = 1\n",
        "tests/test_a.py": "import lib.a\n\ndef test_it():\n    pass\n",
    }


@pytest.mark.parametrize("run", [179, 180])
def test_lines_are_counted_exactly(tmp_path: Path, run: int) -> None:
    result = covered(after_tests(tmp_path, with_lines(200, run)))
    assert fraction(result, "line") == (run, 200)
    assert result.examined.count == 200


def test_tests_do_not_count_and_the_function_that_no_test_calls_is_found(tmp_path: Path) -> None:
    result = covered(after_tests(tmp_path, PLAIN))
    assert fraction(result, "line") == (3, 4)
    assert [(f.rule, f.place, f.message) for f in result.findings] == [
        ("uncovered", "src/lib/a.py:6", "line not covered, from `return 2`")
    ]
    assert fraction(result, "branch") is None
    assert {entry.metric for entry in result.not_applicable} == {
        "changed_line",
        "changed_uncovered",
    }


NEVER = {**PLAIN, "src/lib/never.py": "x = 1\nif x:\n    y = 2\n", "src/plain/b.py": "z = 1\n"}


RELATIVE = "[run]\nrelative_files = true\nparallel = true\n"
BRANCHES = "[run]\nsource = src/lib\nbranch = true\n"


@pytest.mark.parametrize(
    ("config", "workers"),
    [
        ("", ""),
        ("[run]\nsource = src\n", ""),
        (BRANCHES, ""),
        (BRANCHES, "2"),
        ("[run]\nomit = */never.py\n", ""),
        ("[report]\nomit = */never.py, */b.py\n", ""),
        ("[report]\ninclude = */a.py\nfail_under = 99\n", ""),
        (RELATIVE, "2"),
    ],
)
def test_a_source_that_nothing_imports_is_not_covered(
    tmp_path: Path, config: str, workers: str
) -> None:
    files = {**NEVER, ".coveragerc": config}
    result = covered(after_tests(tmp_path, files, PytestOptions(workers=workers)))
    assert fraction(result, "line") == (3, 8)
    assert fraction(result, "branch") == ((0, 2) if "branch" in config else None)
    places = {finding.place for finding in result.findings}
    assert places == {"src/lib/a.py:6", "src/lib/never.py:1", "src/plain/b.py:1"}
    left_out = dict(result.examined.details).get("files left out of the report", 0)
    assert left_out == 0


@pytest.mark.parametrize(
    ("addopts", "workers"),
    [
        ("--cov=src --cov-fail-under=99", ""),
        ("--cov=src --cov-fail-under=99", "2"),
        ("--cov --cov-append", ""),
        ("--no-cov --cov=src", ""),
        ("--cov=tests", ""),
    ],
)
def test_pytest_cov_stays_out(tmp_path: Path, addopts: str, workers: str) -> None:
    files = {**PLAIN, "pytest.ini": f"[pytest]\npythonpath = src\naddopts = {addopts}\n"}
    ctx = after_tests(tmp_path, files, PytestOptions(workers=workers))
    expected = 0 if addopts == "--cov=tests" else 3
    assert fraction(covered(ctx), "line") == (expected, 4)
    assert not (ctx.root / ".coverage").exists()


def test_pytest_cov_may_name_branches_and_a_configuration(tmp_path: Path) -> None:
    files = {
        **PLAIN,
        "src/lib/a.py": "def used():\n    if len([]):\n        return 2\n    return 1\n",
        "my.cfg": "[coverage:run]\n[run]\n[report]\nexclude_also = return 2\n",
        "pytest.ini": "[pytest]\npythonpath = src\n"
        "addopts = --cov=src --cov-branch --cov-config=my.cfg\n",
    }
    result = covered(after_tests(tmp_path, files))
    assert fraction(result, "line") == (3, 3)
    assert dict(result.examined.details)["excluded lines"] == 1


@pytest.mark.parametrize(
    ("addopts", "remark", "branches"),
    [
        ("--cov=lib --cov-branch", "", (1, 2)),
        ("--cov=lib", "", None),
        ("--cov=lib", "# not --cov-branch\n", None),  # so a wrong guess is made
    ],
)
def test_what_a_plugin_of_the_project_ran_before_pytest_cov_was_told_counts(
    tmp_path: Path, addopts: str, remark: str, branches: tuple[int, int] | None
) -> None:
    files = {
        **PLAIN,
        "src/lib/plug.py": "A = 1\nif A:\n    B = 2\nelse:\n    B = 3\n",
        "pytest.ini": f"{remark}[pytest]\npythonpath = src\naddopts = -p lib.plug {addopts}\n",
    }
    again = f'PYTHONPATH="$PYTHONPATH:$PWD/src" exec {sys.executable} -m pytest "$@"'
    result = covered(after_tests(tmp_path, files, stand_in=again))
    assert fraction(result, "line") == (6, 8)
    assert fraction(result, "branch") == branches


def test_subprocesses_are_measured_where_the_project_says_so(tmp_path: Path) -> None:
    files = {
        **PLAIN,
        "src/lib/child.py": "def f():\n    return 1\nf()\n",
        ".coveragerc": "[run]\npatch = subprocess\n",
        "tests/test_a.py": TEST + "\nimport subprocess, sys\ndef test_child():\n"
        "    subprocess.run([sys.executable, 'src/lib/child.py'], check=True)\n",
    }
    result = covered(after_tests(tmp_path, files))
    assert fraction(result, "line") == (6, 7)


def test_a_failed_test_gate_still_gives_coverage(tmp_path: Path) -> None:
    files = {**PLAIN, "tests/test_b.py": "def test_b(): assert 0\n"}
    assert fraction(covered(after_tests(tmp_path, files)), "line") == (3, 4)


def test_a_source_that_cannot_be_parsed_is_errored(tmp_path: Path) -> None:
    for config in ("", "[report]\nignore_errors = true\n"):
        folder = tmp_path / str(len(config))
        folder.mkdir()
        files = {**PLAIN, "src/lib/broken.py": "def\n", ".coveragerc": config}
        with pytest.raises(StageError, match="parse"):
            covered(after_tests(folder, files))


def test_everything_excluded_is_errored(tmp_path: Path) -> None:
    files = {**PLAIN, ".coveragerc": "[report]\nexclude_also = .\n"}
    with pytest.raises(StageError) as caught:
        covered(after_tests(tmp_path, files))
    assert caught.value.problem.slug == "nothing-examined"


def test_a_damaged_data_file_is_errored(tmp_path: Path) -> None:
    ctx = after_tests(tmp_path, PLAIN, PytestOptions(workers="2"))
    data = tmp_path / "tests-out" / "proof" / "data"
    files = sorted(data.iterdir())
    assert len(files) == 3  # two workers and the process that leads them
    files[0].write_bytes(b"SQLite format 3\0" + b"\0" * 4000)
    with pytest.raises(StageError) as caught:
        covered(ctx)
    assert caught.value.problem.slug in {"data-lost", "tool-crashed"}


def test_a_lost_data_file_is_errored(tmp_path: Path) -> None:
    ctx = after_tests(tmp_path, PLAIN)
    for file in (tmp_path / "tests-out" / "proof" / "data").iterdir():
        file.unlink()
    with pytest.raises(StageError) as caught:
        covered(ctx)
    assert caught.value.problem.slug == "data-lost"


def test_tests_that_run_nothing_of_the_sources_cover_nothing(tmp_path: Path) -> None:
    files = {
        **PLAIN,
        ".coveragerc": "[run]\nsource = src\n",
        "tests/test_a.py": "def test_a(): pass\n",
    }
    assert fraction(covered(after_tests(tmp_path, files)), "line") == (0, 4)


def test_a_gate_that_was_not_asked_left_no_data(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, PLAIN)
    result = Pytest(PytestOptions()).run(ctx)
    ctx.needed = {"t": Needed(name="t", result=result, out=ctx.out, started_ns=1)}
    with pytest.raises(StageError, match="was not asked to measure") as caught:
        covered(ctx)
    assert caught.value.problem.slug == "no-coverage-data"


def test_data_older_than_the_tests_is_errored(tmp_path: Path) -> None:
    from dataclasses import replace
    from time import time_ns

    ctx = after_tests(tmp_path, PLAIN)
    ctx.needed = {"tests": replace(ctx.needed["tests"], started_ns=time_ns() + 10**12)}
    with pytest.raises(StageError) as caught:
        covered(ctx)
    assert caught.value.problem.slug == "report-stale"


def test_a_source_that_changed_since_is_errored(tmp_path: Path) -> None:
    import os
    from time import time

    ctx = after_tests(tmp_path, PLAIN)
    os.utime(ctx.root / "src/lib/a.py", (time() + 100, time() + 100))
    with pytest.raises(StageError) as caught:
        covered(ctx)
    assert caught.value.problem.slug == "source-changed"


def test_a_broken_configuration_of_coverage_does_not_stop_the_tests(tmp_path: Path) -> None:
    files = {**PLAIN, ".coveragerc": "[run]\nbranch = perhaps\n"}
    ctx = after_tests(tmp_path, files)
    with pytest.raises(StageError) as caught:
        covered(ctx)
    assert caught.value.problem.slug == "coverage-broken"
    assert "Not a boolean: perhaps" in caught.value.problem.summary


def test_few_changed_lines_are_counted_and_not_divided(tmp_path: Path) -> None:
    ctx = after_tests(tmp_path, PLAIN)
    ctx.difference = change({"src/lib/a.py": ((5, 6),), "tests/test_a.py": ((1, 3),)})
    result = covered(ctx)
    assert fraction(result, "changed_uncovered") == (1, 1)
    assert fraction(result, "changed_line") is None
    assert [entry.metric for entry in result.not_applicable] == ["changed_line"]
    assert [(f.rule, f.counts) for f in result.findings] == [
        ("uncovered-change", ("changed_uncovered",))
    ]
    assert "fewer than 20" in result.not_applicable[0].reason


def test_many_changed_lines_are_divided(tmp_path: Path) -> None:
    ctx = after_tests(tmp_path, with_lines(50, 40))
    ctx.difference = change({"src/lib/a.py": ((30, 50),)})
    result = covered(ctx)
    assert fraction(result, "changed_line") == (11, 21)
    assert [entry.metric for entry in result.not_applicable] == ["changed_uncovered"]


def test_a_critical_path_has_its_own_floor(tmp_path: Path) -> None:
    ctx = after_tests(tmp_path, NEVER)
    options = CoverageOptions(critical={"src/lib/a.py": "80%", "src/plain": "80%"})
    result = covered(ctx, options)
    tagged = {metric.tags: metric.fraction for metric in result.metrics if metric.tags}
    assert tagged == {(("path", "src/lib/a.py"),): (3, 4), (("path", "src/plain"),): (0, 1)}
