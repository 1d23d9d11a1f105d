"""The rules of a SARIF report: each that a result names, described once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from gates.domain.finding import Severity
from gates.reports.entries import TEXT_LIMIT, Effect, Entry
from gates.toolkit.door import one_line

SECURITY_SEVERITY: Mapping[Severity, str] = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.UNKNOWN: "7.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
}
"""Scores by which code scanning tells critical (over 9.0), high, medium and low apart."""

_PROBLEM = {Effect.ERROR: "error", Effect.WARNING: "warning", Effect.NOTE: "recommendation"}
_HELP = (
    "`gates explain` with the gate's name tells why it stands as it does, what would make it pass"
    " and how to repeat it; what may stay is waived in .gates/waivers.yaml."
)
_LINK = re.compile(r"\](?=\()")

Json = Mapping[str, object]


def rules_of(entries: Iterable[Entry]) -> tuple[list[Json], dict[str, int]]:
    """The rules behind entries, and the index of each by its id."""
    gravest: dict[str, Entry] = {}
    for entry in entries:
        known = gravest.get(entry.id)
        if known is None or _weight(entry) < _weight(known):
            gravest[entry.id] = entry
    index = {name: number for number, name in enumerate(gravest)}
    return [_rule(entry) for entry in gravest.values()], index


def _weight(entry: Entry) -> tuple[bool, int, int]:
    return not entry.is_security, entry.severity.rank, entry.effect.rank


def plain(text: str) -> str:
    """Foreign text as a message: on one line, and without a link, which readers would make."""
    safe = one_line(text, limit=TEXT_LIMIT) or "-"
    return _LINK.sub("]\N{ZERO WIDTH SPACE}", safe)


def _rule(entry: Entry) -> Json:
    gate = f"the gate {entry.gate}" if entry.gate else "the run"
    told_by = f", told by {gate}" if entry.tool != "gates" else f", judged for {gate}"
    score = SECURITY_SEVERITY.get(entry.severity) if entry.is_security else None
    return {
        "id": entry.id,
        "shortDescription": {"text": plain(f"{entry.rule} ({entry.tool}).")},
        "fullDescription": {"text": plain(f"{entry.rule} of {entry.tool}{told_by}.")},
        "help": {"text": plain(f"{_HELP} Asked for by {gate} in gates.yaml.")},
        "defaultConfiguration": {"level": entry.effect.value},
        "properties": {
            "tags": ["security"] if entry.is_security else ["quality"],
            "problem.severity": _PROBLEM[entry.effect],
            **({"security-severity": score} if score else {}),
        },
    }
