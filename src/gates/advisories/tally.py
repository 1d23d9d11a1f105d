"""Vulnerabilities as metrics and findings, counted in one way whatever stage found them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from gates.domain.condition import subject
from gates.domain.errors import StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Direction, Metric, MetricSpec, Unit, count, tags_of
from gates.domain.owasp import category_of
from gates.formats.locked import Scope

if TYPE_CHECKING:
    from gates.advisories.inventory import Inventory
    from gates.advisories.matching import Vulnerability
    from gates.advisories.sources import SourceFacts
    from gates.formats.locked import Locked

SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "high",
    Severity.MEDIUM: "medium",
    Severity.LOW: "low",
    Severity.INFO: "low",
    Severity.UNKNOWN: "unknown",
}
"""Each severity with the metric that counts it; a CVSS score of 0 is the lowest of `low`."""

IN_GRACE: Final = "in_grace"
AGE: Final = "advisory_age"
_NAMES: Final = tuple(dict.fromkeys(SEVERITIES.values()))
_SCOPES: Final[Mapping[Scope, str]] = {Scope.RUNTIME: "runtime", Scope.DEVELOPMENT: "dev"}
_DAY_S: Final = 86_400
_MESSAGE_LENGTH: Final = 240
_FIXES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Tally:
    """What was found, counted.

    Attributes:
        metrics: each severity, as a whole and by tag; and what is in grace.
        findings: one for each vulnerability of each package.
        notes: what is in grace, each with the day from which it counts.
    """

    metrics: tuple[Metric, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


def by_severity() -> tuple[MetricSpec, ...]:
    """The metrics that count vulnerabilities by severity."""
    return tuple(
        MetricSpec(
            name=name,
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title=f"vulnerabilities of {name} severity",
            noun=f"vulnerabilities of {name} severity",
            tags=("fix", "scope"),
        )
        for name in _NAMES
    )


def age_spec(*, is_optional: bool) -> MetricSpec:
    """The metric for how old the data is."""
    return MetricSpec(
        name=AGE,
        unit=Unit.SECONDS,
        direction=Direction.LOWER,
        title="age of the newest advisory in the data, in whole days",
        optional=is_optional,
    )


def specs(*, age_is_optional: bool) -> tuple[MetricSpec, ...]:
    """The metrics of a stage that audits packages."""
    grace = MetricSpec(
        name=IN_GRACE,
        unit=Unit.COUNT,
        direction=Direction.LOWER,
        title="vulnerabilities that `grace` still leaves time for",
        noun="vulnerabilities in grace",
    )
    return (*by_severity(), grace, age_spec(is_optional=age_is_optional))


def read_grace(given: Mapping[str, str]) -> dict[str, int]:
    """Read `grace`: severities with their days, as in `{high: 14d}`.

    Raises:
        ValueError: with one line that says why.
    """
    days = {}
    for name, text in given.items():
        if name not in _NAMES:
            raise ValueError(f"`grace` knows no severity `{name}`; known are {', '.join(_NAMES)}")
        number = text.strip().removesuffix("d").rstrip()
        if not (text.strip().endswith("d") and number.isascii() and number.isdecimal()):
            raise ValueError(f"`grace` for `{name}` is `{text}`, and not days as in `14d`")
        days[name] = int(number)
    return days


def tally(
    found: Iterable[Vulnerability], inventory: Inventory, *, grace: Mapping[str, int], today: date
) -> Tally:
    """Count vulnerabilities and make findings of them.

    Args:
        found: what was found in packages of the inventory.
        inventory: what was looked up.
        grace: for a severity the days from publication in which it counts as `in_grace` alone.
        today: the day of the run (UTC).
    """
    known = tuple(found)
    ends = tuple(_end_of_grace(of, grace.get(SEVERITIES[of.severity], 0), today) for of in known)
    findings = tuple(_finding(of, inventory, end) for of, end in zip(known, ends, strict=True))
    metrics = []
    for name in _NAMES:
        metrics.append(_counted(findings, name))
        metrics += [_counted(findings, name, fix=fix) for fix in ("yes", "no")]
        if inventory.is_scoped:
            metrics += [_counted(findings, name, scope=scope) for scope in _SCOPES.values()]
    metrics.append(_counted(findings, IN_GRACE))
    waiting = [(end, of.id) for of, end in zip(known, ends, strict=True) if end is not None]
    return Tally(tuple(metrics), findings, _grace_notes(waiting))


def age(facts: SourceFacts, today: date) -> Metric | None:
    """How old the data of a source is, in whole days; `None` where it answers live.

    Raises:
        StageError: `advisories-future`: it is of a day to come, so its date or the clock is wrong.
    """
    if facts.data_date is None:
        return None
    days = (today - facts.data_date.date()).days
    if days < 0:
        raise StageError(
            "advisories-future",
            f"the advisory data is of {facts.data_date.date()}, and today is {today}",
            hint="set the clock, or take the data from a source that can be relied on",
            place=facts.name,
        )
    return Metric(name=AGE, value=days * _DAY_S)


def data_note(facts: SourceFacts) -> str:
    """Which data was asked, in a few words."""
    if facts.data_date is None:
        return f"advisory data of {facts.name}, live"
    records = "" if facts.records is None else f", {facts.records:,} records"
    return f"advisory data of {facts.data_date.date()}{records}"


def _counted(findings: tuple[Finding, ...], name: str, **tags: str) -> Metric:
    of = subject(name, tags_of(tags))
    return count(name, sum(of in finding.counts for finding in findings), **tags)


def _finding(of: Vulnerability, inventory: Inventory, end: date | None) -> Finding:
    entry = inventory.entry(of.package)
    path, line = _place(entry, inventory)
    name = SEVERITIES[of.severity]
    tags = {"fix": "yes" if of.fix_versions else "no"}
    if inventory.is_scoped:
        tags["scope"] = _SCOPES[entry.scope]
    counts = (name, *(subject(name, tags_of({tag: value})) for tag, value in tags.items()))
    return Finding(
        rule=of.id,
        severity=of.severity,
        message=_message(of, end),
        path=path,
        line=line,
        counts=counts if end is None else (IN_GRACE,),
        aliases=of.aliases,
        cwe=of.cwe,
        owasp=category_of(of.cwe),
        subject=str(of.package),
        fix=f"upgrade to {' or '.join(of.fix_versions[:_FIXES_SHOWN])}" if of.fix_versions else "",
    )


def _end_of_grace(of: Vulnerability, days: int, today: date) -> date | None:
    """The day from which it counts, where that is to come.

    A day of publication that is not known, or is to come, begins no grace.
    """
    if of.published is None or not 0 <= (today - of.published.date()).days < days:
        return None
    # A grace that outlasts the calendar ends on its last day.
    return date.fromordinal(min(of.published.date().toordinal() + days, date.max.toordinal()))


def _grace_notes(waiting: Iterable[tuple[date, str]]) -> tuple[str, ...]:
    told = [f"{name} (ends {end})" for end, name in sorted(waiting)]
    if not told:
        return ()
    noun = "finding" if len(told) == 1 else "findings"
    return (f"{len(told)} {noun} in grace, not counted by severity: {', '.join(told)}",)


def _message(of: Vulnerability, end: date | None) -> str:
    text = " ".join(of.summary.split()) or "no description"
    if len(text) > _MESSAGE_LENGTH:
        text = f"{text[:_MESSAGE_LENGTH]}…"
    score = () if of.score is None else (f"CVSS {of.score}",)
    grace = () if end is None else (f"in grace, which ends {end}",)
    remarks = "; ".join((*score, *grace, *of.notes))
    return f"{text} ({remarks})" if remarks else text


def _place(entry: Locked, inventory: Inventory) -> tuple[str, int]:
    """The file and the line, where it is a file of the project's own."""
    path, _, number = entry.place.rpartition(":")
    files = {name for name, _ in inventory.files}
    if path in files and number.isdecimal():
        return path, int(number)
    return (entry.place, 0) if entry.place in files else ("", 0)
