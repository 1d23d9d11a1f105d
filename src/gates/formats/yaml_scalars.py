"""Plain YAML scalars as values: YAML 1.2's core, less what two readers may read differently."""

from __future__ import annotations

import re
from decimal import Decimal

Scalar = str | int | bool | Decimal | None

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_MAX_DIGITS = 100

_SWITCHES = frozenset({"yes", "no", "on", "off", "y", "n"})
_QUOTE = "write it in quotes if it is text"
# In this order: what a plain scalar looks like, what it is called, and what to write instead.
_SURPRISES = (
    (re.compile(r"[-+]?0[0-9_]+(\.[0-9_]*)?"), "a number with a leading zero", "drop the zero, or"),
    (re.compile(r"[-+]?0o[0-7_]+"), "an octal number", "write it in decimal, or"),
    (re.compile(r"[-+]?0[xX][0-9a-fA-F_]+"), "a hexadecimal number", "write it in decimal, or"),
    (re.compile(r"[-+]?0[bB][01_]+"), "a binary number", "write it in decimal, or"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"), "a number to the base 60", ""),
    (re.compile(r"[-+]?[0-9]+(_[0-9_]*)(\.[0-9_]*)?"), "a number with `_`", "drop the `_`, or"),
    (re.compile(r"[-+]?[0-9]+\.[0-9]*_[0-9_]*"), "a number with `_`", "drop the `_`, or"),
    (re.compile(r"[-+]?\.[0-9_]+"), "a number without a digit before the point", "write `0.`, or"),
    (
        re.compile(r"[-+]?[0-9]+\."),
        "a number without a digit after the point",
        "drop the point, or",
    ),
    (
        re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+"),
        "a number with an exponent",
        "write it out, or",
    ),
    (re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"), "no finite number", ""),
    (re.compile(r"\+[0-9]+(\.[0-9]+)?"), "a number with a sign `+`", "drop the sign, or"),
)


class SurpriseError(Exception):
    """A plain scalar that YAML 1.1 and 1.2 readers do not read alike; says why and what to do."""

    def __init__(self, summary: str, hint: str) -> None:
        super().__init__(summary)
        self.summary = summary
        self.hint = hint


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar.

    Raises:
        SurpriseError: it has to be written in another way.
    """
    first = text[:1]
    if first in "0123456789+-.":
        return _number(text)
    if first in "~nNtTfFyYoO":
        return _word(text)
    return text


def _word(text: str) -> Scalar:
    if text in {"", "null"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    lowered = text.lower()
    if lowered in _SWITCHES:
        word = "true" if lowered in {"yes", "on", "y"} else "false"
        raise SurpriseError(
            f"`{text}` is true or false to some YAML readers and text to others",
            f"write it in quotes if it is text, or `{word}`",
        )
    if lowered in {"true", "false", "null"}:
        raise SurpriseError(f"`{text}` is not in small letters", f"write `{lowered}`, or quote it")
    if text == "~":
        raise SurpriseError("`~` stands for nothing", "write `null`, or quote it")
    return text


def _number(text: str) -> Scalar:
    # `first in "…"` is true of the empty string as well.
    if not text:
        return None
    is_integer = _INTEGER.fullmatch(text)
    if is_integer or _DECIMAL.fullmatch(text):
        if len(text) > _MAX_DIGITS:
            raise SurpriseError(f"a number of more than {_MAX_DIGITS} digits", _QUOTE)
        return int(text) if is_integer else Decimal(text)
    for pattern, kind, advice in _SURPRISES:
        if pattern.fullmatch(text):
            raise SurpriseError(f"`{text:.60}` is {kind}", f"{advice} {_QUOTE}".strip())
    return text
