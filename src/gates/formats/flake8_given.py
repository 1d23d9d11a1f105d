"""What earlier steps kept of flake8: its entries with `--benchmark`, and its log with `-vv`.

The entries stand in the form of `flake8_log`. The log names each file and folder that flake8 came
upon, and whether it was excluded; how many files it took is the sum in the report.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gates.domain.errors import OutputUnreadable
from gates.formats import flake8_log, given_parts
from gates.formats.flake8_log import Report
from gates.formats.given_parts import Named
from gates.formats.tool_paths import Tree

UNKNOWN = (
    "the report does not tell which rules were enabled, nor what comments suppress, and nothing was"
    " planted: that flake8 sees defects is not proved"
)
"""What every output must tell of a given report."""

_FOUND = re.compile(
    r'^flake8\.discover_files +\S+ +\d+ DEBUG +"(.+)" has (not )?been excluded$', re.MULTILINE
)
_REPORTED = re.compile(r"Found a total of \d+ [a-z]+ and reported (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What the reports and their log tell.

    Attributes:
        taken: the files that flake8 took, relative; a comment in one may hide it as a whole.
        left_out: sources that were excluded, relative.
        reports: the entries, their paths relative.
    """

    taken: frozenset[str]
    left_out: frozenset[str]
    reports: tuple[Report, ...]


def merged(reports: Sequence[Named], log: Named, tree: Tree, *, written_by: str) -> Linted:
    """Put reports that belong together beside the log of all their runs.

    Args:
        reports: all parts.
        log: the standard error of the runs, one after the other.
        tree: the project's Python files.
        written_by: the command that writes both.

    Raises:
        OutputUnreadable: a report or the log is unreadable, of another project, or they do not
            tell one story.
        StageError: a file was not readable or not Python, or a source was not taken.
    """
    what, data = log
    hint = f"write both in one run: {written_by}"
    text = data.decode("utf-8", "replace")
    read = [flake8_log.kept(part, what=name, hint=hint) for name, part in reports]
    _refuse_other_sums(text, [len(one.reports) for one in read], what=what, hint=hint)
    found = _FOUND.findall(text)
    named = Counter(
        tree.relative(path) for path, is_taken in found if is_taken and path.endswith(".py")
    )
    files = sum(one.files for one in read)
    if named.total() != files:
        summary = f"the log names {named.total()} files that end with .py, and flake8 took {files}"
        more = "; `filename` must stand for all Python files, and for no other"
        raise OutputUnreadable("contradiction", summary, hint=hint + more, place=what)
    parts = [[replace(e, path=tree.relative(e.path)) for e in one.reports] for one in read]
    for part in parts:
        flake8_log.refuse_unreadable(part, tree)
    united = given_parts.united(parts, named, what=what)
    excluded = frozenset(tree.relative(path) for path, is_taken in found if not is_taken)
    left_out = frozenset(path for path in tree.sources if _is_excluded(path, excluded))
    given_parts.refuse_gaps(
        frozenset(named), tree, left_out=left_out, written_by=written_by, what=what
    )
    return Linted(taken=frozenset(named), left_out=left_out - named.keys(), reports=united)


def _refuse_other_sums(text: str, numbers: Sequence[int], *, what: str, hint: str) -> None:
    """Refuse a log that does not tell the end of each run, or ends with other numbers."""
    told = [int(number) for number in _REPORTED.findall(text)]
    if len(told) != len(numbers):
        summary = (
            f"`{what}` tells the end of {len(told)} runs, and there are {len(numbers)} reports"
        )
        raise OutputUnreadable("flake8-unproved", summary, hint=hint, place=what)
    if sorted(told) != sorted(numbers):
        summary = f"flake8 printed {sum(numbers)} entries and counted {sum(told)}"
        raise OutputUnreadable("contradiction", summary, hint=hint, place=what)


def _is_excluded(path: str, excluded: frozenset[str]) -> bool:
    """Whether it, or a folder above it, is: by its path, or by its plain name wherever it lies."""
    parts = path.split("/")
    above = ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    return not excluded.isdisjoint((*parts, *above))
