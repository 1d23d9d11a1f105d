"""What a project's npm locks bring, to be looked up: each package in each version once."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gates.advisories import locks
from gates.advisories.inventory import Inventory
from gates.advisories.osv import NPM
from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import package_lock
from gates.formats.locked import Locked, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gates.formats.package_lock import Place

_MODULES: Final = "node_modules/"
_HASH_BYTES: Final[Mapping[str, int]] = {"sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}


def read(
    root: Path,
    names: Iterable[str],
    *,
    internal: Iterable[str] = (),
    omitted: Iterable[str] = (),
) -> Inventory:
    """Read locks.

    Args:
        root: the folder from which their paths count.
        names: their paths.
        internal: names of packages that are the project's own.
        omitted: kinds of packages that are left out, see `package_lock.KINDS`.

    Raises:
        StageError: `lock-absent`; `lock-shadowed`: npm reads another lock in place of one of
            them; `package-unknowable`: a package that is not internal has no name and version
            that advisories can be about.
        OutputUnreadable: a lock is not whole: `lock-hash` where hashes are missing or cut off,
            else see `formats.package_lock`.
    """
    every = tuple(dict.fromkeys(map(posixpath.normpath, names)))
    wanted, without = frozenset(internal), frozenset(omitted)
    entries: dict[tuple[str, str], Locked] = {}
    own: list[Locked] = []
    files: list[tuple[str, str]] = []
    for name in every:
        _refuse_shadowed(root, name, every)
        lock, used = locks.of_npm(root, name, internal=wanted, omitted=without)
        kept = {(of.name, of.version) for of in used.entries}
        _refuse_unhashed(
            of
            for of in lock.places
            if (of.package.name, of.package.version) in kept and not of.is_omitted(without)
        )
        for of in used.entries:
            entries[of.name, of.version] = _joined(entries.get((of.name, of.version), of), of)
        own += used.internal
        files += used.files
    return Inventory(
        tuple(sorted(entries.values(), key=lambda of: (of.name, of.version))),
        tuple(own),
        tuple(sorted(wanted - {of.name for of in own})),
        tuple(files),
        NPM,
    )


def _refuse_shadowed(root: Path, name: str, named: tuple[str, ...]) -> None:
    shadow = posixpath.join(posixpath.dirname(name), package_lock.NAMES[1])
    if shadow not in named and (root / shadow).exists():
        raise StageError(
            "lock-shadowed",
            f"npm reads `{shadow}` in place of `{name}`",
            hint=f"say `lock: {shadow}`, or remove that file",
            place=shadow,
        )


def _refuse_unhashed(places: Iterable[Place]) -> None:
    every = tuple(places)
    is_hashed = any(of.package.hashes for of in every)
    for of in every:
        if is_hashed and not of.package.hashes and not _is_covered(of):
            raise _bad_hash(of, "has no `integrity`, though others have: the lock is not whole")
        for entry in of.package.hashes:
            _refuse_damaged(of, entry)


def _is_covered(of: Place) -> bool:
    """It comes in the archive of a package, whose own hash is that of all in it."""
    holder = of.location.rpartition(f"/{_MODULES}")[0]
    return of.is_bundled and _MODULES in f"{holder}/"


def _refuse_damaged(of: Place, entry: str) -> None:
    """Require a hash to be whole: https://www.w3.org/TR/SRI/, section 3.5."""
    import base64
    import binascii

    algorithm, _, rest = entry.partition("-")
    size = _HASH_BYTES.get(algorithm)
    if size is None:
        raise _bad_hash(of, f"has an `integrity` of an unknown kind, `{algorithm[:20]}`")
    try:
        digest = base64.b64decode(rest.partition("?")[0], validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        digest = b""
    if len(digest) != size:
        raise _bad_hash(of, f"has a {algorithm} `integrity` that is cut off or damaged")


def _bad_hash(of: Place, why: str) -> OutputUnreadable:
    return OutputUnreadable(
        "lock-hash",
        f"`{of.package.name} {of.package.version}` at `{of.location[:200]}` {why}",
        place=of.package.place,
        hint="make the lock anew: `npm install --package-lock-only`",
    )


def _joined(first: Locked, second: Locked) -> Locked:
    """What needs it in one lock, needs it."""
    is_needed = Scope.RUNTIME in {first.scope, second.scope}
    return replace(first, scope=Scope.RUNTIME) if is_needed else first
