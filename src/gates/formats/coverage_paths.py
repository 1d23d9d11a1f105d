"""Which source of the project each file of a coverage report is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from posixpath import isabs, join, normpath

from gates.domain.errors import OutputUnreadable
from gates.formats.coverage_model import CoverageReport


def relative_to(path: str, root: str) -> str:
    """A report's path as the folder of gates.yaml sees it."""
    plain = normpath(path)
    return plain.removeprefix(f"{root}/")


def placed(report: CoverageReport, sources: Iterable[str], *, root: str) -> CoverageReport:
    """The report with the paths of sources relative to the folder of gates.yaml.

    Files that are no sources keep their path, as far as it leads outside that folder.

    Args:
        report: as it was read.
        sources: paths relative to `root`.
        root: the folder of gates.yaml, absolute, without links.

    Raises:
        OutputUnreadable: a file may be one of several sources.
    """
    known = dict.fromkeys(sources)
    ends = _ends(known) if report.is_by_package else {}
    files = []
    for file in report.files:
        if report.is_by_package:
            found = _of_package(file.path, file.module, ends)
        else:
            found = {relative_to(path, root) for path in _candidates(file.path, report, root)}
            found &= known.keys()
        if len(found) > 1:
            first, second, *_ = sorted(found)
            raise OutputUnreadable(
                "path-ambiguous",
                f"`{file.path:.200}` of the report may be `{first}` or `{second}`",
                hint="write a report for each module, or leave one of them out of `sources:`",
                place=file.path,
            )
        files.append(replace(file, path=next(iter(found), relative_to(file.path, root))))
    return replace(report, files=tuple(files))


def _candidates(path: str, report: CoverageReport, root: str) -> Iterable[str]:
    """What a path may be; it is relative to the project where no folder that is told fits."""
    yield path
    if not isabs(path):
        for folder in report.roots:
            yield normpath(join(root, folder, path))


def _ends(sources: Mapping[str, None]) -> dict[str, set[str]]:
    """The sources by their file name."""
    found: dict[str, set[str]] = {}
    for path in sources:
        found.setdefault(path.rpartition("/")[2], set()).add(path)
    return found


def _of_package(path: str, module: str, ends: Mapping[str, set[str]]) -> set[str]:
    """The sources that end with a path; of several those in a folder named as the module."""
    named = ends.get(path.rpartition("/")[2], set())
    found = {source for source in named if source == path or source.endswith(f"/{path}")}
    inside = {source for source in found if module in source.removesuffix(path).split("/")[:-1]}
    return inside if len(found) > 1 and module and inside else found
