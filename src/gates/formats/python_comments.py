"""The comments of a Python file, found by the tokenizer, and not by searching."""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment.

    Attributes:
        text: all of it, from `#` on.
        column: 0-based.
        is_first: no code stands before it.
    """

    text: str
    column: int
    is_first: bool


def read(source: bytes | str, *, name: str) -> tuple[tuple[Comment, ...], frozenset[str]]:
    """The comments in order, and all names that the code holds.

    Args:
        source: the file; a text where its reader does not decode it as Python does.
        name: its path, for the message.

    Raises:
        OutputUnreadable: it is not Python.
    """
    import io
    import tokenize

    blank = {tokenize.ENCODING, tokenize.COMMENT, tokenize.NL}
    is_first = True
    comments: list[Comment] = []
    names: set[str] = set()
    try:
        tokens = (
            tokenize.tokenize(io.BytesIO(source).readline)
            if isinstance(source, bytes)
            else tokenize.generate_tokens(io.StringIO(source).readline)
        )
        for token in tokens:
            is_first = is_first and token.type in blank
            if token.type == tokenize.COMMENT:
                column = token.start[1]
                comments.append(Comment(text=token.string, column=column, is_first=is_first))
            elif token.type == tokenize.NAME:
                names.add(token.string)
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError) as error:
        summary = f"`{name}` could not be read as Python: {error}"
        raise OutputUnreadable("file-unreadable", summary, place=name) from None
    return tuple(comments), frozenset(names)
