"""Patterns run in a process of their own: a slow one cannot hold this one, and ends at its timeout.

The regular expressions of Python hold the interpreter while they search, and a few characters of
text can make one search for years. So the program below is written to a file, run under
supervision like any tool, and answers in JSON how often each pattern matches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json

SHOWN = 100
"""Characters kept of what a pattern found: no number that is accepted is longer."""

PROGRAM = f"""\
import json, re, sys

with open(sys.argv[1], "rb") as file:
    text = file.read().decode("utf-8", "replace")
with open(sys.argv[2], encoding="utf-8") as file:
    patterns = json.load(file)
answers = []
for pattern in patterns:
    times, first = 0, ""
    for match in re.finditer(pattern, text, re.MULTILINE):
        times += 1
        if times == 1:
            first = (match["value"] or "")[:{SHOWN}]
    answers.append({{"times": times, "first": first}})
print(json.dumps(answers))
"""
"""Takes a text and a JSON list of patterns, each in a file; standard library only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What one pattern found.

    Attributes:
        times: how often it matches.
        first: the start of the first match's group `value`; empty where it took no part.
    """

    times: int
    first: str


def request(patterns: Iterable[str]) -> bytes:
    """The file of patterns that the program takes."""
    import json

    return json.dumps(list(patterns)).encode()


def answers(data: bytes, patterns: tuple[str, ...]) -> Mapping[str, Match]:
    """Read what the program printed for these patterns.

    Raises:
        OutputUnreadable: it is not one answer for each pattern.
    """
    entries = tuple(strict_json.read(data, what="patterns").items())
    if len(entries) != len(patterns):
        summary = f"{len(patterns)} patterns were searched, and {len(entries)} answered"
        raise OutputUnreadable("contradiction", summary, place="patterns")
    return {
        pattern: Match(times=entry.member("times").count(), first=entry.member("first").text())
        for pattern, entry in zip(patterns, entries, strict=True)
    }
