"""Retells problems whose hints name files that are gone when somebody reads them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from gates.domain.errors import Problem
from gates.toolkit.door import one_line

MOST_LINES = 10
"""Last lines of a file that are told: a stage's own, and those of a reader that it called."""

MOST_SIGNS = 1000

MOST_BYTES = 64 * 1024
"""Of a longer file only its end is read."""

_MARKERS = re.compile(r"[\s~^]*")


def retold(problem: Problem, folder: Path) -> Problem:
    """The problem with the last lines of each file below a folder that its hint names.

    Args:
        problem: what an executor's context told.
        folder: one that will be removed.
    """
    path = re.compile(re.escape(str(folder)) + r"/\S+")
    return replace(problem, hint=path.sub(lambda found: _end(Path(found[0])), problem.hint))


def _end(path: Path) -> str:
    """The last lines of a file on one line, or its name where it says nothing."""
    try:
        text = path.read_bytes()[-MOST_BYTES:].decode("utf-8", "replace")
    except OSError:
        return f"`{path.name}`"
    lines = [line for line in text.splitlines() if not _MARKERS.fullmatch(line)]
    told = one_line(" | ".join(line.strip() for line in lines[-MOST_LINES:]), limit=MOST_SIGNS)
    return f"`{path.name}`, which ends: {told}" if told else f"`{path.name}`, which is empty"
