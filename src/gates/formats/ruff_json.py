"""Ruff's JSON (`--output-format json`), and the rules that its settings say are enabled."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.ruff_log import plain_name
from gates.formats.strict_json import Value

UNREADABLE = frozenset({"invalid-syntax", "E902", "io"})
"""Codes that say that a file could not be read or parsed: it was not examined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One entry.

    Attributes:
        code: the rule; `invalid-syntax` also where older versions leave it out.
        message: what ruff says.
        path: as ruff writes it, absolute.
        line: 1-based; 0 where unknown.
        column: 1-based; 0 where unknown.
        severity: ruff's own word; `error` where older versions have none.
        fix: what a safe fix does, or empty.
    """

    code: str
    message: str
    path: str
    line: int
    column: int
    severity: str
    fix: str


def parse(data: bytes, *, what: str) -> tuple[Diagnostic, ...]:
    """Read all entries.

    Raises:
        OutputUnreadable: not JSON, or not a list of ruff's entries.
    """
    document = strict_json.read(data, what=what)
    return tuple(_diagnostic(entry) for entry in document.items())


def unreadable(entries: tuple[Diagnostic, ...]) -> Diagnostic | None:
    """The first entry that says that a file could not be read or parsed, or None."""
    return next((entry for entry in entries if entry.code in UNREADABLE), None)


def enabled_rules(settings: bytes) -> frozenset[str]:
    """The plain names of the rules that are enabled, by what `ruff check --show-settings` prints.

    Raises:
        OutputUnreadable: the list of enabled rules is not there.
    """
    text = settings.decode("utf-8", "replace")
    found = re.search(r"^linter\.rules\.enabled = \[(.*?)\]$", text, re.MULTILINE | re.DOTALL)
    if found is None:
        summary = "ruff did not say which rules are enabled"
        raise OutputUnreadable("ruff-unproved", summary, place="ruff")
    lines = (line.partition(" (")[0] for line in found[1].splitlines())
    return frozenset(plain_name(line) for line in lines if line.strip())


def _diagnostic(entry: Value) -> Diagnostic:
    location, code, fix = entry.find("location"), entry.find("code"), entry.find("fix")
    severity = entry.find("severity")
    return Diagnostic(
        code=code.text() if code is not None else "invalid-syntax",
        message=entry.member("message").text(),
        path=entry.member("filename").text(),
        line=location.member("row").count() if location is not None else 0,
        column=location.member("column").count() if location is not None else 0,
        severity=severity.text() if severity is not None else "error",
        fix=_safe_fix(fix) if fix is not None else "",
    )


def _safe_fix(fix: Value) -> str:
    if fix.member("applicability").text() != "safe":
        return ""
    message = fix.find("message")
    return message.text() if message is not None else "`ruff` can mend this"
