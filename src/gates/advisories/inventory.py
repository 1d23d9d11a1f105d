"""What a project uses: the packages of its locks or of its environment, each to be looked up.

A package that can be looked up has a name and a version that an index gave it. One that is a folder
in the project's own tree, or that the project names as its own, is internal: it is counted and not
looked up. Anything else is an error, since silence about it would prove nothing.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from gates.advisories import installed
from gates.advisories.matching import Package
from gates.advisories.osv import PYPI
from gates.advisories.versions import canonical
from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import python_locks, requirements
from gates.formats.locked import Locked, Origin, Scope
from gates.formats.python_names import normalised
from gates.toolkit.regular import open_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_HEX_DIGITS: Final[Mapping[str, int]] = {
    "md5": 32,
    "sha1": 40,
    "sha224": 56,
    "sha256": 64,
    "sha384": 96,
    "sha512": 128,
    "sha3_224": 56,
    "sha3_256": 64,
    "sha3_384": 96,
    "sha3_512": 128,
    "blake2b": 128,
    "blake2s": 64,
}
_ORIGINS: Final[Mapping[Origin, str]] = {
    Origin.INDEX: "has no version",
    Origin.EDITABLE: "is installed from a folder that is not in the project",
    Origin.FOLDER: "is installed from a folder that is not in the project",
    Origin.FILE: "is installed from a file",
    Origin.URL: "is installed from an address",
    Origin.VCS: "is installed from a repository",
}
_REQUIREMENTS: Final = (".txt", ".in")


@dataclass(frozen=True, slots=True)
class Inventory:
    """The packages of a project.

    Attributes:
        entries: those to be looked up, each name and version once, by name.
        internal: those that are the project's own.
        unused: names that were called internal, and are not there.
        files: path and SHA-256 of each file that was read.
        ecosystem: in which the packages are looked up, see `osv.ECOSYSTEMS`.
    """

    entries: tuple[Locked, ...]
    internal: tuple[Locked, ...] = ()
    unused: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    ecosystem: str = PYPI

    @property
    def packages(self) -> tuple[Package, ...]:
        """What is to be looked up."""
        return tuple(Package(of.name, of.version, self.ecosystem) for of in self.entries)

    @property
    def is_scoped(self) -> bool:
        """It is known of every package whether the running program needs it."""
        return all(of.scope is not Scope.UNKNOWN for of in self.entries)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of it."""
        notes = []
        if self.internal:
            names = ", ".join(sorted({of.name for of in self.internal}))
            notes.append(f"internal, not looked up: {names}")
        if self.unused:
            notes.append(f"named as internal, and not there: {', '.join(self.unused)}")
        return tuple(notes)

    def entry(self, package: Package) -> Locked:
        """The entry of a package that is to be looked up.

        Raises:
            KeyError: there is none.
        """
        for of in self.entries:
            if (of.name, of.version) == (package.name, package.version):
                return of
        raise KeyError(str(package))


def named(lock: str | tuple[str, ...]) -> tuple[str, ...]:
    """The paths of an option that is one path or several."""
    if isinstance(lock, str):
        return (lock,) if lock else ()
    return lock


def check_locks(names: Iterable[str]) -> None:
    """Refuse names of locks that no reader is for.

    Raises:
        ValueError: with one line that says why.
    """
    for name in names:
        last = posixpath.basename(name)
        if not python_locks.is_lock(last) and not last.endswith(_REQUIREMENTS):
            raise ValueError(
                f"`{name}` is no lock that can be read: a requirements file (.txt), uv.lock,"
                " poetry.lock or pylock.toml is"
            )


def from_locks(root: Path, names: Iterable[str], *, internal: Iterable[str] = ()) -> Inventory:
    """Read locks.

    Args:
        root: the folder from which their paths count.
        names: their paths.
        internal: names of packages that are the project's own.

    Raises:
        StageError: `lock-absent`; `package-unknowable`: a package that is not internal has no
            name and version that advisories can be about.
        OutputUnreadable: a lock is not whole: `lock-hash` where hashes are missing or cut off,
            else see `formats.requirements` and `formats.python_locks`.
    """
    reading = _Reading(partial(from_disk, root), {})
    found: list[Locked] = []
    own = tuple(internal)
    for name in names:
        locked = reading.lock(posixpath.normpath(name))
        _refuse_unhashed(_sorted_out(locked, own, root).entries)
        found += locked
    return replace(_sorted_out(found, own, root), files=tuple(sorted(reading.digests.items())))


def subjects(before: Callable[[str], bytes | None], names: Iterable[str]) -> frozenset[str]:
    """Name and version of each package that locks held at another time, as findings name it.

    Args:
        before: gives what a file held; None where it was not there.
        names: paths of the locks.

    Raises:
        OutputUnreadable: a lock was not whole.
    """
    reading = _Reading(lambda name: before(name) or b"", {})
    # A lock that was not there held nothing.
    there = [name for name in map(posixpath.normpath, names) if before(name)]
    return frozenset(
        str(Package(of.name, of.version)) for name in there for of in reading.lock(name)
    )


