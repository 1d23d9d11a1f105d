"""What a package.json asks for, as it is written there and as a lock of npm repeats it.

A lock repeats it word for word, but for what is optional as well: that is not in `dependencies`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from gates.formats.strict_json import Value

_NAMES: Final = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


@dataclass(frozen=True, slots=True)
class Tables:
    """What is asked for.

    Attributes:
        wanted: by the table's name, the packages and what is wanted of each.
        bundled: names of packages that come in the archive of this one.
        workspaces: patterns of the folders that are packages of the project as well.
        is_sealed: it brings a lock of its own for what it needs.
    """

    wanted: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    bundled: frozenset[str] = frozenset()
    workspaces: tuple[str, ...] = ()
    is_sealed: bool = False

    def needed(self, *, is_own: bool, with_dev: bool) -> frozenset[str]:
        """Names of what must be there: neither optional nor left to others.

        Args:
            is_own: they are asked for by the project, which gets what it bundles from elsewhere.
            with_dev: also what only development of the project needs.
        """
        if not is_own:
            return frozenset() if self.is_sealed else self._of("dependencies") - self.bundled
        dev = self._of("devDependencies") if with_dev else frozenset()
        return (self._of("dependencies") | dev) - self._of("optionalDependencies")

    def _of(self, kind: str) -> frozenset[str]:
        return frozenset(self.wanted.get(kind, ()))

    def difference(self, other: Tables) -> frozenset[str]:
        """Names of packages that another asks for otherwise, or not at all, or alone."""
        return frozenset(
            name
            for kind in _NAMES
            for name, _ in self.wanted.get(kind, {}).items() ^ other.wanted.get(kind, {}).items()
        )


def read(entry: Value) -> Tables:
    """Read a package.json, or an entry of a lock.

    Raises:
        OutputUnreadable: it is not of this form.
    """
    wanted = {kind: found for kind in _NAMES if (found := _table(entry, kind))}
    for name in wanted.get("optionalDependencies", ()):
        wanted.get("dependencies", {}).pop(name, None)
    sealed = entry.find("hasShrinkwrap")
    return Tables(
        wanted,
        _bundled(entry, wanted.get("dependencies", {})),
        _workspaces(entry),
        is_sealed=sealed is not None and sealed.flag(),
    )


def is_found(name: str, at: str, places: Collection[str]) -> bool:
    """Whether a package is where Node.js looks for it, from a place of a lock upwards.

    Args:
        name: the package's.
        at: where it is needed, such as `packages/a` or `node_modules/b`; empty for the project.
        places: what the lock has.
    """
    while at:
        if f"{at}/node_modules/{name}" in places:
            return True
        at = posixpath.dirname(at)
    return f"node_modules/{name}" in places


def _table(entry: Value, kind: str) -> dict[str, str]:
    table = entry.find(kind)
    return {} if table is None else {name: wanted.text() for name, wanted in table.entries()}


def _bundled(entry: Value, dependencies: Collection[str]) -> frozenset[str]:
    found = entry.find("bundleDependencies") or entry.find("bundledDependencies")
    if found is None or found.raw is False:
        return frozenset()
    if found.raw is True:
        return frozenset(dependencies)
    return frozenset(name.text() for name in found.items())


def _workspaces(entry: Value) -> tuple[str, ...]:
    found = entry.find("workspaces")
    if found is not None and isinstance(found.raw, dict):
        found = found.find("packages")
    return () if found is None else tuple(pattern.text() for pattern in found.items())
