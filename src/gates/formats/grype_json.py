"""What Grype writes with `-o json`: matches, matches that its rules ignore, and what it is.

Form: github.com/anchore/grype, `grype/presenter/models` (Document, Match). The packages are not
listed. `descriptor.db` tells how old the data is: `built` in older forms, `status.built` in newer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from gates.domain.errors import StageError
from gates.domain.finding import Severity
from gates.formats import strict_json
from gates.formats.scanned import (
    Listed,
    Scan,
    Told,
    by_table,
    filled,
    items,
    one_line,
    optional_text,
    texts,
    weaknesses,
)
from gates.formats.strict_json import Value

SEVERITIES: Final[Mapping[str, Severity]] = {
    "Critical": Severity.CRITICAL,
    "High": Severity.HIGH,
    "Medium": Severity.MEDIUM,
    "Low": Severity.LOW,
    "Negligible": Severity.LOW,
    "Unknown": Severity.UNKNOWN,
    "": Severity.UNKNOWN,
}
"""Grype's words; there is no other, and none at all is unknown."""

_NAME: Final = "grype"
_DATE_LENGTH: Final = len("2026-01-31")


def read(data: bytes, *, what: str) -> Scan:
    """Read a report.

    Args:
        data: the file.
        what: its name, in errors.

    Raises:
        OutputUnreadable: it is no such report, or the date of its data is none.
        StageError: `database-invalid`: Grype says that its data is not valid.
    """
    document = strict_json.read(data, what=what)
    descriptor = document.member("descriptor")
    name = filled(descriptor, "name")
    if name != _NAME:
        raise descriptor.member("name").unreadable(f"is `{name[:40]}`, and not {_NAME}")
    ignored = document.find("ignoredMatches")
    return Scan(
        packages=None,
        told=(
            *(_told(of) for of in document.member("matches").items()),
            *(_told(of, why=_rules(of)) for of in (ignored.items() if ignored is not None else ())),
        ),
        version=filled(descriptor, "version"),
        data_date=_built(descriptor, what),
    )


def _built(descriptor: Value, what: str) -> str:
    """The day on which the data was built; empty where the report does not tell."""
    data = descriptor.find("db")
    status = (data.find("status") or data) if data is not None else None
    if status is None:
        return ""
    valid, error = status.find("valid"), status.mapping().get("error")
    if (valid is not None and not valid.flag()) or error:
        raise StageError(
            "database-invalid",
            f"grype says that its data is not valid: {str(error)[:100]}",
            hint="run `grype db update`, and scan again",
            place=what,
        )
    text = optional_text(status, "built")
    try:
        return text and date.fromisoformat(text[:_DATE_LENGTH]).isoformat()
    except ValueError:
        raise status.member("built").unreadable(f"is no date: `{text[:40]}`") from None


def _rules(match: Value) -> str:
    """Why a match is ignored."""
    rules = items(match, "appliedIgnoreRules")
    words = (
        optional_text(of, key) for of in rules for key in ("reason", "vulnerability", "vex-status")
    )
    return ", ".join(dict.fromkeys(word for word in words if word)) or "ignored"


def _told(match: Value, *, why: str = "") -> Told:
    vulnerability = match.member("vulnerability")
    artifact = match.member("artifact")
    related = items(match, "relatedVulnerabilities")
    word = vulnerability.find("severity")
    ratings, score = _ratings((vulnerability, *related))
    fix = vulnerability.find("fix")
    kind = optional_text(artifact, "language") or filled(artifact, "type")
    return Told(
        package=Listed.of(
            "npm" if kind == "javascript" else kind,
            filled(artifact, "name"),
            filled(artifact, "version"),
        ),
        id=filled(vulnerability, "id"),
        aliases=tuple(dict.fromkeys(filled(of, "id") for of in related)),
        severity=Severity.UNKNOWN if word is None else by_table(word, SEVERITIES),
        ratings=ratings,
        score=score,
        cwe=weaknesses(_cwe((vulnerability, *related))),
        summary=one_line(
            next(
                filter(
                    None, (optional_text(of, "description") for of in (vulnerability, *related))
                ),
                "",
            )
        ),
        fix_versions=texts(fix, "versions") if fix is not None else (),
        place=_place(artifact),
        suppressed=why,
    )


def _place(artifact: Value) -> str:
    places = [optional_text(of, "path") for of in items(artifact, "locations")]
    return next(filter(None, places), "")


def _cwe(vulnerabilities: tuple[Value, ...]) -> Iterator[str]:
    for of in vulnerabilities:
        for entry in items(of, "cwes"):
            yield entry.raw if isinstance(entry.raw, str) else filled(entry, "cwe")


def _ratings(
    vulnerabilities: tuple[Value, ...],
) -> tuple[tuple[tuple[str, str], ...], Decimal | None]:
    vectors: list[tuple[str, str]] = []
    scores: list[Decimal] = []
    for entry in (entry for of in vulnerabilities for entry in items(of, "cvss")):
        version = filled(entry, "version")
        vector = optional_text(entry, "vector")
        if vector:
            vectors.append((f"CVSS_V{version.partition('.')[0]}", vector))
        metrics = entry.find("metrics")
        score = metrics.find("baseScore") if metrics is not None else None
        if score is not None and not version.startswith("2"):
            scores.append(score.number())
    return tuple(dict.fromkeys(vectors)), max(scores, default=None)
