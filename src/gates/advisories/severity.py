"""How bad a vulnerability is, from all records that speak of it.

The highest statement counts: over CVSS vectors of every version and labels, over the record's top
level and its packages, over the record and those that it is an alias of. Nothing known is
`unknown`, a bucket of its own: it is never turned into a number. It is also `unknown` where what
can be read is below `high`, and a rating that cannot be read may be worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from gates.advisories.cvss import base_score
from gates.domain.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gates.advisories.osv import Advisory, Rating

_VECTORS: Final = frozenset({"CVSS_V2", "CVSS_V3", "CVSS_V4"})
_WORDS: Final = frozenset({"label", "Ubuntu"})
# A word that is not here is unknown.
_LABELS: Final[Mapping[str, Severity]] = {
    "CRITICAL": Severity.CRITICAL,
    "IMPORTANT": Severity.HIGH,
    "HIGH": Severity.HIGH,
    "MODERATE": Severity.MEDIUM,
    "MEDIUM": Severity.MEDIUM,
    "LOW": Severity.LOW,
    "NEGLIGIBLE": Severity.LOW,
}
_WEIGHT: Final[Mapping[Severity, int]] = {
    Severity.UNKNOWN: 0,
    Severity.INFO: 1,
    Severity.LOW: 2,
    Severity.MEDIUM: 3,
    Severity.HIGH: 4,
    Severity.CRITICAL: 5,
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """The severity of one vulnerability.

    Attributes:
        severity: the highest known, else unknown; unknown also where more may be meant.
        score: the highest CVSS base score, where there is a vector.
        source: id of the record that decided, or empty.
        notes: what could not be read.
    """

    severity: Severity
    score: Decimal | None
    source: str
    notes: tuple[str, ...] = ()


def of_score(score: Decimal, *, version: int) -> Severity:
    """Give the qualitative rating of a base score.

    The scale of CVSS 3 and 4 is that of their specifications, section "Qualitative Severity
    Rating Scale"; version 2 has the three steps of the NVD, without `critical`. A score of 0.0
    (`None`) counts as low: an advisory stands, so it must stay in a count.
    """
    steps: tuple[tuple[Decimal, Severity], ...]
    if version == 2:  # noqa: PLR2004 - the version's number
        steps = ((Decimal("7.0"), Severity.HIGH), (Decimal("4.0"), Severity.MEDIUM))
    else:
        steps = (
            (Decimal("9.0"), Severity.CRITICAL),
            (Decimal("7.0"), Severity.HIGH),
            (Decimal("4.0"), Severity.MEDIUM),
        )
    return next((severity for least, severity in steps if score >= least), Severity.LOW)


def resolve(records: Iterable[Advisory]) -> Resolved:
    """Take the highest severity that the records state.

    Args:
        records: an advisory and all that are aliases of it, transitively. Withdrawn ones are not
            listened to.
    """
    return of_ratings((record.id, record.ratings) for record in records if not record.withdrawn)


def of_ratings(ratings: Iterable[tuple[str, Iterable[Rating]]]) -> Resolved:
    """Take the highest severity of ratings.

    Args:
        ratings: for each record or report its id, with what it says.
    """
    best, source = Severity.UNKNOWN, ""
    top: Decimal | None = None
    notes = []
    is_unread = is_unsaid = False
    for name, said in ratings:
        for rating in said:
            severity, score, note = _read(rating)
            if note:
                notes.append(f"{name}: {note}")
            if score is not None and (top is None or score > top):
                top = score
            is_unread = is_unread or bool(note and rating.kind not in _WORDS)
            is_unsaid = is_unsaid or bool(note and rating.text.strip())
            if _WEIGHT[severity] > _WEIGHT[best]:
                best, source = severity, name
    # A word beside a vector says the same in short, so a strange one is of no weight there.
    may_be_worse = is_unread or (is_unsaid and top is None)
    if may_be_worse and _WEIGHT[best] < _WEIGHT[Severity.HIGH]:
        best, source = Severity.UNKNOWN, ""
    return Resolved(best, top, source, tuple(notes))


def _read(rating: Rating) -> tuple[Severity, Decimal | None, str]:
    if rating.kind in _WORDS:
        severity = _LABELS.get(rating.text.strip().upper(), Severity.UNKNOWN)
        note = "" if severity is not Severity.UNKNOWN else f"unknown label `{rating.text[:40]}`"
        return severity, None, note
    if rating.kind not in _VECTORS:
        return Severity.UNKNOWN, None, f"unknown kind of severity `{rating.kind[:40]}`"
    try:
        score = base_score(rating.text)
    except ValueError as error:
        return Severity.UNKNOWN, None, f"unreadable {rating.kind}: {error}"
    # The vector's own version counts; records exist whose `type` says another.
    version = 2 if not rating.text.startswith("CVSS:") else 3
    return of_score(score, version=version), score, ""
