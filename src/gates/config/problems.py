"""Collects all that is wrong with a gates.yaml, each with its place, source line and caret."""

from __future__ import annotations

from collections.abc import Iterable

from gates.config.merged import Document
from gates.domain.errors import ConfigError, Problem
from gates.formats.nearest import nearest
from gates.formats.strict_yaml import Path

_LISTED = 12


class Problems:
    """The problems of one document; a value that was refused once is not refused again."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found: list[Problem] = list(document.problems)

    def __bool__(self) -> bool:
        """Whether anything is wrong so far."""
        return bool(self._found)

    def __len__(self) -> int:
        """How many things are wrong so far."""
        return len(self._found)

    def add(
        self, slug: str, summary: str, path: Path, *, key: bool = False, hint: str = ""
    ) -> None:
        """Refuse the value at `path`, or its key."""
        if not key and path in self._document.refused:
            return
        problem = self._document.problem(slug, summary, path, key=key, hint=hint)
        if problem not in self._found:
            self._found.append(problem)

    def place(self, path: Path, *, key: bool = False) -> str:
        """The place of the value at `path`, or of its key: `gates.yaml:3:5`."""
        return self._document.problem("", "", path, key=key).place

    def line(self, path: Path) -> int:
        """The line of the value at `path`."""
        return self._document.mark(path).line

    def error(self) -> ConfigError:
        """All problems as one error, in the order of their places."""
        return ConfigError(*sorted(self._found, key=_position))


def suggest(name: str, known: Iterable[str], *, plural: str) -> str:
    """A hint for an unknown name: the nearest known one, and the known ones where they are few."""
    names = tuple(known)
    if not names:
        return f"there are no {plural}"
    close = nearest(name, names)
    listed = f"{plural}: {', '.join(names)}" if len(names) <= _LISTED else ""
    if close is None:
        return listed or f"{plural}: {', '.join(names[:_LISTED])} and {len(names) - _LISTED} more"
    question = f"did you mean `{close}`?"
    return f"{question} {listed}" if listed else question


def _position(problem: Problem) -> tuple[int, int]:
    pieces = problem.place.rsplit(":", 2)
    if len(pieces) == 3 and pieces[1].isdigit() and pieces[2].isdigit():  # noqa: PLR2004
        return int(pieces[1]), int(pieces[2])
    return 0, 0
