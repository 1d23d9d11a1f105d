"""What a coverage report says, whatever its format: one model for all readers.

Lines are kept as numbers in tuples and never as objects, so that a report of a million lines takes
little memory. A branch is a pair of its line and of what tells it from the others of that line, a
number or a text. Formats that only count a line's branches (Cobertura, JaCoCo) have them numbered
from 0 here, those that were taken first: then the union of two reports has the larger of both
numbers, which is the least that is true.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import compress
from operator import not_
from typing import NamedTuple

Branch = tuple[int, int | str]


class Covered(NamedTuple):
    """How much of something is covered.

    Attributes:
        covered: how many of it.
        total: how many there are.
    """

    covered: int
    total: int


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """What was executed of one source file.

    Attributes:
        path: as the report writes it, with `/`.
        executed: executable lines that ran, ascending, from 1.
        missing: executable lines that did not run, ascending.
        excluded: lines that a comment or the configuration took out, ascending.
        executed_branches: branches that were taken, in any order.
        missing_branches: branches that were not.
        spans: first and last lines of statements over several lines, where the format tells them.
        stated: lines and branches of a report that only states how many there are, or None.
        module: a folder name that tells modules with equal paths apart, or empty.
    """

    path: str
    executed: tuple[int, ...]
    missing: tuple[int, ...]
    excluded: tuple[int, ...] = ()
    executed_branches: tuple[Branch, ...] = ()
    missing_branches: tuple[Branch, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    stated: tuple[Covered, Covered] | None = None
    module: str = ""


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """A whole report, all of whose counts agree.

    Attributes:
        files: in the report's order.
        has_branches: whether branches were measured at all.
        tells_branching: where it has no branch, it says that none were measured; else that may only
            be because there are none.
        version: of the program that wrote it, or empty.
        are_branches_named: a branch can be told from the others of its line; else they are counted.
        roots: folders to which its relative paths may be relative; none is the project's own.
        is_by_package: paths begin at the root of a package that the report does not tell.
    """

    files: tuple[FileCoverage, ...]
    has_branches: bool
    tells_branching: bool = True
    version: str = ""
    are_branches_named: bool = True
    roots: tuple[str, ...] = ()
    is_by_package: bool = False


def total(parts: Iterable[Covered]) -> Covered:
    """The sum of the parts."""
    both = tuple(parts)
    return Covered(sum(part.covered for part in both), sum(part.total for part in both))


def numbered(line: int, covered: int, total: int) -> tuple[tuple[Branch, ...], tuple[Branch, ...]]:
    """Branches of a line of which only the number is known: those taken, and the others."""
    branches = tuple((line, number) for number in range(total))
    return branches[:covered], branches[covered:]


def file_of_hits(
    path: str, hits: dict[int, bool], branches: dict[Branch, bool] | None = None, module: str = ""
) -> FileCoverage:
    """What was executed of a file, from whether each line and branch ran."""
    taken = branches or {}
    return FileCoverage(
        path=path,
        executed=tuple(sorted(compress(hits, hits.values()))),
        missing=tuple(sorted(compress(hits, map(not_, hits.values())))),
        executed_branches=tuple(branch for branch, ran in taken.items() if ran),
        missing_branches=tuple(branch for branch, ran in taken.items() if not ran),
        module=module,
    )
