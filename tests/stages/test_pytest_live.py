"""The pytest stage on real projects: nothing but a whole, honest run may be judged."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from stages.live_context import WITHOUT_OURS, LiveContext, live_context

from gates.plugin import StageError, StageResult
from gates.stages.pytest import Pytest, PytestOptions

pytestmark = pytest.mark.live

PASSES = "def test_one():\n    assert True\n"
FAILS = "def test_two():\n    assert 1 == 2\n"


def run(
    tmp_path: Path, files: Mapping[str, str], options: PytestOptions | None = None
) -> tuple[StageResult, LiveContext]:
    ctx = live_context(tmp_path, files)
    ctx.environment |= WITHOUT_OURS
    return Pytest(options or PytestOptions()).run(ctx), ctx


def numbers(result: StageResult) -> dict[str, object]:
    return {metric.name: metric.value for metric in result.metrics if metric.value}


def refused(
    tmp_path: Path, files: Mapping[str, str], options: PytestOptions | None = None
) -> tuple[str, str]:
    with pytest.raises(StageError) as caught:
        run(tmp_path, files, options)
    return caught.value.problem.slug, caught.value.problem.summary


def test_an_honest_run_is_counted_by_outcome(tmp_path: Path) -> None:
    text = """
import unittest, pytest

def test_pass(): pass
def test_fail():
    assert 1 == 2
@pytest.fixture
def broken(): raise RuntimeError("no set-up")
def test_error(broken): pass
@pytest.mark.skip
def test_skip(): pass
@pytest.mark.xfail
def test_xfail(): assert False
@pytest.mark.xfail
def test_xpass(): pass
@pytest.fixture
def torn():
    yield
    raise RuntimeError("no tear-down")
def test_fail_and_error(torn): assert False
def test_error_after_pass(torn): pass
class Old(unittest.TestCase):
    def test_unit(self): self.assertEqual(1, 1)
"""
    result, ctx = run(tmp_path, {"tests/test_all.py": text, "pytest.ini": "[pytest]\n"})
    assert numbers(result) == {
        "tests": 8,
        "passed": 2,
        "failed": 2,
        "errors": 2,
        "skipped": 1,
        "xfailed": 1,
        "xpassed": 1,
    }
    assert result.examined.count == 8
    assert result.tool.version
    places = {(f.rule, f.place) for f in result.findings}
    assert ("failed", "tests/test_all.py:6") in places
    assert ("error", "tests/test_all.py:8") in places
    failed = next(finding for finding in result.findings if finding.line == 6)
    assert failed.message == "test_fail: assert 1 == 2"
    assert failed.counts == ("failed",)
    assert (ctx.out / "junit.xml").is_file()


def test_a_run_that_passes_has_no_finding(tmp_path: Path) -> None:
    result, ctx = run(tmp_path, {"test_it.py": PASSES})
    assert numbers(result) == {"tests": 1, "passed": 1}
    assert result.findings == ()
    assert ctx.notes == []


CONFTEST_EXIT = "import os\nos._exit(0)\n"
REWRITES = """
import pytest
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    session.exitstatus = 0
"""
FORGETS = """
def pytest_runtestloop(session):
    pass
def pytest_runtest_logreport(report):
    pass
import pytest
@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session):
    result = yield
    session.testsfailed = 0
    return result
