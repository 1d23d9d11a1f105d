"""The outline of a YAML file by its indentation alone: which value stands under which keys.

It is for comparing two versions of a file that another program obeys, so whatever stands there must
come through: nothing is refused, and nothing is resolved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_KEY = re.compile(
    r"""(?P<key>"[^"]*"|'[^']*'|[^\s:#\[{&*!|>'"-][^:#]*?|-?[\w./@-]+)\s*:(?:\s+|$)"""
)
_LONGEST = 4000  # of a line, signs that are looked at
_BLOCK = re.compile(r"[|>][+-]?\d*[+-]?\s*(?:#.*)?$")
_FLOW = re.compile(
    r"""["']?(?P<key>[\w./@-]+)["']?\s*:\s*["']?(?P<value>[^\s,{}\[\]"'][^,{}\[\]"']*)["']?"""
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One value.

    Attributes:
        keys: the keys above it, outermost first; `-` for an entry of a list.
        value: its text without quotes and comment; empty for what has entries of its own.
        line: 1-based.
    """

    keys: tuple[str, ...]
    value: str
    line: int


def outline(text: str) -> tuple[Entry, ...]:
    """All entries of a file, in order; each line of a block of text is an entry of its own."""
    return tuple(_entries(text.split("\n")))


def _entries(lines: list[str]) -> Iterator[Entry]:
    stack: list[tuple[int, str]] = []
    block = -1  # the indentation of the key above a block of text
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if not bare:
            continue
        indent = len(line) - len(line.lstrip())
        if block >= 0 and indent > block:
            yield Entry(tuple(key for _, key in stack), bare, number)
            continue
        block = -1
        if bare.startswith("#"):
            continue
        while stack and (stack[-1][0] >= indent):
            # An entry of a list may stand as deep as the key above it.
            if stack[-1][0] == indent and bare.startswith("-") and stack[-1][1] != "-":
                break
            stack.pop()
        block, found = _line(bare, indent, stack)
        for keys, value in found:
            yield Entry(keys, value, number)


def _line(
    bare: str, indent: int, stack: list[tuple[int, str]]
) -> tuple[int, list[tuple[tuple[str, ...], str]]]:
    """What one line holds; the stack keeps what it opens."""
    while bare == "-" or bare.startswith("- "):
        stack.append((indent, "-"))
        rest = bare[1:].lstrip()
        indent += len(bare) - len(rest)
        bare = rest
    above = tuple(key for _, key in stack)
    found = _KEY.match(bare[:_LONGEST])
    if found is None:
        value = _value(bare)
        return -1, [(above, value)] if value else []
    key = found["key"].strip().strip("\"'")
    stack.append((indent, key))
    rest = bare[found.end() :]
    if _BLOCK.match(rest):
        return indent, [((*above, key), "")]
    value = _value(rest)
    entries = [((*above, key), value)]
    if value.startswith(("{", "[")):
        entries += [
            ((*above, key, inner["key"]), inner["value"].strip())
            for inner in _FLOW.finditer(value[:_LONGEST])
        ]
    return -1, entries


def _value(text: str) -> str:
    """A scalar without its comment and its quotes."""
    text = text.strip()
    if text[:1] in {'"', "'"}:
        end = text.find(text[0], 1)
        return text[1:end] if end > 0 else text[1:]
    return re.split(r"(?:^|\s)#", text, maxsplit=1)[0].strip()
