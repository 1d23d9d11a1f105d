"""What a project's configuration of pytest says of where tests are.

Read are the files that pytest reads, in its own order; the first that configures it is the only
one: https://docs.pytest.org/en/stable/reference/customize.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FILES = ("test_*.py", "*_test.py")
"""Files of tests where nothing else is configured."""

_NATIVE = ("pytest.toml", ".pytest.toml")
_OWN = ("pytest.ini", ".pytest.ini")
_SHARED = (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"))
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestSettings:
    """Where pytest looks for tests.

    Attributes:
        place: the file that configures it, or empty.
        files: `python_files`, patterns of files of tests.
        functions: `python_functions`, beginnings or patterns of names of tests.
        paths: `testpaths`; empty where the configuration lies above the project, since pytest
            reads them only where it is started beside it.
        doctest: `addopts` or a setting of doctest makes documents tests too.
    """

    place: str = ""
    files: tuple[str, ...] = FILES
    functions: tuple[str, ...] = ("test",)
    paths: tuple[str, ...] = ()
    doctest: bool = False


def read(root: Path) -> PytestSettings:
    """The settings that hold in a folder: of the first file there, or above up to git's top."""
    for folder in (root, *root.parents):
        for place, table in _tables(folder):
            return _settings(table, place=place, is_here=folder == root)
        if (folder / ".git").exists():
            break
    return PytestSettings()


def _tables(folder: Path) -> Iterator[tuple[str, Mapping[str, object]]]:
    for name in _NATIVE:
        if (folder / name).is_file():
            yield name, _table(_toml(folder / name), "pytest") or {}
    for name in _OWN:
        if (folder / name).is_file():
            yield name, _ini(folder / name, "pytest") or {}
    pyproject = _toml(folder / "pyproject.toml")
    for keys in (("tool", "pytest", "ini_options"), ("tool", "pytest")):
        table = _table(pyproject, *keys)
        if table is not None:
            yield "pyproject.toml", table
    for name, section in _SHARED:
        settings = _ini(folder / name, section)
        if settings is not None:
            yield name, settings


def _settings(table: Mapping[str, object], *, place: str, is_here: bool) -> PytestSettings:
    paths = _words(table.get("testpaths")) if is_here else ()
    options = (*_words(table.get("addopts")), *(name for name in table if "doctest" in name))
    return PytestSettings(
        place=place,
        files=_words(table.get("python_files")) or FILES,
        functions=_words(table.get("python_functions")) or ("test",),
        paths=tuple(path.removeprefix("./").rstrip("/") for path in paths),
        doctest=any("doctest" in option for option in options),
    )


def _table(document: Mapping[str, object], *keys: str) -> Mapping[str, object] | None:
    value: object = document
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else None


def _toml(path: Path) -> dict[str, object]:
    import tomllib

    try:
        read_as: dict[str, object] = tomllib.loads(_text(path))
    except (ValueError, RecursionError):
        return {}
    return read_as


def _ini(path: Path, section: str) -> dict[str, object] | None:
    from configparser import Error, RawConfigParser

    parser = RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(_text(path))
    except Error:
        return None
    return dict(parser[section]) if parser.has_section(section) else None


def _words(value: object) -> tuple[str, ...]:
    """A list of words, or one text of them: pytest parts such texts as a shell does."""
    import shlex

    if isinstance(value, list):
        return tuple(word for word in value if isinstance(word, str) and word)
    if not isinstance(value, str):
        return ()
    try:
        return tuple(shlex.split(value))
    except ValueError:
        return tuple(value.split())


def _text(path: Path) -> str:
    """A small file's text; empty where there is none or it is not UTF-8."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode("utf-8-sig")
    except (OSError, ValueError):
        return ""
