from __future__ import annotations

from dataclasses import replace

import pytest
from reports.runs import gate_runs, sample_run

from gates.domain.errors import Problem
from gates.domain.rollup import GRAVITY, OWN, Outcome, ProjectRun, labelled, verdict_over
from gates.domain.status import EXIT_CODES, Status, Verdict, verdict_of_run

SKIPPED = ProjectRun(path="a", name="a", outcome=Outcome.SKIPPED)
UNAFFECTED = ProjectRun(path="b", name="b", outcome=Outcome.UNAFFECTED, listed=3)
ERRORED = ProjectRun(path="c", name="c", outcome=Outcome.ERRORED, problem=Problem("x", "y"))
FAILED = ProjectRun(path="d", name="other", outcome=Outcome.JUDGED, run=sample_run())
PASSED = replace(FAILED, path="e/e", name="e", run=sample_run(gate_runs()[0]))
LOST = ProjectRun(path="f", name="f", outcome=Outcome.JUDGED)


@pytest.mark.parametrize(
    ("projects", "verdict"),
    [
        ((PASSED,), Verdict.PASSED),
        ((UNAFFECTED,), Verdict.PASSED),
        ((PASSED, UNAFFECTED, SKIPPED), Verdict.PARTIAL),
        ((UNAFFECTED, SKIPPED), Verdict.PARTIAL),
        ((PASSED, SKIPPED, ERRORED), Verdict.ERRORED),
        ((ERRORED, FAILED, PASSED), Verdict.FAILED),
        ((LOST, PASSED), Verdict.ERRORED),
        ((SKIPPED, SKIPPED), Verdict.ERRORED),
        ((), Verdict.ERRORED),
    ],
)
def test_the_gravest_project_decides(projects: tuple[ProjectRun, ...], verdict: Verdict) -> None:
    assert verdict_over(projects) is verdict
    assert verdict_over(reversed(projects)) is verdict


def test_verdicts_weigh_as_they_do_in_a_run() -> None:
    statuses = (
        Status.PASSED,
        Status.SKIPPED,
        Status.PENDING,
        Status.ERRORED,
        Status.FAILED,
    )
    heaviest = [
        verdict_of_run([(Status.PASSED, 1), *((each, 1) for each in statuses[: at + 1])])
        for at in range(len(statuses))
    ]
    assert tuple(heaviest) == GRAVITY
    assert set(GRAVITY) == set(EXIT_CODES)


def test_a_project_that_was_not_judged_has_an_exit_code_of_its_own() -> None:
    assert [each.exit_code for each in (UNAFFECTED, SKIPPED, ERRORED)] == [0, 0, 3]
    assert (FAILED.exit_code, FAILED.shown, ERRORED.shown) == (1, "failed", "errored")
    assert (SKIPPED.shown, UNAFFECTED.shown) == ("skipped", "unaffected")


def test_the_label_tells_the_path_and_another_name() -> None:
    assert labelled("services/api", "api") == "services/api"
    assert labelled("services/api", "orders") == "services/api (orders)"
    assert labelled(OWN, "shop") == "shop"
    assert FAILED.labelled_run is not None
    assert FAILED.labelled_run.plan.project == "d (other)"
    assert SKIPPED.labelled_run is None


def test_gates_are_counted_by_status() -> None:
    assert FAILED.counts == {
        Status.PASSED: 1,
        Status.WAIVED: 1,
        Status.ERRORED: 1,
        Status.FAILED: 1,
        Status.SKIPPED: 1,
    }
    assert SKIPPED.counts == {}
