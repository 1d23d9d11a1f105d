"""Which files are the project's sources: found by ourselves, never taken from a tool's report."""

from __future__ import annotations

import fnmatch
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import StageError
from gates.toolkit.git import Git

_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "venv"})
_NOT_SOURCES = frozenset(
    {"benchmarks", "build", "dist", "doc", "docs", "examples", "site", "test", "tests", "venv"}
)
TESTS = (
    "**/tests/**", "**/test/**", "**/test_*.py", "**/*_test.py", "**/conftest.py",
)  # fmt: skip
"""Patterns of tests that lie among the sources: no sources where `sources:` is left out."""

_NOT_MODULES = frozenset({"conftest.py", "noxfile.py", "setup.py", "test.py", "tests.py"})


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
) -> SourceSet:
    """Find the sources: in git the tracked and the new, not ignored files; else what lies there.

    Args:
        root: the folder of gates.yaml.
        include: folders, files or globs, relative to the root; `**` stands for any folders.
        exclude: likewise; it wins.
        suffixes: endings of a source's name; none means any file.

    Raises:
        StageError: an entry of `include` matches nothing or leaves the root, `exclude` takes all,
            or a folder cannot be read.
    """
    wanted = tuple(_normal(pattern) for pattern in include)
    unwanted = tuple(_normal(pattern) for pattern in exclude)
    unmatched = set(wanted)
    files: list[str] = []
    excluded: list[str] = []
    for path, is_source in _listed(root, suffixes):
        hits = [pattern for pattern in wanted if matches(path, pattern)]
        if not hits:
            continue
        is_excluded = any(matches(path, pattern) for pattern in unwanted)
        if is_source or is_excluded:
            unmatched.difference_update(hits)
        (files if is_source and not is_excluded else excluded).append(path)
    _refuse_nothing(wanted, unmatched, files, suffixes)
    return SourceSet(tuple(sorted(files)), tuple(sorted(excluded)))


def find_files(root: Path, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Files of the project that match any of the patterns, relative, sorted; there may be none.

    Raises:
        StageError: a pattern leaves the root, or a folder cannot be read.
    """
    wanted = tuple(_normal(pattern) for pattern in patterns)
    listed = (path for path, is_file in _listed(root, ()) if is_file)
    return tuple(sorted(path for path in listed if any(matches(path, one) for one in wanted)))


def link_targets(root: Path) -> tuple[str, ...]:
    """Where the links of the project lead, relative to the root; also outside it, or to nothing."""
    links = (root / path for path, is_file in _listed(root, ()) if not is_file)
    real = os.path.realpath(root)
    return tuple(
        os.path.relpath(os.path.realpath(link), real) for link in links if link.is_symlink()
    )


def matches(path: str, pattern: str) -> bool:
    """Whether the path is what the pattern names, or lies below it.

    `*`, `?` and `[...]` stay within one name, `**` stands for any number of folders. A pattern that
    is a path literally matches it, whatever signs it holds. Linear in both lengths.
    """
    if pattern in {".", path} or path.startswith(pattern + "/"):
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


def detect_sources(root: Path) -> tuple[str, ...]:
    """Guess the sources of a Python project: what `sources:` says where it is left out.

    `src` where it holds Python; else the packages that pyproject.toml names; else the packages
    (or, without one, folders with Python files) and modules at the top. Tests, docs and the like
    are left out. Empty where nothing is found.
    """
    if any(True for _ in _python_below(root / "src")):
        return ("src",)
    named = _named_in_pyproject(root)
    if named:
        return named
    folders = [folder for folder in _folders(root) if folder.name not in _NOT_SOURCES]
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
    wanted: tuple[str, ...], unmatched: set[str], files: list[str], suffixes: tuple[str, ...]
) -> None:
    kind = " or ".join(suffixes) or "any kind"
    for pattern in wanted:
        if pattern in unmatched:
            raise StageError(
                "source-unmatched",
                f"`{pattern}` in `sources` matches no file of {kind}",
                hint="correct the entry or remove it; files that git ignores do not count",
            )
    if not files:
        summary = "`exclude` takes every source" if wanted else "no sources are named or detected"
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


def _listed(root: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """Each candidate, and whether it is a regular file; else it is a link or a repository."""
    git = Git(root)
    in_git = git.toplevel() is not None
    for path in git.ls_files(untracked=True) if in_git else _walked(root):
        name = path.rstrip("/")
        try:
            mode = (root / name).lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue  # tracked, and deleted since
        if stat.S_ISDIR(mode):
            yield name, False
        elif not suffixes or name.endswith(suffixes):
            yield name, stat.S_ISREG(mode)


def _walked(root: Path) -> Iterator[str]:
    for folder, names, files in os.walk(root, onerror=_refuse_unreadable):
        names[:] = [name for name in names if _is_entered(Path(folder, name))]
        inside = os.path.relpath(folder, root)
        for name in files:
            yield name if inside == "." else f"{inside}/{name}"


def _is_entered(folder: Path) -> bool:
    if folder.name.startswith(".") or folder.name in _SKIPPED_FOLDERS:
        return False
    return not os.path.lexists(folder / "pyvenv.cfg")


def _refuse_unreadable(error: OSError) -> None:
    raise StageError(
        "folder-unreadable",
        f"a folder of the project cannot be read: {error.strerror}",
        place=str(error.filename),
    ) from error


def _python_below(folder: Path) -> Iterator[str]:
    if folder.is_dir():
        yield from (path for path in _walked(folder) if path.endswith(".py"))


def _folders(root: Path) -> Iterator[Path]:
    for path in root.iterdir():
        if path.is_dir() and not path.is_symlink() and _is_entered(path):
            yield path


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
