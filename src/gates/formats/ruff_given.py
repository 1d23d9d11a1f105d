"""Reports of `ruff check` that earlier steps wrote, beside the log of the same runs.

Ruff's JSON names only files with findings, and is an empty list as well where there was no file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gates.formats import given_parts, ruff_json, ruff_log
from gates.formats.given_parts import Named
from gates.formats.ruff_json import Diagnostic
from gates.formats.tool_paths import Tree

UNKNOWN = (
    "the report does not tell which rules were enabled, nor what comments suppress, and nothing was"
    " planted: that ruff sees defects is not proved"
)
"""What every output must tell of a given report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What the reports and their log tell.

    Attributes:
        examined: the files that were linted, relative; without configuration.
        left_out: files that were left out by ruff's settings, relative.
        entries: the diagnostics, their paths relative.
    """

    examined: frozenset[str]
    left_out: frozenset[str]
    entries: tuple[Diagnostic, ...]


def merged(reports: Sequence[Named], log: Named, tree: Tree, *, written_by: str) -> Linted:
    """Put reports that belong together beside the log of all their runs.

    Args:
        reports: all parts.
        log: the standard error of the runs, one after the other.
        tree: the project's files.
        written_by: the command that writes both.

    Raises:
        OutputUnreadable: a report or the log is unreadable, of another project, or they do not
            tell one story.
        StageError: a file was not readable or not Python, or a source was not looked at.
    """
    what, data = log
    told = ruff_log.told(data, ruff_log.CHECKED, runs=len(reports), what=what)
    named = Counter(map(tree.relative, told.named))
    parts = []
    for name, part in reports:
        entries = ruff_json.parse(part, what=name)
        ruff_json.refuse_unreadable(entries, tree)
        parts.append([replace(one, path=tree.relative(one.path)) for one in entries])
    united = given_parts.united(parts, named, what=what)
    examined = frozenset(path for path in named if not path.endswith(".toml"))
    left_out = told.left_out(tree)
    given_parts.refuse_gaps(examined, tree, left_out=left_out, written_by=written_by, what=what)
    return Linted(examined=examined, left_out=left_out, entries=united)
