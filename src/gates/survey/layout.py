"""How a project lies in its folder: its sources, its tests, its name, and projects below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gates.domain.errors import StageError
from gates.survey import pytest_settings
from gates.survey.configured import at, tables
from gates.survey.pytest_settings import PytestSettings
from gates.survey.seen_tests import may_hold_tests, seen_tests
from gates.toolkit import sources

_METADATA = ("pyproject.toml", "setup.py", "setup.cfg")
_NO_PROJECTS = frozenset(
    {"data", "doc", "docs", "example", "examples", "fixtures", "templates", "test", "tests"}
)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a project lies in its folder.

    Attributes:
        name: what its metadata call it, or empty.
        kind: how its sources lie, in a few words.
        sources: what holds them, as `sources:` names it; empty where there are none.
        exclude: patterns of tests that lie among them.
        files: the source files.
        tests: files that seem to hold a test.
        pytest: what the configuration of pytest says of where tests are.
        may_hold_tests: pytest is configured, and something lies where it looks, though no test was
            recognised.
        below: folders of projects of their own below it.
        is_package: its metadata describe a package or an application, not tools alone.
    """

    name: str
    kind: str
    sources: tuple[str, ...]
    exclude: tuple[str, ...]
    files: tuple[str, ...]
    tests: tuple[str, ...]
    pytest: PytestSettings
    may_hold_tests: bool
    below: tuple[str, ...]
    is_package: bool

    @property
    def is_only_a_roof(self) -> bool:
        """It holds projects and is none: at most some modules for tools lie at its top."""
        modules = all(name.endswith(".py") for name in self.sources)
        return bool(self.below) and modules and not self.is_package


def look(root: Path) -> Layout:
    """Look at a folder.

    Raises:
        StageError: a folder of it cannot be read.
    """
    pyproject = tables(root)
    include = sources.detect_sources(root)
    files, exclude = _source_files(root, include)
    settings = pytest_settings.read(root)
    return Layout(
        name=_name(pyproject),
        kind=_kind(root, include) if files else "no Python sources",
        sources=include if files else (),
        exclude=exclude,
        files=files,
        tests=seen_tests(root, settings),
        pytest=settings,
        may_hold_tests=may_hold_tests(root, settings),
        below=tuple(_below(root)),
        is_package=has_metadata(root),
    )


def has_metadata(root: Path) -> bool:
    """Whether a folder's own metadata describe a package or an application, not tools alone."""
    pyproject = tables(root)
    if at(pyproject, "project") or at(pyproject, "tool", "poetry"):
        return True
    return any((root / name).is_file() for name in _METADATA[1:])


def _source_files(root: Path, include: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The source files, and the patterns of tests among them; nothing where git ignores them."""
    try:
        found = sources.find_sources(root, include=include)
        exclude = tuple(
            pattern
            for pattern in sources.TESTS
            if any(sources.matches(path, pattern) for path in found.files)
        )
        if exclude:
            found = sources.find_sources(root, include=include, exclude=exclude)
    except StageError as error:
        if error.problem.slug not in {"no-sources", "source-unmatched"}:
            raise
        return (), ()
    return found.files, exclude


def _kind(root: Path, include: tuple[str, ...]) -> str:
    if include == ("src",):
        return "src layout"
    folders = [name for name in include if (root / name).is_dir()]
    if not folders:
        return "modules at the top"
    if len(folders) == 1:
        return f"flat layout: `{folders[0]}`"
    return f"{len(folders)} packages at the top"


def _name(pyproject: Mapping[str, object]) -> str:
    for keys in (("project", "name"), ("tool", "poetry", "name")):
        name = at(pyproject, *keys)
        if isinstance(name, str) and _PLAIN_NAME.fullmatch(name):
            return name
    return ""


def _below(root: Path) -> Iterator[str]:
    """Folders below that have metadata and sources of their own, the outermost of each branch."""
    patterns = tuple(f"**/{name}" for name in _METADATA)
    found = {PurePosixPath(path).parent for path in sources.find_files(root, patterns)}
    taken: list[PurePosixPath] = []
    for folder in sorted(found - {PurePosixPath()}, key=lambda each: each.parts):
        if any(folder.is_relative_to(outer) for outer in taken):
            continue
        if _NO_PROJECTS.isdisjoint(folder.parts) and sources.detect_sources(root / folder):
            taken.append(folder)
            yield str(folder)
