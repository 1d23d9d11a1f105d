"""Which files of a project hold tests, as far as that can be seen without running pytest."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from gates.survey.pytest_settings import PytestSettings
from gates.toolkit import sources

_LARGEST = 1 << 20
_NAMED = re.compile(
    rb"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)|^[ \t]*(\w+)[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE
)
# A class may inherit its tests, and a module may import them.
_HEIR = re.compile(
    rb"^[ \t]*class[ \t]+\w+[ \t]*\([^)\s]"
    rb"|^[ \t]*from[ \t]+\S+[ \t]+import[ \t]+(?:\*|[^\n]*\b(?:[Tt]est))",
    re.MULTILINE,
)
_DOCTEST = re.compile(rb"^[ \t#*]*>>>", re.MULTILINE)
_DOCUMENTS = (".md", ".py", ".rst", ".txt")


def seen_tests(root: Path, settings: PytestSettings, paths: Iterable[str] = ()) -> tuple[str, ...]:
    """Files that seem to hold a test.

    Args:
        root: the folder of the project.
        settings: pytest's configuration.
        paths: files and folders that are handed to pytest; by default its `testpaths`, where one
            of them is there.

    Raises:
        StageError: a folder cannot be read.
    """
    files = sources.find_files(root, ("**",))
    within = _within(root, (*paths,) or settings.paths, files)
    found = []
    for path in files:
        places = [place for place in within if sources.matches(path, place)]
        if within and not places:
            continue
        # What is named itself is read whatever its name is.
        is_test = path in places or any(_fits(path, pattern) for pattern in settings.files)
        is_module = is_test and path.endswith(".py")
        is_document = settings.doctest and path.endswith(_DOCUMENTS)
        if (is_module and _holds_a_test(root / path, settings)) or (
            is_document and _has_doctest(root / path)
        ):
            found.append(path)
    return tuple(found)


def may_hold_tests(root: Path, settings: PytestSettings) -> bool:
    """Whether a configured pytest may make tests of what lies where it looks, by a plugin.

    That is a module of the right name, a file of another kind that is named as tests are, or
    anything where a conftest.py collects files of its own. Without a configuration none is
    expected.
    """
    if not settings.place:
        return False
    files = sources.find_files(root, ("**",))
    within = _within(root, settings.paths, files)
    return any(
        _may_be_one(root / path, path, settings)
        for path in files
        if not within or any(sources.matches(path, place) for place in within)
    )


def _may_be_one(file: Path, path: str, settings: PytestSettings) -> bool:
    if file.name == "conftest.py":
        return b"pytest_collect_file" in _content(file)
    if file.suffix == ".py":
        is_named = any(_fits(path, pattern) for pattern in settings.files)
    else:
        is_named = file.name.startswith("test") or file.suffix == ".feature"
    return is_named and bool(_content(file).strip())


def _within(root: Path, paths: Iterable[str], files: Iterable[str]) -> tuple[str, ...]:
    """Those of some paths and patterns that are there, and in the project."""
    plain = (path.partition("::")[0].removeprefix("./").rstrip("/") for path in paths)
    inside = (
        path or "." for path in plain if not path.startswith("/") and ".." not in path.split("/")
    )
    return tuple(
        place
        for place in inside
        if (root / place).exists() or any(sources.matches(path, place) for path in files)
    )


def _fits(path: str, pattern: str) -> bool:
    if "/" in pattern:
        return fnmatch.fnmatchcase(f"/{path}", f"*/{pattern.lstrip('/')}")
    return fnmatch.fnmatchcase(PurePosixPath(path).name, pattern)


def _holds_a_test(path: Path, settings: PytestSettings) -> bool:
    text = _content(path)
    if _HEIR.search(text):
        return True
    names = ((match[1] or match[2]).decode("utf-8", "replace") for match in _NAMED.finditer(text))
    # A method of unittest is a test by its own rule.
    patterns = (*settings.functions, "test")
    return any(_is_named(name, pattern) for name in names for pattern in patterns)


def _is_named(name: str, pattern: str) -> bool:
    return name.startswith(pattern) or fnmatch.fnmatchcase(name, pattern)


def _has_doctest(path: Path) -> bool:
    return _DOCTEST.search(_content(path)) is not None


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return b""
