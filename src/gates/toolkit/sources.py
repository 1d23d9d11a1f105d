"""Which files are the project's sources: found by ourselves, never taken from a tool's report."""

from __future__ import annotations

import fnmatch
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import StageError
from gates.toolkit import node_sources, walking
from gates.toolkit.git import Git
from gates.toolkit.listing import Listing, listing

_NOT_SOURCES = frozenset(
    {"benchmarks", "build", "dist", "doc", "docs", "examples", "site", "test", "tests", "venv"}
)
TESTS = (
    "**/tests/**", "**/test/**", "**/test_*.py", "**/*_test.py", "**/conftest.py",
)  # fmt: skip
"""Patterns of Python tests that lie among the sources: none where `sources:` is left out."""

PYTHON_SUFFIXES = (".py", ".pyi")
"""Endings of Python files."""

_SOURCES = (*PYTHON_SUFFIXES, *node_sources.NODE_SUFFIXES)

_NOT_MODULES = frozenset({"conftest.py", "noxfile.py", "setup.py", "test.py", "tests.py"})


@dataclass(frozen=True, slots=True)
class Language:
    """A language whose files are told where they are no sources.

    Attributes:
        name: for readers.
        suffixes: endings of the files that are told.
        others: patterns of what is never told: tests, settings of tools.
    """

    name: str
    suffixes: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def patterns(self) -> tuple[str, ...]:
        """What matches its files."""
        return tuple(f"**/*{suffix}" for suffix in self.suffixes)

    def is_asked(self, suffixes: tuple[str, ...]) -> bool:
        """Whether sources with these suffixes are this language's; those of none are Python's."""
        of_node = [suffix for suffix in suffixes if suffix in node_sources.NODE_SUFFIXES]
        if self.suffixes == node_sources.NODE_SUFFIXES:
            return bool(of_node)
        return len(of_node) < len(suffixes) or not suffixes


LANGUAGES = (
    Language("Python", (".py",), TESTS),
    Language(
        "JavaScript or TypeScript",
        node_sources.NODE_SUFFIXES,
        (*node_sources.NO_NODE_SOURCES, *node_sources.SETTINGS),
    ),
)
"""The languages whose sources are detected."""


@dataclass(frozen=True, slots=True)
class Look:
    """What lay in the project's folder when it was looked at.

    Attributes:
        entries: each candidate with what it is, as `st_mode`; sorted.
        listed: what git lists of the folder; None outside a repository.
    """

    entries: tuple[tuple[str, int], ...]
    listed: Listing | None = None


@dataclass(frozen=True, slots=True)
class SourceSet:
    """The project's source files.

    Attributes:
        files: relative to the root, with `/`, sorted; regular files only.
        excluded: what `include` matches and is no source: named by `exclude`, a link, or in a
            repository of its own. To be counted and shown.
    """

    files: tuple[str, ...]
    excluded: tuple[str, ...] = ()


def find_sources(
    root: Path,
    *,
    include: tuple[str, ...],
    exclude: tuple[str, ...] = (),
    suffixes: tuple[str, ...] = (".py",),
    seen: Look | None = None,
) -> SourceSet:
    """Find the sources: in git the tracked and the new, not ignored files; else what lies there.

    An entry of `include` may hold sources of another language alone: a project in two languages
    names the folders of both.

    Args:
        root: the folder of gates.yaml.
        include: folders, files or globs, relative to the root; `**` stands for any folders.
        exclude: likewise; it wins.
        suffixes: endings of a source's name; none means any file.
        seen: what lies there; by default it is looked at.

    Raises:
        StageError: an entry of `include` matches no source of any language or leaves the root,
            none has these suffixes, `exclude` takes all, or a folder cannot be read.
    """
    wanted = tuple(_normal(pattern) for pattern in include)
    unwanted = tuple(_normal(pattern) for pattern in exclude)
    unmatched = set(wanted)
    files: list[str] = []
    excluded: list[str] = []
    for path, is_source in _listed(seen or look(root), (*suffixes, *_SOURCES) if suffixes else ()):
        hits = [pattern for pattern in wanted if matches(path, pattern)]
        if not hits:
            continue
        if suffixes and path.endswith(_SOURCES) and not path.endswith(suffixes):
            unmatched.difference_update(hits if is_source else ())
            continue
        is_excluded = any(matches(path, pattern) for pattern in unwanted)
        if is_source or is_excluded:
            unmatched.difference_update(hits)
        (files if is_source and not is_excluded else excluded).append(path)
    found = SourceSet(tuple(sorted(files)), tuple(sorted(excluded)))
    _refuse_nothing(wanted, unmatched, found, suffixes)
    return found