"""
AT_EXIT = "import atexit, os\natexit.register(os._exit, 0)\n"

REFUSED: dict[str, tuple[dict[str, str], str, str]] = {
    "os._exit in a test": (
        {"test_a.py": PASSES + "import os\ndef test_exit(): os._exit(0)\n"},
        "ended-early",
        "left no completion proof",
    ),
    "os._exit in conftest": (
        {"conftest.py": CONFTEST_EXIT, "test_a.py": PASSES},
        "ended-early",
        "exit code 0",
    ),
    "pytest.exit with 0": (
        {"test_a.py": PASSES + "import pytest\ndef test_x(): pytest.exit('x', returncode=0)\n"},
        "run-cut-short",
        "stopped before its last test: Exit: x",
    ),
    "collect-only": (
        {"test_a.py": FAILS, "pytest.ini": "[pytest]\naddopts = --collect-only\n"},
        "partial-run",
        "--collect-only",
    ),
    "setup-plan": (
        {"test_a.py": FAILS, "pytest.ini": "[pytest]\naddopts = --setup-plan\n"},
        "partial-run",
        "--setup-only",
    ),
    "help": (
        {"test_a.py": FAILS, "pytest.ini": "[pytest]\naddopts = --help\n"},
        "no-session",
        "without starting a session",
    ),
    "exit status rewritten": (
        {"conftest.py": REWRITES, "test_a.py": FAILS},
        "exit-status-rewritten",
        "status 1, later it was 0",
    ),
    "failures forgotten": (
        {"conftest.py": FORGETS, "test_a.py": FAILS},
        "contradiction",
        "exit code 0, though 1 tests failed",
    ),
    "os._exit at exit": (
        {"conftest.py": AT_EXIT, "test_a.py": FAILS},
        "exit-status-rewritten",
        "the process ended with 0",
    ),
    "all skipped": (
        {"test_a.py": "import pytest\n@pytest.mark.skip\ndef test_a(): pass\n"},
        "nothing-examined",
        "all 1 were skipped",
    ),
    "a module skipped whole": (
        {"test_a.py": "import pytest\npytest.skip('no', allow_module_level=True)\n"},
        "no-tests",
        "1 modules skip themselves",
    ),
    "none collected": ({"test_a.py": "x = 1\n"}, "no-tests", "no test was collected"),
    "all deselected": (
        {"test_a.py": PASSES, "pytest.ini": "[pytest]\naddopts = -k nothing\n"},
        "no-tests",
        "all 1 were deselected",
    ),
    "conftest cannot be imported": (
        {"conftest.py": "import nothing_there\n", "test_a.py": PASSES},
        "collection-failed",
        "No module named 'nothing_there'",
    ),
    "a module cannot be imported": (
        {"test_a.py": PASSES, "test_b.py": "import nothing_there\n"},
        "collection-failed",
        "test_b.py: ModuleNotFoundError: No module named 'nothing_there'",
    ),
    "a module cannot be imported, and the others run": (
        {
            "test_a.py": PASSES,
            "test_b.py": "import nothing_there\n",
            "pytest.ini": "[pytest]\naddopts = --continue-on-collection-errors\n",
        },
        "collection-failed",
        "test_b.py",
    ),
    "a syntax error": (
        {"test_a.py": PASSES, "test_b.py": "def\n"},
        "collection-failed",
        "test_b.py",
    ),
    "an interrupt": (
        {"test_a.py": PASSES + "def test_i(): raise KeyboardInterrupt\n"},
        "run-cut-short",
        "KeyboardInterrupt",
    ),
    "an unknown option": (
        {"test_a.py": PASSES, "pytest.ini": "[pytest]\naddopts = --nothing-like-it\n"},
        "tool-crashed",
        "refused its arguments",
    ),
    "an internal error": (
        {
            "conftest.py": "def pytest_runtest_setup(item): item.x\n"
            "def pytest_runtest_logreport(report): report.nothing_there\n",
            "test_a.py": PASSES,
        },
        "run-cut-short",
        "AttributeError",
    ),
    "last-failed": (
        {"test_a.py": PASSES, "pytest.ini": "[pytest]\naddopts = --lf\n"},
        "partial-run",
        "--last-failed",
    ),
    "a fork that goes on": (
        {"test_a.py": "import os\ndef test_f(): os.fork()\n"},
        "forked-run",
        "1 processes",
    ),
    "no JUnit": (
        {"test_a.py": PASSES, "pytest.ini": "[pytest]\naddopts = -p no:junitxml\n"},
        "report-absent",
        "junit.xml",
    ),
    "JUnit rewritten": (
        {
            "conftest.py": "import atexit, sys\n"
            "def forge():\n"
            "    path = [a for a in sys.argv if 'junitxml' in a][0].partition('=')[2]\n"
            "    open(path, 'w').write('<testsuite><testcase name=\"x\"/></testsuite>')\n"
            "atexit.register(forge)\n",
            "test_a.py": FAILS,
        },
        "contradiction",
        "differ on `failed`: 0 and 1",
    ),
    "JUnit removed": (
        {
            "conftest.py": "import atexit, os, sys\n"
            "path = [a for a in sys.argv if 'junitxml' in a][0].partition('=')[2]\n"
            "atexit.register(os.unlink, path)\n",
            "test_a.py": PASSES,
        },
        "report-absent",
        "junit.xml",
    ),
    "pytest-cov's own threshold": (
        {
            "test_a.py": PASSES + "def test_x():\n    import lib\n",
            "lib.py": "def f():\n    return 1\n    return 2\n",
            "pytest.ini": "[pytest]\naddopts = --cov=lib --cov-fail-under=99\n",
        },
        "contradiction",
        "though no test failed",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_whole_run_is_errored(tmp_path: Path, name: str) -> None:
    files, slug, words = REFUSED[name]
    found, summary = refused(tmp_path, files)
    assert (found, words in summary) == (slug, True), summary


def test_a_planted_pytest_is_refused(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"test_a.py": PASSES})
    script = tmp_path / "pytest"
    script.write_text(
        f"#!{sys.executable}\nimport os, sys\nimport pytest\n"
        "pytest.__file__ = os.path.abspath('pytest/__init__.py')\n"
        "sys.exit(pytest.main())\n"
    )
    script.chmod(0o755)
    ctx.programs["pytest"] = script
    with pytest.raises(StageError, match="stands in for `pytest`") as caught:
        Pytest(PytestOptions()).run(ctx)
    assert caught.value.problem.slug == "planted-module"


def test_a_program_that_does_nothing_is_refused(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, {"test_a.py": PASSES})
    ctx.stand_in("pytest", "exit 0")
    with pytest.raises(StageError) as caught:
        Pytest(PytestOptions()).run(ctx)
    assert caught.value.problem.slug == "ended-early"


def test_a_retry_earns_flaky(tmp_path: Path) -> None:
    text = "seen = []\ndef test_r():\n    seen.append(1)\n    assert len(seen) > 2\n"
    result, _ = run(tmp_path, {"test_r.py": text}, PytestOptions(args=("--reruns", "3")))
    assert numbers(result) == {"tests": 1, "passed": 1, "flaky": 1}
    assert [(f.rule, f.path, f.counts) for f in result.findings] == [
        ("flaky", "test_r.py", ("flaky",))
    ]


def test_a_retry_in_vain_is_failed_and_flaky(tmp_path: Path) -> None:
    files = {"test_r.py": "def test_r():\n    assert 0\n"}
    result, _ = run(tmp_path, files, PytestOptions(args=("--reruns", "2")))
    assert numbers(result) == {"tests": 1, "failed": 1, "flaky": 1}


def test_a_failure_that_conftest_rewrites_is_flaky(tmp_path: Path) -> None:
    conftest = """
