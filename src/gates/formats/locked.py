"""One package as a lock, a requirements file or an environment names it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_ARCHIVES: Final = (
    *(".whl", ".zip", ".egg", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tlz"),
    *(f".tar.{of}" for of in ("gz", "bz2", "xz", "lz", "lzma", "z", "zst")),
)
_INNER: Final = frozenset("-_.")


class Origin(StrEnum):
    """Where a package is installed from; only an index gives it a name that advisories know."""

    INDEX = "index"
    EDITABLE = "editable"
    FOLDER = "folder"
    FILE = "file"
    URL = "url"
    VCS = "vcs"


class Scope(StrEnum):
    """What needs a package, as far as its file tells."""

    RUNTIME = "runtime"
    DEVELOPMENT = "development"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Locked:
    """One package in one version.

    Attributes:
        name: normalised; where a line has no name, the line's own text.
        version: as written; empty where none is fixed.
        origin: where it is installed from.
        hashes: as `algorithm:digest`, sorted.
        scope: what needs it.
        place: `file:line` where that is known, else the file.
        path: of the folder or file that it is installed from, as its file names it; else empty.
        marker: the condition under which it is installed, in the file's words; empty where none.
    """

    name: str
    version: str
    origin: Origin = Origin.INDEX
    hashes: tuple[str, ...] = ()
    scope: Scope = Scope.UNKNOWN
    place: str = ""
    path: str = ""
    marker: str = ""

    @property
    def is_folder(self) -> bool:
        """It is installed from a folder, which may be the project's own."""
        return self.origin in {Origin.EDITABLE, Origin.FOLDER}

    @property
    def is_auditable(self) -> bool:
        """It has a name and a version that advisories can be about."""
        return self.origin is Origin.INDEX and bool(self.version)


def is_archive(path: str) -> bool:
    """Say whether pip takes a path for that of an archive."""
    return path.lower().endswith(_ARCHIVES)


def is_name(text: str) -> bool:
    """Say whether a text is the name of a package, by the rule of PEP 508."""
    plain = text.isascii() and all(of.isalnum() or of in _INNER for of in text)
    return plain and text[:1].isalnum() and text[-1:].isalnum()
