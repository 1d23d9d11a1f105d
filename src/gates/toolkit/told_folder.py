"""Whether the folder in which a given report says that it was made may stand for the project's.

A report may come from another machine, whose folders nobody knows here: then a note tells it. It is
of another project where that folder lies on this machine, or fits another one of the repository.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import OutputUnreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Where the project lies on this machine.

    Attributes:
        roots: absolute forms of its folder: as given, and with links resolved.
        top: the folder of the repository that holds it, links resolved.
    """

    roots: tuple[str, ...]
    top: str

    @classmethod
    def of(cls, root: Path) -> Here:
        """The project in a folder."""
        return cls(roots=(str(root), os.path.realpath(root)), top=repository_top(root))

    def stands_for(self, folder: str, files: Collection[str]) -> bool:
        """Whether a folder that a report tells may be the project's.

        Args:
            folder: absolute.
            files: what the report tells of in there, relative to it.
        """
        if os.path.lexists(folder):
            return os.path.realpath(folder) in self.roots
        if folder.startswith(f"{self.top}/"):
            return False
        return not self._fits_another(folder, files)

    def note(self, folder: str) -> str:
        """What every output repeats of a folder that is taken for the project's; may be empty."""
        if os.path.lexists(folder):
            return ""
        return (
            f"the report was made in `{folder}`, which is not on this machine and is taken for"
            " this folder"
        )

    def refused(self, folder: str, *, what: str) -> OutputUnreadable:
        """The error for a folder that cannot be the project's; `what` is the report."""
        return OutputUnreadable(
            "report-foreign",
            f"the report was made in `{folder}`, which is another folder than this one",
            hint="write it in the folder of gates.yaml, and name no report of another project",
            place=what,
        )

    def _fits_another(self, folder: str, files: Collection[str]) -> bool:
        """Whether a folder of another checkout of the repository is not the project's in there.

        How its path ends names the place; the files tell whether it is one by accident.
        """
        parts = folder.strip("/").split("/")
        for at in range(len(parts)):
            place = "/".join((self.top, *parts[at:]))
            if os.path.realpath(place) in self.roots:
                return False
            there = sum(os.path.lexists(f"{place}/{file}") for file in files)
            if there and there >= sum(os.path.lexists(f"{self.roots[0]}/{file}") for file in files):
                return True
        return False


def repository_top(root: Path) -> str:
    """The folder of the repository that holds a folder, without links; itself outside of any."""
    folders = (root, *root.parents)
    return os.path.realpath(next((one for one in folders if (one / ".git").exists()), root))
