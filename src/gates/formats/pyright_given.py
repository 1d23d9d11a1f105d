"""Reports of pyright that an earlier step wrote, and what they prove of the project's files.

A report tells how many files were checked, and not which. It is held against the number of files
that pyright finds by the project's configuration; a log, where there is one, names them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.stage_result import Tool
from gates.formats import pyright_json, pyright_log
from gates.formats.pyright_config import PyrightConfig
from gates.formats.pyright_json import Diagnostic, Report
from gates.formats.pyright_log import Run
from gates.formats.pyright_result import Checked, finding
from gates.formats.report_folder import folder_of
from gates.formats.tool_paths import Tree, relative, some

UNNAMED = "a report of pyright tells how many files were checked, and not which; `log` would"
UNTOLD = (
    "a report of pyright does not tell its configuration and its options: `--level error` would"
    " leave warnings out"
)
"""What every output must tell of a given report."""

OWN = "/typeshed-fallback/"
"""Stands in the path of a file of pyright's own."""

Named = tuple[str, bytes]
"""A file's name and its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What the reports are held against.

    Attributes:
        tree: the project's Python files.
        config: its configuration of pyright.
        is_there: whether a path, relative to the project's folder, is a file.
    """

    tree: Tree
    config: PyrightConfig
    is_there: Callable[[str], bool]

    def found(self) -> frozenset[str]:
        """The files that pyright finds by the configuration."""
        root = self.tree.roots[0]
        return frozenset(
            path
            for path in self.tree.files
            if self.config.includes(f"{root}/{path}") and not self.config.excludes(f"{root}/{path}")
        )


def merged(reports: Sequence[Named], log: Named | None, project: Project) -> Checked:
    """What all reports found; a diagnostic that two of them hold is one.

    Args:
        reports: parts of one whole.
        log: what `pyright --verbose --stats` printed for the same parts, or None.
        project: what they are held against.

    Raises:
        OutputUnreadable: one is unreadable, of another project, or they contradict each other.
        StageError: a source was not checked, or no file at all.
    """
    read = [(name, pyright_json.parse(data)) for name, data in reports]
    versions = {report.version for _, report in read}
    if len(versions) > 1:
        summary = f"the reports are of different versions of pyright: {', '.join(sorted(versions))}"
        raise OutputUnreadable("contradiction", summary, place="pyright")
    if not any(report.files for _, report in read):
        raise StageError("nothing-examined", "by the report, pyright checked no file")
    named = None if log is None else _named(log, [report for _, report in read])
    told: Counter[Diagnostic] = Counter()
    for name, report in read:
        told |= Counter(_placed(report.diagnostics, project, name))
    if named is None or log is None:
        files = _counted([report for _, report in read], project.found())
    else:
        roots = (*project.tree.roots, folder_of(named, project.tree, project.is_there, what=log[0]))
        files = frozenset(relative(path, *roots) for path in named)
    _refuse_missing(files, project)
    return Checked(
        diagnostics=tuple(finding(one, one.path) for one in told.elements()),
        files=files & project.tree.files,
        tool=Tool(name="pyright", version=min(versions), how="told by the report"),
    )


def _named(log: Named, reports: Sequence[Report]) -> frozenset[str]:
    """The files that the log names, absolute; its runs must be those of the reports."""
    what, data = log
    runs = pyright_log.parse(data, what=what)
    if Counter(map(_facts_of_run, runs)) != Counter(map(_facts, reports)):
        raise OutputUnreadable(
            "contradiction",
            f"`{what}` is not of the runs that the report is of: versions, sums or numbers of"
            " files differ",
            hint="write both from the same tree, one behind the other",
            place=what,
        )
    return frozenset(path for run in runs for path in run.files if OWN not in path)


def _facts(report: Report) -> tuple[object, ...]:
    found = Counter(one.severity for one in report.diagnostics)
    sums = tuple(found[one] for one in ("error", "warning", "information"))
    return (report.version, report.files, sums)


def _facts_of_run(run: Run) -> tuple[object, ...]:
    return (run.version, len(run.files), run.sums)


def _placed(
    diagnostics: Sequence[Diagnostic], project: Project, what: str
) -> tuple[Diagnostic, ...]:
    """The diagnostics with paths as the project knows them."""
    if not diagnostics:
        return ()
    paths = {one.path for one in diagnostics}
    roots = (*project.tree.roots, folder_of(paths, project.tree, project.is_there, what=what))
    return tuple(replace(one, path=relative(one.path, *roots)) for one in diagnostics)


def _counted(reports: Sequence[Report], found: frozenset[str]) -> frozenset[str]:
    """The files that pyright finds, where the reports count exactly as many."""
    # A version that counts a file of its own cannot be asked for it here; it is one for each run.
    own = sum(report.counts_its_own for report in reports)
    number = sum(report.files for report in reports) - own
    if number != len(found):
        raise OutputUnreadable(
            "source-not-examined",
            f"pyright checked {number} files, where {len(found)} are to be found by its"
            " configuration",
            hint="let it check all that its configuration includes, or name by `log` what it"
            " checked: pyright --verbose --stats > pyright.log",
            place="pyright",
        )
    return found


def _refuse_missing(files: frozenset[str], project: Project) -> None:
    tree, config = project.tree, project.config
    if not files & tree.sources:
        raise StageError("nothing-examined", "pyright checked none of the project's sources")
    root = tree.roots[0]
    missing = {path for path in tree.sources - files if not config.excludes(f"{root}/{path}")}
    if missing:
        raise StageError(
            "source-not-examined",
            f"pyright did not check {some(missing)}",
            hint="let it check every source, or leave these out of `sources`",
            place=min(missing),
        )
