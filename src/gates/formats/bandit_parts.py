"""Bandit reports that earlier steps wrote, each on a part of the project, as one whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import bandit_json
from gates.formats.bandit_json import TOTALS, BanditReport, Issue
from gates.formats.bandit_result import refuse_unexamined
from gates.formats.tool_paths import Tree, some

UNPROVED = (
    "a report does not tell which tests and settings were in force, and nothing was planted:"
    " that bandit sees insecure code is not proved"
)
"""What every output must tell of a given report."""

_SEVERITY = "SEVERITY."

File = tuple[dict[str, int], Counter[Issue]]
"""What a report says of one file: its sums and its issues."""


def merged(reports: Sequence[tuple[str, bytes]], tree: Tree) -> BanditReport:
    """Reports that belong together as one; a file that several of them examined is counted once.

    Args:
        reports: the name and the bytes of each.
        tree: the project's files; all of `sources` must have been examined.

    Raises:
        OutputUnreadable: one is no report of bandit, is filtered, or its sums are not those of its
            results; or two of them tell different things of one file.
        StageError: a file was not readable or not Python, or a source was not examined.
    """
    files: dict[str, File] = {}
    for name, data in reports:
        report = bandit_json.parse(data, what=name)
        refuse_unexamined(report, tree)
        for path, found in _files(report, tree, name):
            if files.setdefault(path, found) != found:
                summary = f"another report tells something else of `{path}`"
                raise OutputUnreadable("contradiction", summary, place=name)
    missing = tree.sources.difference(files)
    if missing:
        raise StageError(
            "sources-not-examined",
            f"the report does not tell that bandit examined {some(missing)}",
            hint="have bandit examine it, or leave it out of `sources`",
            place=reports[0][0],
        )
    return BanditReport(
        issues=tuple(issue for _, issues in files.values() for issue in issues.elements()),
        errors=(),
        examined=tuple(files),
        totals=dict(_added(sums for sums, _ in files.values())),
        sums={path: sums for path, (sums, _) in files.items()},
    )


def notes(report: BanditReport, tree: Tree) -> tuple[str, ...]:
    """What every output must tell: what is not proved, and files that are no sources."""
    others = set(report.examined) - tree.sources
    told = f"examined besides the sources, and what is found there counts: {some(others)}"
    return (UNPROVED, *((told,) if others else ()))


def _files(report: BanditReport, tree: Tree, what: str) -> Iterator[tuple[str, File]]:
    """What a report says of each file, after its sums were compared with its results."""
    added = _added(of for path, of in report.sums.items() if path != TOTALS)
    if any(added[name] != total for name, total in report.totals.items()):
        summary = "the sums over all files are not those of the files"
        raise OutputUnreadable("contradiction", summary, place=what)
    issues: dict[str, Counter[Issue]] = {tree.relative(of): Counter() for of in report.examined}
    if len(issues) != len(report.examined):
        raise OutputUnreadable("contradiction", "a file is named twice", place=what)
    for issue in report.issues:
        path = tree.relative(issue.path)
        if path not in issues:
            summary = f"a result is in `{path}`, which was not examined"
            raise OutputUnreadable("contradiction", summary, place=what)
        issues[path][replace(issue, path=path)] += 1
    for path in report.examined:
        sums, found = report.sums[path], issues[tree.relative(path)]
        words = Counter(issue.severity for issue in found.elements())
        counted = {name: of for name, of in sums.items() if name.startswith(_SEVERITY)}
        if any(words[name.removeprefix(_SEVERITY)] != of for name, of in counted.items()):
            summary = f"bandit counted other results in `{tree.relative(path)}` than it reports"
            raise OutputUnreadable("contradiction", summary, place=what)
        yield tree.relative(path), (sums, found)


def _added(sums: Iterator[dict[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in sums:
        total.update(each)
    return total
