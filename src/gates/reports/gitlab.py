"""The code quality report of GitLab: a list of places, of which a merge request shows the new ones.

Its fields are those of the subset of Code Climate's format that GitLab reads. Two entries with one
fingerprint would be one, so the number of an entry among its equals is part of it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b

from gates.domain.finding import Severity
from gates.domain.rollup import RollUp
from gates.domain.run import Run
from gates.reports.entries import Entry, entries_of, ranked

SEVERITIES: Mapping[Severity, str] = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.UNKNOWN: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}
"""GitLab's five words for our six."""


def report(run: Run | RollUp) -> str:
    """The report as JSON text that ends with a line break; what is waived is no part of it."""
    seen: Counter[str] = Counter()
    entries = []
    for entry in ranked(each for each in entries_of(run) if each.waiver is None):
        identity = f"{entry.gate}\0{entry.rule}\0{entry.place.path}\0{entry.fingerprint}"
        entries.append(_entry(entry, f"{identity}\0{seen[identity]}"))
        seen[identity] += 1
    return json.dumps(entries, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def _entry(entry: Entry, identity: str) -> Mapping[str, object]:
    digest = blake2b(identity.encode("utf-8", "replace"), digest_size=16)
    return {
        "description": f"{entry.message} ({entry.id})",
        "check_name": entry.id,
        "fingerprint": digest.hexdigest(),
        "severity": SEVERITIES[entry.severity],
        "location": {"path": entry.place.path, "lines": {"begin": entry.place.line or 1}},
    }
