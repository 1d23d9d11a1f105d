"""Statuses of conditions and gates, verdicts of runs, their order and exit codes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """The outcome of a condition or a gate."""

    PASSED = "passed"
    UNAFFECTED = "unaffected"
    WAIVED = "waived"
    OVERRIDDEN = "overridden"
    PENDING = "pending"
    INCONCLUSIVE = "inconclusive"
    ERRORED = "errored"
    FAILED = "failed"
    SKIPPED = "skipped"


class Verdict(StrEnum):
    """The outcome of a run."""

    PASSED = "passed"
    PARTIAL = "partial"
    PENDING = "pending"
    ERRORED = "errored"
    FAILED = "failed"

    @property
    def exit_code(self) -> int:
        """The exit code of a run that ended with it."""
        return EXIT_CODES[self]


EXIT_CODES = {
    Verdict.PASSED: 0,
    Verdict.PARTIAL: 0,
    Verdict.FAILED: 1,
    Verdict.ERRORED: 3,
    Verdict.PENDING: 4,
}

_WEIGHT = {
    Verdict.PASSED: 0,
    Verdict.PARTIAL: 1,
    Verdict.PENDING: 2,
    Verdict.ERRORED: 3,
    Verdict.FAILED: 4,
}

STRICT_LEVEL = 2
"""From this level on, an inconclusive gate is as good as errored."""


def verdict_of_gate(status: Status, level: int) -> Verdict:
    """Tell what a gate's status means for the run that holds it."""
    match status:
        case Status.PASSED | Status.UNAFFECTED | Status.WAIVED | Status.OVERRIDDEN:
            return Verdict.PASSED
        case Status.INCONCLUSIVE:
            return Verdict.ERRORED if level >= STRICT_LEVEL else Verdict.PASSED
        case Status.PENDING:
            return Verdict.PENDING
        case Status.SKIPPED:
            return Verdict.PARTIAL
        case Status.ERRORED:
            return Verdict.ERRORED
        case Status.FAILED:
            return Verdict.FAILED


def verdict_of_run(gates: Iterable[tuple[Status, int]]) -> Verdict:
    """Tell the verdict of a run from each gate's status and level: the heaviest counts.

    A run without gates is errored: nothing was looked at. So is one that skipped all of them.
    """
    seen = list(gates)
    if all(status is Status.SKIPPED for status, _ in seen):
        return Verdict.ERRORED
    return max((verdict_of_gate(*gate) for gate in seen), key=_WEIGHT.__getitem__)
