"""Several JUnit reports that are parts of one whole, such as the shards of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gates.formats.junit import JunitReport
from gates.formats.junit_cases import Ledger


@dataclass(frozen=True, slots=True)
class Merged:
    """Reports as one.

    Attributes:
        report: as if one file held them all, each test once.
        repeated: tests that stand in more than one of them; each repetition counts.
    """

    report: JunitReport
    repeated: int


def merge(reports: Sequence[JunitReport]) -> Merged:
    """Count each test of several reports once.

    A test is known again by its class, file and name. Where two reports differ on one, the worst
    outcome decides; one that passed here and failed there is told as retried.

    Args:
        reports: at least one.
    """
    if len(reports) == 1:
        return Merged(reports[0], 0)
    ledger = Ledger()
    repeated = sum(ledger.absorb(report.ledger) for report in reports)
    declared = [report.declared for report in reports if report.declared is not None]
    whole = JunitReport(
        cases=ledger.cases(),
        counts=ledger.counts(),
        retried=ledger.retried(),
        records=sum(report.records for report in reports),
        declared=sum(declared) if len(declared) == len(reports) else None,
        seconds=sum((report.seconds for report in reports[1:]), reports[0].seconds),
        ledger=ledger,
    )
    return Merged(whole, repeated)
