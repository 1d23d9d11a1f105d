"""What `npm audit --json` of npm 7 and later writes (`auditReportVersion` 2).

Form: as the documentation of `npm audit` and the package npm-audit-report have it. An entry stands
for a package by name, with all places where it lies; its `via` holds advisories, and names of
packages that it is vulnerable by. The numbers of `metadata` are those of entries, not advisories.
A failure has one of two other forms, with the same exit code as a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Severity
from gates.formats import strict_json
from gates.formats.scanned import by_table, filled, items, one_line, optional_text, weaknesses
from gates.formats.strict_json import Value

SEVERITIES: Final[Mapping[str, Severity]] = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "moderate": Severity.MEDIUM,
    "low": Severity.LOW,
    "info": Severity.INFO,
}
"""npm's words; there is no other. npm itself calls `high` what an advisory does not rate."""

ASK_ANEW: Final = (
    "see that the registry of `.npmrc` answers audits, else use a registry or a proxy that does"
)
_VERSION: Final = 2
_GHSA: Final = "GHSA-"


@dataclass(frozen=True, slots=True)
class Advisory:
    """One advisory about one package.

    Attributes:
        id: its GHSA id where its address has one, else its number at the registry.
        aliases: the number, where it is not the id.
        severity: by npm's word.
        vector: its CVSS vector, or empty.
        cwe: numbers of weaknesses.
        title: one line.
        range: the versions that it is about.
    """

    id: str
    aliases: tuple[str, ...]
    severity: Severity
    vector: str
    cwe: tuple[int, ...]
    title: str
    range: str


@dataclass(frozen=True, slots=True)
class Vulnerable:
    """A package that advisories are about.

    Attributes:
        name: of the package.
        advisories: one or more; those that it is vulnerable by only through others are left out.
        places: where it lies, as the lock names them.
    """

    name: str
    advisories: tuple[Advisory, ...]
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All that one report says.

    Attributes:
        vulnerable: packages with advisories.
        total: how many places npm says that it read from the lock.
    """

    vulnerable: tuple[Vulnerable, ...]
    total: int


def read(data: bytes, *, what: str) -> AuditReport:
    """Read a report.

    Args:
        data: the file.
        what: its name, in errors.

    Raises:
        StageError: `lock-absent`, `audit-failed`: npm reports a failure, which is told.
        OutputUnreadable: it is no such report, or its parts contradict each other.
    """
    document = strict_json.read(data, what=what)
    if document.find("auditReportVersion") is None:
        _refuse_failure(document)
    version = document.member("auditReportVersion")
    if version.integer() != _VERSION:
        raise version.unreadable(f"is {version.integer()}, and {_VERSION} is understood")
    entries = dict(document.member("vulnerabilities").entries())
    _require_totals(document, entries)
    vulnerable = []
    for name, entry in entries.items():
        _require_chain(name, entry, entries)
        advisories = tuple(_advisory(of) for of in entry.member("via").items() if _is_own(of, name))
        places = tuple(filled_item(of) for of in entry.member("nodes").items())
        if not places:
            raise entry.member("nodes").unreadable("is empty")
        if advisories:
            vulnerable.append(Vulnerable(name, advisories, places))
    if entries and not vulnerable:
        raise document.member("vulnerabilities").unreadable("holds no advisory at all")
    total = document.member("metadata", "dependencies", "total").count()
    return AuditReport(tuple(vulnerable), total)


def filled_item(value: Value) -> str:
    """An item that is a text with something in it."""
    text = value.text()
    if not text:
        raise value.unreadable("is empty")
    return text


def _refuse_failure(document: Value) -> None:
    """Raise what npm says in one of its two forms of failure."""
    said = optional_text(document, "message")
    error = document.find("error")
    code = "" if error is None else _text_of(error, "code")
    if error is not None and not said:
        said = _text_of(error, "summary") or _text_of(error, "detail")
    if code == "ENOLOCK":
        raise StageError(
            "lock-absent",
            f"npm audit finds no lock: {one_line(said)}",
            hint="make one with `npm install --package-lock-only`, and commit it",
            place=document.what,
        )
    if error is None and not said:
        return
    status = document.mapping().get("statusCode")
    words = (one_line(said, limit=160) or "it says no reason", f"({status})" if status else "")
    told = " ".join(of for of in (*words, f"[{code}]" if code else "") if of)
    raise StageError(
        "audit-failed",
        f"npm audit could not ask: {told}",
        hint=ASK_ANEW,
        place=document.what,
    )


def _text_of(value: Value, key: str) -> str:
    found = value.mapping().get(key)
    return found if isinstance(found, str) else ""


def _require_totals(document: Value, entries: Mapping[str, Value]) -> None:
    """Hold the numbers of `metadata` against the entries themselves."""
    totals = document.member("metadata", "vulnerabilities")
    counted = dict.fromkeys(SEVERITIES, 0)
    for entry in entries.values():
        by_table(entry.member("severity"), SEVERITIES)
        counted[entry.member("severity").text()] += 1
    counted["total"] = len(entries)
    for word, number in counted.items():
        if totals.member(word).count() != number:
            raise totals.member(word).unreadable(
                f"is {totals.member(word).count()}, and {number} are listed"
            )


def _require_chain(name: str, entry: Value, entries: Mapping[str, Value]) -> None:
    """An entry is as grave as its advisories at least, and leads to entries that are there."""
    if filled(entry, "name") != name:
        raise entry.member("name").unreadable(f"is not `{name}`")
    via = tuple(entry.member("via").items())
    if not via:
        raise entry.member("via").unreadable("is empty")
    worst = by_table(entry.member("severity"), SEVERITIES)
    for of in via:
        if isinstance(of.raw, str):
            if of.raw not in entries:
                raise of.unreadable(f"names `{of.raw[:60]}`, which has no entry")
        elif by_table(of.member("severity"), SEVERITIES).rank < worst.rank:
            raise entry.member("severity").unreadable("is below that of an advisory")


def _is_own(of: Value, name: str) -> bool:
    if isinstance(of.raw, str):
        return False
    if filled(of, "dependency") != name:
        raise of.member("dependency").unreadable(f"is not `{name}`")
    return True


def _advisory(of: Value) -> Advisory:
    number = _number(of)
    last = optional_text(of, "url").rstrip("/").rpartition("/")[2]
    cvss = of.find("cvss")
    names = (name for name in items(of, "cwe") if isinstance(name.raw, str))
    is_known = last.startswith(_GHSA)
    return Advisory(
        id=last if is_known else number,
        aliases=(number,) if is_known else (),
        severity=by_table(of.member("severity"), SEVERITIES),
        vector="" if cvss is None else optional_text(cvss, "vectorString"),
        cwe=weaknesses(name.text() for name in names),
        title=one_line(optional_text(of, "title")),
        range=optional_text(of, "range") or "*",
    )


def _number(of: Value) -> str:
    source = of.member("source").raw
    if isinstance(source, bool) or not isinstance(source, int | str) or source == "":
        raise OutputUnreadable("json-type", f"`{of.pointer}/source` is no id", place=of.what)
    return f"npm-{source}"
