"""Where a project's tools are: by absolute path, never from a file that the checkout brought."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import StageError, ToolMissing
from gates.domain.stage_result import Tool
from gates.toolkit import node_links, node_programs
from gates.toolkit.git import Git
from gates.toolkit.programs import find_program, is_below, is_program

_DISTRIBUTIONS = {"lint-imports": "import-linter"}
"""Programs whose package is named otherwise."""

_MANAGER_CACHES = (("PRE_COMMIT_HOME", "pre-commit"), ("PREK_HOME", "prek"))
_MANAGER_MARKS = (".install_state_v1", ".install_state_v2", ".prek-hook.json")
"""Files that pre-commit and prek leave in an environment that they made."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A Python environment in which tools are looked up.

    Attributes:
        path: its folder, absolute, links not followed.
        how: which rule named it.
    """

    path: Path
    how: str

    @property
    def bin(self) -> Path:
        """The folder of its programs."""
        return self.path / "bin"


class Toolbox:
    """Looks tools up: the first environment that has one decides.

    In this order: `environment:` of gates.yaml; VIRTUAL_ENV, unless a hook manager set it; `.venv`
    in the root and each folder above it up to the top of the repository; `node_modules/.bin` in the
    same folders; the environment of `gates` itself; PATH outside the checkout.

    Args:
        root: the folder of gates.yaml.
        git_root: the top of the repository, or None outside one.
        environment: `environment:` of gates.yaml, relative to the root.
        environ: the environment of `gates`.
        own_prefix: the environment of `gates` itself; by default the running interpreter's.
    """

    def __init__(
        self,
        *,
        root: Path,
        git_root: Path | None,
        environment: str | None,
        environ: Mapping[str, str],
        own_prefix: Path | None = None,
    ) -> None:
        self.root = root.resolve()
        self._top = git_root.resolve() if git_root else self.root
        self._environ = environ
        self._is_repository = git_root is not None
        self._versions: dict[Path, dict[str, str]] = {}
        self._trusted: set[Path] = set()
        self._tracked: frozenset[tuple[int, int]] | None = None
        self._own = Environment(own_prefix or Path(sys.prefix), "environment of gates")
        self.environments = (*self._candidates(environment), self._own)
        self._is_own_private = set_by_hook_manager(str(self._own.path), environ)
        self.node_folders = tuple(node_programs.node_folders(self.root, self._top))

    @property
    def prefix(self) -> Path | None:
        """The environment of the project: the first that holds an interpreter."""
        return next((one.path for one in self._projects() if _interpreter(one)), None)

    def find(self, name: str, *, distribution: str | None = None) -> Tool:
        """Find a program by its name.

        Args:
            name: as it is typed, without a folder.
            distribution: the package that brings it, for its version; by default its name.

        Returns:
            The tool by absolute path; its version is empty where the environment tells none, and
            then the tool itself is to be asked.

        Raises:
            ToolMissing: none of the places has it.
            StageError: what stands there was brought by the checkout.
        """
        if not name or "/" in name:
            raise StageError("tool-name", f"`{name}` is not the plain name of a program")
        package = distribution or _DISTRIBUTIONS.get(name, name)
        tool = (
            self._in_environments(name, package, self.environments[:-1])
            or self._in_node_folders(name)
            or self._in_environments(name, package, (self._own,))
            or self._on_path(name, package)
        )
        if tool is None:
            raise self._missing(name, package)
        return tool

    def python(self) -> Tool:
        """The interpreter of the project's environment; its version is for itself to tell.

        Raises:
            ToolMissing: there is none.
            StageError: what stands there was brought by the checkout.
        """
        for environment in self._projects():
            path = _interpreter(environment)
            if path:
                self._refuse_planted(path, environment)
                return _tool("python", "", path, environment.how)
        on_path = self._on_path("python3", "python3") if self._is_own_private else None
        return on_path or self.find("python3")

    def _projects(self) -> tuple[Environment, ...]:
        """Those that may be the project's; what a hook manager made for `gates` alone is not."""
        return self.environments[:-1] if self._is_own_private else self.environments

    def _in_environments(
        self, name: str, package: str, environments: tuple[Environment, ...]
    ) -> Tool | None:
        for environment in environments:
            path = str(environment.bin / name)
            if is_program(path):
                self._refuse_planted(path, environment)
                version = self._version(environment.path, package)
                return _tool(name, version, path, environment.how)
        return None

    def _in_node_folders(self, name: str) -> Tool | None:
        for folder in () if name in node_programs.RUNTIME else self.node_folders:
            path = str(folder / ".bin" / name)
            if is_program(path):
                started = node_programs.started_file(path)
                self._refuse_brought(path, started, folder)
                beside = str(folder / ".bin" / "node")
                if not Path(path).is_symlink() and is_program(beside):
                    # A package manager's script prefers it to the one on PATH.
                    self._refuse_brought(path, node_programs.started_file(beside), folder)
                node_links.refuse(name, started, folder, os.path.realpath(self._top))
                version = node_programs.package_version(started)
                return _tool(name, version, path, "node_modules")
        return None

    def _on_path(self, name: str, package: str) -> Tool | None:
        path = find_program(name, self._environ.get("PATH", ""), outside=self._top)
        if path is None:
            return None
        real = os.path.realpath(path)
        home = Path(real).parent.parent
        if (home / "pyvenv.cfg").is_file():
            return _tool(name, self._version(home, package), path, "PATH")
        return _tool(name, node_programs.package_version(real), path, "PATH")

    def _candidates(self, named: str | None) -> Iterator[Environment]:
        if named:
            folder = Path(os.path.normpath(self.root / named))
            if not folder.is_dir():
                raise ToolMissing(
                    "environment-missing",
                    f"`environment: {named}` of gates.yaml is not a folder",
                    hint="create it, or correct the entry",
                    place=named,
                )
            yield Environment(folder, "environment of gates.yaml")
        active = self._environ.get("VIRTUAL_ENV", "")
        if active.startswith("/") and not set_by_hook_manager(active, self._environ):
            yield Environment(Path(active), "VIRTUAL_ENV")
        for folder in (self.root, *self.root.parents):
            if (folder / ".venv").is_dir():
                yield Environment(folder / ".venv", ".venv")
            if folder == self._top or not is_below(str(folder), str(self._top)):
                break

    def _refuse_planted(self, path: str, environment: Environment) -> None:
        """Refuse a program in the checkout, but for an environment that git does not track."""
        top = os.path.realpath(self._top)
        home = os.path.realpath(environment.path)
        target = os.path.realpath(path)
        if not any(is_below(one, top) for one in (str(environment.path), home, target)):
            return
        self._refuse_twin(path, target)
        belongs = not is_below(target, top) or (is_below(target, home) and home != top)
        if belongs and not self._is_brought(environment.path):
            return
        raise self._planted(path, "take the environment out of git")

    def _refuse_brought(self, path: str, started: str, folder: Path) -> None:
        """Refuse a Node program in the checkout, but for packages that git does not track.

        A package of the same repository (a workspace) is linked into `node_modules` as well: what
        it answers is decided by the change that is judged.
        """
        top = os.path.realpath(self._top)
        self._refuse_twin(path, started)
        if is_below(started, top):
            packages = node_programs.outermost_node_folder(started, top)
            if packages is None:
                raise StageError(
                    "tool-in-checkout",
                    f"`{Path(path).name}` is a file of the checkout: {self._shown(started)}",
                    hint="a tool of the same repository proves nothing: use an installed package",
                    place=self._shown(path),
                )
            if self._is_brought(packages):
                raise self._planted(path, "take node_modules out of git")
        if self._is_brought(folder):
            raise self._planted(path, "take node_modules out of git")

    def _refuse_twin(self, path: str, started: str) -> None:
        """Refuse a hard link to a file that git tracks, which is that file by another name."""
        if not self._is_repository or not Path(started).exists():
            return
        found = Path(started).stat()
        if found.st_nlink == 1:
            return
        if self._tracked is None:
            top = Git(self._top, self._environ)
            files = (self._top / name for name in top.ls_files())
            stats = (os.lstat(file) for file in files if os.path.lexists(file))
            self._tracked = frozenset((of.st_dev, of.st_ino) for of in stats)
        if (found.st_dev, found.st_ino) in self._tracked:
            raise StageError(
                "tool-in-checkout",
                f"`{Path(path).name}` is a file of the checkout by another name (a hard link)",
                hint="a tool of the same repository proves nothing: install the package anew",
                place=self._shown(path),
            )

    def _planted(self, path: str, way_out: str) -> StageError:
        return StageError(
            "tool-in-checkout",
            f"`{Path(path).name}` was brought by the checkout, so its answers prove nothing",
            hint=f"{way_out}: `git rm -r --cached`, and add it to .gitignore",
            place=self._shown(path),
        )

    def _is_brought(self, folder: Path) -> bool:
        """Whether git tracks the environment, or the link that leads to it."""
        if folder in self._trusted or not self._is_repository:
            return False
        git = Git(self.root, self._environ)
        if git.is_tracked(folder) or git.is_tracked(Path(os.path.realpath(folder))):
            return True
        self._trusted.add(folder)
        return False

    def _version(self, environment: Path, distribution: str) -> str:
        if environment not in self._versions:
            self._versions[environment] = installed_versions(environment)
        return self._versions[environment].get(_normal(distribution), "")

    def _missing(self, name: str, distribution: str) -> ToolMissing:
        places = [f"{self._shown(str(one.path))} ({one.how})" for one in self.environments]
        if name not in node_programs.RUNTIME:
            places[-1:-1] = [self._shown(str(folder / ".bin")) for folder in self.node_folders]
        return ToolMissing(
            "tool-missing",
            f"`{name}` is in none of: {', '.join(places)}, PATH outside the checkout",
            hint=node_programs.way_in(name, self.root, self._top) or self._way_in(distribution),
            place=name,
        )

    def _way_in(self, distribution: str) -> str:
        """How to get a package into the project's environment, by what manages that."""
        if (self.root / "poetry.lock").is_file():
            add = f"poetry add --group dev {distribution}"
            return f"run `poetry run gates ...` where poetry's environment has it, else: {add}"
        if (self.root / "uv.lock").is_file():
            return f"install it: uv add --dev {distribution}"
        python = self.python().path if self.prefix else "python3"
        return f"install it: {self._shown(python)} -m pip install {distribution}"

    def _shown(self, path: str) -> str:
        """The path as short as a reader can use it."""
        return path.removeprefix(f"{self.root}/")


