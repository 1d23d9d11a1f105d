"""Lines that are too long for a screen, continued below the column where their text begins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gates.reports.facts import folded
from gates.reports.style import Line, line, width_of

_LEAST = 24
_COMMAND = re.compile(r"(?:bun|cd|gates|git|npm|npx|pnpm|poetry|python3?|uv|yarn)\s|\S*/bin/\S+\s")


def hanging(
    head: Iterable[str | tuple[str, str]], body: Iterable[str | tuple[str, str]], width: int | None
) -> Iterator[Line]:
    """A line whose body goes on below itself where the width ends.

    Args:
        head: texts that stand before the body, once.
        body: texts that may be broken between words.
        width: columns of the screen; None leaves the line as it is.
    """
    first, rest = line(*head), line(*body)
    indent = sum(width_of(text) for text, _ in first.spans)
    column = 4 if width is not None and width - indent < _LEAST else indent
    yield from folded(Line((*first.spans, *rest.spans)), width, " " * column)


def next_step(indent: int, text: str, width: int | None) -> Iterator[Line]:
    """What to do next, below a column; a bare command is never broken, so that it can be pasted."""
    head = (" " * indent, ("next: ", "faint"))
    yield from hanging(head, (text,), None if _COMMAND.match(text) else width)
