"""The findings of a stored run record."""

from __future__ import annotations

from gates.domain.finding import Finding, Severity
from gates.formats.strict_json import Value
from gates.reports.stored_values import later, maybe, one_of, text, texts


def finding(entry: Value) -> Finding:
    """One finding.

    Raises:
        OutputUnreadable: where a member lacks or is of another kind.
    """
    return Finding(
        rule=entry.member("rule").text(),
        severity=one_of(Severity, entry.member("severity")),
        message=entry.member("message").text(),
        path=text(entry, "path") or "",
        line=maybe(entry, "line", Value.count) or 0,
        column=maybe(entry, "column", Value.count) or 0,
        subject=text(entry, "subject") or "",
        fix=text(entry, "fix") or "",
        confidence=text(entry, "confidence") or "",
        cwe=tuple(number.count() for number in entry.member("cwe").items()),
        owasp=text(entry, "owasp") or "",
        aliases=texts(entry.member("aliases")),
        counts=texts(entry.member("counts")),
        fingerprint=entry.member("fingerprint").text(),
        end_line=later(entry, "end_line", Value.count) or 0,
        is_new=later(entry, "new", Value.flag) or False,
        line_hash=later(entry, "line_hash", Value.text) or "",
    )