def set_by_hook_manager(environment: str, environ: Mapping[str, str]) -> bool:
    """Whether VIRTUAL_ENV is the private environment of pre-commit or prek.

    Such an environment holds `gates` and not the project. It is told by what they leave in it, and
    by its place: a hook of theirs may also run in the environment that the user activated.
    """
    if any(Path(environment, name).is_file() for name in _MANAGER_MARKS):
        return True
    cache = environ.get("XDG_CACHE_HOME") or f"{environ.get('HOME', '')}/.cache"
    for variable, name in _MANAGER_CACHES:
        for home in (environ.get(variable, ""), f"{cache}/{name}"):
            if home and is_below(os.path.realpath(environment), os.path.realpath(home)):
                return True
    in_hook = "PRE_COMMIT" in environ or "PREK" in environ
    return in_hook and Path(environment).name.startswith("py_env-")


def installed_versions(environment: Path) -> dict[str, str]:
    """Versions of the packages in an environment, by normalised name, from its `*.dist-info`.

    A package that is there in two versions is left out: nobody knows which of them runs. Format:
    https://packaging.python.org/specifications/recording-installed-packages/
    """
    found: dict[str, str] = {}
    for folder in sorted(environment.glob("lib/python3*/site-packages")):
        for entry in folder.iterdir():
            if entry.name.endswith(".dist-info"):
                package, _, version = entry.name.removesuffix(".dist-info").rpartition("-")
                key = _normal(package)
                found[key] = version if found.get(key, version) == version else ""
    return {name: version for name, version in found.items() if name and version}


def _normal(name: str) -> str:
    """The package name as PEP 503 compares it."""
    return "-".join(filter(None, name.lower().replace("_", "-").replace(".", "-").split("-")))


def _tool(name: str, version: str, path: str, how: str) -> Tool:
    return Tool(name=name, version=version, path=path, how=how)


def _interpreter(environment: Environment) -> str:
    names = (str(environment.bin / name) for name in ("python", "python3"))
    return next((path for path in names if is_program(path)), "")
