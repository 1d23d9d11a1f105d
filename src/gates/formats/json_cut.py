"""Whether a text begins as JSON does, and breaks off before that ends."""

from __future__ import annotations

import json

_OPENS = {"{": "}", "[": "]"}
_BETWEEN = " \t\r\n\x1e,"
"""What stands between several documents in one text: lines, record separators."""


def is_cut_off(text: str) -> bool:
    r"""Whether an object or array at the beginning, or in a row after others, has no end.

    A text that is no JSON at all, as `[12:00] hello`, is not cut off, and neither is a row of
    documents (`{}\n{}`). What stands in a text with NUL characters is binary, and no JSON.
    """
    if "\0" in text:
        return False
    decoder = json.JSONDecoder()
    at = _next(text, 0)
    while text[at : at + 1] in _OPENS:
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return _is_open(text, at)
        at = _next(text, end)
    return False


def _next(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BETWEEN:
        at += 1
    return at


def _is_open(text: str, at: int) -> bool:
    """Whether what begins here with a bracket is never closed."""
    closing: list[str] = []
    is_quoted = is_escaped = False
    for letter in text[at:]:
        if is_quoted:
            is_quoted = is_escaped or letter != '"'
            is_escaped = letter == "\\" and not is_escaped
        elif letter == '"':
            is_quoted = True
        elif letter in _OPENS:
            closing.append(_OPENS[letter])
        elif closing and letter == closing[-1]:
            closing.pop()
            if not closing:
                return False
    return True
