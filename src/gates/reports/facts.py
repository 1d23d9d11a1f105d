"""Prose and labelled facts in the width of a screen."""

from __future__ import annotations

from collections.abc import Iterator

from gates.reports.style import Line, line, padded, width_of

LABEL = 12
"""Columns of a label."""

INDENT = 4
"""Columns in front of it."""


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


def fact(label: str, text: str, width: int, style: str = "") -> Iterator[Line]:
    """One fact, its text wrapped beside its label."""
    for number, each in enumerate(wrapped(text, width, " " * (INDENT + LABEL), style)):
        yield each if number else line(_labelled(label), *each.spans[1:])


def verbatim(label: str, text: str) -> Line:
    """One fact on a line of its own, however long: it is there to be copied."""
    return line(_labelled(label), text)


def _labelled(label: str) -> tuple[str, str]:
    return " " * INDENT + padded(label, LABEL), "faint"
