"""The comments by which a source file silences pyright, found by the tokenizer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gates.formats import python_comments

SPACE = "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))
SPACE += "\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What pyright, which is JavaScript, takes for white space."""

_GAP = rf"[{SPACE}]*"
_END = rf"(?=[{SPACE}]|\[|$)"
_TYPE_IGNORE = re.compile(rf"#{_GAP}type:{_GAP}ignore{_END}")
_IGNORE = re.compile(rf"#{_GAP}pyright:{_GAP}ignore{_END}")
_DIRECTIVE = re.compile(rf"#{_GAP}pyright:(?!{_GAP}ignore)(.*)", re.DOTALL)
_ANY_OF_THEM = re.compile(rb"type:|pyright:|no_type_check")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """What a file's comments tell pyright.

    Attributes:
        ignores: how many `type: ignore` and `pyright: ignore` comments it holds.
        is_ignored: a `type: ignore` stands before all code, so that the whole file is ignored.
        directives: operands of its `# pyright: ...` comments in order (`strict`, `RULE=VALUE`).
        unchecked: it names `no_type_check`, a decorator that hides a function.
    """

    ignores: int = 0
    is_ignored: bool = False
    directives: tuple[tuple[str, ...], ...] = ()
    unchecked: bool = False


def read(data: bytes, *, name: str) -> Comments:
    """Read the comments of a Python file.

    Args:
        data: the file.
        name: its path, for the message.

    Raises:
        OutputUnreadable: it is not Python.
    """
    if _ANY_OF_THEM.search(data) is None:
        return Comments()  # most files
    # Pyright reads UTF-8, whatever is declared, and ends a line at a bare carriage return.
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    comments, names = python_comments.read(text, name=name)
    ignores, is_ignored = 0, False
    directives: list[tuple[str, ...]] = []
    for comment in comments:
        is_type_ignore = _TYPE_IGNORE.search(comment.text) is not None
        ignores += is_type_ignore or _IGNORE.search(comment.text) is not None
        is_ignored |= is_type_ignore and comment.is_first
        found = _DIRECTIVE.match(comment.text)
        if found is not None:
            directives.append(tuple(part.strip(SPACE) for part in found[1].split(",")))
    return Comments(
        ignores=ignores,
        is_ignored=is_ignored,
        directives=tuple(directives),
        unchecked="no_type_check" in names,
    )
