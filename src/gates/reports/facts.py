"""Prose and labelled facts in the width of a screen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.reports.style import Line, line, padded, width_of

LABEL = 12
"""Columns of a label."""

INDENT = 4
"""Columns in front of it."""

# What stands between backticks is there to be copied, and stays whole.
_PARTS = re.compile(r"\s+|(?:[^\s`]*`[^`]*`)+[^\s`]*|\S+")


def wrapped(text: str, width: int, indent: str = "", style: str = "") -> Iterator[Line]:
    """A text in lines of a width; a word that is longer stands alone and whole."""
    words, start = "", width_of(indent)
    for word in text.split():
        if words and start + width_of(words) + 1 + width_of(word) > width:
            yield line(indent, (words, style))
            words = word
        else:
            words = f"{words} {word}" if words else word
    if words:
        yield line(indent, (words, style))


def folded(each: Line, width: int | None, indent: str = "") -> Iterator[Line]:
    """A line in lines of a width, cut at blanks; a word that is longer stays whole.

    Args:
        each: the line.
        width: columns of the screen; None leaves the line as it is.
        indent: what stands in front of each further line.
    """
    if width is None or sum(width_of(text) for text, _ in each.spans) <= width:
        yield each
        return
    spans: list[tuple[str, str]] = []
    used, start = 0, width_of(indent)
    for gap, word in _words(each):
        size = sum(width_of(text) for text, _ in word)
        # Where the next line would begin no further left, a break gains nothing.
        if used + len(gap) > start and used + len(gap) + size > width:
            yield Line(tuple(spans))
            spans, used = [(indent, "")], start
        else:
            spans.append((gap, ""))
            used += len(gap)
        spans += word
        used += size
    yield Line(tuple(spans))


def _words(each: Line) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The words of a line, each with the blanks in front of it; a word may change its style."""
    gap, word = "", list[tuple[str, str]]()
    for text, style in each.spans:
        for part in _PARTS.findall(text):
            if not part.isspace():
                word.append((part, style))
                continue
            if word:
                yield gap, word
                gap, word = "", []
            gap += part
    if word:
        yield gap, word


def fact(label: str, text: str, width: int, style: str = "") -> Iterator[Line]:
    """One fact, its text wrapped beside its label."""
    for number, each in enumerate(wrapped(text, width, " " * (INDENT + LABEL), style)):
        yield each if number else line(_labelled(label), *each.spans[1:])


def verbatim(label: str, text: str) -> Line:
    """One fact on a line of its own, however long: it is there to be copied."""
    return line(_labelled(label), text)


def _labelled(label: str) -> tuple[str, str]:
    return " " * INDENT + padded(label, LABEL), "faint"
