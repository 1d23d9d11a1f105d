"""What is known of a project before a gate is chosen or doubted: gathered once, asked often."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from gates.domain.errors import StageError
from gates.domain.stage_result import Tool
from gates.survey import manifest
from gates.survey.environments import OWN
from gates.survey.layout import NODE, Layout
from gates.survey.table import Candidate
from gates.toolkit.git import Git
from gates.toolkit.node_programs import NODE_FOLDER, way_in
from gates.toolkit.tools import Toolbox

_MANAGERS = {"uv.lock": "uv add --dev", "poetry.lock": "poetry add --group dev"}
"""Locks, and how their manager adds a tool."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a stage cannot run, or would look at nothing.

    Attributes:
        why: one line; names no place of this machine.
        hint: the next step, or empty.
    """

    why: str
    hint: str = ""


@dataclass(slots=True)
class Scene:
    """A project as it lies there.

    Attributes:
        root: its folder.
        git: its repository, also where there is none.
        toolbox: where its tools are.
        environ: the environment of `gates`.
        layout: its sources and tests.
        configured: where each tool is configured, by stage.
    """

    root: Path
    git: Git
    toolbox: Toolbox
    environ: Mapping[str, str]
    layout: Layout
    configured: Mapping[str, str]
    _found: dict[str, Tool | StageError] = field(init=False, default_factory=dict)

    def tool(self, program: str, distribution: str = "") -> Tool:
        """Find a program; each is looked up once.

        Raises:
            StageError: it is missing, or the checkout brought it.
        """
        if program not in self._found:
            try:
                self._found[program] = self.toolbox.find(program, distribution=distribution or None)
            except StageError as error:
                self._found[program] = error
        found = self._found[program]
        if isinstance(found, StageError):
            raise found
        return found

    @property
    def has_environment(self) -> bool:
        """Whether the project has an environment beside the one that `gates` is installed in."""
        prefix = self.toolbox.prefix
        return any(one.path == prefix and one.how != OWN for one in self.toolbox.environments)

    @property
    def locks_workspaces(self) -> bool:
        """Whether a lock of npm lies here that holds the packages of workspaces."""
        told = manifest.read(self.root)
        here = any((self.root / name).is_file() for name, _ in manifest.LOCKS[:2])
        return here and told is not None and told.has_workspaces

    def is_own(self, tool: Tool) -> bool:
        """Whether a program lies in the project's own environment, or in its `node_modules`."""
        prefix = self.toolbox.prefix
        if tool.how == NODE_FOLDER:
            return True
        return prefix is not None and Path(tool.path).parent == prefix / "bin"

    def install(self, candidate: Candidate) -> str:
        """How to install what a stage needs, by the manager of the project's packages."""
        if candidate.language == NODE:
            return self._install_of_node(candidate)
        least = ".".join(str(part) for part in candidate.oldest)
        package = f"'{candidate.package}>={least}'" if least else candidate.package
        here = from_shell(self.root, self.root, self.environ)
        for lock, command in _MANAGERS.items():
            if (self.root / lock).is_file():
                first = "" if here == "." else f"cd {here} && "
                return f"{first}{command} {package}"
        python = "python3"
        if self.toolbox.prefix:
            path = self.toolbox.prefix / "bin" / "python"
            is_inside = path.is_relative_to(self.toolbox.root)
            python = from_shell(path, self.root, self.environ) if is_inside else quote(str(path))
        return f"{python} -m pip install {package}"

    def typed(self, command: str, folder: Path | None = None) -> str:
        """A command as it is typed where the shell stands: with the way into the project."""
        here = from_shell(folder or self.root, self.root, self.environ)
        return command if here == "." else f"cd {here} && {command}"

    @property
    def installs(self) -> str:
        """The command that installs the Node packages that the project asks for."""
        lock = manifest.lock_of(self.root)
        return self.typed(lock[1], lock[0].parent) if lock else self.typed("npm install")

    def _install_of_node(self, candidate: Candidate) -> str:
        """All that the lock names where this package is asked for, else this package besides."""
        if candidate.package in manifest.asked_for(self.root):
            return self.installs
        top = self.git.toplevel() or self.root
        way = way_in(candidate.program, self.root, top) or ""
        return self.typed(way.removeprefix("install it: "))


def from_shell(path: Path, root: Path, environ: Mapping[str, str]) -> str:
    """A path to be pasted into the shell that started us: quoted, and relative to where it stands.

    Args:
        path: absolute.
        root: where the shell stands if nothing else is known.
        environ: the environment of `gates`; PWD names the shell's folder.
    """
    named = environ.get("PWD", "")
    folder = Path(named) if named.startswith("/") and Path(named).is_dir() else root
    start = folder.resolve()
    if path.resolve() == start:
        return "."
    # The last part may be a link, such as an environment's `python`; it is not followed.
    shown = os.path.relpath(path.parent.resolve() / path.name, start)
    return quote(f"./{shown}" if shown.startswith("-") else shown)


def is_older(version: str, oldest: tuple[int, ...]) -> bool:
    """Whether a version is known to be older than another."""
    parts = version.split(".")[: len(oldest)]
    if not oldest or len(parts) < len(oldest) or not all(part.isdecimal() for part in parts):
        return False
    return tuple(int(part) for part in parts) < oldest
