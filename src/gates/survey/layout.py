"""How a project lies in its folder: its sources, its tests, its name, and projects below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gates.domain.errors import StageError
from gates.survey.configured import at, tables
from gates.toolkit import sources

_METADATA = ("pyproject.toml", "setup.py", "setup.cfg")
_NO_PROJECTS = frozenset(
    {"data", "doc", "docs", "example", "examples", "fixtures", "templates", "test", "tests"}
)
_TEST_NAMES = ("test_*.py", "*_test.py")
_LARGEST = 1 << 20
_A_TEST = re.compile(rb"^[ \t]*(?:async[ \t]+)?def[ \t]+test", re.MULTILINE)
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
        tests: test files that hold a test.
        test_names: the patterns by which test files were looked for.
        below: folders of projects of their own below it.
        is_package: its metadata describe a package or an application, not tools alone.
    """

    name: str
    kind: str
    sources: tuple[str, ...]
    exclude: tuple[str, ...]
    files: tuple[str, ...]
    tests: tuple[str, ...]
    test_names: tuple[str, ...]
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
    names = _test_names(pyproject)
    return Layout(
        name=_name(pyproject),
        kind=_kind(root, include) if files else "no Python sources",
        sources=include if files else (),
        exclude=exclude,
        files=files,
        tests=_tests(root, (*names, *_test_modules(pyproject))),
        test_names=names,
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


def _test_names(pyproject: Mapping[str, object]) -> tuple[str, ...]:
    """The `python_files` of pytest, by default its own."""
    named = at(pyproject, "tool", "pytest", "ini_options", "python_files")
    words = named.split() if isinstance(named, str) else named
    names = [word for word in words if isinstance(word, str)] if isinstance(words, list) else []
    kept = tuple(name for name in names if name and "/" not in name)
    return kept or _TEST_NAMES


def _test_modules(pyproject: Mapping[str, object]) -> tuple[str, ...]:
    """The files among pytest's `testpaths`, which it reads whatever their names are."""
    named = at(pyproject, "tool", "pytest", "ini_options", "testpaths")
    words = named.split() if isinstance(named, str) else named
    paths = [word for word in words if isinstance(word, str)] if isinstance(words, list) else []
    inside = (path for path in paths if not path.startswith("/") and ".." not in path.split("/"))
    return tuple(path.removeprefix("./") for path in inside if path.endswith(".py"))


def _tests(root: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    patterns = tuple(pattern for name in names for pattern in (name, f"**/{name}"))
    found = sources.find_files(root, patterns)
    return tuple(path for path in found if path.endswith(".py") and _holds_a_test(root / path))


def _holds_a_test(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _A_TEST.search(file.read(_LARGEST)) is not None
    except OSError:
        return False


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
