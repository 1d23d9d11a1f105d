"""What npm tells of an audit in its log: which packages it asked for, and what answered.

With `--loglevel=silly` npm writes the request as Node prints an object, and with `http` or more
each answer with its status. Seen in npm 7 to 11. The report itself tells neither: it is the same
where npm was offline, asked for a part alone, or where nothing was known.
"""

from __future__ import annotations

import re
from typing import Final

from gates.domain.errors import OutputUnreadable

_LINE: Final = re.compile(r"^(?:npm\s+|\d+\s+)?sill(?:y)?\s+audit (?!report)(.*)$")
_START: Final = "bulk request "
_ANSWER: Final = re.compile(r"\bfetch POST (\d{3}) \S*/-/npm/v1/security/advisories/bulk\b")
_TOKEN: Final = re.compile(
    r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([\w$]+)|([\[\]{}:,])|(\.\.\.))"""
)


def was_answered(log: bytes) -> bool:
    """Say whether the registry answered the request for advisories with success."""
    return any(of[1].startswith("2") for of in _ANSWER.finditer(_text(log)))


def asked(log: bytes, *, what: str) -> frozenset[tuple[str, str]] | None:
    """The names and versions that npm asked for; None where its log does not tell.

    Args:
        log: the whole log.
        what: its name, in errors.

    Raises:
        OutputUnreadable: `log-unreadable`: the request is there, and cannot be read whole.
    """
    lines = _text(log).splitlines()
    told = [of[1] for line in lines if (of := _LINE.match(line)) is not None]
    starts = [at for at, line in enumerate(told) if line.startswith(_START)]
    if not starts:
        return None
    if len(starts) > 1:
        raise _unreadable(what, "tells of several requests")
    text = "\n".join((told[starts[0]].removeprefix(_START), *told[starts[0] + 1 :]))
    return _request(_tokens(text, what), what)


def _tokens(text: str, what: str) -> list[str]:
    """The words of an object as Node prints it: marks as they are, texts behind a `=`."""
    found: list[str] = []
    at = depth = 0
    while True:
        match = _TOKEN.match(text, at)
        if match is None or match[5]:
            raise _unreadable(what, "does not tell the request whole")
        at = match.end()
        mark = match[4] or ""
        found.append(mark or "=" + (match[1] or match[2] or match[3] or ""))
        depth += (mark in {"{", "["}) - (mark in {"}", "]"})
        if depth <= 0:
            return found


def _request(tokens: list[str], what: str) -> frozenset[tuple[str, str]]:
    """`{ name: [ version, ... ], ... }`."""
    pairs: set[tuple[str, str]] = set()
    name, is_inside = "", False
    for word in tokens[1:-1]:
        if word in {"[", "]"}:
            is_inside = word == "["
        elif not word.startswith("="):
            continue
        elif is_inside and name:
            pairs.add((name, word[1:]))
        elif not is_inside:
            name = word[1:]
        else:
            raise _unreadable(what, "names a version without a package")
    if tokens[0] != "{":
        raise _unreadable(what, "tells no object")
    return frozenset(pairs)


def _text(log: bytes) -> str:
    return log.decode("utf-8", "replace")


def _unreadable(what: str, why: str) -> OutputUnreadable:
    return OutputUnreadable("log-unreadable", f"npm's log {why}", place=what)
