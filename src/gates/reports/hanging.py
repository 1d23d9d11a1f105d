"""Lines that are too long for a screen, continued below the column where their text begins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gates.reports.style import Line, line, width_of

UNBROKEN = 0
"""The width of what is no screen: nothing is broken, so that whoever searches it finds lines."""

_LEAST = 24
# What stands between backticks is there to be copied, and stays whole.
_WORD = re.compile(r"\s*(?:[^\s`]*`[^`]*`\S*|\S+)")
_COMMAND = re.compile(r"(?:cd|gates|git|poetry|python3?|uv)\s|\S*/bin/\S+\s")


def hanging(
    head: Iterable[str | tuple[str, str]], body: Iterable[str | tuple[str, str]], width: int
) -> Iterator[Line]:
    """A line whose body goes on below itself where the width ends.

    Args:
        head: texts that stand before the body, once.
        body: texts that may be broken between words.
        width: columns of the screen, or `UNBROKEN`.
    """
    first, rest = line(*head), line(*body)
    if width == UNBROKEN:
        yield line(*first.spans, *rest.spans)
        return
    indent = sum(width_of(text) for text, _ in first.spans)
    column = indent if width - indent >= _LEAST else 4
    spans, used, is_empty = [*first.spans], indent, True
    is_first = True
    for text, style in rest.spans:
        for match in _WORD.finditer(text):
            word = match[0]
            if not is_empty and used + width_of(word) > width:
                yield line(*spans)
                is_first = False
                spans, used, is_empty = [(" " * column, "")], column, True
            word = word.lstrip() if is_empty and not is_first else word
            before = spans.pop() if spans[-1:] and spans[-1][1] == style else ("", style)
            spans.append((before[0] + word, style))
            used, is_empty = used + width_of(word), False
    yield line(*spans)


def next_step(indent: int, text: str, width: int) -> Iterator[Line]:
    """What to do next, below a column; a bare command is never broken, so that it can be pasted."""
    head = (" " * indent, ("next: ", "faint"))
    yield from hanging(head, (text,), UNBROKEN if _COMMAND.match(text) else width)
