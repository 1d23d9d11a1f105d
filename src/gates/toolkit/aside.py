"""What git lists for a folder and no gate reads as a file: links, repositories, what is not there.

A clone may lack files that are in version control: git itself leaves them out of a sparse checkout.
Who says that all of it was examined must look for them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Container
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath

from gates.domain.errors import StageError
from gates.toolkit.git import Git
from gates.toolkit.sources import matches

SKIPPED = "S"
"""How `git ls-files -v` marks a file that is not checked out; a small letter, one unlooked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """Paths relative to the folder, sorted.

    Attributes:
        links: symbolic links; only their names are in version control.
        repositories: submodules, and folders that hold a repository of their own.
        deleted: tracked, and deleted since.
        withheld: tracked, not there, and git was told not to look at them.
    """

    links: tuple[str, ...]
    repositories: tuple[str, ...]
    deleted: tuple[str, ...]
    withheld: tuple[str, ...]

    def without(self, patterns: Collection[str]) -> Aside:
        """What none of these patterns matches."""
        return self._only(lambda path: not any(matches(path, normpath(one)) for one in patterns))

    def within(self, paths: Container[str]) -> Aside:
        """What is among these paths; a folder may end with a slash there."""
        return self._only(lambda path: path in paths or f"{path}/" in paths)

    def refuse_withheld(self) -> None:
        """Refuse a checkout in which files are left out.

        Raises:
            StageError: with them.
        """
        if self.withheld:
            first, *more = self.withheld
            raise StageError(
                "file-unreadable",
                f"`{first}` is in version control and not checked out"
                + (f", and {len(more)} more" if more else ""),
                hint="check it out (`git sparse-checkout disable`), or name it in `exclude`",
                place=first,
            )

    def _only(self, is_meant: Callable[[str], bool]) -> Aside:
        return Aside(
            links=tuple(path for path in self.links if is_meant(path)),
            repositories=tuple(path for path in self.repositories if is_meant(path)),
            deleted=tuple(path for path in self.deleted if is_meant(path)),
            withheld=tuple(path for path in self.withheld if is_meant(path)),
        )


def aside(root: Path) -> Aside:
    """Sort what git tracks or would track below the folder, and is no regular file.

    Raises:
        ToolCrashed: git could not answer.
    """
    git = Git(root)
    links: list[str] = []
    repositories: list[str] = []
    absent: list[str] = []
    for path in git.ls_files(untracked=True):
        name = path.rstrip("/")
        try:
            mode = (root / name).lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            absent.append(name)
            continue
        if stat.S_ISLNK(mode):
            links.append(name)
        elif stat.S_ISDIR(mode):
            repositories.append(name)
    withheld = _unwatched(git).intersection(absent) if absent else set()
    return Aside(
        links=tuple(links),
        repositories=tuple(repositories),
        deleted=tuple(name for name in absent if name not in withheld),
        withheld=tuple(name for name in absent if name in withheld),
    )


def _unwatched(git: Git) -> set[str]:
    output = git.ask("ls-files", "-z", "-v", "--cached")
    tagged = os.fsdecode(output.stdout).split("\0")
    return {entry[2:] for entry in tagged if entry[:1] == SKIPPED or entry[:1].islower()}
