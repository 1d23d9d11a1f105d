"""Vulnerabilities as metrics and findings, counted in one way whatever stage found them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gates.domain.condition import subject
from gates.domain.errors import StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Direction, Metric, MetricSpec, Unit, count, tags_of
from gates.formats.locked import Scope

if TYPE_CHECKING:
    from datetime import date

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
    """

    metrics: tuple[Metric, ...]
    findings: tuple[Finding, ...]


def specs(*, age_is_optional: bool) -> tuple[MetricSpec, ...]:
    """The metrics of a stage that audits packages."""
    counted = tuple(
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
    grace = MetricSpec(
        name=IN_GRACE,
        unit=Unit.COUNT,
        direction=Direction.LOWER,
        title="vulnerabilities that `grace` still leaves time for",
        noun="vulnerabilities in grace",
    )
    age = MetricSpec(
        name=AGE,
        unit=Unit.SECONDS,
        direction=Direction.LOWER,
        title="age of the newest advisory in the data, in whole days",
        optional=age_is_optional,
    )
    return (*counted, grace, age)


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
    findings = tuple(_finding(of, inventory, grace, today) for of in found)
    metrics = []
    for name in _NAMES:
        metrics.append(_counted(findings, name))
        metrics += [_counted(findings, name, fix=fix) for fix in ("yes", "no")]
        if inventory.is_scoped:
            metrics += [_counted(findings, name, scope=scope) for scope in _SCOPES.values()]
    metrics.append(_counted(findings, IN_GRACE))
    return Tally(tuple(metrics), findings)


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


def _finding(
    of: Vulnerability, inventory: Inventory, grace: Mapping[str, int], today: date
) -> Finding:
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
        message=_message(of),
        path=path,
        line=line,
        counts=(IN_GRACE,) if _is_in_grace(of, grace.get(name, 0), today) else counts,
        aliases=of.aliases,
        subject=str(of.package),
        fix=f"upgrade to {' or '.join(of.fix_versions[:_FIXES_SHOWN])}" if of.fix_versions else "",
    )


def _is_in_grace(of: Vulnerability, days: int, today: date) -> bool:
    """A day of publication that is not known, or is to come, begins no grace."""
    return of.published is not None and 0 <= (today - of.published.date()).days < days


def _message(of: Vulnerability) -> str:
    text = " ".join(of.summary.split()) or "no description"
    if len(text) > _MESSAGE_LENGTH:
        text = f"{text[:_MESSAGE_LENGTH]}…"
    score = () if of.score is None else (f"CVSS {of.score}",)
    remarks = "; ".join((*score, *of.notes))
    return f"{text} ({remarks})" if remarks else text


def _place(entry: Locked, inventory: Inventory) -> tuple[str, int]:
    """The file and the line, where it is a file of the project's own."""
    path, _, number = entry.place.rpartition(":")
    files = {name for name, _ in inventory.files}
    if path in files and number.isdecimal():
        return path, int(number)
    return (entry.place, 0) if entry.place in files else ("", 0)
