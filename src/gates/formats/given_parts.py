"""What earlier steps wrote of a linter's or formatter's runs, as parts of one whole.

Such a report names only files with entries, so a log stands beside it that names each file. A file
that several runs looked at counts once, and only where they tell the same of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.tool_paths import Tree, some

Named = tuple[str, bytes]
"""A file's name and its bytes."""


class Placed(Protocol):
    """An entry of a report, as a value that can be compared."""

    @property
    def path(self) -> str:
        """The file that it is about."""


PlacedT = TypeVar("PlacedT", bound=Placed)


def refuse_alone(given: tuple[str, ...], log: str, *, written_by: str) -> None:
    """Refuse a report without its log, or a log without a report, as options.

    Raises:
        ValueError: one of the two is not there.
    """
    if bool(given) != bool(log):
        raise ValueError(f"`report` and `log` need each other; both are written by `{written_by}`")


def refuse_paths(given: tuple[str, ...], *, is_set: bool) -> None:
    """Refuse `paths` beside a report, as options.

    Raises:
        ValueError: both are there.
    """
    if given and is_set:
        raise ValueError("`paths` configures a run, and `report` takes its place")


def refuse_unprovable(tree: Tree) -> None:
    """Refuse files whose names no line of a log can hold.

    Raises:
        StageError: `name-unprovable`.
    """
    odd = [ascii(path)[1:-1] for path in tree.files | tree.sources if "\n" in path]
    if odd:
        raise StageError(
            "name-unprovable",
            f"what was looked at cannot be proved: a line break is in the name of {some(odd)}",
            hint="rename it",
            place=min(odd),
        )


def united(
    parts: Sequence[Iterable[PlacedT]], named: Mapping[str, int], *, what: str
) -> tuple[PlacedT, ...]:
    """The entries of all parts, those of one file once.

    Args:
        parts: the entries of each report, their paths relative.
        named: how often the logs name each file, by relative path.
        what: the log's name.

    Raises:
        OutputUnreadable: `contradiction`: a file is not named, or is named more often than there
            are reports that tell the same of it.
    """
    tallies: list[dict[str, Counter[PlacedT]]] = []
    for part in parts:
        tally: dict[str, Counter[PlacedT]] = {}
        for entry in part:
            tally.setdefault(entry.path, Counter())[entry] += 1
        tallies.append(tally)
    whole: dict[str, Counter[PlacedT]] = {}
    for path in dict.fromkeys(path for tally in tallies for path in tally):
        told = [tally[path] for tally in tallies if path in tally]
        whole[path] = told[0]
        if not named.get(path):
            summary = f"the log does not name `{path}`, and a report tells of it"
            hint = "write the log in the same runs as the reports"
            raise OutputUnreadable("contradiction", summary, hint=hint, place=what)
        if len(told) != named[path] or any(one != told[0] for one in told):
            summary = f"`{path}` was looked at several times, and not found to be the same"
            hint = "let each run look at another part of the project, or all by the same settings"
            raise OutputUnreadable("contradiction", summary, hint=hint, place=what)
    return tuple(entry for tally in whole.values() for entry in tally.elements())


def refuse_gaps(
    examined: frozenset[str],
    tree: Tree,
    *,
    left_out: frozenset[str],
    written_by: str,
    what: str,
) -> None:
    """Refuse reports that tell nothing of the project, or of one of its sources.

    Args:
        examined: the files that were looked at, relative.
        tree: the project's files.
        left_out: those that the tool says it left out by its settings.
        written_by: the command that examines enough.
        what: the name of what tells it.

    Raises:
        OutputUnreadable: `paths-differ`: it speaks of other files.
        StageError: `nothing-examined` or `source-not-examined`.
    """
    again = f"write it in the folder of gates.yaml: {written_by}"
    if examined and examined.isdisjoint(tree.files):
        summary = f"`{what}` knows none of the project's files, but {some(examined, limit=1)}"
        raise OutputUnreadable("paths-differ", summary, hint=again, place=what)
    missing = tree.sources - examined - left_out
    if missing:
        raise StageError(
            "source-not-examined",
            f"`{what}` tells nothing of {some(missing)}",
            hint=f"{again}; or leave out of `sources` what shall not be judged",
            place=min(missing),
        )
    if not examined & (tree.sources or tree.files):
        summary = f"by `{what}`, none of the sources was looked at"
        raise StageError("nothing-examined", summary, hint=again, place=what)
