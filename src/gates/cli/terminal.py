"""What the terminal can do: colour and liveness, decided separately; and how errors are shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TextIO

from gates.domain.errors import GatesError, Problem
from gates.reports.style import Line, line, render
from gates.toolkit.ci_door import is_ci

PLAIN_WIDTH = 120
"""Columns where no terminal says how many it has."""


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Decide on colour: NO_COLOR, then FORCE_COLOR, then whether a terminal reads the stream."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


def is_live(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Decide on redrawing: only where a person's terminal reads the stream, never in CI."""
    return stream.isatty() and environ.get("TERM") != "dumb" and not is_ci(environ)


def width_of(stream: TextIO) -> int:
    """Columns of the screen that reads a stream: COLUMNS, else what its own terminal says."""
    if not stream.isatty():
        return PLAIN_WIDTH
    given = os.environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given):
        return int(given)
    return os.get_terminal_size(stream.fileno()).columns or PLAIN_WIDTH


def wrap_of(stream: TextIO) -> int | None:
    """Columns into which long lines are wrapped; None where no terminal shows them.

    In a pipe or a file each finding stays on its one line, so that it can be searched for.
    """
    return width_of(stream) if stream.isatty() else None


def show_error(error: GatesError) -> None:
    """Write every problem of an error to standard error, without the environment's secrets."""
    from gates.toolkit.door import Redactor

    colour = wants_colour(sys.stderr, os.environ)
    lines = [each for problem in error.problems for each in problem_lines(problem)]
    sys.stderr.write(Redactor(os.environ).redact(render(lines, colour=colour)))


def show_text(text: str) -> None:
    """Write foreign text of any number of lines to standard error, made safe."""
    from gates.toolkit.door import Door, Redactor

    sys.stderr.write(Door(Redactor(os.environ)).text(text))


def problem_lines(problem: Problem) -> list[Line]:
    """One problem: what, where, the source line with a caret, and what to do next."""
    lines = [line((f"error[{problem.slug}]", "bad"), f": {problem.summary}")]
    if problem.place:
        lines.append(line("  ", (problem.place, "place")))
    lines += [line(f"    {text}") for text in problem.excerpt.splitlines()]
    if problem.hint:
        lines.append(line(("  hint: ", "strong"), problem.hint))
    return lines
