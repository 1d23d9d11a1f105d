"""What `black --check --verbose` writes to standard error: a line for each file, and the sums.

The lines read here were the same in black 24.1 and 26.10, but for those of a file that cannot be
parsed, of which both forms are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.tool_paths import Tree

_LINES = {
    "unformatted": r"would reformat (.+)",
    "formatted": r"(.+) already well formatted, good job\.",
    "cached": r"(.+) wasn't modified on disk since last run\.",
    "ignored": r"(.+) ignored: matches the --force-exclude regular expression",
}
_SUMS = {
    "unformatted": r"(\d+) files? would be reformatted",
    "formatted": r"(\d+) files? would be left unchanged",
    "failed": r"(\d+) files? would fail to reformat",
}
_CANNOT_FORMAT = re.compile(r"error: cannot format (.+?): (.+)")
_CANNOT_PARSE = re.compile(r"error: cannot parse: (.+):(\d+):(\d+)(.*)")
_PLACE = re.compile(r"Cannot parse(?: for target version .+?)?: (\d+):(\d+): ?(.*)")
_END = re.compile(
    r"^(?:\d+ files? would [a-z ]+(?:, \d+ files? would [a-z ]+)*\.$|"
    r"No Python files are present to be formatted)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A file that black could not format.

    Attributes:
        path: as black writes it.
        line: 1-based; 0 where unknown.
        column: as black counts; 0 where unknown.
        reason: in black's words.
    """

    path: str
    line: int
    column: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackLog:
    """What a run says about each file, paths as black writes them.

    Attributes:
        formatted: files that it would leave as they are.
        unformatted: files that it would change.
        ignored: files that `force-exclude` leaves out.
        failures: files that it could not format.
    """

    formatted: tuple[str, ...] = ()
    unformatted: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


def is_finished(log: bytes) -> bool:
    """Whether the run came to its end: it sums up what it saw."""
    return _END.search(log.decode("utf-8", "replace")) is not None


def parse(log: bytes) -> BlackLog:
    """Read the log of a run that came to its end.

    Raises:
        OutputUnreadable: there are no sums, they are not those of the files that are named, or
            black's cache answered for a file.
    """
    text = log.decode("utf-8", "replace")
    named = {kind: tuple(_found(line, text)) for kind, line in _LINES.items()}
    if named["cached"]:
        raise OutputUnreadable(
            "cache-answered",
            f"black's cache answered for {len(named['cached'])} files",
            hint="take `cache-dir` out of black's configuration",
            place="black",
        )
    failures = tuple(_failures(text))
    sums = _sums(text)
    counted = {kind: len(named[kind]) for kind in ("unformatted", "formatted")}
    if sums != {**counted, "failed": len(failures)}:
        summary = "the files that black names are not those of its sums"
        raise OutputUnreadable("contradiction", summary, place="black")
    return BlackLog(
        formatted=named["formatted"],
        unformatted=named["unformatted"],
        ignored=named["ignored"],
        failures=failures,
    )


def refuse_failures(log: BlackLog, tree: Tree) -> None:
    """Refuse a run that could not format a file.

    Raises:
        StageError: `file-unreadable`, with its place.
    """
    if not log.failures:
        return
    first = log.failures[0]
    place = tree.relative(first.path)
    more = f", and {len(log.failures) - 1} more" if len(log.failures) > 1 else ""
    raise StageError(
        "file-unreadable",
        f"black could not format `{place}`: {first.reason}{more}",
        hint="mend it, or leave it out by `extend-exclude` in black's configuration",
        place=f"{place}:{first.line}:{first.column}" if first.line else place,
    )


def _found(line: str, text: str) -> list[str]:
    return [found[1] for found in re.finditer(f"^{line}$", text, re.MULTILINE)]


def _sums(text: str) -> dict[str, int]:
    """The numbers of the line that sums up; all are 0 where black says that there was no file."""
    lines = _END.findall(text)
    if len(lines) != 1:
        raise OutputUnreadable(
            "black-unproved",
            "black did not say which files it looked at",
            hint="is it really black?",
            place="black",
        )
    found = {kind: re.search(pattern, lines[0]) for kind, pattern in _SUMS.items()}
    return {kind: int(one[1]) if one is not None else 0 for kind, one in found.items()}


def _failures(text: str) -> list[Failure]:
    failures = []
    for line in text.splitlines():
        parse_error = _CANNOT_PARSE.fullmatch(line)
        if parse_error is not None:
            path, row, column, reason = parse_error.groups()
            failures.append(_failure(path, row, column, reason or "it cannot be parsed"))
            continue
        error = _CANNOT_FORMAT.fullmatch(line)
        if error is not None:
            place = _PLACE.match(error[2])
            row, column = (place[1], place[2]) if place is not None else ("0", "0")
            failures.append(_failure(error[1], row, column, error[2]))
    return failures


def _failure(path: str, line: str, column: str, reason: str) -> Failure:
    return Failure(path=path, line=int(line), column=int(column), reason=reason.strip())