def find_files(
    root: Path, patterns: tuple[str, ...], *, seen: Look | None = None
) -> tuple[str, ...]:
    """Files of the project that match any of the patterns, relative, sorted; there may be none.

    Raises:
        StageError: a pattern leaves the root, or a folder cannot be read.
    """
    wanted = tuple(_normal(pattern) for pattern in patterns)
    listed = (path for path, is_file in _listed(seen or look(root), ()) if is_file)
    return tuple(sorted(path for path in listed if any(matches(path, one) for one in wanted)))


def link_targets(root: Path, *, seen: Look | None = None) -> tuple[str, ...]:
    """Where the links of the project lead, relative to the root; also outside it, or to nothing."""
    links = (root / path for path, mode in (seen or look(root)).entries if stat.S_ISLNK(mode))
    real = os.path.realpath(root)
    return tuple(os.path.relpath(os.path.realpath(link), real) for link in links)


def look(root: Path, git: Git | None = None) -> Look:
    """Look at what lies in a project's folder, for several questions about the same moment.

    Args:
        root: the folder of gates.yaml.
        git: its repository, also where there is none; by default it is looked for.

    Raises:
        StageError: a folder cannot be read.
        ToolCrashed: git could not look.
    """
    git = git or Git(root)
    listed = listing(git) if git.toplevel() is not None else None
    entries: list[tuple[str, int]] = []
    for path in walking.walked(root) if listed is None else listed.names:
        name = path.rstrip("/")
        with suppress(FileNotFoundError, NotADirectoryError):  # tracked, and deleted since
            entries.append((name, os.lstat(f"{root}/{name}").st_mode))
    return Look(tuple(entries), listed)


def matches(path: str, pattern: str) -> bool:
    """Whether the path is what the pattern names, or lies below it.

    `*`, `?` and `[...]` stay within one name, `**` stands for any number of folders. A pattern that
    is a path literally matches it, whatever signs it holds. Linear in both lengths.
    """
    if pattern in {".", path} or path.startswith(pattern + "/"):
        return True
    above, _, last = pattern.rpartition("/")
    tail = last.lstrip("*")
    if not any(sign in tail for sign in "*?["):
        # Most patterns are `**/*.py` or `**/name`, and are asked of every file.
        if tail not in path:
            return False
        if above == "**" and last == f"*{tail}" and path.endswith(tail):
            return True
    parts = pattern.split("/")
    reached = _past_stars({0}, parts)
    if len(parts) in reached:
        return True
    for name in path.split("/"):
        following = {at for at in reached if parts[at] == "**"}
        following |= {at + 1 for at in reached if _fits(name, parts[at])}
        reached = _past_stars(following, parts)
        if len(parts) in reached:
            return True
    return False


def detect_sources(root: Path, suffixes: tuple[str, ...] = PYTHON_SUFFIXES) -> tuple[str, ...]:
    """Guess the sources of a project with these suffixes: what `sources:` says if left out.

    Python and JavaScript with TypeScript are looked for apart, so that neither decides where the
    other lies. Suffixes of no language stand for Python. Tests, docs and the like are left out.
    Empty where nothing is found.
    """
    python, node = (language.is_asked(suffixes) for language in LANGUAGES)
    found = _detect_python(root) if python else ()
    if node:
        of_node = tuple(suffix for suffix in suffixes if suffix in node_sources.NODE_SUFFIXES)
        found = (*found, *node_sources.detect_node_sources(root, of_node))
    return tuple(dict.fromkeys(found))


