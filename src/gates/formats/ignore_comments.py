"""Comments by which JavaScript and TypeScript take their own lines out of coverage.

What they take out is in no report: not as a line, and not as one that is left out. Their forms are
those of https://github.com/istanbuljs/istanbuljs and https://github.com/istanbuljs/v8-to-istanbul.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from gates.domain.stage_result import StageResult
from gates.formats.code_lines import SUFFIXES
from gates.formats.tool_paths import some
from gates.toolkit.node_sources import NODE_SUFFIXES
from gates.toolkit.sources import SourceSet

DETAIL = "ignore comments"
"""Under which name their number stands among what was examined."""

_COMMENT = re.compile(
    rb"/[/*][\s*!]*(?:istanbul|[cv]8|node:coverage)\s+(?:disable\b|ignore\s+(?!stop\b)\w)"
)


class Project(Protocol):
    """What is asked of a project: a stage's context answers it."""

    @property
    def root(self) -> Path:
        """The folder of gates.yaml."""

    def sources(self, *suffixes: str) -> SourceSet:
        """The sources with these endings."""


def count(text: bytes) -> int:
    """How many such comments stand in a file; the one that ends a range is none of its own."""
    return len(_COMMENT.findall(text))


def told(project: Project, result: StageResult) -> StageResult:
    """Tell how many such comments the sources hold, whatever a report is about.

    Raises:
        OSError: a source cannot be read.
    """
    found = {
        path: number
        for path in project.sources(*SUFFIXES).files
        if path.endswith(NODE_SUFFIXES) and (number := count((project.root / path).read_bytes()))
    }
    if not found:
        return result
    total = sum(found.values())
    details = (*result.examined.details, (DETAIL, total))
    note = f"{total} comments take lines out of coverage, in {some(found)}"
    if total == 1:
        note = f"a comment takes lines out of coverage, in {some(found)}"
    return replace(
        result,
        examined=replace(result.examined, details=details),
        notes=(*result.notes, note),
    )
