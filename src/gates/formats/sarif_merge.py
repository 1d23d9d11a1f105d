"""Several runs of SARIF as one whole: shards of one tool, or tools beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gates.domain.errors import OutputUnreadable
from gates.formats.sarif import Result, Run
from gates.formats.tool_paths import some

TARGETS, ARTIFACTS, RUNS = "targets", "artifacts", "runs"
"""By what it is known how much was examined: files with a role, files named at all, or runs."""


def results(runs: Sequence[Run]) -> tuple[Result, ...]:
    """The results of all runs; one that several runs of a tool tell alike is one.

    Within a run equal results are as many as there are. Equal means the same rule, place, message
    and severity; what only one of the runs suppresses is not suppressed.
    """
    most: dict[tuple[str, Result], int] = {}
    for run in runs:
        for result, number in Counter(run.results).items():
            key = run.tool, result
            most[key] = max(most.get(key, 0), number)
    return tuple(result for (_, result), number in most.items() for _ in range(number))


def refuse_twice(runs: Sequence[Run], *, what: str) -> None:
    """Refuse reports of which two hold one run.

    Raises:
        OutputUnreadable: `report-twice`.
    """
    guids = [run.guid for run in runs if run.guid]
    if len(guids) != len(set(guids)):
        summary = "one run stands in the reports twice: a part may be missing"
        hint = "let each part write a report of its own, and name no part twice"
        raise OutputUnreadable("report-twice", summary, hint=hint, place=what)


def refuse_foreign(runs: Sequence[Run], tool: str, *, what: str) -> None:
    """Refuse a report of which a run is of another tool.

    Raises:
        OutputUnreadable: `report-foreign-tool`.
    """
    others = {run.tool for run in runs} - {tool}
    if others:
        summary = f"the report is of {some(others)}, not of `{tool}`"
        hint = "name the report of that tool, or correct `tool`"
        raise OutputUnreadable("report-foreign-tool", summary, hint=hint, place=what)


def examined(runs: Sequence[Run], by: str, known: frozenset[str], *, what: str) -> frozenset[str]:
    """The files of the project that were examined.

    Args:
        runs: all runs.
        by: `TARGETS` or `ARTIFACTS`.
        known: all files of the project.
        what: the report, in errors.

    Raises:
        OutputUnreadable: `examined-not-told`: one of the runs does not tell it; `paths-differ`: one
            of them examined other files only.
    """
    found: set[str] = set()
    for run in runs:
        files = run.targets if by == TARGETS else run.listed
        if not files:
            raise OutputUnreadable(
                "examined-not-told",
                f"`{run.tool}` does not tell which files it examined",
                hint="`with: {examined: runs}` says that it cannot, and every output repeats it;"
                " `examined: artifacts` where it lists them without the role `analysisTarget`",
                place=what,
            )
        if files.isdisjoint(known):
            raise OutputUnreadable(
                "paths-differ",
                f"`{run.tool}` examined no file of this project, but {some(files)}",
                hint="write the report in the folder of gates.yaml, with paths that are relative"
                " to it",
                place=what,
            )
        found |= files & known
    return frozenset(found)


def notes(runs: Sequence[Run], by: str) -> Iterator[str]:
    """What every output must tell of what the report does not prove."""
    tools = some({run.tool for run in runs})
    if by == RUNS:
        yield f"which files {tools} examined is not told, as `examined: runs` says"
    if by == ARTIFACTS:
        yield f"that {tools} examined each file it lists is taken from `examined: artifacts`"
    silent = {run.tool for run in runs if not run.ended.is_told}
    if silent:
        yield f"that {some(silent)} ran to the end is not told"
    warnings = sum(run.ended.warnings for run in runs)
    if warnings:
        yield f"{tools} gave {warnings} warnings about the run itself"
    undecided = sum(run.undecided for run in runs)
    if undecided:
        yield f"{undecided} results are left for people to decide, and are no findings"
    yield "nothing was planted: that the rules were on that matter is not proved by a report"
