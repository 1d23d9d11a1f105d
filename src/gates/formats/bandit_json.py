"""Bandit's JSON report (`-f json`), written by bandit 1.7 to 1.9."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.strict_json import Value

TOTALS = "_totals"

HARDCODED = frozenset({"B105", "B106", "B107"})
"""Tests that tell the password that they found."""

WITHHELD = "Possible hardcoded password, which is not shown"
"""What stands for their words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One result.

    Attributes:
        test: id of the test.
        severity: bandit's word.
        confidence: bandit's word.
        cwe: number of its weakness; 0 where the test names none.
        text: what bandit says.
        path: as bandit writes it.
        line: 1-based.
        column: 1-based; 0 where unknown.
    """

    test: str
    severity: str
    confidence: str
    cwe: int
    text: str
    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BanditReport:
    """The parts of a report that are judged.

    Attributes:
        issues: all results.
        errors: files that could not be examined, each with the reason.
        examined: files that were parsed and tested, as bandit writes them.
        totals: its own sums over all files (`SEVERITY.HIGH`, `nosec`, `skipped_tests`, `loc`).
        sums: the same for each file, as bandit writes its path.
    """

    issues: tuple[Issue, ...]
    errors: tuple[tuple[str, str], ...]
    examined: tuple[str, ...]
    totals: dict[str, int]
    sums: dict[str, dict[str, int]]


def parse(data: bytes, *, what: str) -> BanditReport:
    """Read a report.

    Raises:
        OutputUnreadable: not JSON, not bandit's, or its results are not those that it summed up,
            as where a level, a confidence or a baseline filters them.
    """
    document = strict_json.read(data, what=what)
    sums = {
        path: {name: of.count() for name, of in entry.entries()}
        for path, entry in document.member("metrics").entries()
    }
    report = BanditReport(
        issues=tuple(_issue(entry) for entry in document.member("results").items()),
        errors=tuple(
            (entry.member("filename").text(), entry.member("reason").text())
            for entry in document.member("errors").items()
        ),
        examined=tuple(
            path
            for path, of in sums.items()
            # A file that could not be parsed has an entry too, without these sums.
            if path != TOTALS and "SEVERITY.HIGH" in of
        ),
        totals=sums.get(TOTALS) or _unsummed(what),
        sums=sums,
    )
    _refuse_filtered(report, what)
    return report


def without_secrets(data: bytes, *, what: str) -> bytes:
    """A report that may be kept: without lines of source code, and without passwords.

    Raises:
        OutputUnreadable: not JSON, or not bandit's.
    """
    import json

    document = strict_json.read(data, what=what)
    results: list[dict[str, object]] = []
    for entry in document.member("results").items():
        members = {key: value for key, value in entry.mapping().items() if key != "code"}
        if "issue_text" in members:
            members["issue_text"] = _told(entry)
        results.append(members)
    whole = {**document.mapping(), "results": results}
    return json.dumps(whole, indent=1, default=float).encode()


def apart(report: BanditReport, path: str) -> tuple[BanditReport, tuple[Issue, ...] | None]:
    """Take one file out of a report.

    Args:
        report: a report on that file and others.
        path: the file, absolute and normal.

    Returns:
        The report without it, and what was found in it; None where it was not examined.
    """
    named = next((of for of in report.examined if posixpath.normpath(of) == path), None)
    if named is None:
        return report, None
    own = report.sums[named]
    rest = replace(
        report,
        issues=tuple(of for of in report.issues if of.path != named),
        examined=tuple(of for of in report.examined if of != named),
        totals={name: total - own.get(name, 0) for name, total in report.totals.items()},
    )
    return rest, tuple(of for of in report.issues if of.path == named)


def _issue(entry: Value) -> Issue:
    cwe = entry.find("issue_cwe")
    number = cwe.find("id") if cwe is not None else None
    column = entry.find("col_offset")
    return Issue(
        test=entry.member("test_id").text(),
        severity=entry.member("issue_severity").text(),
        confidence=entry.member("issue_confidence").text(),
        cwe=number.count() if number is not None else 0,
        text=_told(entry),
        path=entry.member("filename").text(),
        line=entry.member("line_number").count(),
        column=max(column.integer() + 1, 0) if column is not None else 0,
    )


def _told(entry: Value) -> str:
    """What bandit says of a result, but for what may be a password."""
    text = entry.member("issue_text").text()
    test = entry.member("test_id").text()
    return WITHHELD if test in HARDCODED or "password: '" in text else text


def _unsummed(what: str) -> dict[str, int]:
    summary = "bandit did not sum up what it found"
    raise OutputUnreadable("bandit-unproved", summary, place=what)


def _refuse_filtered(report: BanditReport, what: str) -> None:
    for name, expected in report.totals.items():
        kind, _, word = name.partition(".")
        if kind == "SEVERITY":
            found = sum(issue.severity == word for issue in report.issues)
            if found != expected:
                raise OutputUnreadable(
                    "contradiction",
                    f"bandit counted {expected} of severity {word} and reported {found}",
                    hint="a `level`, `confidence` or `baseline` setting must not filter results",
                    place=what,
                )