def from_environment(folder: Path, *, root: Path, internal: Iterable[str] = ()) -> Inventory:
    """List what a virtual environment holds.

    Args:
        folder: the environment.
        root: the project's folder.
        internal: names of packages that are the project's own.

    Raises:
        StageError: `package-unknowable`, or see `installed.environment`.
    """
    return _sorted_out(installed.environment(folder), tuple(internal), root)


@dataclass(frozen=True, slots=True)
class _Reading:
    fetch: Callable[[str], bytes]
    digests: dict[str, str]

    def lock(self, name: str) -> tuple[Locked, ...]:
        data = self._bytes(name)
        if python_locks.is_lock(posixpath.basename(name)):
            return python_locks.read(data, name=name)
        return requirements.read(data, what=name, load=self._included)

    def _included(self, name: str, by: str) -> tuple[str, bytes]:
        if "://" in name:
            raise OutputUnreadable(
                "requirement-unreadable", f"`{name[:100]}` is included from elsewhere", place=by
            )
        what = posixpath.normpath(posixpath.join(posixpath.dirname(by), name))
        return what, self._bytes(what)

    def _bytes(self, name: str) -> bytes:
        from hashlib import sha256

        data = self.fetch(name)
        if len(data) > python_locks.MAX_BYTES:
            raise OutputUnreadable("lock-unreadable", f"`{name}` is too large", place=name)
        self.digests[name] = sha256(data).hexdigest()
        return data


def from_disk(root: Path, name: str) -> bytes:
    """The bytes of a lock.

    Raises:
        StageError: `lock-absent`: it cannot be read.
    """
    try:
        with open_regular(root / name) as file:
            return file.read(python_locks.MAX_BYTES + 1)
    except OSError as error:
        raise StageError(
            "lock-absent",
            f"`{name}` cannot be read: {error.strerror or error}",
            hint="correct `lock`, or make the lock anew",
            place=name,
        ) from error


def _sorted_out(found: Iterable[Locked], internal: tuple[str, ...], root: Path) -> Inventory:
    top = root.resolve()
    names = {normalised(name): name for name in internal}
    own: list[Locked] = []
    entries: dict[tuple[str, str], Locked] = {}
    for of in found:
        if normalised(of.name) in names or (of.is_folder and _is_within(of, top)):
            own.append(of)
        elif not of.is_auditable:
            raise _unknowable(of)
        else:
            key = (of.name, canonical(of.version))
            entries[key] = _joined(entries[key], of) if key in entries else of
    there = {normalised(of.name) for of in own}
    return Inventory(
        tuple(sorted(entries.values(), key=lambda of: (of.name, of.version))),
        tuple(own),
        tuple(sorted(given for name, given in names.items() if name not in there)),
    )


def _is_within(of: Locked, top: Path) -> bool:
    """It is a folder in the project's tree, wherever links lead.

    pip counts a path from where it is started, other tools from the file that names it: it must
    lie in the tree by both, unless the lock says what it counts from.
    """
    if not of.path or of.path.startswith("~") or "${" in of.path or "\0" in of.path:
        return False
    file, _, line = of.place.rpartition(":")
    file = file if line.isdecimal() else of.place
    beside = top / posixpath.dirname(file)
    bases = (beside, top) if file.endswith(_REQUIREMENTS) else (beside,)
    try:
        return all(_is_own((base / of.path).resolve(), top) for base in bases)
    except (OSError, RuntimeError):  # a path that is too long, or a link to itself
        return False


def _is_own(place: Path, top: Path) -> bool:
    if not place.is_relative_to(top) or place.is_file():
        return False
    # What lies in an environment was brought there, also where the project holds the environment.
    inner = (place, *place.parents)[: len(place.parts) - len(top.parts)]
    return not any((of / "pyvenv.cfg").exists() for of in inner)


def _joined(first: Locked, second: Locked) -> Locked:
    """What needs it in one place, needs it; what is not known of one place, is not known."""
    scopes = {first.scope, second.scope}
    for scope in (Scope.RUNTIME, Scope.UNKNOWN):
        if scope in scopes:
            return replace(first, scope=scope)
    return first


def _refuse_unhashed(entries: tuple[Locked, ...]) -> None:
    hashed = [of for of in entries if of.hashes]
    for of in entries:
        if hashed and not of.hashes:
            raise _bad_hash(of, "has no hash, though others have: the lock is not whole")
        for entry in of.hashes:
            algorithm, _, digest = entry.partition(":")
            digits = _HEX_DIGITS.get(algorithm.lower())
            if digits is None:
                raise _bad_hash(of, f"has a hash of an unknown kind, `{algorithm[:20]}`")
            if len(digest) != digits or not set(digest.lower()) <= set("0123456789abcdef"):
                raise _bad_hash(of, f"has a {algorithm} hash that is cut off or damaged")


def _bad_hash(of: Locked, why: str) -> OutputUnreadable:
    return OutputUnreadable(
        "lock-hash", f"`{of.name} {of.version}` {why}", place=of.place, hint="make the lock anew"
    )


def _unknowable(of: Locked) -> StageError:
    return StageError(
        "package-unknowable",
        f"`{of.name[:100]}` {_ORIGINS[of.origin]}, so no advisory can be looked up for it",
        hint="name it under `internal` if it is your own, else use a released version",
        place=of.place,
    )
