from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.junit import JunitCounts, JunitReport
from gates.formats.pytest_proof import CaseCounts, CollectError, Measured, PytestProof
from gates.formats.pytest_witnesses import (
    refuse_contradiction,
    refuse_foreign_root,
    refuse_planted,
    refuse_unproven,
    why_no_record,
)


def counts(**numbers: int) -> CaseCounts:
    names = ("passed", "failed", "errors", "skipped", "xfailed", "xpassed", "unknown")
    return CaseCounts(**{**dict.fromkeys(names, 0), **numbers})


GOOD = PytestProof(
    worker="",
    version="9",
    file="/env/pytest/__init__.py",
    rootdir="/project",
    partial=(),
    loop_ended=True,
    stopped="",
    exit_first=0,
    exit_last=0,
    collected=2,
    never_ran=0,
    unfinished=(),
    deselected=0,
    dropped=(),
    skipped_modules=0,
    collect_errors=(),
    tests=counts(passed=2),
    flaky=(),
    words=(),
    problems=(),
    warnings=0,
    workers={},
    measured=None,
)
BAD = replace(GOOD, exit_first=1, exit_last=1, tests=counts(passed=1, failed=1))
IMPORT = CollectError(nodeid="a.py", line=3, message="no module")


def slug(exit_code: int, main: PytestProof, **workers: PytestProof) -> str:
    try:
        refuse_unproven(exit_code, main, workers)
    except StageError as error:
        return error.problem.slug
    return ""


def test_a_whole_run_is_believed_whether_it_passed_or_failed() -> None:
    assert slug(0, GOOD) == ""
    assert slug(1, BAD) == ""


@pytest.mark.parametrize(
    ("exit_code", "main", "expected"),
    [
        (0, replace(GOOD, partial=("--lf",)), "partial-run"),
        (1, replace(BAD, collect_errors=(IMPORT, IMPORT)), "collection-failed"),
        (0, replace(GOOD, dropped=("a.py::t",)), "collection-dropped"),
        (0, replace(GOOD, exit_first=None), "no-session"),
        (1, GOOD, "exit-status-rewritten"),
        (0, replace(GOOD, exit_last=1), "exit-status-rewritten"),
        (0, replace(GOOD, exit_first=1), "exit-status-rewritten"),
        (0, replace(GOOD, workers={"gw0": "lost"}), "worker-lost"),
        (0, replace(GOOD, workers={"gw0": "ended"}), "worker-lost"),
        (5, replace(GOOD, exit_first=5, exit_last=5), "no-tests"),
        (0, replace(GOOD, words=("odd",)), "unknown-outcome"),
        (0, replace(GOOD, loop_ended=False), "run-cut-short"),
        (2, replace(GOOD, exit_first=2, exit_last=2), "run-cut-short"),
        (0, replace(GOOD, never_ran=1), "run-cut-short"),
        (0, replace(GOOD, unfinished=("a.py::t",)), "run-cut-short"),
        (0, replace(GOOD, tests=counts(passed=1, unknown=1)), "run-cut-short"),
        (1, replace(GOOD, exit_first=1, exit_last=1), "contradiction"),
        (0, replace(GOOD, tests=counts(failed=1)), "contradiction"),
        (3, replace(BAD, exit_first=3, exit_last=3, loop_ended=False), "run-cut-short"),
    ],
)
def test_anything_else_is_not(exit_code: int, main: PytestProof, expected: str) -> None:
    assert slug(exit_code, main) == expected


def test_a_run_that_stopped_at_a_failure_is_failed() -> None:
    assert slug(1, replace(BAD, loop_ended=False, never_ran=5, stopped="Failed")) == ""
    assert slug(2, replace(BAD, exit_first=2, exit_last=2, loop_ended=False)) == ""


def test_workers_that_left_their_record_are_not_lost() -> None:
    main = replace(GOOD, workers={"gw0": "ended"})
    assert slug(0, main, gw0=replace(GOOD, worker="gw0")) == ""
    assert slug(1, replace(BAD, workers={"gw0": "lost", "gw1": "ended"})) == ""


def test_what_a_worker_could_not_collect_counts_once() -> None:
    worker = replace(GOOD, collect_errors=(IMPORT, CollectError(nodeid="", line=0, message="x")))
    with pytest.raises(StageError, match=r"a\.py \(and 1 more\): no module") as caught:
        refuse_unproven(0, GOOD, {"gw0": worker, "gw1": worker})
    assert caught.value.problem.place == "a.py:3"


@pytest.mark.parametrize(
    ("changes", "words", "hint"),
    [
        ({"deselected": 3}, "all 3 were deselected", "`addopts`"),
        ({"skipped_modules": 2}, "2 modules skip themselves", "`pytest -rs`"),
        ({}, "no test was collected", "`testpaths`"),
    ],
)
def test_the_reason_for_no_tests_is_told(changes: dict[str, int], words: str, hint: str) -> None:
    main = replace(GOOD, exit_first=5, exit_last=5)
    worker = replace(
        GOOD,
        worker="gw0",
        deselected=changes.get("deselected", 0),
        skipped_modules=changes.get("skipped_modules", 0),
    )
    with pytest.raises(StageError, match=words) as caught:
        refuse_unproven(5, main, {"gw0": worker})
    assert hint in caught.value.problem.hint


