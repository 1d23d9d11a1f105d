"""The comments by which a source file silences TypeScript.

They are looked for in the bare text, so that one in a string counts too: more, and never fewer than
the compiler obeys. It obeys `@ts-ignore` and `@ts-expect-error` where they begin a comment or its
last line, and `@ts-nocheck`, in whatever case, where it begins a comment of one line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_IGNORE = re.compile(r"(?://|/\*|^)[^\w@\n]*@ts-(?:ignore|expect-error)", re.MULTILINE)
_NOCHECK = re.compile(r"//[^\w@\n]*@ts-nocheck(?![\w-])", re.IGNORECASE)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
_ANY_OF_THEM = re.compile(rb"@ts-", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """What a file's comments tell TypeScript.

    Attributes:
        ignores: how many comments hide an error or a whole file.
        is_unchecked: one hides all errors of the file.
    """

    ignores: int = 0
    is_unchecked: bool = False


def read(data: bytes) -> Comments:
    """Read the comments of a TypeScript or JavaScript file."""
    if _ANY_OF_THEM.search(data) is None and data[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        return Comments()  # most files
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    text = _LINE_ENDS.sub("\n", data.decode(encoding, "replace"))
    whole = len(_NOCHECK.findall(text))
    return Comments(ignores=len(_IGNORE.findall(text)) + whole, is_unchecked=whole > 0)
