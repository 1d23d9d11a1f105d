"""Reports of pylint (`json2`) that earlier steps wrote, beside what it said with `--verbose`.

Only pylint 4 and newer name each file, and only where they lint in one process.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gates.domain.errors import OutputUnreadable
from gates.formats import given_parts, pylint_json
from gates.formats.given_parts import Named
from gates.formats.pylint_canary import CROSS_FILE
from gates.formats.pylint_config import Ignores
from gates.formats.pylint_json import Message
from gates.formats.pylint_result import SKIPPED
from gates.formats.tool_paths import Tree

UNKNOWN = (
    "the report does not tell which rules were enabled, nor what comments suppress, and nothing was"
    " planted: that pylint sees defects is not proved"
)
"""What every output must tell of a given report."""

_START = re.compile(r"Linting (\d+) modules\.")
_FILE = re.compile(r"(.+) \((\d+) of (\d+)\)")
_SKIP = re.compile(rb"#[^\n]*pylint:[^\n]*\b(?:skip-file|disable-all)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What the reports and their log tell.

    Attributes:
        examined: the files that were linted, relative.
        skipped: files that a comment hides, or may hide, as a whole.
        messages: the messages, their paths relative.
    """

    examined: frozenset[str]
    skipped: frozenset[str]
    messages: tuple[Message, ...]


def merged(
    reports: Sequence[Named],
    log: Named,
    tree: Tree,
    read: Callable[[str], bytes],
    *,
    ignores: Ignores,
    written_by: str,
) -> Linted:
    """Put reports that belong together beside what all their runs said.

    Args:
        reports: all parts.
        log: the standard output of the runs, one after the other.
        tree: the project's Python files.
        read: gives a file's bytes.
        ignores: what the project's configuration leaves out.
        written_by: the command that writes both.

    Raises:
        OutputUnreadable: a report or the log is unreadable, of another project, or they do not
            tell one story.
        StageError: a source was not looked at.
    """
    what, data = log
    named = Counter(map(tree.relative, _linted(data, len(reports), what=what, hint=written_by)))
    parts = []
    for name, part in reports:
        found = pylint_json.parse(part, what=name)
        for message in found:
            _refuse_elsewhere(message, tree, what=name)
        parts.append([replace(one, path=tree.relative(one.path)) for one in found])
    placed = [[one for one in part if _is_placed(one)] for part in parts]
    others = dict.fromkeys(one for part in parts for one in part if not _is_placed(one))
    messages = (*given_parts.united(placed, named, what=what), *others)
    left_out = frozenset(filter(ignores.leaves_out, tree.sources))
    given_parts.refuse_gaps(
        frozenset(named), tree, left_out=left_out, written_by=written_by, what=what
    )
    told = frozenset(one.path for one in messages if one.code != SKIPPED)
    skipped = frozenset(one.path for one in messages if one.code == SKIPPED)
    skipped |= {
        path for path in tree.files & named.keys() - told if _SKIP.search(read(path)) is not None
    }
    return Linted(examined=frozenset(named) - skipped, skipped=skipped, messages=messages)


def _linted(log: bytes, runs: int, *, what: str, hint: str) -> list[str]:
    """The files that the runs went through, as pylint writes them."""
    named: list[str] = []
    totals: list[int] = []
    at = 0
    for line in log.decode("utf-8", "replace").splitlines():
        start, file = _START.fullmatch(line), _FILE.fullmatch(line)
        if start is not None:
            if totals and at != totals[-1]:
                break
            totals.append(int(start[1]))
            at = 0
        elif file is not None and totals and (int(file[2]), int(file[3])) == (at + 1, totals[-1]):
            at += 1
            named.append(file[1])
    if len(totals) != runs or at != totals[-1] or sum(totals) != len(named):
        raise OutputUnreadable(
            "pylint-unproved",
            f"`{what}` does not tell all files of {runs} whole runs",
            hint=f"this needs pylint 4 or newer, in one process: {hint}",
            place=what,
        )
    return named


def _is_placed(message: Message) -> bool:
    """Whether it is about one file of code, and no other file decides where it stands."""
    return message.path.endswith((".py", ".pyi")) and message.code not in CROSS_FILE


def _refuse_elsewhere(message: Message, tree: Tree, *, what: str) -> None:
    """Refuse a report that was written in another folder: its paths are those of other files."""
    if message.absolute and tree.relative(message.absolute) != tree.relative(message.path):
        summary = f"`{what}` was written in another folder: it tells of `{message.absolute}`"
        hint = "write it in the folder of gates.yaml"
        raise OutputUnreadable("paths-differ", summary, hint=hint, place=what)
