"""The errors that `gates` raises on purpose, each with a slug, a place and a next step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, ready to be shown.

    Attributes:
        slug: stable short name, shown in brackets: `error[unknown-key]`.
        summary: one line, no full stop at its end, names in backticks.
        place: `file:line:column`, a path, or empty.
        hint: what to do next, or empty.
        excerpt: source line with a caret under the place, lines joined by newlines, or empty.
    """

    slug: str
    summary: str
    place: str = ""
    hint: str = ""
    excerpt: str = ""


class GatesError(Exception):
    """Base of all errors raised on purpose; holds at least one problem."""

    exit_code = 3

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.summary for problem in problems))
        self.problems = problems


class ConfigError(GatesError):
    """The command line or gates.yaml cannot be used; nothing ran."""

    exit_code = 2


class StageError(GatesError):
    """A stage could not measure; its gate is errored, never passed.

    Args:
        slug: stable short name.
        summary: what could not be measured, one line.
        hint: the next step for the reader.
        place: the file or tool it is about.
    """

    def __init__(self, slug: str, summary: str, *, hint: str = "", place: str = "") -> None:
        super().__init__(Problem(slug, summary, place=place, hint=hint))

    @property
    def problem(self) -> Problem:
        """The one problem of a stage error."""
        return self.problems[0]


class ToolMissing(StageError):
    """The stage's tool is in none of the places where tools are looked up."""


class ToolCrashed(StageError):
    """The tool ended in a way that its documentation does not call a result."""


class ToolTimedOut(StageError):
    """The tool was ended because its time was up."""


class OutputUnreadable(StageError):
    """A report is absent, empty, truncated, stale, contradictory or not in its format."""
