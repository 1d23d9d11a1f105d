"""Reports of ruff's security rules that earlier steps wrote, beside the log of the same runs.

Ruff's JSON names only files with findings. A verbose run names each file that it examines, unless
its cache answers, and sums them up. Which rules were on neither of them tells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import ruff_json, ruff_log, ruff_security
from gates.formats.ruff_json import Diagnostic
from gates.formats.ruff_security import Part
from gates.formats.tool_paths import Tree, some

UNPROVED = (
    "a report does not tell which rules were on, what comments suppress, and nothing was planted:"
    " that ruff sees insecure code is not proved"
)
"""What every output must tell of a given report."""

_FAILED = re.compile(r"^(?:error\b|warning: Failed to lint)[^\n]*", re.MULTILINE)
_CONFIGURATION = ".toml"


def merged(reports: Sequence[tuple[str, bytes]], log: bytes, tree: Tree, *, what: str) -> Part:
    """Reports that belong together as one, with the files that the log names.

    Args:
        reports: the name and the bytes of each.
        log: the standard error of all these runs, one after the other.
        tree: the project's files; all of `sources` must have been examined.
        what: the log's name.

    Raises:
        OutputUnreadable: a report is none of ruff's security rules, the log is not of a verbose
            run each, or they do not tell one story.
        StageError: a file was not readable or not Python, or a source was not examined.
    """
    examined = _examined(log.decode("utf-8", "replace"), len(reports), tree, what)
    entries: list[Diagnostic] = []
    for name, data in reports:
        found = ruff_json.parse(data, what=name)
        ruff_json.refuse_unreadable(found, tree)
        _refuse_others(found, name)
        entries += found
    elsewhere = {tree.relative(entry.path) for entry in entries} - examined
    if elsewhere:
        summary = f"the log does not name {some(elsewhere)}, and the report tells of it"
        hint = "write the log in the same run as the report"
        raise OutputUnreadable("contradiction", summary, hint=hint, place=what)
    missing = tree.sources - examined
    if missing:
        raise StageError(
            "sources-not-examined",
            f"the log does not tell that ruff examined {some(missing)}",
            hint="have ruff examine it, or leave it out of `sources`",
            place=what,
        )
    ignored = ruff_log.ignored_rules(log)
    return Part(
        examined=examined,
        entries=tuple(entries),
        ignored={tree.relative(path): names for path, names in ignored.items()},
    )


def notes(part: Part, tree: Tree) -> Iterator[str]:
    """What every output must tell: what is not proved, and which files are special."""
    yield UNPROVED
    ignoring = [path for path in part.examined if part.ignored.get(path)]
    if ignoring:
        yield f"rules are ignored, by configuration, for {some(ignoring)}"
    others = part.examined - tree.sources
    if others:
        yield f"examined besides the sources, and what is found there counts: {some(others)}"


def _examined(text: str, runs: int, tree: Tree, what: str) -> frozenset[str]:
    """The files that the log names, each by one run."""
    one, total = ruff_log.CHECKED
    if failed := _FAILED.search(text):
        raise StageError("file-unreadable", f"ruff says `{failed[0]}`", hint="mend it", place=what)
    named = re.findall(f"{one}$", text, re.MULTILINE)
    sums = re.findall(total, text)
    if len(sums) != runs:
        raise OutputUnreadable(
            "ruff-unproved",
            f"the log tells the end of {len(sums)} runs, and there are {runs} reports",
            hint="write the log by `--verbose` in the same run as the report; further runs add to"
            " it by `2>>`",
            place=what,
        )
    if sum(map(int, sums)) != len(named):
        raise OutputUnreadable(
            "contradiction",
            f"the log names {len(named)} files, and ruff counted {sum(map(int, sums))}",
            hint="run ruff with `--no-cache`: what its cache answers is not named",
            place=what,
        )
    files = [tree.relative(path) for path in named]
    _refuse_twice(files, what)
    return frozenset(path for path in files if not path.endswith(_CONFIGURATION))


def _refuse_twice(files: Collection[str], what: str) -> None:
    twice = {path for path, number in Counter(files).items() if number > 1}
    if twice:
        summary = f"{some(twice)} was examined twice, so that its findings would count twice"
        hint = "let each run examine another part of the project"
        raise OutputUnreadable("examined-twice", summary, hint=hint, place=what)


def _refuse_others(entries: tuple[Diagnostic, ...], what: str) -> None:
    try:
        ruff_security.refuse_unknown(entries)
    except OutputUnreadable as error:
        hint = "write a report of its own with `--select S,E902`"
        summary = error.problem.summary
        raise OutputUnreadable(error.problem.slug, summary, hint=hint, place=what) from error
