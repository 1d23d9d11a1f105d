"""Which versions an advisory of npm is about, and which one mends it.

Form: the ranges of https://github.com/npm/node-semver as advisories write them: comparators with
whole versions, joined by blanks, and such sets joined by `||`. Pre-releases count as any other
version. A range that is written otherwise is not evaluated: what it means is then not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_COMPARATOR: Final = re.compile(r"(<=|>=|<|>|=)?\s*v?([0-9A-Za-z.+*-]+)")
_VERSION: Final = re.compile(
    r"v?(\d{1,15})(?:\.(\d{1,15}))?(?:\.(\d{1,15}))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)
_ANY: Final = frozenset({"*", "x", "X", ""})
_MAX_LENGTH: Final = 2000

Key = tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]
"""A version in the order of Semantic Versioning 2.0.0, section 11."""


@dataclass(frozen=True, slots=True)
class _Comparator:
    operator: str
    key: Key
    text: str

    def holds(self, key: Key) -> bool:
        match self.operator:
            case "<":
                return key < self.key
            case "<=":
                return key <= self.key
            case ">":
                return key > self.key
            case ">=":
                return key >= self.key
            case _:
                return key == self.key


def affects(range_: str, version: str) -> bool | None:
    """Say whether a version lies in a range; None where one of them cannot be read."""
    key, sets = _key(version), _sets(range_)
    if key is None or sets is None:
        return None
    return any(all(one.holds(key) for one in each) for each in sets)


def fixed_in(range_: str, version: str) -> str:
    """The version with which the part of a range ends that a version lies in; empty if unknown."""
    key, sets = _key(version), _sets(range_)
    if key is None or sets is None:
        return ""
    ends = [
        one
        for each in sets
        if all(of.holds(key) for of in each)
        for one in each
        if one.operator == "<"
    ]
    return max(ends, key=lambda one: one.key).text if ends else ""


def _sets(range_: str) -> tuple[tuple[_Comparator, ...], ...] | None:
    if len(range_) > _MAX_LENGTH:
        return None
    sets = []
    for part in range_.split("||"):
        one = _comparators(part.strip())
        if one is None:
            return None
        sets.append(one)
    return tuple(sets)


def _comparators(part: str) -> tuple[_Comparator, ...] | None:
    if part in _ANY:
        return ()
    found = []
    at = 0
    while at < len(part):
        match = _COMPARATOR.match(part, at)
        key = _key(match[2]) if match is not None else None
        if match is None or key is None:
            return None
        # A bare version that is not whole stands for a range of its own.
        if match[1] in {None, "="} and match[2].partition("-")[0].count(".") != 2:  # noqa: PLR2004
            return None
        found.append(_Comparator(match[1] or "=", key, match[2]))
        at = match.end()
        while at < len(part) and part[at] in " ,":
            at += 1
    return tuple(found)


def _key(version: str) -> Key | None:
    match = _VERSION.fullmatch(version.strip())
    if match is None:
        return None
    numbers = (int(match[1]), int(match[2] or 0), int(match[3] or 0))
    parts = tuple(
        (not of.isdecimal(), int(of) if of.isdecimal() else 0, of)
        for of in (match[4].split(".") if match[4] else ())
    )
    return numbers, not parts, parts
