"""What `prettier --check --log-level debug` says (Prettier 3): the only witness of clean files.

Without the debug lines it names what it would change, and nothing shows what it looked at. They
also tell the options of each file, among them those by which it looks away.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.strict_json import Value
from gates.formats.tool_paths import Tree, some

BLINDING = ("requirePragma", "checkIgnorePragma", "rangeStart", "rangeEnd")
"""Options by which Prettier leaves a file, or a part of it, as it is."""

_FILE = re.compile(r"\[debug\] (?:resolve config from|load config file from) '(.+)'")
_OPTIONS = re.compile(r"\[debug\] applied config-precedence \([a-z-]+\): (.+)")
_WARNING = re.compile(r"\[warn\] (.+)")
_ERROR = re.compile(r"\[error\] (.+)")
_CLEAN = "All matched files use Prettier code style!"
_FAULTY = re.compile(
    r"\[warn\] Code style issues found in (the above file|\d+ files)\."
    r" (?:Run Prettier with --write to fix\.|Forgot to run Prettier\?)"
)
_PLACED = re.compile(r"(.+?): SyntaxError: (.+?) \((\d+):(\d+)\)")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is said of one file.

    Attributes:
        path: as Prettier writes it, absolute.
        is_formatted: it would not change.
        blinded: the options of `BLINDING` that are set for it.
    """

    path: str
    is_formatted: bool
    blinded: tuple[str, ...]


def parse(data: bytes, *, what: str, hint: str) -> tuple[Looked, ...]:
    """Read a whole log, in its order.

    Args:
        data: both streams, in one.
        what: its name, for messages.
        hint: how a log is written that tells enough.

    Raises:
        OutputUnreadable: it has no end, tells not which files were looked at, or its sum is not
            the number of files that it names.
        StageError: Prettier could not read a file, or its own configuration.
    """
    text = _COLOURS.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n")
    lines = text.split("\n")
    _refuse_errors(lines)
    total = _total(lines, what=what, hint=hint)
    files = _files(lines, what=what)
    if not files:
        summary = "prettier did not say which files it looked at"
        raise OutputUnreadable("prettier-unproved", summary, place=what, hint=hint)
    found = sum(not one.is_formatted for one in files)
    if found != total:
        summary = f"prettier counts {total} files to reformat, and names {found}"
        raise OutputUnreadable("contradiction", summary, place=what)
    return files


def refuse_unprovable(tree: Tree) -> None:
    """Refuse files whose names no line of a log can hold.

    Args:
        tree: the project's files.

    Raises:
        StageError: `name-unprovable`.
    """
    odd = [ascii(path)[1:-1] for path in tree.files | tree.sources if "\n" in path]
    if odd:
        raise StageError(
            "name-unprovable",
            f"what prettier looks at cannot be proved: a line break is in the name of {some(odd)}",
            hint="rename it",
            place=min(odd),
        )


def judged(files: Collection[Looked], tree: Tree) -> frozenset[str]:
    """The files that were looked at as a whole, or would change; relative."""
    seen = (one for one in files if not one.blinded or not one.is_formatted)
    return frozenset(tree.relative(one.path) for one in seen)


def remarks(files: Collection[Looked], tree: Tree) -> tuple[str, ...]:
    """Say for each option by which Prettier looks away from sources, at which."""
    said = []
    for option in BLINDING:
        paths = {tree.relative(one.path) for one in files if option in one.blinded}
        if paths & tree.sources:
            said.append(f"not judged as a whole, by `{option}`: {some(paths & tree.sources)}")
    return tuple(said)


def _refuse_errors(lines: list[str]) -> None:
    found = next((match for match in map(_ERROR.fullmatch, lines) if match), None)
    if found is None:
        return
    placed = _PLACED.fullmatch(found[1])
    if placed is None:
        raise StageError(
            "not-looked",
            f"prettier could not look at all files; it says: {found[1]}",
            hint="mend its configuration, or `paths`",
            place="prettier",
        )
    path, reason, line, column = placed.groups()
    raise StageError(
        "file-unreadable",
        f"prettier could not format `{path}`: {reason}",
        hint="mend it, or leave it out by .prettierignore",
        place=f"{path}:{line}:{column}",
    )


def _total(lines: list[str], *, what: str, hint: str) -> int:
    """The sum in the last line: how many files would change."""
    last = next((line for line in reversed(lines) if line), "")
    if last == _CLEAN:
        return 0
    found = _FAULTY.fullmatch(last)
    if found is None:
        summary = "prettier's log has no end: it does not tell how many files would change"
        raise OutputUnreadable("prettier-unfinished", summary, place=what, hint=hint)
    return 1 if found[1].startswith("the") else int(found[1].split()[0])


def _files(lines: list[str], *, what: str) -> tuple[Looked, ...]:
    files: list[Looked] = []
    starts = [at for at, line in enumerate(lines) if _FILE.fullmatch(line)]
    for number, at in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(lines)
        files.append(_looked(lines[at], lines[at + 1 : end], what=what))
    odd = {one.path for one in files}
    if len(odd) != len(files):
        raise OutputUnreadable("contradiction", "prettier looked at a file twice", place=what)
    return tuple(files)


def _looked(first: str, rest: list[str], *, what: str) -> Looked:
    found = _FILE.fullmatch(first)
    path = found[1] if found else ""
    applied = [match[1] for match in map(_OPTIONS.fullmatch, rest) if match]
    if len(applied) != 1:
        summary = f"prettier does not tell the options of `{path}` once"
        raise OutputUnreadable("prettier-unproved", summary, place=what)
    options = strict_json.read(applied[0].encode(), what=what)
    warned = [match[1] for match in map(_WARNING.fullmatch, rest) if match]
    return Looked(
        path=path,
        is_formatted=not any(_is_of(shown, path) for shown in warned),
        blinded=tuple(name for name in BLINDING if _is_set(options, name)),
    )


def _is_set(options: Value, name: str) -> bool:
    """Whether it blinds: an end at 0 does, for then nothing is formatted; a start at 0 does not."""
    found = options.find(name)
    if found is None or found.raw is False:
        return False
    return name != "rangeStart" or found.raw != 0


def _is_of(shown: str, path: str) -> bool:
    """Whether a warning is the name of the file, as seen from the folder of the run."""
    inside = shown
    while inside.startswith("../"):
        inside = inside.removeprefix("../")
    return f"/{posixpath.normpath(path)}".endswith(f"/{inside}")
