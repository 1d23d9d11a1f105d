"""What flake8's configuration leaves out and ignores, by the rules that flake8 documents.

Flake8 only looks for `exclude` above a file where it is given a folder, so the files to hand over
are chosen here. Where a value is doubtful, it is read as the one that hides more.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from gates.domain.errors import OutputUnreadable

NAMES = ("setup.cfg", "tox.ini", ".flake8")
"""Names of configuration files in flake8's order; each only counts with a section for it."""

UNREADABLE = ("E902", "E999")
"""Codes that say that a file could not be read or parsed."""


_CODE = re.compile(r"[A-Z]+[0-9]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flake8Config:
    """A project's configuration of flake8.

    Attributes:
        root: the folder in which flake8 runs, absolute.
        name: its file, relative to that folder or absolute; empty where there is none.
        settings: its settings, named with `-`.
    """

    root: str
    name: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)

    def excludes(self, path: str) -> bool:
        """Whether flake8, given the folder, would pass over the file or a folder above it.

        Args:
            path: relative to `root`, with `/`.
        """
        folder = posixpath.join(self.root, posixpath.dirname(self.name))
        words = (*self._words("exclude"), *self._words("extend-exclude"))
        patterns = tuple(_absolute(word, folder) for word in words)
        parts = path.split("/")
        places = ["/".join((self.root, *parts[:depth])) for depth in range(1, len(parts) + 1)]
        return any(_fits(pattern, place) for pattern in patterns for place in places) or any(
            fnmatchcase(self.root, pattern) for pattern in patterns
        )

    @property
    def disables_noqa(self) -> bool:
        """Whether no comment hides anything."""
        return self.settings.get("disable-noqa", "").lower() in {"1", "yes", "true", "on"}

    @property
    def may_hide_unreadable(self) -> bool:
        """Whether a code of `UNREADABLE` may be ignored, or may not be selected."""
        chosen = self._chosen()
        ignored = [*self._words("ignore"), *self._words("extend-ignore")]
        ignored += [code for _, codes in self._per_file() for code in codes]
        is_open = "select" not in self.settings
        return any(
            code.startswith(tuple(ignored)) or not (is_open or code.startswith(chosen))
            for code in UNREADABLE
        )

    def reported(self, codes: Iterable[str], path: str) -> frozenset[str]:
        """Those of the codes that `per-file-ignores` leaves in force for a file.

        The longest pattern that fits decides. A code that is selected by a longer word stays.

        Args:
            codes: codes that are reported where no pattern fits.
            path: relative to `root`.
        """
        place = posixpath.join(self.root, path)
        fitting = [entry for entry in self._per_file() if _fits(entry[0], place)]
        if not fitting:
            return frozenset(codes)
        _, ignored = max(fitting, key=lambda entry: len(entry[0]))
        chosen = self._chosen()
        return frozenset(
            code
            for code in codes
            if not code.startswith(ignored) or _longest(chosen, code) > _longest(ignored, code)
        )

    def _chosen(self) -> tuple[str, ...]:
        return (*self._words("select"), *self._words("extend-select"))

    def _words(self, name: str) -> tuple[str, ...]:
        return tuple(word for word in re.split(r"[,\s]", self.settings.get(name, "")) if word)

    def _per_file(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The patterns of `per-file-ignores`, made absolute, with their codes."""
        text = self.settings.get("per-file-ignores", "").replace(":", " : ")
        entries: list[tuple[str, tuple[str, ...]]] = []
        files: list[str] = []
        codes: list[str] = []
        has_colon = False
        for word in (*re.split(r"[,\s]+", text.strip()), ""):
            if word == ":":
                has_colon = True
            elif has_colon and _CODE.fullmatch(word):
                codes.append(word)
            else:
                if has_colon:
                    entries += [(_absolute(file, self.root), tuple(codes)) for file in files]
                    files, codes, has_colon = [], [], False
                files.append(word)
        return tuple(entries)


def parse(data: bytes, *, name: str, root: str) -> Flake8Config | None:
    """Read a configuration file; None where it has no section for flake8, or is passed over.

    Flake8 passes over a file that is not INI or not UTF-8, but fails by a name that is there twice.

    Args:
        data: the file: INI, or pyproject.toml as the plugin Flake8-pyproject reads it.
        name: its path; the ending says the format.
        root: the folder in which flake8 runs, absolute.

    Raises:
        OutputUnreadable: not TOML, or a section or setting is there twice.
    """
    try:
        settings = _toml(data.decode()) if name.endswith(".toml") else _ini(data)
    except ValueError as error:
        summary = f"`{name}` cannot be read: {error}"
        raise OutputUnreadable("bad-configuration", summary, place=name) from None
    if settings is None:
        return None
    plain = {key.replace("_", "-"): value for key, value in settings.items()}
    return Flake8Config(root=root, name=name, settings=plain)


def _ini(data: bytes) -> Mapping[str, str] | None:
    from configparser import Error, ParsingError, RawConfigParser

    parser = RawConfigParser()
    try:
        parser.read_string(data.decode())
    except (ParsingError, UnicodeError):
        return None
    except Error as error:
        raise ValueError(" ".join(str(error).split())) from None
    if parser.has_section("flake8"):
        return dict(parser["flake8"])
    return {} if parser.has_section("flake8:local-plugins") else None


def _toml(text: str) -> Mapping[str, str] | None:
    import tomllib

    tool: object = tomllib.loads(text).get("tool")
    table = tool.get("flake8") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        return None
    return {
        str(key): ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in table.items()
    }


def _absolute(pattern: str, folder: str) -> str:
    """A pattern for a whole path where it holds a `/`, else for a plain name."""
    if pattern == "." or "/" in pattern:
        pattern = posixpath.normpath(posixpath.join(folder, pattern))
    return pattern.rstrip("/")


def _fits(pattern: str, path: str) -> bool:
    return fnmatchcase(posixpath.basename(path), pattern) or fnmatchcase(path, pattern)


def _longest(words: tuple[str, ...], code: str) -> int:
    return max((len(word) for word in words if code.startswith(word)), default=0)
