"""Which environment a project's tools are in, also where `gates` would not look by itself."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gates.survey.configured import at, tables
from gates.toolkit.tools import Toolbox, set_by_hook_manager

OWN = "environment of gates"
"""What the toolbox calls the environment that `gates` itself is installed in."""

_NAMES = ("venv", "env", ".env", "virtualenv", ".virtualenv")
"""Folders in a project that are often its environment."""

_POETRY_NAME = 42


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The environment that a project's tools are taken from.

    Attributes:
        named: a folder in the project, for `environment:` of gates.yaml, or empty.
        launcher: what must stand before `gates` for it to be in use, or empty.
        environ: the environment of `gates`, as the launcher would make it.
        note: what the user should know, or empty.
    """

    named: str
    launcher: str
    environ: Mapping[str, str]
    note: str = ""


def find_environment(root: Path, git_root: Path | None, environ: Mapping[str, str]) -> Surroundings:
    """Find the environment of a project without running anything.

    After what `gates` finds by itself (VIRTUAL_ENV, `.venv`) come folders of the project that are
    an environment by their `pyvenv.cfg`, then those that poetry and uv keep elsewhere.
    """
    here = Surroundings(named="", launcher="", environ=environ)
    box = Toolbox(root=root, git_root=git_root, environment=None, environ=environ)
    if any(one.how != OWN for one in box.environments):
        return here
    for name in _NAMES:
        if (root / name / "pyvenv.cfg").is_file():
            return Surroundings(named=name, launcher="", environ=environ)
    for launcher, folder in _elsewhere(root, environ):
        if (folder / "pyvenv.cfg").is_file():
            active = {**environ, "VIRTUAL_ENV": str(folder)}
            return Surroundings(named="", launcher=f"{launcher} run ", environ=active)
    note = "no environment of the project was found; tools are those of `gates` itself or of PATH"
    return Surroundings(named="", launcher="", environ=environ, note=f"{note}{_remedy(root)}")


def shown(toolbox: Toolbox) -> str:
    """Where the tools of a project are looked up first."""
    for environment in toolbox.environments:
        if environment.path == toolbox.prefix:
            path = str(environment.path).removeprefix(f"{toolbox.root}/")
            return path if path == environment.how else f"{path} ({environment.how})"
    return "PATH"


def overruled(root: Path, environ: Mapping[str, str]) -> str:
    """The `.venv` of a project that VIRTUAL_ENV puts aside, or empty."""
    active = environ.get("VIRTUAL_ENV", "")
    own = root / ".venv"
    if not active.startswith("/") or set_by_hook_manager(active, environ) or not own.is_dir():
        return ""
    return "" if os.path.realpath(active) == os.path.realpath(own) else str(own)


def _remedy(root: Path) -> str:
    if (root / "uv.lock").is_file():
        return "; `uv sync` makes one"
    if _is_poetrys(root):
        return "; `poetry install` makes one"
    return "; `python3 -m venv .venv` makes one"


def _elsewhere(root: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    if _is_poetrys(root):
        yield from (("poetry", folder) for folder in _poetry_folders(root, environ))
    named = environ.get("UV_PROJECT_ENVIRONMENT", "")
    if named:
        yield "uv", root / named


def _is_poetrys(root: Path) -> bool:
    return (root / "poetry.lock").is_file() or at(tables(root), "tool", "poetry") is not None


def _poetry_folders(root: Path, environ: Mapping[str, str]) -> list[Path]:
    """Where poetry keeps the environments of a project, newest Python first.

    By its documentation (https://python-poetry.org/docs/configuration/) below `virtualenvs.path`;
    named by the project and the start of a digest of its folder, which makes them its own.
    """
    from base64 import urlsafe_b64encode
    from hashlib import sha256

    pyproject = tables(root)
    name = at(pyproject, "tool", "poetry", "name") or at(pyproject, "project", "name")
    if not isinstance(name, str):
        return []
    digest = sha256(os.fsencode(os.path.realpath(root))).digest()
    ending = urlsafe_b64encode(digest).decode()[:8]
    plain = re.sub(r'[ $`!*@"\\\r\n\t]', "_", name.lower())[:_POETRY_NAME]
    folder = _poetry_home(environ)
    try:
        found = [path for path in folder.iterdir() if path.name.startswith(f"{plain}-{ending}-py")]
    except OSError:
        return []
    return sorted(found, key=_python_of, reverse=True)


def _poetry_home(environ: Mapping[str, str]) -> Path:
    named = environ.get("POETRY_VIRTUALENVS_PATH", "")
    if named:
        return Path(named)
    cache = environ.get("POETRY_CACHE_DIR", "")
    if cache:
        return Path(cache) / "virtualenvs"
    home = Path(environ.get("HOME") or Path.home())
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "pypoetry" / "virtualenvs"
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "pypoetry" / "virtualenvs"


def _python_of(folder: Path) -> tuple[int, ...]:
    version = folder.name.rpartition("-py")[2]
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
