"""Packages of locks of any kind that is known: of Python projects, and of npm."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from gates.advisories import earlier, inventory, npm_whole
from gates.advisories.inventory import Inventory
from gates.advisories.matching import Package
from gates.advisories.osv import NPM
from gates.domain.errors import StageError
from gates.formats import package_lock
from gates.formats.locked import Origin, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from gates.formats.locked import Locked
    from gates.formats.package_lock import PackageLock

LOCK: Final = {
    "help": "package-lock.json, requirements.txt, uv.lock, poetry.lock or pylock.toml, one or a"
    " list: each of its packages must be in the report, and what is new is told by it"
}
"""Help of the option `lock` of stages that judge reports of any ecosystem."""

_ORIGINS: Final[Mapping[Origin, str]] = {
    Origin.INDEX: "has no version",
    Origin.EDITABLE: "lies in a folder that is not in the project",
    Origin.FOLDER: "lies in a folder that is not in the project",
    Origin.FILE: "is installed from a file",
    Origin.URL: "is installed from an address",
    Origin.VCS: "is installed from a repository",
}


def check(names: Iterable[str]) -> None:
    """Refuse names of locks that no reader is for.

    Raises:
        ValueError: with one line that says why.
    """
    try:
        inventory.check_locks(name for name in names if not package_lock.is_lock(name))
    except ValueError as error:
        raise ValueError(f"{error}; package-lock.json and npm-shrinkwrap.json too") from None


def read(root: Path, names: Iterable[str], *, internal: Iterable[str] = ()) -> Inventory:
    """Read locks.

    Args:
        root: the folder from which their paths count.
        names: their paths.
        internal: names of packages that are the project's own.

    Raises:
        StageError: see `inventory.from_locks`.
        OutputUnreadable: a lock is not whole.
    """
    own = tuple(internal)
    every = tuple(names)
    parts = [of_npm(root, name, internal=own)[1] for name in every if package_lock.is_lock(name)]
    others = [name for name in every if not package_lock.is_lock(name)]
    if others:
        parts.append(inventory.from_locks(root, others, internal=own))
    unused = [set(part.unused) for part in parts]
    return Inventory(
        entries=tuple(of for part in parts for of in part.entries),
        internal=tuple(of for part in parts for of in part.internal),
        unused=tuple(sorted(set.intersection(*unused))) if unused else (),
        files=tuple(of for part in parts for of in part.files),
    )


def of_npm(
    root: Path, name: str, *, internal: Iterable[str] = (), omitted: Iterable[str] = ()
) -> tuple[PackageLock, Inventory]:
    """Read a lock of npm, and say what is to be looked up in it.

    Args:
        root: the folder from which its path counts.
        name: its path.
        internal: names of packages that are the project's own.
        omitted: kinds of packages that npm leaves out, see `package_lock.KINDS`.

    Raises:
        StageError: `lock-absent`; `package-unknowable`: a package that is not internal has no
            name and version that advisories can be about.
        OutputUnreadable: it is not whole.
    """
    from hashlib import sha256

    path = posixpath.normpath(name)
    data = inventory.from_disk(root, path)
    lock = package_lock.read(data, name=path)
    wanted, without = set(internal), frozenset(omitted)
    npm_whole.require_whole(root, path, lock, omits_dev="dev" in without)
    own: list[Locked] = []
    entries: dict[tuple[str, str], Locked] = {}
    for place in lock.places:
        of = place.package
        if of.name in wanted or _is_within(of):
            own.append(of)
        elif place.is_omitted(without):
            continue
        elif not of.is_auditable:
            raise _unknowable(of)
        else:
            key = (of.name, of.version)
            entries[key] = _joined(entries.get(key, of), of)
    ordered = tuple(sorted(entries.values(), key=lambda of: (of.name, of.version)))
    unused = tuple(sorted(wanted - {of.name for of in own}))
    files = ((path, sha256(data).hexdigest()),)
    return lock, Inventory(ordered, tuple(own), unused, files, ecosystem=NPM)


def subjects(
    before: Callable[[str], bytes | None], names: Iterable[str], *, root: Path | None = None
) -> frozenset[str]:
    """Name and version of each package that locks held at another time, as findings name it.

    Args:
        before: gives what a file held; None where it was not there.
        names: paths of the locks.
        root: the folder from which they count; without it, what stood under a marker is left out,
            else only where it does not stand under the same marker now.

    Raises:
        StageError: `lock-absent`: a lock cannot be read now.
        OutputUnreadable: a lock was not whole.
    """
    every = tuple(names)
    now = None if root is None else partial(inventory.from_disk, root)
    others = [of for of in every if not package_lock.is_lock(of)]
    found = set(earlier.subjects(before, now, others))
    for name in map(posixpath.normpath, filter(package_lock.is_lock, every)):
        data = before(name)
        if data:
            lock = package_lock.read(data, name=name)
            packages = (place.package for place in lock.places)
            found.update(str(Package(of.name, of.version)) for of in packages)
    return frozenset(found)


def _is_within(of: Locked) -> bool:
    """It is a folder of the project, and lies in no `node_modules`."""
    is_outside = of.path.startswith(("/", "../")) or of.path == ".."
    return of.is_folder and bool(of.path) and not is_outside


def _joined(first: Locked, second: Locked) -> Locked:
    is_needed = Scope.RUNTIME in {first.scope, second.scope}
    return replace(first, scope=Scope.RUNTIME) if is_needed else first


def _unknowable(of: Locked) -> StageError:
    return StageError(
        "package-unknowable",
        f"`{of.name[:100]}` {_ORIGINS[of.origin]}, so no advisory can be looked up for it",
        hint="name it under `internal` if it is your own, else use a released version",
        place=of.place,
    )
