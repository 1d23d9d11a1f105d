"""What the manifests of a project name, read as text: folders by relative paths, and packages.

This is no resolver: a name that stands anywhere in a manifest counts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from gates.domain.errors import OutputUnreadable
from gates.executor.scope import ENVIRONMENT
from gates.toolkit.files import read_report

MOST_BYTES = 32 << 20
"""A longer manifest is not read; whoever has it is affected by every change."""

MANIFESTS = (
    *ENVIRONMENT,
    "gates.yaml",
    "*lock.json",
    "*lock.yaml",
    "jsconfig*.json",
    "npm-shrinkwrap.json",
    "package.json",
    "pnpm-workspace.yaml",
    "tsconfig*.json",
)
"""Names of files that say what a project is made of."""

_TEXTS = frozenset({".in", ".txt"})
_NAMING = ("pyproject.toml", "package.json", "setup.cfg", "setup.py")
_CUT = r"\s\"'`,;=<>(){}\[\]|#&@"
_UPWARDS = re.compile(rf"[^{_CUT}]*\.\.[^{_CUT}]*")
_GLOB = re.compile(r"[*?]")
_ASSIGNED = re.compile(r"^\s*name\s*=\s*[\"']?([\w.\-]+)|\bname\s*=\s*[\"']([^\"']+)", re.MULTILINE)


def is_manifest(name: str) -> bool:
    """Whether a file says what its project is made of."""
    path = PurePosixPath(name)
    if any(fnmatchcase(path.name, pattern) for pattern in MANIFESTS):
        return True
    return path.suffix in _TEXTS and any("requirements" in part for part in path.parts)


def read(path: Path) -> str | None:
    """The text of a manifest; None where it cannot be told. One that was deleted says nothing."""
    try:
        return read_report(path, max_bytes=MOST_BYTES).data.decode("utf-8", "replace")
    except OutputUnreadable as error:
        return "" if error.problem.slug in {"report-absent", "report-empty"} else None


@dataclass(frozen=True, slots=True)
class Names:
    """By which names others speak of a project.

    Attributes:
        packages: the names of its packages, folded.
        is_known: whether each file that would tell one could be read.
    """

    packages: frozenset[str]
    is_known: bool = True

    def stand_in(self, text: str, manifest: str, folder: str) -> bool:
        """Whether a manifest names the project.

        Args:
            text: what the manifest says.
            manifest: its path, relative to the top of the repository.
            folder: the project's, likewise.
        """
        # JSON may write a slash with a backslash before it, and Windows writes none.
        text = text.replace("\\/", "/").replace("\\", "/")
        if any(_meet(path, folder) for path in _upwards(text, PurePosixPath(manifest).parent)):
            return True
        if "/" in folder and _stands(folder, text):
            return True
        folded = _folded(text)
        return any(_stands(name, folded) for name in self.packages)


def names_of(top: Path, folder: str, files: Iterable[str]) -> Names:
    """The names of the packages that a project holds.

    Args:
        top: the repository's uppermost folder.
        folder: the project's, relative to it.
        files: the project's, likewise.
    """
    found: set[str] = set()
    is_known = True
    for name in files:
        if PurePosixPath(name).name not in _NAMING:
            continue
        text = read(top / name)
        told = _named(PurePosixPath(name).name, text) if text is not None else None
        # What lies deeper, such as data of tests, need not be sound.
        is_top = PurePosixPath(name).parent == PurePosixPath(folder)
        is_known = is_known and (told is not None or not is_top)
        found |= {_folded(each) for each in told or ()}
    return Names(frozenset(found - {""}), is_known)


def _named(file: str, text: str) -> tuple[str, ...] | None:
    """The package's name as its file gives it; None where the file cannot be understood."""
    if not text:
        return ()
    try:
        if file == "pyproject.toml":
            import tomllib

            return tuple(_of_toml(tomllib.loads(text)))
        if file == "package.json":
            from gates.formats import strict_json

            return tuple(_text_at(strict_json.loads(text.encode(), what=file), "name"))
    except (ValueError, RecursionError, OutputUnreadable):
        return None
    return tuple(one or other for one, other in _ASSIGNED.findall(text))


def _of_toml(document: object) -> Iterator[str]:
    yield from _text_at(document, "project", "name")
    yield from _text_at(document, "tool", "poetry", "name")


def _text_at(value: object, *keys: str) -> Iterator[str]:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        yield value


def _upwards(text: str, folder: PurePosixPath) -> Iterator[str]:
    """The paths that lead upwards in a text, relative to the top of the repository."""
    for token in set(_UPWARDS.findall(text)):
        path = _GLOB.split(token.rpartition(":")[2])[0].lstrip("/")
        if _GLOB.search(token):
            path = path.rpartition("/")[0]
        yield os.path.normpath(folder / (path or os.pardir))


def _meet(path: str, folder: str) -> bool:
    """Whether one of two paths lies in the other; `.` is around all, and `..` outside."""
    if path.startswith(os.pardir):
        return False
    return path == "." or f"{path}/".startswith(f"{folder}/") or f"{folder}/".startswith(f"{path}/")


def _folded(text: str) -> str:
    """A text in which names of packages are the same however they are written (PEP 503)."""
    return re.sub(r"[-_.]+", "-", text).lower()


def _stands(name: str, text: str) -> bool:
    """Whether a name stands in a text, and is no part of a longer word."""
    return re.search(rf"(?<![a-zA-Z0-9]){re.escape(name)}(?![a-zA-Z0-9])", text) is not None
