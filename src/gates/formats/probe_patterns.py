"""Regular expressions of a plan, looked at in a process of their own.

A few characters of an answer can make one search last for years, and Python's expressions hold the
interpreter meanwhile. So the program below runs under supervision, and ends at the gate's timeout.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.probe_model import Check

PROGRAM = """\
import json, re, sys

with open(sys.argv[1], encoding="utf-8") as file:
    pairs = json.load(file)
print(json.dumps([re.search(pattern, text) is not None for pattern, text in pairs]))
"""
"""Takes a JSON list of pairs of pattern and text in a file; standard library only."""


def request(checks: Sequence[Check]) -> bytes:
    """The file that the program takes; empty where no check has a pattern."""
    pairs = [[each.pattern, each.text] for each in checks if each.pattern]
    return json.dumps(pairs).encode() if pairs else b""


def answered(checks: Sequence[Check], output: bytes) -> tuple[Check, ...]:
    """The checks, those with a pattern as the program's output says.

    Raises:
        OutputUnreadable: it is not one answer for each pattern.
    """
    answers = [value.flag() for value in strict_json.read(output, what="patterns").items()]
    waiting = [at for at, each in enumerate(checks) if each.pattern]
    if len(answers) != len(waiting):
        summary = f"{len(waiting)} patterns were searched, and {len(answers)} answered"
        raise OutputUnreadable("contradiction", summary, place="patterns")
    found: Mapping[int, bool] = dict(zip(waiting, answers, strict=True))
    return tuple(
        replace(each, holds=found[at]) if at in found else each for at, each in enumerate(checks)
    )