import pytest
@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.outcome = "passed"
    return report
"""
    result, _ = run(tmp_path, {"conftest.py": conftest, "test_a.py": FAILS})
    assert numbers(result) == {"tests": 1, "passed": 1, "flaky": 1}


def test_the_first_failure_may_end_the_run(tmp_path: Path) -> None:
    files = {"test_a.py": FAILS + PASSES, "pytest.ini": "[pytest]\naddopts = -x\n"}
    result, ctx = run(tmp_path, files)
    assert numbers(result) == {"tests": 1, "failed": 1}
    assert ctx.notes == ["the run stopped before its last test: Failed: stopping after 1 failures"]


def test_subtests_count_with_their_test(tmp_path: Path) -> None:
    text = """
import unittest
def test_subs(subtests):
    for n in range(3):
        with subtests.test(n=n):
            assert n != 1
def test_fine(subtests):
    with subtests.test(): pass
class Old(unittest.TestCase):
    def test_old(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertNotEqual(n, 1)
"""
    result, _ = run(tmp_path, {"test_s.py": text})
    assert numbers(result) == {"tests": 3, "passed": 1, "failed": 2}


def test_the_tests_do_not_see_the_proof(tmp_path: Path) -> None:
    text = """
import os, subprocess, sys
def test_clean():
    assert os.environ.get("PYTHONPATH") == "kept"
    assert not [p for p in sys.path if "plugin" in p]
    child = subprocess.run([sys.executable, "-c", "import sys; print(sys.path)"],
                           capture_output=True, text=True, check=True)
    assert "plugin" not in child.stdout
"""
    ctx = live_context(tmp_path, {"test_c.py": text})
    ctx.environment |= WITHOUT_OURS
    script = f'PYTHONPATH="$PYTHONPATH:kept" exec {ctx.tool("pytest").path} "$@"'
    ctx.stand_in("pytest", script)
    for workers in ("", "2"):
        ctx.out = tmp_path / f"out-{workers}"
        ctx.out.mkdir()
        result = Pytest(PytestOptions(workers=workers)).run(ctx)
        assert numbers(result) == {"tests": 1, "passed": 1}


XDIST: dict[str, tuple[str, dict[str, str], str, str]] = {
    "conftest fails in workers only": (
        "2",
        {
            "conftest.py": "import os\nif 'PYTEST_XDIST_WORKER' in os.environ:\n"
            "    import nothing_there\n",
            "test_a.py": PASSES,
        },
        "worker-lost",
        "xdist workers did not come to their end: gw0, gw1",
    ),
    "a worker dies in its session's end": (
        "2",
        {
            "conftest.py": "import os\ndef pytest_sessionfinish(session):\n"
            "    if os.environ.get('PYTEST_XDIST_WORKER') == 'gw0': os._exit(0)\n",
            "test_a.py": PASSES,
        },
        "worker-lost",
        "xdist workers did not come to their end: gw0",
    ),
    "a module cannot be imported": (
        "2",
        {"test_a.py": PASSES, "test_b.py": "import nothing_there\n"},
        "collection-failed",
        "test_b.py",
    ),
    "all skipped": (
        "2",
        {"test_a.py": "import pytest\n@pytest.mark.skip\ndef test_a(): pass\n"},
        "nothing-examined",
        "all 1 were skipped",
    ),
    "a module skipped whole": (
        "2",
        {"test_a.py": "import pytest\npytest.skip('no', allow_module_level=True)\n"},
        "no-tests",
        "1 modules skip",
    ),
    "all deselected": (
        "2",
        {"test_a.py": PASSES, "pytest.ini": "[pytest]\naddopts = -k nothing\n"},
        "no-tests",
        "all 1 were deselected",
    ),
    "an exit in a test": (
        "2",
        {"test_a.py": "import pytest\ndef test_x(): pytest.exit('x', returncode=0)\n"},
        "run-cut-short",
        "stopped before its last test",
    ),
}


@pytest.mark.parametrize("name", XDIST)
def test_what_is_no_whole_run_is_errored_under_xdist(tmp_path: Path, name: str) -> None:
    workers, files, slug, words = XDIST[name]
    found, summary = refused(tmp_path, files, PytestOptions(workers=workers))
    assert (found, words in summary) == (slug, True), summary


def test_xdist_workers_are_counted(tmp_path: Path) -> None:
    many = "".join(f"def test_{n}(): pass\n" for n in range(20))
    files = {
        "test_a.py": many + FAILS,
        "test_b.py": "import pytest\npytest.importorskip('nothing_there')\n",
        "pytest.ini": "[pytest]\naddopts = -k 'not test_7'\n",
    }
    result, _ = run(tmp_path, files, PytestOptions(workers="2"))
    assert numbers(result) == {
        "tests": 20,
        "passed": 19,
        "failed": 1,
        "skipped": 1,
        "deselected": 1,
    }
    assert dict(result.examined.details)["workers"] == 2


def test_a_worker_that_dies_in_a_test_is_an_error(tmp_path: Path) -> None:
    files = {"test_a.py": PASSES + "import os\ndef test_exit(): os._exit(0)\n"}
    result, _ = run(tmp_path, files, PytestOptions(workers="2"))
    assert numbers(result) == {"tests": 2, "passed": 1, "errors": 1}
    assert "crashed while running" in result.findings[0].message


def test_a_retry_under_xdist_earns_flaky(tmp_path: Path) -> None:
    text = "seen = []\ndef test_r():\n    seen.append(1)\n    assert len(seen) > 2\n"
    options = PytestOptions(workers="2", args=("--reruns", "3"))
    result, _ = run(tmp_path, {"test_r.py": text}, options)
    assert numbers(result) == {"tests": 1, "passed": 1, "flaky": 1}


def test_the_first_failure_may_end_the_run_under_xdist(tmp_path: Path) -> None:
    files = {"test_a.py": FAILS + "".join(f"def test_{n}(): pass\n" for n in range(50))}
    result, ctx = run(tmp_path, files, PytestOptions(workers="2", args=("-x",)))
    assert numbers(result)["failed"] == 1
    assert len(ctx.notes) == 1


def test_a_missing_xdist_is_told(tmp_path: Path) -> None:
    files = {"test_a.py": PASSES, "pytest.ini": "[pytest]\naddopts = -p no:xdist\n"}
    found, summary = refused(tmp_path, files, PytestOptions(workers="2"))
    assert (found, "-n" in summary) == ("tool-crashed", True), summary
