"""Links of `node_modules` that lead into the checkout: by them a change could be the tool.

A package manager links the packages of the same repository: its workspaces, and what a package.json
names by a folder. An installed tool that loads one of them is decided by the change that is judged.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from gates.domain.errors import StageError
from gates.toolkit.node_programs import NODE_FOLDER, package_folder
from gates.toolkit.programs import is_below
from gates.toolkit.sources import matches

_MANIFEST = "package.json"
_MANIFEST_BYTES = 4 * 1024 * 1024
_TABLES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_LOCAL = ("file:", "link:", "portal:", "workspace:", ".", "/", "~")
_PNPM = "pnpm-workspace.yaml"


def refuse(name: str, started: str, folder: Path, top: str) -> None:
    """Refuse a tool that may load a file of the checkout by a link.

    Looked at are the folders of packages in which Node.js looks for what the tool's own package
    needs, and not those of what that needs in turn.

    Args:
        name: the tool's.
        started: its file, absolute, all links followed.
        folder: the `node_modules` in which it was found.
        top: the top of the repository, all links followed.

    Raises:
        StageError: `tool-in-checkout`: a link leads to a package that the tool needs, or to one
            that no package.json of the project names.
    """
    package = package_folder(started)
    needed = set[str]()
    if package is not None:
        needed.update(*(_tables(package)[kind] for kind in (_TABLES[0], _TABLES[2])))
    for packages in _folders(folder, started, package):
        links = dict(_links(packages, top))
        own = _own(packages.parent, links, top) if links else frozenset[str]()
        for link, target in sorted(links.items()):
            if link in needed or link not in own:
                raise _refused(name, link, os.path.relpath(target, top), is_needed=link in needed)


def _folders(folder: Path, started: str, package: Path | None) -> Iterator[Path]:
    inner = () if package is None else (package / NODE_FOLDER,)
    above = (each for each in Path(started).parents if each.name == NODE_FOLDER)
    for each in dict.fromkeys((folder, *inner, *above)):
        if each.is_dir():
            yield each


def _links(packages: Path, top: str) -> Iterator[tuple[str, str]]:
    """Name and target of each link to a folder of the checkout that is no installed package."""
    for entry in _entries(packages):
        scoped = entry.name.startswith("@") and not entry.is_symlink()
        for each in _entries(Path(entry.path)) if scoped else (entry,):
            if each.is_symlink():
                target = os.path.realpath(each.path)
                inside = PurePosixPath(os.path.relpath(target, top)).parts
                if is_below(target, top) and NODE_FOLDER not in inside:
                    yield os.path.relpath(each.path, packages), target


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from (each for each in entries if not each.name.startswith("."))


def _own(holder: Path, links: Mapping[str, str], top: str) -> frozenset[str]:
    """Names of the links that the project's package.json files ask for."""
    asked = {
        name
        for manifest in (holder, *map(Path, links.values()))
        for table in _tables(manifest).values()
        for name, wanted in table.items()
        if wanted.startswith(_LOCAL)
    }
    if any((folder / _PNPM).is_file() for folder in (holder, Path(top))):
        asked.update(*_tables(holder).values())
    patterns = _workspaces(holder)
    real = os.path.realpath(holder)
    return frozenset(
        name
        for name, target in links.items()
        if name in asked or _is_workspace(os.path.relpath(target, real), patterns)
    )


def _is_workspace(path: str, patterns: Iterable[str]) -> bool:
    chosen = False
    for pattern in patterns:
        plain = str(PurePosixPath(pattern.removeprefix("!").removeprefix("/")))
        is_deep = "**" in plain or plain.count("/") == path.count("/")
        if is_deep and matches(path, plain):
            chosen = not pattern.startswith("!")
    return chosen


def _workspaces(folder: Path) -> tuple[str, ...]:
    told = _manifest(folder).get("workspaces")
    found: object = told.get("packages") if isinstance(told, dict) else told
    every = found if isinstance(found, list) else []
    return tuple(pattern for pattern in every if isinstance(pattern, str))


def _tables(folder: Path) -> dict[str, dict[str, str]]:
    manifest = _manifest(folder)
    tables: dict[str, dict[str, str]] = {}
    for kind in _TABLES:
        found = manifest.get(kind)
        pairs = found.items() if isinstance(found, dict) else ()
        tables[kind] = {str(name): wanted for name, wanted in pairs if isinstance(wanted, str)}
    return tables


def _manifest(folder: Path) -> dict[str, object]:
    """What a package.json says; nothing where it cannot be read, and then no link is its own."""
    try:
        with (folder / _MANIFEST).open("rb") as manifest:
            told: object = json.loads(manifest.read(_MANIFEST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _refused(name: str, link: str, target: str, *, is_needed: bool) -> StageError:
    why = "which it needs" if is_needed else "which no package.json names as the project's own"
    return StageError(
        "tool-in-checkout",
        f"`{name}` may load `{link}`, {why}, and which is a link to {target} of the checkout",
        hint="a tool of the same repository proves nothing: remove the link, and install the"
        " packages anew",
        place=f"{NODE_FOLDER}/{link}",
    )
