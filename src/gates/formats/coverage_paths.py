"""Which source of the project each file of a coverage report is.

A report may tell folders to which its paths are relative. They come first: only where no file of
ours lies so below any of them is a path taken as it stands, and then one of them must be ours or a
folder of another machine. A folder that is here, or belongs to the repository, and is not ours is
that of another project, whose files may have the very same paths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import isabs, join, normpath

from gates.domain.errors import OutputUnreadable
from gates.formats.coverage_model import CoverageReport


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the project lies.

    Attributes:
        root: the folder of gates.yaml, absolute, without links.
        top: the uppermost folder of its repository; without one the same as `root`.
        exists: whether anything lies at an absolute path.
        real: an absolute path without the links in it.
    """

    root: str
    top: str
    exists: Callable[[str], bool]
    real: Callable[[str], str]


def relative_to(path: str, root: str) -> str:
    """A report's path as the folder of gates.yaml sees it."""
    plain = normpath(path)
    return plain.removeprefix(f"{root}/")


def placed(
    report: CoverageReport, sources: Iterable[str], ground: Ground
) -> tuple[CoverageReport, tuple[str, ...]]:
    """The report with the paths of sources relative to the folder of gates.yaml; and what to tell.

    Files that are no sources keep their path, as far as it leads outside that folder.

    Args:
        report: as it was read.
        sources: paths relative to the folder of gates.yaml.
        ground: where that folder lies.

    Raises:
        OutputUnreadable: a file may be one of several sources, or is one of another project.
    """
    known = dict.fromkeys(sources)
    ends = _ends(known) if report.is_by_package else {}
    folders = _Folders(report.roots, ground)
    files = []
    for file in report.files:
        if report.is_by_package:
            found = _of_package(file.path, file.module, ends)
        elif isabs(file.path) or not report.roots:
            found = {relative_to(file.path, ground.root)} & known.keys()
        else:
            found = folders.places(file.path, known)
        if len(found) > 1:
            raise _ambiguous(file.path, sorted(found))
        files.append(replace(file, path=next(iter(found), relative_to(file.path, ground.root))))
    return replace(report, files=tuple(files)), folders.notes()


class _Folders:
    """The folders that a report tells."""

    def __init__(self, told: Sequence[str], ground: Ground) -> None:
        self.ground = ground
        self.ours: list[str] = []  # ours, and those below it
        self.others: list[str] = []  # of this machine or repository
        self.remote: list[str] = []
        self.from_top: list[str] = []  # as a run at the top of the repository tells them
        self.is_remote_used = False
        for folder in told:
            self._sort(folder)

    def _sort(self, folder: str) -> None:
        ground = self.ground
        if re.match(r"[A-Za-z]:[\\/]|\\\\", folder):
            self.remote.append(folder)
            return
        path = ground.real(normpath(join(ground.root, folder)))
        if not isabs(folder) and ground.top != ground.root:
            self.from_top.append(normpath(join(ground.top, folder)))
        if _is_within(path, ground.root):
            self.ours.append(path)
        elif ground.exists(path) or _is_within(path, ground.top):
            self.others.append(path)
        else:
            self.remote.append(path)

    def places(self, path: str, known: Mapping[str, None]) -> set[str]:
        """What a relative path may be: sources, and files that lie beside the project."""
        root, exists = self.ground.root, self.ground.exists
        told = {relative_to(join(folder, path), root) for folder in (*self.ours, *self.others)}
        found = told & known.keys()
        beside = {place for place in told if isabs(place) and exists(place)}
        if found:
            return found | beside
        found = {relative_to(join(folder, path), root) for folder in self.from_top} & known.keys()
        plain = normpath(path)
        if found or plain not in known:
            return found
        inside = {place for place in told if not isabs(place) and exists(join(root, place))}
        if inside:
            return inside  # a file of ours that is no source
        if beside or not (self.ours or self.remote):
            raise self._foreign(path)
        self.is_remote_used = self.is_remote_used or not self.ours
        return {plain}

    def _foreign(self, path: str) -> OutputUnreadable:
        return OutputUnreadable(
            "report-foreign",
            f"`{path:.200}` of the report lies in `{self.others[0]:.200}`, not in this project",
            place=path,
            hint="give the report of this project, written in the folder of gates.yaml",
        )

    def notes(self) -> tuple[str, ...]:
        """What every output must tell."""
        if not self.is_remote_used:
            return ()
        told = (
            f"the report was written in `{self.remote[0]:.200}`, which is not on this machine: its"
            " paths are taken for those of this project"
        )
        return (told,)


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def _ambiguous(path: str, found: list[str]) -> OutputUnreadable:
    first, second, *_ = found
    return OutputUnreadable(
        "path-ambiguous",
        f"`{path:.200}` of the report may be `{first}` or `{second}`",
        hint="write a report for each module, or leave one of them out of `sources:`",
        place=path,
    )


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
