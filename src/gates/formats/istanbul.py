"""Istanbul's coverage of JavaScript and TypeScript: `coverage-final.json`, `coverage-summary.json`.

https://github.com/istanbuljs/istanbuljs (istanbul-lib-coverage), as nyc, c8, Jest and Vitest write.

The full report tells of each statement where it stands and how often it ran. A line counts where a
statement begins on it, and ran where any of those did: that is `getLineCoverage` of the library,
which takes the largest count, so the numbers are those of the tool's own outputs. That the other
statements of such a line did not run is told by its branches. Each way of a branch counts for
itself, at the line of the branch.

The summary only tells how many lines and branches each file has and how many of them ran. Its
percentages are not used (`pct` is the text `Unknown` where there is nothing), and `total` must be
the sum of the files.

What makes a report unreadable: a file under the name of another, a statement, function or branch
that has a place and no count or the other way round, a count that is none, a total that is not the
sum, more covered than there are.
"""

from __future__ import annotations

from gates.formats.coverage_model import (
    Branch,
    CoverageReport,
    Covered,
    FileCoverage,
    file_of_hits,
    total,
)
from gates.formats.strict_json import Value
from gates.formats.strict_json import read as read_json

MAX_LINE = 10_000_000

TOTAL = "total"
"""The summary's member that is no file."""

_KINDS = ("lines", "statements", "functions", "branches")


def read(data: bytes, *, what: str) -> CoverageReport:
    """The report in `data`, full or summed up.

    Raises:
        OutputUnreadable: it is neither, or it contradicts itself.
    """
    document = read_json(data, what=what)
    if TOTAL in document.mapping():
        return _summary(document)
    files = tuple(_file(path, entry) for path, entry in document.entries())
    return CoverageReport(files, has_branches=True)


def _file(path: str, entry: Value) -> FileCoverage:
    named = entry.member("path").text()
    if named != path:
        raise entry.unreadable(f"has the path `{named:.200}`")
    _counts(entry, "fnMap", "f")
    hits, spans = _lines(entry)
    found = file_of_hits(path, hits, _branches(entry))
    return FileCoverage(
        path=path,
        executed=found.executed,
        missing=found.missing,
        executed_branches=found.executed_branches,
        missing_branches=found.missing_branches,
        spans=tuple(sorted(spans)),
    )


def _lines(entry: Value) -> tuple[dict[int, bool], set[tuple[int, int]]]:
    """The lines on which a statement begins, and the extent of those over several lines."""
    counts = _counts(entry, "statementMap", "s")
    hits: dict[int, bool] = {}
    spans: set[tuple[int, int]] = set()
    places = entry.member("statementMap")
    for key, raw in places.mapping().items():
        first, last = _extent(raw) or _named_extent(places.member(key))
        hits[first] = hits.get(first, False) or counts[key] > 0
        if last > first:
            spans.add((first, last))
    return hits, spans


def _extent(raw: object) -> tuple[int, int] | None:
    """The first and last line of a place; None where something is wrong with it."""
    match raw:
        case {"start": {"line": int(first)}, "end": {"line": int(last)}}:
            is_sound = 1 <= first <= last <= MAX_LINE and not isinstance(first, bool)
            return (first, last) if is_sound and not isinstance(last, bool) else None
        case _:
            return None


def _named_extent(place: Value) -> tuple[int, int]:
    """The same, saying what is wrong."""
    first, last = (_line(place.member(end, "line")) for end in ("start", "end"))
    if last < first:
        raise place.unreadable("ends before it begins")
    return first, last


def _branches(entry: Value) -> dict[Branch, bool]:
    counts = entry.member("b")
    places = entry.member("branchMap")
    _refuse_unpaired(places, counts)
    found: dict[Branch, bool] = {}
    for key, place in places.entries():
        ways = [way.count() for way in counts.member(key).items()]
        if len(ways) != len(place.member("locations").array()):
            raise place.unreadable(f"has other ways than `b` counts: {len(ways)}")
        start = place.member("loc", "start")
        # Newer versions write `null` for a column that stands for the end of the line.
        name = f"{place.member('type').text():.40} {start.mapping().get('column')}"
        line = _line(start.member("line"))
        again = 0
        while (line, f"{name} {again} 0") in found:
            again += 1
        for number, ran in enumerate(ways):
            found[line, f"{name} {again} {number}"] = ran > 0
    return found


def _counts(entry: Value, places: str, counts: str) -> dict[str, int]:
    """The counts by key; each has a place, and each place a count."""
    _refuse_unpaired(entry.member(places), entry.member(counts))
    found = entry.member(counts)
    # One pass over bare values for the common case; the slow walk only names what is wrong.
    plain = {key: raw for key, raw in found.mapping().items() if type(raw) is int and raw >= 0}
    if len(plain) == len(found.mapping()):
        return plain
    return {key: value.count() for key, value in found.entries()}


def _refuse_unpaired(places: Value, counts: Value) -> None:
    lone = places.mapping().keys() ^ counts.mapping().keys()
    if lone:
        raise counts.unreadable(f"and its places differ in `{min(lone):.80}`")


def _line(value: Value) -> int:
    line = value.count()
    if not 1 <= line <= MAX_LINE:
        raise value.unreadable(f"is not a line number from 1 to {MAX_LINE}")
    return line


def _summary(document: Value) -> CoverageReport:
    kinds: dict[str, list[Covered]] = {kind: [] for kind in _KINDS}
    files: list[FileCoverage] = []
    for path, entry in document.entries():
        if path == TOTAL:
            continue
        for kind, parts in kinds.items():
            parts.append(_stated(entry.member(kind)))
        stated = (kinds["lines"][-1], kinds["branches"][-1])
        files.append(FileCoverage(path, (), (), stated=stated))
    for kind, parts in kinds.items():
        value = document.member(TOTAL, kind)
        counted = total(parts)
        if _stated(value) != counted:
            summary = f"is not the sum of the files, {counted.covered} of {counted.total}"
            raise value.unreadable(summary, slug="report-contradiction")
    return CoverageReport(tuple(files), has_branches=True, are_branches_named=False)


def _stated(value: Value) -> Covered:
    found = Covered(value.member("covered").count(), value.member("total").count())
    if found.covered + value.member("skipped").count() > found.total:
        raise value.unreadable("says that more is covered than there is")
    return found
