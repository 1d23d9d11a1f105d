"""The comments by which a file hides from flake8, read as flake8 decodes and splits the file."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WHOLE_FILE = re.compile(r"\s*# flake8[:=]\s*noqa", re.IGNORECASE)
_ANY = re.compile(r"noqa", re.IGNORECASE)
_PLAIN = frozenset({"utf-8", "utf-8-sig", "iso8859-1", "ascii"})
_MARKS = ("\ufeff", "\xef\xbb\xbf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """What a file says to flake8.

    Attributes:
        hides_file: whether a line hides the file as a whole.
        may_hide: whether a line may hide an entry; true for any encoding that is not common.
    """

    hides_file: bool
    may_hide: bool


def read(data: bytes) -> Comments:
    """Look for suppressing comments.

    Args:
        data: the file.
    """
    from codecs import lookup
    from io import BytesIO, TextIOWrapper
    from tokenize import detect_encoding

    try:
        encoding = detect_encoding(BytesIO(data).readline)[0]
        lines = TextIOWrapper(BytesIO(data), encoding).readlines()
    except (SyntaxError, UnicodeError, LookupError):
        encoding = "iso-8859-1"
        lines = TextIOWrapper(BytesIO(data), encoding).readlines()
    if lines:
        lines[0] = lines[0].removeprefix(_MARKS[0]).removeprefix(_MARKS[1])
    # Under another name, an encoding can write the word in other bytes, or read it as other text.
    is_odd = lookup(encoding).name not in _PLAIN
    return Comments(
        hides_file=any(_WHOLE_FILE.match(line) for line in lines),
        may_hide=is_odd or any(_ANY.search(line) for line in lines),
    )
