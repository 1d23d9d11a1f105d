"""`extends:`: the shared policies behind a gates.yaml, each found, read and named; light.

A policy is a file of the same checkout, by a relative path, or a file of a git revision that is
pinned by its whole name. What cannot be read is an error and is never left out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Protocol

from gates.config import policy
from gates.domain.errors import ConfigError, GatesError, Problem
from gates.domain.plan import Extended, Policy
from gates.toolkit.git import Git
from gates.toolkit.pinned import Pinned

DEPTH = 4
"""How many policies may stand behind each other."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What `extends:` names.

    Attributes:
        path: the file; relative to the file that names it, or to the top of the revision.
        address: the repository, or empty for a file of this one.
        revision: the whole name of the commit, or empty.
    """

    path: str
    address: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """A policy that was found.

    Attributes:
        data: its bytes.
        source: how it is named in places and in the record.
        shelf: where what it extends itself is found.
        is_pinned: it is of a pinned revision.
    """

    data: bytes
    source: str
    shelf: Shelf
    is_pinned: bool = False

    @property
    def extended(self) -> Extended:
        """Its name and digest."""
        return Extended(self.source, sha256(self.data).hexdigest(), self.is_pinned)


class Shelf(Protocol):
    """Where the policies are found that one file extends."""

    def find(self, reference: Reference) -> Book:
        """Find a policy.

        Raises:
            ConfigError: it is not there, leads out of the checkout, or cannot be read.
        """

    def sibling(self, path: str) -> bytes | None:
        """A file of the checkout by its path relative to the first gates.yaml; None where absent.

        Raises:
            ConfigError: it leads out of the checkout, or cannot be read.
        """


@dataclass(frozen=True, slots=True)
class Checkout:
    """The files as they lie there.

    Attributes:
        root: the folder of the first gates.yaml, without links.
        git: its repository, also where there is none.
        pinned: reads pinned revisions.
        folder: the folder of the file that names others, relative to `root`.
    """

    root: Path
    git: Git
    pinned: Pinned
    folder: str = ""

    def find(self, reference: Reference) -> Book:
        """Find a policy."""
        if reference.address:
            return _pinned(reference, self.pinned, self.root)
        path = normpath(join(self.folder, reference.path))
        data = self.sibling(path)
        if data is None:
            raise _absent(path)
        return Book(data, path, replace(self, folder=dirname(path)))

    def sibling(self, path: str) -> bytes | None:
        """A file of the checkout."""
        top = os.path.realpath(self.git.toplevel() or self.root)
        full = os.path.normpath(self.root / path)
        real = os.path.realpath(full)
        if path.startswith("/") or not f"{real}/".startswith(f"{top}/"):
            hint = (
                "put it into this repository, or pin a revision: `{git: URL, rev: ..., path: ...}`"
            )
            raise ConfigError(
                Problem("extends-outside", f"`{path}` leads out of the checkout", hint=hint)
            )
        return policy.read(Path(full)) if os.path.lexists(full) else None


@dataclass(frozen=True, slots=True)
class Commit:
    """The files of a commit of this repository.

    Attributes:
        git: the repository, asked in the folder of the first gates.yaml.
        commit: the commit's name.
        pinned: reads pinned revisions.
        folder: as for `Checkout`.
    """

    git: Git
    commit: str
    pinned: Pinned
    folder: str = ""

    def find(self, reference: Reference) -> Book:
        """Find a policy."""
        if reference.address:
            return _pinned(reference, self.pinned, self.git.root)
        path = normpath(join(self.folder, reference.path))
        data = self.sibling(path)
        if data is None:
            raise _absent(path)
        return Book(data, path, replace(self, folder=dirname(path)))

    def sibling(self, path: str) -> bytes | None:
        """A file of the commit."""
        return None if path.startswith("/") else self.git.committed(path, of=self.commit)


@dataclass(frozen=True, slots=True)
class Revision:
    """The files of a pinned revision.

    Attributes:
        reference: the file that names others.
        pinned: reads pinned revisions.
        root: the folder of the first gates.yaml, to which a local address is relative.
    """

    reference: Reference
    pinned: Pinned
    root: Path

    def find(self, reference: Reference) -> Book:
        """Find a policy; a path alone is one of the same revision."""
        if reference.address:
            return _pinned(reference, self.pinned, self.root)
        path = normpath(join(dirname(self.reference.path), reference.path))
        return _pinned(replace(self.reference, path=path), self.pinned, self.root)

    def sibling(self, path: str) -> bytes | None:
        """Nothing: what is pinned does not change."""
        del path
        return None


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Where no file may be extended."""

    def find(self, reference: Reference) -> Book:
        """Refuse."""
        raise _absent(reference.path)

    def sibling(self, path: str) -> bytes | None:
        """Nothing."""
        del path
        return None


def is_current(found: Policy, shelf: Shelf) -> bool:
    """Whether the policies behind a kept plan are those that lie there now."""
    try:
        for each in found.extends:
            data = None if each.is_pinned else shelf.sibling(each.source)
            if not each.is_pinned and (data is None or _sha256(data) != each.sha256):
                return False
    except ConfigError:
        return False
    return True


def _sha256(data: bytes) -> str:
    return sha256(data).hexdigest()


def shelf_of(root: Path, git: Git, state: Path, environ: Mapping[str, str]) -> Checkout:
    """The shelf of a gates.yaml that lies there.

    Args:
        root: its folder.
        git: its repository, also where there is none.
        state: the folder of what is kept for speed.
        environ: the environment of `gates`.
    """
    return Checkout(root, git, Pinned(state, environ, root))


def _pinned(reference: Reference, pinned: Pinned, root: Path) -> Book:
    """A policy of a pinned revision; a local repository is named relative to gates.yaml."""
    address = reference.address
    is_local = ":" not in address.split("/")[0]
    where = str(root / address) if is_local else address
    try:
        data = pinned.read(where, reference.revision, reference.path)
    except GatesError as error:
        raise ConfigError(*error.problems) from error
    source = f"{address}@{reference.revision}:{reference.path}"
    return Book(data, source, Revision(reference, pinned, root), is_pinned=True)


def _absent(path: str) -> ConfigError:
    hint = "write its path relative to the file that extends it"
    return ConfigError(Problem("extends-absent", f"there is no file `{path}`", hint=hint))
