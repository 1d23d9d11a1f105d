"""The comments of a Python file, and the one decorator that silences as they do."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

_TEXT_OR_COMMENT = re.compile(
    r"""#[^\n]*|\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""",
    re.DOTALL,
)
_NESTED_QUOTES = (3, 12)
"""The Python whose formatted texts may hold their own quotes."""

_FORMATTED = re.compile(r"\b[rR]?[fF][rR]?['\"]")
DECORATOR = re.compile(r"^[ \t]*@[ \t]*(?:\w+\.)*no_type_check\b.*", re.MULTILINE)
"""What takes a function from the checks of types."""


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment.

    Attributes:
        line: 1-based.
        column: of its first sign, from 0.
        text: all of it that stands on the line.
        is_first: no code stands before it in the file.
    """

    line: int
    column: int
    text: str
    is_first: bool = False


def comments_of(data: bytes, text: str) -> list[Comment] | None:
    """The comments; None where the file is no Python that this interpreter knows for sure.

    Args:
        data: the file.
        text: what it says, each line ended by a line feed.
    """
    import io
    import tokenize
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Only of what is Python are the comments known by quotes and signs alone. It is never
            # run; to compile it is three times as fast as to make a tree of it.
            compile(data, "it", "exec", dont_inherit=True)
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if encoding not in {"utf-8", "utf-8-sig"} and not text.isascii():
            return None
        if sys.version_info >= _NESTED_QUOTES and _FORMATTED.search(text):
            return list(_by_tokens(text))
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    decorators = (
        Comment(text.count("\n", 0, found.start()) + 1, 0, found[0])
        for found in DECORATOR.finditer(text)
    )
    return [*_between_texts(text), *decorators]


def _by_tokens(text: str) -> Iterator[Comment]:
    """The comments of Python with texts in which other texts may stand; slow."""
    import io
    import tokenize

    blank = {tokenize.ENCODING, tokenize.COMMENT, tokenize.NL}
    is_first = True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        is_first = is_first and token.type in blank
        if token.type == tokenize.COMMENT:
            yield Comment(*token.start, token.string, is_first)


def _between_texts(text: str) -> Iterator[Comment]:
    """The comments of sound Python: whatever begins with their sign outside of a text in quotes."""
    line, reached = 1, 0
    is_first, blank_from = True, 0
    for found in _TEXT_OR_COMMENT.finditer(text):
        start = found.start()
        is_first = is_first and not text[blank_from:start].strip()
        blank_from = found.end()
        if text[start] != "#":
            is_first = False
            continue
        line += text.count("\n", reached, start)
        reached = start
        column = start - (text.rfind("\n", 0, start) + 1)
        yield Comment(line, column, found[0], is_first)
