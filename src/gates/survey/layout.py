"""How a project lies in its folder: its languages, sources and tests, and projects below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gates.domain.errors import StageError
from gates.survey import manifest, node_layout, pytest_settings
from gates.survey.configured import at, tables
from gates.survey.node_layout import NodeLayout
from gates.survey.pytest_settings import PytestSettings
from gates.survey.seen_tests import may_hold_tests, seen_tests
from gates.toolkit import sources
from gates.toolkit.node_sources import NODE_SUFFIXES, detect_node_sources

PYTHON = "python"
NODE = "node"

_METADATA = ("pyproject.toml", "setup.py", "setup.cfg")
_REQUIREMENTS = "requirements.txt"
_NO_PROJECTS = frozenset(
    {"data", "doc", "docs", "example", "examples", "fixtures", "templates", "test", "tests"}
)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a project lies in its folder.

    What is told of Python is empty where the folder holds no Python project, though some Python
    lies there.

    Attributes:
        name: what its metadata call it, or empty.
        python_kind: how its Python sources lie, in a few words.
        python_sources: what holds them, as `sources:` names it; empty where there are none.
        exclude: patterns of tests and the like that lie among the sources of any language.
        files: the Python source files.
        tests: Python files that seem to hold a test.
        pytest: what the configuration of pytest says of where tests are.
        may_hold_tests: pytest is configured, and something lies where it looks, though no test was
            recognised.
        below: folders of projects of their own below it.
        is_package: its metadata describe a Python package or application, not tools alone.
        node: how its JavaScript or TypeScript lies, or None.
        stray: what holds Python sources in a Node project that tells nothing of Python.
    """

    name: str
    python_kind: str
    python_sources: tuple[str, ...]
    exclude: tuple[str, ...]
    files: tuple[str, ...]
    tests: tuple[str, ...]
    pytest: PytestSettings
    may_hold_tests: bool
    below: tuple[str, ...]
    is_package: bool
    node: NodeLayout | None = None
    stray: tuple[str, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the project."""
        python = (PYTHON,) if self.python_sources else ()
        return (*python, NODE) if self.node else python

    @property
    def sources(self) -> tuple[str, ...]:
        """What holds the sources of all its languages, as `sources:` names it."""
        of_node = self.node.sources if self.node else ()
        return tuple(dict.fromkeys((*self.python_sources, *of_node)))

    @property
    def kind(self) -> str:
        """How its sources lie, in a few words."""
        if self.node is None:
            return self.python_kind
        return f"Python and {self.node.kind}" if self.python_sources else self.node.kind

    @property
    def is_only_a_roof(self) -> bool:
        """It holds projects and is none: at most some modules for tools lie at its top."""
        modules = all(name.endswith(".py") for name in self.python_sources)
        python = bool(self.python_sources) and (self.is_package or not modules)
        node = self.node is not None and not self.node.is_only_modules
        return bool(self.below) and not python and not node


def look(root: Path) -> Layout:
    """Look at a folder.

    Raises:
        StageError: a folder of it cannot be read.
    """
    pyproject = tables(root)
    is_package = has_metadata(root)
    below = tuple(_below(root))
    node = node_layout.look(root, below)
    detected = sources.detect_sources(root)
    include = node_layout.sources_of(root, detected, sources.PYTHON_SUFFIXES, below)
    stray: tuple[str, ...] = ()
    if node is not None and not is_package and not (root / _REQUIREMENTS).is_file():
        include, stray = (), include
    files, exclude = _source_files(root, include)
    settings = pytest_settings.read(root)
    return Layout(
        name=_name(pyproject) or _name_of(node),
        python_kind=_kind(root, include) if files else "no Python sources",
        python_sources=include if files else (),
        exclude=exclude
        if node is None
        else (*_below_folders(root, include, exclude), *node.exclude),
        files=files,
        tests=seen_tests(root, settings),
        pytest=settings,
        may_hold_tests=may_hold_tests(root, settings),
        below=below,
        is_package=is_package,
        node=node,
        stray=stray,
    )


def is_project(root: Path) -> bool:
    """Whether a folder's own metadata make what lies in and below it one project."""
    found = manifest.read(root)
    of_node = found is not None and found.is_project and not found.has_workspaces
    return has_metadata(root) or (of_node and bool(detect_node_sources(root, NODE_SUFFIXES)))


def has_metadata(root: Path) -> bool:
    """Whether a folder's metadata describe a Python package or application, not tools alone."""
    pyproject = tables(root)
    if at(pyproject, "project") or at(pyproject, "tool", "poetry"):
        return True
    return any((root / name).is_file() for name in _METADATA[1:])


def _source_files(root: Path, include: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The source files, and the patterns of tests among them; nothing where git ignores them."""
    if not include:
        return (), ()
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


def _below_folders(
    root: Path, include: tuple[str, ...], patterns: tuple[str, ...]
) -> tuple[str, ...]:
    """Patterns that hold within the named folders alone: another language has its own."""
    folders = [name for name in include if (root / name).is_dir()]
    return tuple(f"{folder}/{pattern}" for folder in folders for pattern in patterns)


def _name_of(node: NodeLayout | None) -> str:
    name = node.manifest.name if node else ""
    return name if _PLAIN_NAME.fullmatch(name) else ""


def _below(root: Path) -> Iterator[str]:
    """Folders below that have metadata and sources of their own, the outermost of each branch.

    Where the folder is no Python package itself, a list of requirements makes a project below.
    """
    names = (*_METADATA, manifest.NAME, *(() if has_metadata(root) else (_REQUIREMENTS,)))
    found = {
        PurePosixPath(path).parent
        for path in sources.find_files(root, tuple(f"**/{name}" for name in names))
    }
    taken: list[PurePosixPath] = []
    for folder in sorted(found - {PurePosixPath()}, key=lambda each: each.parts):
        if any(folder.is_relative_to(outer) for outer in taken):
            continue
        if _NO_PROJECTS.isdisjoint(folder.parts) and _holds_sources(root / folder, names):
            taken.append(folder)
            yield str(folder)


def _holds_sources(folder: Path, names: tuple[str, ...]) -> bool:
    """Whether the sources of a language lie in a folder that its metadata tell of."""
    python = any((folder / name).is_file() for name in names if name != manifest.NAME)
    if python and sources.detect_sources(folder):
        return True
    told = manifest.read(folder)
    is_node = told is not None and told.is_project
    return is_node and bool(detect_node_sources(folder, NODE_SUFFIXES))
