"""`package-lock.json` and `npm-shrinkwrap.json` of npm, versions 1, 2 and 3.

Form: as npm's documentation of package-lock.json has it. Versions 2 and 3 list every place in
`packages`, of which the one with an empty name is the project; version 1 nests them in
`dependencies`. A link stands for a folder that has an entry of its own.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from gates.domain.errors import OutputUnreadable
from gates.formats import npm_tables, strict_json
from gates.formats.locked import Locked, Origin, Scope
from gates.formats.npm_tables import Tables
from gates.formats.strict_json import Value

NAMES: Final = ("package-lock.json", "npm-shrinkwrap.json")
"""The names of such locks; npm prefers the second."""

_MODULES: Final = "node_modules/"
_ARCHIVES: Final = (".tgz", ".tar.gz", ".tar")
_REPOSITORIES: Final = ("git+", "git:", "git@", "github:", "gitlab:", "bitbucket:", "gist:")
_WANTED: Final = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a lock.

    Attributes:
        location: as npm names it, such as `node_modules/a/node_modules/b`.
        package: what lies there; a folder of the project's own has the origin of a folder.
        kinds: which of `dev`, `optional` and `peer` hold of it; both `dev` and `optional` where
            npm says that either would leave it out, as `devOptional`.
        is_either: it is left out only where both `dev` and `optional` are.
        is_bundled: it comes in the archive of the package that it lies in, whose hash covers it.
    """

    location: str
    package: Locked
    kinds: frozenset[str] = frozenset()
    is_either: bool = False
    is_bundled: bool = False

    def is_omitted(self, omitted: frozenset[str]) -> bool:
        """Whether npm leaves it out where it omits these kinds."""
        if self.is_either and {"dev", "optional"} <= omitted:
            return True
        return bool(self.kinds & omitted)


@dataclass(frozen=True, slots=True)
class PackageLock:
    """A lock.

    Attributes:
        places: all of them, the project itself left out.
        total: how many npm counts them to be.
        tables: what the project and each place ask for, by the place; version 1 does not tell.
    """

    places: tuple[Place, ...]
    total: int
    tables: Mapping[str, Tables] = field(default_factory=dict)

    @property
    def locations(self) -> frozenset[str]:
        """Every place where something lies, links included."""
        return frozenset({of.location for of in self.places} | self.tables.keys())


def is_lock(name: str) -> bool:
    """Say whether a file of this name is a lock that `read` can read."""
    return posixpath.basename(name) in NAMES


def read(data: bytes, *, name: str) -> PackageLock:
    """Read a lock.

    Args:
        data: the file.
        name: its name or path, which becomes the place of each package.

    Raises:
        OutputUnreadable: it is no such lock, of another version, or its parts contradict each
            other.
    """
    document = strict_json.read(data, what=name)
    version = document.member("lockfileVersion")
    match version.integer():
        case 1:
            places = tuple(_nested(document, ""))
            # npm counts a folder twice: as the link, and as what it leads to.
            links = sum(of.package.is_folder for of in places)
            return PackageLock(places, len(places) + links)
        case 2 | 3:
            return _flat(document)
        case other:
            raise version.unreadable(f"is {other}; 1, 2 and 3 are understood")


def _flat(document: Value) -> PackageLock:
    entries = {at: entry for at, entry in document.member("packages").entries() if at}
    addresses = _addresses(document.member("packages"))
    targets = {_target(at, entry) for at, entry in entries.items() if _is(entry, "link")}
    for target in targets - set(entries):
        raise _unreadable(document.what, f"links to `{target[:100]}`, which has no entry")
    places = []
    for at, entry in entries.items():
        if _is(entry, "link"):
            continue
        is_folder = at in targets or not _last(at)
        either = _is(entry, "devOptional")
        places.append(
            Place(
                at,
                _package(at, entry, addresses, is_folder=is_folder),
                _kinds(entry),
                either,
                _is(entry, "inBundle"),
            )
        )
    every = document.member("packages").entries()
    tables = {at: npm_tables.read(entry) for at, entry in every}
    return PackageLock(tuple(places), len(entries), tables)


