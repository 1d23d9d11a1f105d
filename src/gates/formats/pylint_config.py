"""Which configuration file is pylint's, and which settings in it end or empty a run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

NAMES = (
    "pylintrc", "pylintrc.toml", ".pylintrc", ".pylintrc.toml", "pyproject.toml", "setup.cfg",
    "tox.ini",
)  # fmt: skip
"""Names of configuration files in pylint's order."""

_ERRORS_ONLY = re.compile(rb"""^\s*["']?errors[-_]only["']?\s*[=:]""", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignores:
    """What a configuration leaves out where pylint walks through folders, as far as it is clear.

    Attributes:
        names: plain names of files and folders.
        patterns: what plain names begin with.
        paths: what relative paths begin with.
    """

    names: frozenset[str] = frozenset()
    patterns: tuple[re.Pattern[str], ...] = ()
    paths: tuple[re.Pattern[str], ...] = ()

    def leaves_out(self, path: str) -> bool:
        """Whether the file, or a folder above it, is left out.

        Args:
            path: relative to the folder in which pylint runs, with `/`.
        """
        parts = path.split("/")
        places = ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
        return (
            not self.names.isdisjoint(parts)
            or any(one.match(part) for one in self.patterns for part in parts)
            or any(one.match(place) for one in self.paths for place in places)
        )


def is_for_pylint(name: str, data: bytes) -> bool:
    """Whether the file is pylint's own, or has a section for it; what is broken is for pylint.

    Args:
        name: its plain name.
        data: what is in it.
    """
    if name in {"pylintrc", ".pylintrc"}:
        return True
    if name.endswith(".toml"):
        import tomllib

        try:
            tool: object = tomllib.loads(data.decode()).get("tool")
        except ValueError:
            return True
        return isinstance(tool, dict) and "pylint" in tool
    from configparser import Error, RawConfigParser

    parser = RawConfigParser()
    try:
        parser.read_string(data.decode())
    except (Error, ValueError):
        return False
    return any(name == "pylint" or name.startswith("pylint.") for name in parser.sections())


def asks_for_errors_only(data: bytes) -> bool:
    """Whether `errors-only` is set; pylint leaves that out where it prints its settings."""
    return _ERRORS_ONLY.search(data) is not None


def is_below_ignored(path: str, settings: Mapping[str, object]) -> bool:
    """Whether `ignore` names a folder above the file; pylint only asks that where it walks.

    Args:
        path: relative, with `/`.
        settings: pylint's settings in force.
    """
    ignored = settings.get("ignore")
    return isinstance(ignored, list) and any(part in ignored for part in path.split("/")[:-1])


def ignores(name: str, data: bytes) -> Ignores:
    """What a configuration leaves out; what cannot be read leaves nothing out.

    Args:
        name: its path; the ending says the format.
        data: what is in it.
    """
    found: dict[str, list[str]] = {}
    for key, words in _words(name, data):
        found.setdefault(key.replace("_", "-"), []).extend(words)
    return Ignores(
        names=frozenset(found.get("ignore", ())),
        patterns=tuple(_patterns(found.get("ignore-patterns", []))),
        paths=tuple(_patterns(found.get("ignore-paths", []))),
    )


def _words(name: str, data: bytes) -> Iterator[tuple[str, list[str]]]:
    """The settings of all sections for pylint, each as the words in it."""
    if name.endswith(".toml"):
        import tomllib

        try:
            tool: object = tomllib.loads(data.decode()).get("tool")
        except ValueError:
            return
        sections = tool.get("pylint") if isinstance(tool, dict) else None
        for table in sections.values() if isinstance(sections, dict) else ():
            for key, value in table.items() if isinstance(table, dict) else ():
                given = value if isinstance(value, list) else [value]
                yield str(key), [word for one in given for word in _split(str(one))]
        return
    from configparser import Error, RawConfigParser

    parser = RawConfigParser()
    try:
        parser.read_string(data.decode())
    except (Error, ValueError):
        return
    is_its_own = posixpath.basename(name) in {"pylintrc", ".pylintrc"}
    for section in parser.sections():
        if is_its_own or section == "pylint" or section.startswith("pylint."):
            yield from ((key, _split(value)) for key, value in parser[section].items())


def _split(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip())]


def _patterns(words: list[str]) -> Iterator[re.Pattern[str]]:
    for word in words:
        try:
            yield re.compile(word)
        except re.error:
            continue
