"""A folder that holds projects and is none: which they are, and what gates it has itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gates.domain.survey import Chosen, LeftOut
from gates.survey import layout
from gates.survey.choice import Choosing
from gates.survey.configured import configured
from gates.survey.layout import NODE, PYTHON
from gates.survey.notes import refuse_part
from gates.survey.scene import Scene
from gates.survey.table import CANDIDATES
from gates.toolkit.git import Git
from gates.toolkit.tools import Toolbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Roof:
    """A folder that holds projects and is none.

    Attributes:
        name: what its metadata call it, or empty.
        projects: their folders, relative, sorted.
        chosen: gates of the folder itself: what looks at the whole repository.
        left_out: of these, what cannot run now.
    """

    name: str
    projects: tuple[str, ...]
    chosen: tuple[Chosen, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def shared(self) -> frozenset[str]:
        """Stages of its gates that look at its projects too, so that these need none of them."""
        shared = {one.uses for one in CANDIDATES if one.is_shared}
        return frozenset(gate.uses for gate in self.chosen if gate.uses in shared)

    @property
    def told(self) -> frozenset[str]:
        """Criteria of which it is told here why no gate shows them."""
        return frozenset(gate.criterion for gate in self.left_out)


def look(root: Path, environ: Mapping[str, str], *, own_prefix: Path | None = None) -> Roof | None:
    """The projects below a folder; None where it is a project itself, or none lies below it.

    Args:
        root: the folder.
        environ: the environment of `gates`.
        own_prefix: where `gates` is installed; by default the running interpreter's environment.

    Raises:
        ConfigError: the folder is a part of a project.
        StageError: a folder of it cannot be read, or git refuses to answer.
    """
    found = layout.look(root)
    if not found.is_only_a_roof:
        return None
    git = Git(root, environ)
    if not layout.is_project(root):
        refuse_part(root, git.toplevel(), environ)
    toolbox = Toolbox(
        root=root,
        git_root=git.toplevel(),
        environment=None,
        environ=environ,
        own_prefix=own_prefix,
    )
    scene = Scene(
        root=root,
        git=git,
        toolbox=toolbox,
        environ=environ,
        layout=found,
        configured=configured(root),
    )
    choosing = Choosing(scene)
    choosing.choose((one for one in CANDIDATES if one.is_shared), languages=_below(root, found))
    if scene.locks_workspaces:
        audit = (one for one in CANDIDATES if one.uses == "npm-audit")
        choosing.choose(audit, languages=(NODE,))
    return Roof(
        name=found.name if found.name != root.name else "",
        projects=found.below,
        chosen=tuple(choosing.chosen),
        left_out=tuple(choosing.left_out),
    )


def _below(root: Path, found: layout.Layout) -> tuple[str, ...]:
    """The languages of the projects, that of the first one first."""
    is_python = [layout.has_metadata(root / path) for path in found.below]
    order = (PYTHON, NODE) if any(is_python) else (NODE, PYTHON)
    return order if len(set(is_python)) > 1 else order[:1]
