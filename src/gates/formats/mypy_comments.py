"""The comments by which a source file silences mypy, found by the tokenizer, not by searching."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable

_IGNORE = re.compile(r"#\s*type:\s*ignore\b(.*)")
_INLINE = re.compile(r"# mypy: (.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """What a file's comments tell mypy.

    Attributes:
        ignores: how many `type: ignore` comments it holds.
        is_ignored: one stands before all code, so that the whole file is ignored.
        inline: texts of its `# mypy: ...` comments.
        unchecked: it names `no_type_check`, a decorator that hides a function or class.
    """

    ignores: int = 0
    is_ignored: bool = False
    inline: tuple[str, ...] = ()
    unchecked: bool = False


def read(data: bytes, *, name: str) -> Comments:
    """Read the comments of a Python file.

    Args:
        data: the file.
        name: its path, for the message.

    Raises:
        OutputUnreadable: it is not Python.
    """
    if re.search(rb"#\s*type:\s*ignore|# mypy: |no_type_check", data) is None:
        return Comments()  # most files; the tokenizer takes a millisecond for every 300 lines
    import io
    import tokenize

    preamble = {tokenize.ENCODING, tokenize.COMMENT, tokenize.NL}
    ignores, is_ignored, before_code, unchecked = 0, False, True, False
    inline: list[str] = []
    try:
        for token in tokenize.tokenize(io.BytesIO(data).readline):
            before_code = before_code and token.type in preamble
            unchecked |= token.type == tokenize.NAME and token.string.startswith("no_type_check")
            if token.type != tokenize.COMMENT:
                continue
            found = _IGNORE.match(token.string)
            if found is not None:
                ignores += 1
                is_ignored |= before_code and not found[1].lstrip().startswith("[")
            elif token.start[1] == 0 and (setting := _INLINE.match(token.string)) is not None:
                inline.append(setting[1])
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError) as error:
        summary = f"`{name}` could not be read as Python: {error}"
        raise OutputUnreadable("file-unreadable", summary, place=name) from None
    return Comments(
        ignores=ignores, is_ignored=is_ignored, inline=tuple(inline), unchecked=unchecked
    )
