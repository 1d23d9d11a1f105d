"""Ruff's JSON (`--output-format json`)."""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.strict_json import Value
from gates.formats.tool_paths import Tree

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
        end_line: 0 where unknown.
    """

    code: str
    message: str
    path: str
    line: int
    column: int
    severity: str
    fix: str
    end_line: int = 0


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


def refuse_contradiction(entries: tuple[Diagnostic, ...], exit_code: int) -> None:
    """Refuse a report that the exit code of `ruff check` belies.

    Raises:
        OutputUnreadable: `contradiction`: it ended with 1 and reports nothing, or the reverse.
    """
    if (exit_code == 1) != bool(entries):
        summary = f"ruff ended with exit code {exit_code} and {len(entries)} diagnostics"
        raise OutputUnreadable("contradiction", summary, place="ruff")


def refuse_unreadable(entries: tuple[Diagnostic, ...], tree: Tree) -> None:
    """Refuse a report on a file that could not be read or parsed.

    Raises:
        StageError: `file-unreadable`, with its place.
    """
    entry = unreadable(entries)
    if entry is not None:
        place = tree.relative(entry.path)
        raise StageError(
            "file-unreadable",
            f"`{place}` could not be read as Python: {entry.message}",
            hint="mend it, or leave it out by `exclude` in ruff's configuration",
            place=f"{place}:{entry.line}:{entry.column}" if entry.line else place,
        )


def _diagnostic(entry: Value) -> Diagnostic:
    location, code, fix = entry.find("location"), entry.find("code"), entry.find("fix")
    severity, end = entry.find("severity"), entry.find("end_location")
    return Diagnostic(
        code=code.text() if code is not None else "invalid-syntax",
        message=entry.member("message").text(),
        path=entry.member("filename").text(),
        line=location.member("row").count() if location is not None else 0,
        column=location.member("column").count() if location is not None else 0,
        severity=severity.text() if severity is not None else "error",
        fix=_safe_fix(fix) if fix is not None else "",
        end_line=end.member("row").count() if end is not None else 0,
    )


def _safe_fix(fix: Value) -> str:
    if fix.member("applicability").text() != "safe":
        return ""
    message = fix.find("message")
    return message.text() if message is not None else "`ruff` can mend this"