def _addresses(packages: Value) -> frozenset[str]:
    """All that is wanted by an address: from there no registry gave it a version."""
    wanted = (
        spec
        for _, entry in packages.entries()
        for key in _WANTED
        if (group := entry.find(key)) is not None
        for spec in group.mapping().values()
    )
    return frozenset(of for of in wanted if isinstance(of, str) and of.startswith("http"))


def _package(at: str, entry: Value, addresses: frozenset[str], *, is_folder: bool) -> Locked:
    given = entry.find("name")
    name = given.text() if given is not None else _last(at) or posixpath.basename(at)
    if not name:
        raise entry.unreadable("has no name")
    version = entry.find("version")
    resolved = entry.find("resolved")
    source = "" if resolved is None else resolved.text()
    origin = _origin(source)
    if is_folder:
        origin = Origin.FOLDER
    elif source in addresses:
        origin = Origin.URL
    integrity = entry.find("integrity")
    return Locked(
        name=name,
        version="" if version is None else version.text(),
        origin=origin,
        hashes=() if integrity is None else tuple(sorted(integrity.text().split())),
        scope=_scope(entry),
        place=entry.what,
        path=at if is_folder else "",
    )


def _nested(holder: Value, above: str) -> Iterator[Place]:
    dependencies = holder.find("dependencies")
    for name, entry in dependencies.entries() if dependencies is not None else ():
        at = f"{above}{_MODULES}{name}"
        bundled = _is(entry, "bundled")
        yield Place(at, _old(name, entry), _kinds(entry), is_bundled=bundled)
        yield from _nested(entry, f"{at}/")


def _old(name: str, entry: Value) -> Locked:
    """A package of version 1, whose version also tells where it is from."""
    version = entry.member("version").text()
    alias, at, number = version.removeprefix("npm:").rpartition("@")
    if version.startswith("npm:") and at and alias:
        name, version = alias, number
    origin, path = _origin(version), ""
    if origin is Origin.INDEX and version.startswith("http"):
        origin = Origin.URL
    if version.startswith("file:") and not version.endswith(_ARCHIVES):
        origin, path = Origin.FOLDER, posixpath.normpath(version.removeprefix("file:"))
    integrity = entry.find("integrity")
    return Locked(
        name=name,
        version=version if origin is Origin.INDEX else "",
        origin=origin,
        hashes=() if integrity is None else tuple(sorted(integrity.text().split())),
        scope=_scope(entry),
        place=entry.what,
        path=path,
    )


def _origin(source: str) -> Origin:
    """Where a package is from; a registry's own address looks like any other."""
    if source.startswith(_REPOSITORIES):
        return Origin.VCS
    return Origin.FILE if source.startswith("file:") else Origin.INDEX


def _target(at: str, entry: Value) -> str:
    target = entry.member("resolved").text()
    if not target:
        raise _unreadable(entry.what, f"links from `{at[:100]}` to nowhere")
    return posixpath.normpath(target.removeprefix("file:"))


def _last(at: str) -> str:
    """The name behind the last `node_modules/`; empty where it is no such place."""
    before, found, name = at.rpartition(_MODULES)
    is_place = found and (not before or before.endswith("/"))
    return name if is_place and name.count("/") <= name.startswith("@") else ""


def _kinds(entry: Value) -> frozenset[str]:
    return frozenset(kind for kind in ("dev", "optional", "peer") if _is(entry, kind))


def _scope(entry: Value) -> Scope:
    return Scope.DEVELOPMENT if _is(entry, "dev") else Scope.RUNTIME


def _is(entry: Value, key: str) -> bool:
    found = entry.find(key)
    return found is not None and found.flag()


def _unreadable(name: str, why: str) -> OutputUnreadable:
    return OutputUnreadable("lock-unreadable", f"`{name}` {why}", place=name)


KINDS: Final[Mapping[str, str]] = {
    "dev": "what only development needs",
    "optional": "what may be absent",
    "peer": "what others ask the project to bring",
}
"""What npm can omit."""
