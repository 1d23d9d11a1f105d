"""Several coverage reports as one: parts of one run of the tests, or of one project.

A line is executable where any part says so, and ran where it ran in any. Branches that can be told
apart are joined in the same way; of those that are only counted, the larger number holds, which is
the least that is true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gates.domain.errors import OutputUnreadable
from gates.formats.coverage_model import CoverageReport, FileCoverage

COUNTED = "branches of several reports are joined by their number only: at least so many were taken"
"""What is to be told of the joined report where branches are not told apart."""


SILENT = "`{name}` tells no branches: those of its files are in no number"
"""What is to be told where a part has no branch, and its format does not say why."""


def merged(parts: Sequence[tuple[str, CoverageReport]]) -> tuple[CoverageReport, tuple[str, ...]]:
    """One report of several, and what every output must tell of it.

    Args:
        parts: names and reports, at least one; their paths are those of the project.

    Raises:
        OutputUnreadable: a report names a file twice, only some measured branches, or a file of
            which only totals are known is in several.
    """
    known: dict[str, FileCoverage] = {}
    are_joined = False
    for what, report in parts:
        _refuse_twice(what, report)
        for file in report.files:
            other = known.get(file.path)
            known[file.path] = file if other is None else _joined(what, other, file)
            are_joined = are_joined or bool(
                other and (file.missing_branches or other.missing_branches)
            )
    reports = [report for _, report in parts]
    first = reports[0]
    are_named = all(report.are_branches_named for report in reports)
    whole = replace(
        first,
        files=tuple(known.values()),
        has_branches=any(report.has_branches for report in reports),
        version=first.version if len({report.version for report in reports}) == 1 else "",
        are_branches_named=are_named,
    )
    notes = _silent(parts) if whole.has_branches else ()
    return whole, (*notes, COUNTED) if are_joined and not are_named else notes


def _refuse_twice(what: str, report: CoverageReport) -> None:
    seen: set[str] = set()
    for file in report.files:
        if file.path in seen:
            summary = f"the report lists `{file.path:.200}` twice"
            raise OutputUnreadable("report-contradiction", summary, place=what)
        seen.add(file.path)


def _silent(parts: Sequence[tuple[str, CoverageReport]]) -> tuple[str, ...]:
    """What is to be told of parts without branches beside others that have them."""
    silent = [(what, report) for what, report in parts if not report.has_branches]
    for what, report in silent:
        if report.tells_branching:
            raise OutputUnreadable(
                "report-contradiction",
                f"`{what}` did not measure branches, and other reports did",
                place=what,
                hint="let all parts measure alike",
            )
    return tuple(SILENT.format(name=what) for what, _ in silent)


def _joined(what: str, one: FileCoverage, other: FileCoverage) -> FileCoverage:
    if one.stated or other.stated:
        raise OutputUnreadable(
            "report-contradiction",
            f"`{one.path:.200}` is in several reports, one of which only tells totals",
            place=what,
            hint="let each part write the report that tells each line",
        )
    executed = {*one.executed, *other.executed}
    missing = {*one.missing, *other.missing} - executed
    taken = {*one.executed_branches, *other.executed_branches}
    return FileCoverage(
        path=one.path,
        executed=tuple(sorted(executed)),
        missing=tuple(sorted(missing)),
        excluded=tuple(sorted({*one.excluded, *other.excluded} - executed - missing)),
        executed_branches=tuple(taken),
        missing_branches=tuple({*one.missing_branches, *other.missing_branches} - taken),
        spans=tuple(sorted({*one.spans, *other.spans})),
        module=one.module,
    )
