"""Versions as npm has them, and which of two comes first.

Form and order: Semantic Versioning 2.0.0, https://semver.org/, sections 2, 9, 10 and 11. What is
not of that form is no version here: leading zeros, a leading `v`, fewer than three numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MAX_LENGTH: Final = 256
"""Characters of a version; npm knows no longer ones."""

_NUMBER: Final = r"(0|[1-9][0-9]*)"
_IDENTIFIER: Final = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION: Final = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version, in the order of precedence; build metadata makes no difference.

    Attributes:
        numbers: major, minor and patch.
        is_released: it is no pre-release, and so comes after those of the same numbers.
        identifiers: those of the pre-release: numeric ones by number and before all others, which
            stand in the order of ASCII; the shorter of two lists that begin alike comes first.
    """

    numbers: tuple[int, int, int]
    is_released: bool
    identifiers: tuple[tuple[bool, int, str], ...] = ()


def read(text: str) -> Version | None:
    """Read a version; None where it is none."""
    match = _VERSION.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        return None
    identifiers = match[4].split(".") if match[4] else []
    return Version(
        numbers=(int(match[1]), int(match[2]), int(match[3])),
        is_released=not identifiers,
        identifiers=tuple(
            (False, int(of), "") if of.isdecimal() else (True, 0, of) for of in identifiers
        ),
    )


def canonical(text: str) -> str:
    """Spell a version without its build metadata; what is no version stays as it is."""
    return text.partition("+")[0] if read(text) is not None else text
