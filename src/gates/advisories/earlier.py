"""Which packages Python locks had at another time, as far as they were there in the same way."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from gates.advisories.matching import Package
from gates.domain.errors import OutputUnreadable
from gates.formats import python_locks, requirements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gates.formats.locked import Locked

    Fetch = Callable[[str], bytes | None]


def subjects(before: Fetch, now: Fetch | None, names: Iterable[str]) -> frozenset[str]:
    """Name and version of each package that was there, as findings name it.

    A package that stood under a marker was there only where it stands under the same now: no
    marker can be evaluated here as it was where the project ran. Without `now` it was not there.

    Args:
        before: gives what a file held; None where it was not there.
        now: gives what it holds.
        names: paths of the locks.

    Raises:
        OutputUnreadable: a lock is not whole.
        StageError: as `now` raises it.
    """
    paths = tuple(map(posixpath.normpath, names))
    was = _markers(before, paths)
    if all("" in of for of in was.values()):
        return frozenset(was)
    has = _markers(now, paths) if now is not None else {}
    return frozenset(
        name for name, of in was.items() if "" in of or (name in has and has[name] <= of)
    )


def _markers(fetch: Fetch, paths: Iterable[str]) -> dict[str, set[str]]:
    """Each package with the markers under which it stands; an empty one where it stands always."""
    found: dict[str, set[str]] = {}
    for path in paths:
        # A lock that was not there held nothing.
        data = fetch(path)
        for of in _locked(fetch, path, data) if data else ():
            found.setdefault(str(Package(of.name, of.version)), set()).add(of.marker)
    return found


def _locked(fetch: Fetch, path: str, data: bytes) -> tuple[Locked, ...]:
    def included(name: str, by: str) -> tuple[str, bytes]:
        if "://" in name:
            raise OutputUnreadable(
                "requirement-unreadable", f"`{name[:100]}` is included from elsewhere", place=by
            )
        what = posixpath.normpath(posixpath.join(posixpath.dirname(by), name))
        return what, fetch(what) or b""

    if python_locks.is_lock(posixpath.basename(path)):
        return python_locks.read(data, name=path)
    return requirements.read(data, what=path, load=included)
