"""The comments by which a source file silences mypy, found by the tokenizer, not by searching."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gates.formats import python_comments

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
    comments, names = python_comments.read(data, name=name)
    ignores, is_ignored = 0, False
    inline: list[str] = []
    for comment in comments:
        found = _IGNORE.match(comment.text)
        if found is not None:
            ignores += 1
            is_ignored |= comment.is_first and not found[1].lstrip().startswith("[")
        elif comment.column == 0 and (setting := _INLINE.match(comment.text)) is not None:
            inline.append(setting[1])
    unchecked = any(one.startswith("no_type_check") for one in names)
    return Comments(
        ignores=ignores, is_ignored=is_ignored, inline=tuple(inline), unchecked=unchecked
    )
