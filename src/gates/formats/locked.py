"""One package as a lock, a requirements file or an environment names it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    """

    name: str
    version: str
    origin: Origin = Origin.INDEX
    hashes: tuple[str, ...] = ()
    scope: Scope = Scope.UNKNOWN
    place: str = ""

    @property
    def is_internal(self) -> bool:
        """It lies in the project's own tree, so no advisory can be about it."""
        return self.origin in {Origin.EDITABLE, Origin.FOLDER}

    @property
    def is_auditable(self) -> bool:
        """It has a name and a version that advisories can be about."""
        return self.origin is Origin.INDEX and bool(self.version)
