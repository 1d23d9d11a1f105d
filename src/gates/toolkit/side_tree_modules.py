"""Submodules in a side tree: the files of the commit that is recorded, as far as it is here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gates.toolkit.door import one_line
from gates.toolkit.git import Git
from gates.toolkit.side_tree_git import Plumbing
from gates.toolkit.side_tree_slots import remove
from gates.toolkit.state import digest, own_folder

SHOWN_ID = 10


@dataclass(frozen=True, slots=True)
class Modules:
    """The submodules of one work tree.

    Attributes:
        git: the repository that records them, asked at its top.
        plumbing: its side tree.
        folder: where a private index of each is kept.
    """

    git: Git
    plumbing: Plumbing
    folder: Path

    def fill(self, links: Mapping[str, str]) -> tuple[str, ...]:
        """Put the recorded files of each in its place; what to tell of those that stay empty.

        Args:
            links: the recorded commit of each, by its path.

        Raises:
            ToolCrashed: git could not.
        """
        return tuple(self._filled(links)) if links else ()

    def _filled(self, links: Mapping[str, str]) -> Iterator[str]:
        top = self.git.toplevel() or self.git.root
        own_folder(self.folder)
        for path, commit in links.items():
            place = self.plumbing.work_tree / path
            real = top / path
            inner = self.git.at(real)
            where = inner.git_dir() if real.is_dir() and inner.toplevel() == inner.root else None
            if where is None or inner.resolve(commit) is None:
                remove(place)
                place.mkdir()
                yield (
                    f"submodule `{one_line(path)}` is not here at {commit[:SHOWN_ID]}, so it is"
                    " empty in what is judged: git submodule update --init"
                )
                continue
            index = self.folder / digest(str(place))
            Path(f"{index}.lock").unlink(missing_ok=True)
            one = replace(self.plumbing, git_dir=where, work_tree=place, index=index)
            place.mkdir(exist_ok=True)
            one.become(commit)
            yield from Modules(inner, one, self.folder).fill(one.gitlinks())
