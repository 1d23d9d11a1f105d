"""A roll-up for tests of reports: one project of each outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from reports.runs import gate_runs, sample_run

from gates.domain.errors import OutputUnreadable, Problem
from gates.domain.plan import Policy
from gates.domain.rollup import OWN, Outcome, ProjectRun, RollUp, verdict_over
from gates.domain.run import Run, Where
from gates.reports.record_v1 import render
from gates.toolkit.files import Report

PASSED_RUN = replace(sample_run(gate_runs()[0]), id="20260131T120000Z-000001")
FAILED_RUN = replace(sample_run(), id="20260131T120001Z-000002")


def judged(path: str, run: Run, name: str = "orders") -> ProjectRun:
    inside = f".gates/local/runs/{run.id}/run.json"
    return ProjectRun(
        path=path,
        name=name,
        outcome=Outcome.JUDGED,
        run=run,
        record=inside if path == OWN else f"{path}/{inside}",
        sha256=sha256(render(run).encode()).hexdigest(),
    )


def projects() -> tuple[ProjectRun, ...]:
    return (
        judged(OWN, PASSED_RUN),
        replace(judged("services/api", FAILED_RUN), reason="`services/api/x.py` changed"),
        ProjectRun(
            path="packages/core",
            name="core",
            outcome=Outcome.UNAFFECTED,
            reason="the change since abc touches none of its 12 files, nor what they name",
            listed=12,
        ),
        ProjectRun(
            path="packages/old",
            name="old",
            outcome=Outcome.SKIPPED,
            reason="not selected on the command line",
        ),
        ProjectRun(
            path="services/mail",
            name="mailer",
            outcome=Outcome.ERRORED,
            reason="`run.lock` cannot be locked: No locks available",
            problem=Problem(
                "cannot-lock",
                "`run.lock` cannot be locked: No locks available",
                place="services/mail/.gates/local/run.lock",
                hint="mount a file system with locks",
            ),
        ),
    )


def sample_rollup(*chosen: ProjectRun) -> RollUp:
    entries = chosen or projects()
    verdict = verdict_over(entries)
    return RollUp(
        id="20260131T115959Z-abcdef",
        project="shop",
        level=1,
        projects=entries,
        verdict=verdict,
        exit_code=verdict.exit_code,
        complete=True,
        started=datetime(2026, 1, 31, 11, 59, 59, tzinfo=UTC),
        seconds=Decimal("7.5"),
        commit="c" * 40,
        tree="t" * 40,
        dirty=True,
        base="b" * 40,
        selection="--changed-from main",
        where=Where(host="runner", os="Linux 6.1", cpus=2, ci="github"),
        originator="User:ana",
        gates_version="0.1.0",
        policy=Policy(source="gates.yaml", sha256="0" * 64),
        notes=("1 folder of `projects:` without gates.yaml, not judged: services/old",),
        folder="/project/.gates/local/runs/20260131T115959Z-abcdef",
    )


def read_record(name: str) -> Report:
    """The record of one of the two runs, by its path."""
    for run in (PASSED_RUN, FAILED_RUN):
        if run.id in name:
            data = render(run).encode()
            return Report(Path(name), data, sha256(data).hexdigest(), len(data))
    raise OutputUnreadable("report-absent", "the report `run.json` was not written", place=name)
