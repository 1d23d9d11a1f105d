"""A run that judges a side tree: what lies there, and what belongs to the working tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gates.domain.errors import OutputUnreadable
from gates.toolkit.git import Git
from gates.toolkit.locks import RUN_FOLDER, run_folders
from gates.toolkit.side_tree import SideTree
from gates.toolkit.trees import TreeState

if TYPE_CHECKING:
    from gates.executor.freshness import Reports

PYTHONPATH = "PYTHONPATH"


@dataclass(frozen=True, slots=True)
class SideSeen:
    """The files of a side tree, which are known to be those of its tree before a run.

    Attributes:
        side: the side tree.
        tree: their identity, with HEAD.
    """

    side: SideTree
    tree: TreeState

    @classmethod
    def of(cls, git: Git, side: SideTree) -> SideSeen:
        """Take them as they were proved to be when the side tree was made."""
        is_dirty = git.root_tree(side.commit) != side.tree
        return cls(side, TreeState(side.commit, side.tree, is_dirty=is_dirty))

    def changed_since(self, git: Git) -> tuple[bool, str]:
        """Whether a file of the tree changed since, and what to tell.

        Raises:
            ToolCrashed: git could not look.
        """
        del git
        if not self.side.plumbing.changed():
            return False, ""
        return True, "a gate changed the files that it judged; yours are untouched"


@dataclass(frozen=True, slots=True)
class Nothing:
    """Of a run that judges no file, but a message."""

    tree: TreeState | None = None

    def changed_since(self, git: Git) -> tuple[bool, str]:
        """Nothing that was judged can have changed."""
        del git
        return False, ""


def variables(side: SideTree, root: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The variables of a tool, so that it runs on the side tree alone.

    Args:
        side: the side tree.
        root: the folder of gates.yaml in it.
        given: the variables that are set already.
    """
    # In front of all, lest another `sitecustomize` is taken for ours, which goes on to that one.
    paths = [text for text in (str(side.imports), given.get(PYTHONPATH)) if text]
    # A tool that starts `gates` on what it finds here would wait for ever, or begin anew.
    above = run_folders(root, given)
    return {**given, PYTHONPATH: ":".join(paths), RUN_FOLDER: above}


def reports(side: SideTree, git: Git, root: Path, named: Sequence[str]) -> Reports:
    """The reports of earlier steps, which lie in the working tree and were made there.

    Raises:
        OutputUnreadable: what lies in the working tree is not what is judged, so they are of it.
    """
    from gates.executor.freshness import Reports

    home = side.home(root)
    real = git.at(home)
    if real.tree_id() != git.tree_id():
        raise OutputUnreadable(
            "report-unprovable",
            "reports are made from the working tree, and what is judged here differs from it",
            hint="stage everything or nothing of it, or let the gate be due in CI: `when: [ci]`",
        )
    return Reports(home, real, frozenset(named))
