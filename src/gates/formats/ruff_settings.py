"""What `ruff check --show-settings FILE` prints: the settings that govern one file.

The lines read here were the same from ruff 0.4 to 0.17; where they are missing, nothing is proved.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.ruff_log import plain_name
from gates.formats.tool_paths import Tree, some

LINTER, FORMATTER = "linter", "formatter"
"""The parts of the settings that have exclusions of their own."""


LANGUAGES: dict[str, frozenset[str]] = {
    ".py": frozenset({"Python"}),
    ".pyi": frozenset({"Pyi", "Python"}),
}
"""By the ending of a file's name: the languages as which ruff examines it as it is to."""

_MAPPED = re.compile(r"^linter\.extension = ExtensionMapping\(\{(.*)\}\)$", re.MULTILINE)

_TELLING = re.compile(r"^linter\.typing_extensions = ", re.MULTILINE)
"""A line that all versions have whose configuration chooses languages; older ones only tell it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a project's files; ruff is asked once for each folder with configuration.

    A pyproject.toml without a section for ruff governs nothing: its folder has what is above it.

    Attributes:
        ask: gives what `--show-settings` prints for a file.
        names: the project's configuration files, relative.
    """

    ask: Callable[[str], bytes]
    names: tuple[str, ...]
    _answers: dict[str, bytes] = field(default_factory=dict)
    _rules: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, path_: str) -> bytes:
        """The settings that govern a file."""
        place = self._place(path_)
        if place not in self._answers:
            self._answers[place] = self.ask(path_)
        return self._answers[place]

    def rules(self, path_: str) -> dict[str, str]:
        """The rules that are enabled for a file: code by plain name.

        Raises:
            OutputUnreadable: see `enabled`.
        """
        place = self._place(path_)
        if place not in self._rules:
            self._rules[place] = enabled(self.of(path_))
        return self._rules[place]

    def refuse_foreign(self, files: Iterable[str]) -> None:
        """Refuse files of Python that ruff is told to take for something else.

        Raises:
            StageError: `not-python`, for the first of them.
            OutputUnreadable: ruff does not tell.
        """
        first: dict[tuple[str, str], str] = {}
        for one in sorted(files):
            first.setdefault((self._place(one), posixpath.splitext(one)[1]), one)
        for (_, ending), one in first.items():
            language = languages(self.of(one)).get(ending)
            if language is not None and language not in LANGUAGES.get(ending, {language}):
                raise StageError(
                    "not-python",
                    f"ruff takes `{one}` for {language}, so it was not examined as Python",
                    hint=f"take `{ending[1:]}` out of `extension` in ruff's configuration",
                    place=path(self.of(one)) or one,
                )

    def _place(self, path_: str) -> str:
        """The nearest folder above a file that holds configuration; else the project's own."""
        places = {posixpath.dirname(name) for name in self.names}
        place = posixpath.dirname(path_)
        while place and place not in places:
            place = posixpath.dirname(place)
        return place


def enabled(settings: bytes) -> dict[str, str]:
    """The rules that are enabled: code by plain name.

    Raises:
        OutputUnreadable: the list of enabled rules is not there.
    """
    rules = {}
    for line in _listed(settings, "linter.rules.enabled", "which rules are enabled").splitlines():
        name, _, code = line.strip().rstrip(",").rpartition(" (")
        if name:
            rules[plain_name(name)] = code.rstrip(")")
    return rules


def languages(settings: bytes) -> dict[str, str]:
    """The languages that configuration gives to endings of names, in ruff's words (`Markdown`).

    Raises:
        OutputUnreadable: the list is not there, in a version that takes one from configuration.
    """
    text = _text(settings)
    found = _MAPPED.search(text)
    if found is None and _TELLING.search(text):
        summary = "ruff did not say for which language it takes a file"
        raise OutputUnreadable("ruff-unproved", summary, place="ruff")
    pairs = re.findall(r'"((?:[^"\\]|\\.)*)": (\w+)', found[1]) if found is not None else []
    return {f".{_unquoted(ending)}": language for ending, language in pairs}


def path(settings: bytes) -> str:
    """The configuration file that the settings are from, absolute; empty where there is none."""
    found = re.search(r'^Settings path: "(.+)"$', _text(settings), re.MULTILINE)
    return _unquoted(found[1]) if found is not None else ""


def refuse_passed_over(
    missing: Collection[str], shown: bytes, tree: Tree, settings: Settings, *, of: str
) -> None:
    """Refuse files that ruff would look at and that its log does not name.

    Args:
        missing: the files that the log does not name, relative.
        shown: what `ruff check --show-files` prints for the same paths.
        tree: the project's files.
        settings: the settings that govern them.
        of: `LINTER` or `FORMATTER`: `--show-files` also names what these then leave out.

    Raises:
        StageError: `files-passed-over`.
        OutputUnreadable: the settings cannot be read.
    """
    listed = {tree.relative(line) for line in _text(shown).splitlines()}
    doubtful = sorted(listed & set(missing))
    left = [one for one in doubtful if not _is_excluded(one, settings.of(one), tree, of)]
    if left:
        raise StageError(
            "files-passed-over",
            f"ruff would look at {some(left)}, and its log does not say that it did",
            hint="run the gate again; is it really ruff, and is its log whole?",
            place="ruff",
        )


def _is_excluded(path_: str, settings: bytes, tree: Tree, of: str) -> bool:
    """Whether an exclusion of its own names the file or a folder above it.

    A pattern in braces is taken to do so: it cannot be read here.
    """
    own = _listed(settings, f"{of}.exclude", "what it excludes")
    patterns = [_unquoted(found) for found in re.findall(r'^\s*"(.*)",?$', own, re.MULTILINE)]
    above = list(_with_folders(path_))
    forms = [form for root in tree.roots for one in above for form in (one, f"{root}/{one}")]
    forms += [posixpath.basename(one) for one in above]
    base = re.search(r'^linter\.project_root = "(.*)"$', _text(settings), re.MULTILINE)
    root = _unquoted(base[1]) if base is not None else tree.roots[-1]
    return any(
        "{" in pattern
        or any(fnmatchcase(form, one) for form in forms for one in (pattern, f"{root}/{pattern}"))
        for pattern in patterns
    )


def _with_folders(path_: str) -> Iterable[str]:
    while path_:
        yield path_
        path_ = posixpath.dirname(path_)


def _listed(settings: bytes, key: str, what: str) -> str:
    """The lines of a list, without its brackets."""
    pattern = rf"^{re.escape(key)} = \[(.*?)\]$"
    found = re.search(pattern, _text(settings), re.MULTILINE | re.DOTALL)
    if found is None:
        summary = f"ruff did not say {what}"
        raise OutputUnreadable("ruff-unproved", summary, place="ruff")
    return found[1]


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
