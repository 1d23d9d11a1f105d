"""What git lists of a folder: tracked files, new ones, and those it was told not to look at."""

from __future__ import annotations

import os
from dataclasses import dataclass

from gates.domain.errors import ToolCrashed
from gates.toolkit.git import Git


@dataclass(frozen=True, slots=True)
class Listing:
    """The files below a folder, from one question to git; relative to it, each sorted.

    Attributes:
        tracked: those that git tracks.
        untracked: those that it neither tracks nor ignores; a repository in the repository is
            named once, as a folder.
        unwatched: tracked ones that it was told not to look at, and that are there.
    """

    tracked: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    unwatched: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, sorted."""
        return tuple(sorted({*self.tracked, *self.untracked}))


def listing(git: Git) -> Listing:
    """List the files below `git.root`; nothing outside a repository.

    `git ls-files -v` puts a sign before each name: `?` before an untracked one, `S` or a small
    letter before one that is not looked at, see git-ls-files(1).

    Raises:
        ToolCrashed: git could not look.
    """
    if git.toplevel() is None:
        return Listing()
    output = git.ask("ls-files", "-z", "-v", "--cached", "--others", "--exclude-standard", "--")
    if output.exit_code != 0:
        raise ToolCrashed("git-failed", f"`git ls-files` ended with {output.exit_code}")
    tracked: set[str] = set()
    untracked: set[str] = set()
    hidden: set[str] = set()
    for entry in os.fsdecode(output.stdout).split("\0"):
        sign, name = entry[:1], entry[2:]
        if not name:
            continue
        (untracked if sign == "?" else tracked).add(name)
        if (sign.islower() or sign == "S") and os.path.lexists(git.root / name):
            hidden.add(name)
    return Listing(*(tuple(sorted(names)) for names in (tracked, untracked, hidden)))
