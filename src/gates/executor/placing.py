"""What reports tell of a finding beside its place: the hash of its line, and whether it is new.

Both are kept in the record, since neither can be told later: files change. They decide on no
status; they order what is shown first, and let a forge know a line again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from gates.domain.errors import StageError
from gates.domain.finding import Finding
from gates.domain.metric import NEW_FINDINGS
from gates.domain.stage_result import StageResult
from gates.executor import newness
from gates.formats.line_hash import line_hashes
from gates.plugin import Context
from gates.toolkit.regular import open_regular

LARGEST_BYTES = 2 << 20
"""A larger file is no source that a person reads."""

MOST_BYTES = 16 << 20
"""Bytes that are read for the findings of one gate; the lines of further files have no hash."""


def placed(result: StageResult, ctx: Context, *, has_change: bool) -> StageResult:
    """The result, each finding with the hash of its line and whether it is known to be new.

    Args:
        result: what a stage handed over.
        ctx: what the stage was given.
        has_change: a change is judged, so that lines may be asked for that it touches.
    """
    if not result.findings:
        return result
    is_new = _is_new(result, ctx, has_change=has_change)
    hashes = _hashes(result.findings, ctx.root)
    findings = tuple(
        replace(each, is_new=is_new(each), line_hash=hashes.get((each.path, each.line or 1), ""))
        for each in result.findings
    )
    return replace(result, findings=findings)


def _is_new(result: StageResult, ctx: Context, *, has_change: bool) -> Callable[[Finding], bool]:
    """Who tells whether a finding is new: the stage's own count, else the lines of the change."""
    if any(metric.name == NEW_FINDINGS.name for metric in result.metrics):
        return lambda finding: NEW_FINDINGS.name in finding.counts
    if not has_change:
        return lambda _: False
    try:
        by_place = newness.by_place(ctx)
    except StageError:  # no base to compare with: the gate does not ask for one
        return lambda _: False
    return lambda finding: bool(finding.path) and by_place(finding)


def _hashes(findings: Iterable[Finding], root: Path) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        if finding.path:
            wanted.setdefault(finding.path, set()).add(finding.line or 1)
    left, found = MOST_BYTES, dict[tuple[str, int], str]()
    for path, lines in wanted.items():
        data = _source(root, path)
        left -= len(data)
        if data and left >= 0:
            found.update({(path, line): text for line, text in line_hashes(data, lines).items()})
    return found


def _source(root: Path, path: str) -> bytes:
    """The bytes of a file of the project; none where it is no such file, or cannot be read."""
    try:
        full = (root / path).resolve()
        if not full.is_relative_to(root.resolve()):
            return b""
        with open_regular(full) as stream:
            data = stream.read(LARGEST_BYTES + 1)
    except (OSError, ValueError):  # also a name that no file can have
        return b""
    return data if len(data) <= LARGEST_BYTES else b""
