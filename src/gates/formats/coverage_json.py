"""coverage.py's JSON report (formats 2 and 3), from sets of lines and never from its percentages.

https://coverage.readthedocs.io/en/latest/commands/cmd_json.html: per file the executed, missing
and excluded lines, and with branch coverage the executed and missing branches. Every count that the
report states is checked against the sets that it is about.
"""

from __future__ import annotations

from gates.formats.coverage_model import Branch, CoverageReport, FileCoverage
from gates.formats.strict_json import Value
from gates.formats.strict_json import read as read_json

FORMATS = (2, 3)


def read(data: bytes, *, what: str) -> CoverageReport:
    """The report in `data`.

    Raises:
        OutputUnreadable: it is no coverage.py JSON of a known format, or it contradicts itself.
    """
    document = read_json(data, what=what)
    meta = document.member("meta")
    number = meta.member("format")
    if number.integer() not in FORMATS:
        raise number.unreadable(f"is {number.integer()}, a format that is not known")
    has_branches = meta.member("branch_coverage").flag()
    files = tuple(
        _file(path, entry, has_branches=has_branches)
        for path, entry in document.member("files").entries()
    )
    version = meta.member("version").text()
    report = CoverageReport(files=files, has_branches=has_branches, version=version)
    _compare(document.member("totals"), _totals(files, has_branches=has_branches))
    return report


def _file(path: str, entry: Value, *, has_branches: bool) -> FileCoverage:
    executed = _lines(entry.member("executed_lines"))
    missing = _lines(entry.member("missing_lines"))
    excluded = _lines(entry.member("excluded_lines"))
    _refuse_overlap(entry, executed, missing, "executed", "missing")
    _refuse_overlap(entry, excluded, missing, "excluded", "missing")
    _refuse_overlap(entry, excluded, executed, "excluded", "executed")
    taken: tuple[Branch, ...] = ()
    untaken: tuple[Branch, ...] = ()
    if has_branches:
        taken = _branches(entry.member("executed_branches"))
        untaken = _branches(entry.member("missing_branches"))
        _refuse_overlap(entry, taken, untaken, "executed", "missing")
    elif entry.find("executed_branches") or entry.find("missing_branches"):
        raise entry.unreadable("has branches in a report that says it has none")
    covered = FileCoverage(path, executed, missing, excluded, taken, untaken)
    _compare(entry.member("summary"), _totals((covered,), has_branches=has_branches))
    return covered


def _lines(value: Value) -> tuple[int, ...]:
    numbers = value.array()
    # One pass in C for the common case; the slow walk only names what is wrong.
    if not all(type(number) is int for number in numbers):
        numbers = [item.integer() for item in value.items()]
    lines = tuple(number for number in numbers if isinstance(number, int))
    is_ascending = all(map(int.__lt__, lines, lines[1:]))
    if lines and (lines[0] < 1 or not is_ascending):
        raise value.unreadable("is not a list of ascending line numbers from 1")
    return lines


def _branches(value: Value) -> tuple[Branch, ...]:
    branches: list[Branch] = []
    for pair in value.items():
        ends = [end.integer() for end in pair.items()]
        if len(ends) != 2:  # noqa: PLR2004 - a branch has two ends
            raise pair.unreadable("is not a pair of lines")
        branches.append((ends[0], ends[1]))
    if len(set(branches)) != len(branches):
        raise value.unreadable("names a branch twice")
    return tuple(branches)


def _refuse_overlap(
    entry: Value,
    left: tuple[object, ...],
    right: tuple[object, ...],
    left_name: str,
    right_name: str,
) -> None:
    both = set(left).intersection(right)
    if both:
        example = min(both, key=str)
        raise entry.unreadable(f"calls {example} both {left_name} and {right_name}")


def _totals(files: tuple[FileCoverage, ...], *, has_branches: bool) -> dict[str, int]:
    executed = sum(len(file.executed) for file in files)
    missing = sum(len(file.missing) for file in files)
    totals = {
        "covered_lines": executed,
        "missing_lines": missing,
        "num_statements": executed + missing,
        "excluded_lines": sum(len(file.excluded) for file in files),
    }
    if has_branches:
        taken = sum(len(file.executed_branches) for file in files)
        untaken = sum(len(file.missing_branches) for file in files)
        totals["covered_branches"] = taken
        totals["missing_branches"] = untaken
        totals["num_branches"] = taken + untaken
    return totals


def _compare(summary: Value, counted: dict[str, int]) -> None:
    for name, number in counted.items():
        stated = summary.member(name)
        if stated.count() != number:
            raise stated.unreadable(f"is {stated.count()}, but {number} are listed")
