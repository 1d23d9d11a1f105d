"""What earlier steps kept of `black --check --verbose`, which names each file that it looks at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gates.domain.errors import OutputUnreadable
from gates.formats import black_log, given_parts
from gates.formats.black_log import BlackLog
from gates.formats.given_parts import Named
from gates.formats.tool_paths import Tree

UNKNOWN = (
    "the report does not tell which version of black wrote it, nor by which settings, and nothing"
    " was planted"
)
"""What every output must tell of a given report."""

_COLOURS = re.compile(rb"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted:
    """What the reports tell, paths relative.

    Attributes:
        examined: the files that were looked at.
        unformatted: those of them that would change.
    """

    examined: frozenset[str]
    unformatted: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Changed:
    path: str


def merged(
    reports: Sequence[Named], tree: Tree, leaves_out: Callable[[str], bool], *, written_by: str
) -> Formatted:
    """Put reports that belong together beside the project's files.

    Args:
        reports: all parts.
        tree: the project's files.
        leaves_out: whether the project's configuration leaves a file out, by its relative path.
        written_by: the command that writes one.

    Raises:
        OutputUnreadable: one is unreadable, of another project, or contradicts itself or another.
        StageError: a file was not readable or not Python, or a source was not looked at.
    """
    logs = [parse(data, tree, what=name, written_by=written_by) for name, data in reports]
    for (name, _), log in zip(reports, logs, strict=True):
        black_log.refuse_failures(log, tree)
        twice = [path for path, number in Counter(_looked(log)).items() if number > 1]
        if twice:
            summary = f"black names `{min(twice)}` twice"
            raise OutputUnreadable("contradiction", summary, place=name)
    what = reports[0][0]
    times = Counter(path for log in logs for path in _looked(log))
    parts = [[_Changed(path) for path in log.unformatted] for log in logs]
    unformatted = frozenset(one.path for one in given_parts.united(parts, times, what=what))
    examined = frozenset(times)
    ignored = frozenset(path for log in logs for path in log.ignored)
    left_out = ignored | {path for path in tree.sources - examined if leaves_out(path)}
    given_parts.refuse_gaps(examined, tree, left_out=left_out, written_by=written_by, what=what)
    return Formatted(examined=examined, unformatted=unformatted)


def parse(data: bytes, tree: Tree, *, what: str, written_by: str) -> BlackLog:
    """Read one report; its paths become relative.

    Raises:
        OutputUnreadable: it has no end, its sums are not those of the files that it names, or
            black's cache answered for a file.
    """
    hint = f"keep what black writes to standard error: {written_by}"
    try:
        log = black_log.parse(_COLOURS.sub(b"", data))
    except OutputUnreadable as error:
        problem = error.problem
        raise OutputUnreadable(problem.slug, problem.summary, hint=hint, place=what) from error
    return replace(
        log,
        formatted=tuple(map(tree.relative, log.formatted)),
        unformatted=tuple(map(tree.relative, log.unformatted)),
        ignored=tuple(map(tree.relative, log.ignored)),
    )


def _looked(log: BlackLog) -> tuple[str, ...]:
    return (*log.formatted, *log.unformatted)