def junit(records: int | None = None, **numbers: int) -> JunitReport:
    names = ("passed", "failed", "errors", "skipped", "xfailed", "retried", "not_run")
    whole = {**dict.fromkeys(names, 0), **numbers}
    tests = sum(whole.values()) - whole["retried"]
    return JunitReport(
        cases=(),
        counts=JunitCounts(tests=tests, **whole),
        retried=(),
        records=tests if records is None else records,
        declared=None,
        seconds=Decimal(0),
    )


FULL = replace(
    GOOD,
    skipped_modules=1,
    tests=counts(passed=2, failed=2, errors=1, skipped=1, xfailed=1, xpassed=1),
)


def test_a_junit_report_of_the_same_run_agrees() -> None:
    refuse_contradiction(FULL, junit(passed=3, failed=2, errors=1, skipped=2, xfailed=1))


def test_two_tests_of_one_name_in_junit_are_fewer() -> None:
    told = junit(records=9, passed=3, failed=1, errors=1, skipped=2, xfailed=1)
    refuse_contradiction(FULL, told)


@pytest.mark.parametrize(
    "told",
    [
        junit(passed=4, failed=1, errors=1, skipped=1),  # no xfailed
        junit(passed=5, errors=1, skipped=2, xfailed=1),
        junit(passed=4, failed=2, skipped=2, xfailed=1),
        junit(passed=3, failed=3, errors=1, skipped=2, xfailed=1),
        junit(passed=9, failed=2, errors=1, skipped=2, xfailed=1),
        junit(passed=2, failed=2, errors=1, skipped=2, xfailed=1),
    ],
)
def test_a_junit_report_that_tells_otherwise_is_refused(told: JunitReport) -> None:
    with pytest.raises(OutputUnreadable, match="differ on"):
        refuse_contradiction(FULL, told)


def test_a_test_with_a_skipped_part_is_skipped_in_junit_alone() -> None:
    main = replace(GOOD, tests=counts(passed=2, xfailed=1, subtests_skipped=2, subtests_xfailed=1))
    refuse_contradiction(main, junit(passed=1, skipped=2))
    refuse_contradiction(main, junit(passed=1, skipped=1, xfailed=1))
    with pytest.raises(OutputUnreadable, match="differ on `skipped`: 3 and 2"):
        refuse_contradiction(main, junit(skipped=3))
    with pytest.raises(OutputUnreadable, match="differ on `xfailed`: 3 and 2"):
        refuse_contradiction(main, junit(xfailed=3))


def test_expected_failures_that_did_not_run_are_in_junit_too() -> None:
    main = replace(GOOD, tests=counts(passed=1, xfailed=2, not_run=1))
    refuse_contradiction(main, junit(passed=1, xfailed=2))
    assert main.tests.executed == 2


@pytest.mark.parametrize(
    ("exit_code", "output", "expected", "words"),
    [
        (0, "", "ended-early", "exit code 0"),
        (1, "1 failed\n", "ended-early", "exit code 1"),
        (
            4,
            "ImportError while loading conftest '/p/conftest.py'.\nE   NameError: x\n",
            "collection-failed",
            "conftest '/p/conftest.py': NameError: x",
        ),
        (4, "ImportError while loading conftest 'c.py'.\n", "collection-failed", "'c.py'"),
        (
            4,
            "ERROR: usage: pytest\npytest: error: unrecognized arguments: -n\n  rootdir: /p\n",
            "tool-crashed",
            "refused its arguments, with exit code 4: pytest: error: unrecognized arguments: -n",
        ),
        (3, "Traceback\nboom\n", "tool-crashed", "broke, with exit code 3: boom"),
        (2, "stopped\n", "tool-crashed", "was interrupted, with exit code 2: stopped"),
    ],
)
def test_the_reason_for_no_record_is_told(
    exit_code: int, output: str, expected: str, words: str
) -> None:
    problem = why_no_record(exit_code, output).problem
    assert (problem.slug, words in problem.summary) == (expected, True), problem.summary


def test_a_module_of_the_checkout_cannot_stand_in(tmp_path: Path) -> None:
    root, inner, outer = tmp_path / "p", tmp_path / "p" / ".venv", tmp_path / "env"
    planted = replace(GOOD, file=str(root / "pytest" / "__init__.py"))
    for environment in (inner, outer, root, tmp_path):
        with pytest.raises(StageError, match="stands in for `pytest`"):
            refuse_planted(planted, root, environment)
    in_env = replace(GOOD, file=str(inner / "lib" / "pytest" / "__init__.py"))
    refuse_planted(in_env, root, inner)
    with pytest.raises(StageError):
        refuse_planted(in_env, root, outer)
    measured = Measured(
        problem="", file=str(root / "coverage" / "__init__.py"), config="", data="", files=0
    )
    with pytest.raises(StageError, match="stands in for `coverage`"):
        refuse_planted(replace(GOOD, measured=measured), root, outer)
    refuse_planted(GOOD, root, outer)


@pytest.mark.parametrize(
    ("rootdir", "is_refused"),
    [("/project", False), ("/project/svc", False), ("/", True), ("/other", True), ("", False)],
)
def test_a_configuration_above_the_repository_decides_nothing(
    rootdir: str, *, is_refused: bool
) -> None:
    record = replace(GOOD, rootdir=rootdir)
    if not is_refused:
        refuse_foreign_root(record, Path("/project"))
        return
    with pytest.raises(StageError) as caught:
        refuse_foreign_root(record, Path("/project"))
    assert caught.value.problem.slug == "configuration-outside"
