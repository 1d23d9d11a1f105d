from __future__ import annotations

from dataclasses import replace

import pytest
from reports.rollups import projects, sample_rollup
from reports.runs import gate_runs, sample_run, undecided

from gates.domain.run import GateRun, Run
from gates.domain.status import Status, Verdict
from gates.reports.page_words import because, because_all

LINT, COVERAGE, SAST, AUDIT, LATER = gate_runs()
UNFIT = "What is left out shows nothing: this is no verdict to merge or release on."
UNDECIDED = "`bench` has too small a sample to decide"


def stood(name: str, status: Status) -> GateRun:
    judged = replace(LINT.judged, status=status)
    return replace(LINT, plan=replace(LINT.plan, name=name), judged=judged)


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (sample_run(LINT), "The one gate was measured, and every condition holds."),
        (sample_run(LINT, LINT), "All 2 gates were measured, and every condition holds."),
        (
            sample_run(LINT, SAST, stood("x", Status.UNAFFECTED)),
            "No gate stands open: 1 by measurement, 1 by a waiver, 1 untouched by the change.",
        ),
        (
            sample_run(),
            "`coverage` does not hold; `audit` could not be measured; `later` was skipped.",
        ),
        (
            sample_run(*(stood(name, Status.FAILED) for name in "abcde")),
            "`a`, `b`, `c` and 2 more do not hold.",
        ),
        (
            sample_run(LINT, LATER),
            f"`later` was skipped. {UNFIT}",
        ),
        (
            sample_run(LINT, stood("bench", Status.INCONCLUSIVE)),
            f"{UNDECIDED}, which only warns at this level. All else holds.",
        ),
        (sample_run(undecided()), "`load` has too small a sample to decide."),
        (
            replace(sample_run(LINT), verdict=Verdict.ERRORED),
            "The run as a whole is no proof: files changed while they were judged.",
        ),
        (
            replace(sample_run(LINT), verdict=Verdict.ERRORED, notes=()),
            "The run as a whole is no proof.",
        ),
        (
            replace(sample_run(LINT), verdict=Verdict.ERRORED, complete=False),
            "Interrupted: what had not ended is not judged.",
        ),
        (
            replace(sample_run(LINT), gates=(), verdict=Verdict.ERRORED),
            "Nothing was looked at, and that is never a pass.",
        ),
    ],
)
def test_the_reason_of_a_verdict(run: Run, said: str) -> None:
    assert because(run) == said


def test_the_reason_of_a_rollup() -> None:
    passed = projects()[0]
    assert because_all(sample_rollup(passed)) == (
        "Every project is passed, or is untouched by the change."
    )
    assert because_all(sample_rollup()) == (
        "`services/api (orders)`, `packages/old` and `services/mail (mailer)` are not passed;"
        " the verdict is that of the gravest."
    )
    assert because_all(sample_rollup(passed, projects()[4])).startswith(
        "`services/mail (mailer)` is not passed;"
    )
    stopped = replace(sample_rollup(passed), complete=False, verdict=Verdict.ERRORED)
    assert because_all(stopped) == "Interrupted: what had not ended is not judged."
    nothing = replace(stopped, projects=())
    assert because_all(nothing).endswith("Nothing was looked at, and that is never a pass.")
    graver = replace(stopped, complete=True)
    assert because_all(graver) == "A part of it is not passed."
