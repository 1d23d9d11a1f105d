"""What a project's package.json says, and which lock file decides what is installed.

Format: as npm's documentation of package.json has it. Read leniently, as Node itself does: nothing
is proved by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAME = "package.json"
"""What the file is called."""

LOCKS = (
    ("npm-shrinkwrap.json", "npm ci"),
    ("package-lock.json", "npm ci"),
    ("pnpm-lock.yaml", "pnpm install --frozen-lockfile"),
    ("yarn.lock", "yarn install --frozen-lockfile"),
    ("bun.lock", "bun install --frozen-lockfile"),
    ("bun.lockb", "bun install --frozen-lockfile"),
)
"""Lock files, and the command that installs what each names."""

_DEPENDENCIES = (
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "peerDependencies",
)
_TELLING = frozenset({"name", "scripts", "workspaces", *_DEPENDENCIES})
_LARGEST = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a package.json says.

    Attributes:
        name: of the package, without its scope, or empty.
        keys: its entries at the top; those of tools configure them.
        packages: names of the packages that it asks for.
        has_workspaces: it holds other packages together.
    """

    name: str
    keys: frozenset[str]
    packages: frozenset[str]
    has_workspaces: bool

    @property
    def is_project(self) -> bool:
        """It describes a package, and does not only say in which form modules are written."""
        return not self.keys.isdisjoint(_TELLING)


def read(folder: Path) -> Manifest | None:
    """The package.json of a folder; None where there is none, or it cannot be read."""
    told = _told(folder)
    if not isinstance(told, dict):
        return None
    name = told.get("name")
    return Manifest(
        name=name.rpartition("/")[2] if isinstance(name, str) else "",
        keys=frozenset(told),
        packages=frozenset(_packages(told)),
        has_workspaces="workspaces" in told or (folder / "pnpm-workspace.yaml").is_file(),
    )


def fault(folder: Path) -> str:
    """Why the package.json of a folder cannot be read; empty where it can, or there is none."""
    if not (folder / NAME).is_file():
        return ""
    told = _told(folder)
    if isinstance(told, str):
        return told
    return "" if isinstance(told, dict) else "it holds no object"


def upwards(folder: Path) -> Iterator[Path]:
    """The folder, and those above it up to the top of its repository; alone outside of one."""
    folders = (folder, *folder.parents)
    tops = [at for at, each in enumerate(folders) if (each / ".git").exists()]
    yield from folders[: tops[0] + 1] if tops else folders[:1]


def lock_of(folder: Path) -> tuple[Path, str] | None:
    """The lock that decides what is installed for a folder, and the command that installs it.

    It lies in the folder, or in one above it that holds the folder as a workspace.
    """
    for each in upwards(folder):
        for name, command in LOCKS:
            if (each / name).is_file():
                return each / name, command
    return None


def asked_for(folder: Path) -> frozenset[str]:
    """Packages that the package.json of a folder asks for, or one above it in the repository."""
    found = (read(each) for each in upwards(folder))
    return frozenset().union(*(one.packages for one in found if one is not None))


def _packages(told: dict[str, object]) -> Iterator[str]:
    for kind in _DEPENDENCIES:
        named = told.get(kind)
        yield from named if isinstance(named, dict) else ()


def _told(folder: Path) -> object:
    """What the file holds; a text says why it cannot be read."""
    import json

    try:
        with (folder / NAME).open("rb") as file:
            told: object = json.loads(file.read(_LARGEST).decode("utf-8-sig"))
    except OSError as error:
        return error.strerror
    except (ValueError, RecursionError) as error:
        return str(error)
    return None if isinstance(told, str) else told