def no_sources(suffixes: tuple[str, ...]) -> tuple[str, ...]:
    """Patterns of what lies among detected sources with these suffixes and is none: tests mostly.

    Suffixes of no language stand for Python.
    """
    python, node = (language.is_asked(suffixes) for language in LANGUAGES)
    return (*(TESTS if python else ()), *(node_sources.NO_NODE_SOURCES if node else ()))


def _detect_python(root: Path) -> tuple[str, ...]:
    """Guess the sources of a Python project.

    `src` where it holds Python; else the packages that pyproject.toml names; else the packages
    (or, without one, folders with Python files) and modules at the top.
    """
    if any(True for _ in _python_below(root / "src")):
        return ("src",)
    named = _named_in_pyproject(root)
    if named:
        return named
    folders = [folder for folder in walking.folders(root) if folder.name not in _NOT_SOURCES]
    packages = [folder.name for folder in folders if (folder / "__init__.py").is_file()]
    if not packages:
        packages = [folder.name for folder in folders if any(folder.glob("*.py"))]
    modules = [
        path.name
        for path in root.glob("*.py")
        if path.name not in _NOT_MODULES and not path.name.startswith("test_") and path.is_file()
    ]
    return (*sorted(packages), *sorted(modules))


def _normal(pattern: str) -> str:
    parts = [part for part in pattern.split("/") if part not in {"", "."}]
    if pattern.startswith("/") or ".." in parts:
        raise StageError(
            "source-outside",
            f"`{pattern}` does not stay in the project",
            hint="name it relative to the folder of gates.yaml",
        )
    return "/".join(parts) or "."


def _refuse_nothing(
    wanted: tuple[str, ...], unmatched: set[str], found: SourceSet, suffixes: tuple[str, ...]
) -> None:
    kind = " or ".join(suffixes) or "any kind"
    for pattern in wanted:
        if pattern in unmatched:
            raise StageError(
                "source-unmatched",
                f"`{pattern}` in `sources` matches no file of {kind}",
                hint="correct the entry or remove it; files that git ignores do not count",
            )
    if found.files:
        return
    if not wanted:
        summary = "no sources are named or detected"
    elif found.excluded:
        summary = "`exclude` takes every source"
    else:
        summary = f"`sources` names no file of {kind}"
    raise StageError("no-sources", summary, hint="name them in gates.yaml: `sources: [src]`")


def _past_stars(reached: set[int], parts: list[str]) -> set[int]:
    """The places in the pattern, and those behind a `**` that stands for no folder at all."""
    found = set(reached)
    for at in range(len(parts)):
        if at in found and parts[at] == "**":
            found.add(at + 1)
    return found


def _fits(name: str, part: str) -> bool:
    if name == part:
        return True
    return part != "**" and any(sign in part for sign in "*?[") and fnmatch.fnmatchcase(name, part)


def _listed(seen: Look, suffixes: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """Each candidate, and whether it is a regular file; else it is a link or a repository."""
    for name, mode in seen.entries:
        if stat.S_ISDIR(mode):
            yield name, False
        elif not suffixes or name.endswith(suffixes):
            yield name, stat.S_ISREG(mode)


def _python_below(folder: Path) -> Iterator[str]:
    if folder.is_dir():
        yield from (path for path in walking.walked(folder) if path.endswith(".py"))


def _named_in_pyproject(root: Path) -> tuple[str, ...]:
    """Packages and modules that Hatch or setuptools are told of, if all of them are there."""
    import tomllib

    try:
        tables: object = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ()
    hatch = _texts(_at(tables, ("tool", "hatch", "build", "targets", "wheel", "packages")))
    packages = _texts(_at(tables, ("tool", "setuptools", "packages")))
    modules = _texts(_at(tables, ("tool", "setuptools", "py-modules")))
    tops = {package.split(".")[0] for package in packages}
    named = (*hatch, *sorted(tops), *(f"{module}.py" for module in modules))
    inside = all(not name.startswith("/") and ".." not in name.split("/") for name in named)
    return named if inside and all((root / name).exists() for name in named) else ()


def _at(value: object, keys: Iterable[str]) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(item for item in value if isinstance(item, str) and item)
