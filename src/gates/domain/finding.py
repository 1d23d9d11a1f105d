"""Findings: located observations of a stage, in one shape whatever tool made them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is; `UNKNOWN` is a bucket of its own and never counts as low."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Order for display: 0 is shown first; unknown stands beside high, since it may be."""
        return _RANK[self]


_RANK = {
    Severity.CRITICAL: 0,
    Severity.HIGH: 1,
    Severity.UNKNOWN: 2,
    Severity.MEDIUM: 3,
    Severity.LOW: 4,
    Severity.INFO: 5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Lines of a file that a finding is about.

    Attributes:
        path: relative to the folder of gates.yaml, with `/`.
        line: 1-based; 0 where unknown.
        end_line: the last line; 0 where unknown.
    """

    path: str
    line: int = 0
    end_line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One located observation.

    Attributes:
        rule: the tool's own rule id (`F401`, `B602`, an advisory id).
        severity: by the stage's total severity table.
        message: one line, already neutralised.
        path: relative to the folder of gates.yaml, with `/`; empty where it has no place.
        line: 1-based; 0 where unknown.
        column: 1-based; 0 where unknown.
        end_line: the last line that it is about; 0 where unknown.
        also: further places that it is about, as far as they are in files.
        counts: names of the metrics that this finding is counted in; a waived finding leaves them.
        aliases: other ids of the same thing, for waivers.
        confidence: the tool's own word, or empty.
        cwe: numbers of Common Weakness Enumeration entries.
        owasp: OWASP Top 10:2025 category (`A05:2025 Injection`), or empty.
        subject: what it is about where that is no file: a package and version, an endpoint.
        fix: what mends it in one line, or empty.
        fingerprint: stable identity that survives moved lines; filled in by `fingerprinted`.
        is_new: it is known to come with the change that was judged.
        line_hash: the hash by which code scanning knows its line again, or empty.
    """

    rule: str
    severity: Severity
    message: str
    path: str = ""
    line: int = 0
    column: int = 0
    end_line: int = 0
    also: tuple[Span, ...] = ()
    counts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    confidence: str = ""
    cwe: tuple[int, ...] = ()
    owasp: str = ""
    subject: str = ""
    fix: str = ""
    fingerprint: str = ""
    is_new: bool = False
    line_hash: str = ""

    @property
    def spans(self) -> tuple[Span, ...]:
        """All places that it is about, the first of them first; one without a path for none."""
        return (Span(path=self.path, line=self.line, end_line=self.end_line), *self.also)

    @property
    def place(self) -> str:
        """`path:line:column`, as far as known."""
        if not self.path:
            return self.subject
        if not self.line:
            return self.path
        return (
            f"{self.path}:{self.line}:{self.column}" if self.column else f"{self.path}:{self.line}"
        )


def fingerprinted(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Give each finding an identity: rule, path, subject, message and its ordinal among equals.

    Line and column stay out of it, so that a finding keeps its identity when lines above it move.
    """
    from dataclasses import replace
    from hashlib import blake2b

    seen: dict[str, int] = {}
    done = []
    for finding in findings:
        if finding.fingerprint:
            done.append(finding)
            continue
        base = f"{finding.rule}\0{finding.path}\0{finding.subject}\0{finding.message}"
        ordinal = seen.get(base, 0)
        seen[base] = ordinal + 1
        text = f"{base}\0{ordinal}".encode("utf-8", "surrogatepass")
        done.append(replace(finding, fingerprint=blake2b(text, digest_size=16).hexdigest()))
    return tuple(done)
