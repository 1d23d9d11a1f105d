"""Whether a lock of npm has all that the project's own package.json files ask for."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from gates.advisories import inventory
from gates.domain.errors import StageError
from gates.formats import npm_tables, strict_json
from gates.formats.tool_paths import some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gates.formats.npm_tables import Tables
    from gates.formats.package_lock import PackageLock

MANIFEST: Final = "package.json"
HINT: Final = "make the lock anew: `npm install --package-lock-only`"


def require_whole(root: Path, path: str, lock: PackageLock, *, omits_dev: bool = False) -> None:
    """Require that a lock is that of the package.json files beside it, and lacks nothing.

    What only others bring (peers) and what is optional may be missing. A folder outside of the
    lock's own has a lock of its own.

    Args:
        root: the folder from which the lock's path counts.
        path: of the lock.
        lock: what it holds.
        omits_dev: what only development needs is not judged.

    Raises:
        StageError: `lock-stale`: a package.json asks for something else than the lock says, or
            the lock lacks a package.
        OutputUnreadable: a package.json cannot be read.
    """
    folder = posixpath.dirname(path)
    asked = dict(lock.tables)
    for at in _own(lock):
        manifest = posixpath.join(folder, at, MANIFEST)
        written = _written(root, manifest)
        if written is None:
            continue
        told = asked.get(at)
        if told is None:  # version 1 repeats no table
            asked[at] = written
            continue
        other = told.difference(written)
        if other:
            raise _stale(path, f"`{manifest}` asks otherwise for {some(other)}")
        if at == "":
            _require_workspaces(root, path, told, written, asked)
    places = lock.locations
    for at, tables in asked.items():
        _require_found(path, at, tables, places, with_dev=not omits_dev)


def notes(root: Path, path: str) -> tuple[str, ...]:
    """What is not known of a lock."""
    manifest = posixpath.join(posixpath.dirname(path), MANIFEST)
    if (root / manifest).is_file():
        return ()
    return (f"there is no {manifest}: whether the lock has all that it asks for is not known",)


def _own(lock: PackageLock) -> Iterator[str]:
    """Places of the project's own package.json files: its own, and those of its folders."""
    yield ""
    for of in lock.places:
        if of.package.is_folder and of.location in lock.tables and not _is_outside(of.location):
            yield of.location


def _is_outside(at: str) -> bool:
    return at.startswith(("/", "../")) or at == ".."


def _written(root: Path, manifest: str) -> Tables | None:
    if not (root / manifest).is_file():
        return None
    data = inventory.from_disk(root, manifest)
    return npm_tables.read(strict_json.read(data, what=manifest))


def _require_workspaces(
    root: Path, path: str, told: Tables, written: Tables, asked: Mapping[str, Tables]
) -> None:
    """Require that each folder that is a package of the project is in the lock."""
    if told.workspaces != written.workspaces:
        raise _stale(path, f"`{MANIFEST}` has other `workspaces`")
    missing = _workspaces(root / posixpath.dirname(path), written.workspaces) - asked.keys()
    if missing:
        raise _stale(path, f"the lock has no entry for the workspace {some(missing)}")


def _workspaces(folder: Path, patterns: tuple[str, ...]) -> frozenset[str]:
    """Folders with a package.json of their own that the patterns choose."""
    from gates.toolkit.sources import matches
    from gates.toolkit.walking import walked

    manifests = (at for at in walked(folder) if posixpath.basename(at) == MANIFEST)
    every = {posixpath.dirname(at) for at in manifests} if patterns else set()
    chosen: set[str] = set()
    for pattern in patterns:
        plain = posixpath.normpath(pattern.removeprefix("!").removeprefix("/"))
        # What lies below a chosen folder is none itself, unless a pattern is about any depth.
        depth = None if "**" in plain else plain.count("/")
        hit = {at for at in every if depth in {None, at.count("/")} and matches(at, plain)}
        chosen = chosen - hit if pattern.startswith("!") else chosen | hit
    return frozenset(chosen - {""})


def _require_found(
    path: str, at: str, tables: Tables, places: frozenset[str], *, with_dev: bool
) -> None:
    if _is_outside(at):
        return
    is_own = "node_modules" not in at.split("/")
    needed = tables.needed(is_own=is_own, with_dev=with_dev)
    missing = [name for name in needed if not npm_tables.is_found(name, at, places)]
    if missing:
        who = f"`{at}`" if at else "the project"
        raise _stale(path, f"{who} needs {some(missing)}, which the lock does not have")


def _stale(path: str, why: str) -> StageError:
    return StageError(
        "lock-stale", f"the lock is not of this package.json: {why}", hint=HINT, place=path
    )
