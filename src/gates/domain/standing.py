"""How the waivers of a project stand in a run: which hold no more, not yet, not long, for nothing.

Every output tells these; whoever only looks at what failed would see none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from gates.domain.judge import Judged
from gates.domain.status import Status
from gates.domain.waiver import Waiver, WaiverFile

ENDING_DAYS = 14
"""A waiver that expires in so many days or fewer is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The waivers of a project on the day of a run; each tuple in the order of the file.

    Attributes:
        source: the file's name, relative to the folder of gates.yaml.
        sha256: hexadecimal digest of its bytes.
        total: how many waivers it holds.
        expired: they hold no more, and what they covered counts again.
        early: they do not hold yet.
        ending: they hold, and expire within `ENDING_DAYS`.
        unmatched: they hold, their gate was measured, and they cover nothing in it that counts.
    """

    source: str
    sha256: str
    total: int
    expired: tuple[Waiver, ...] = ()
    early: tuple[Waiver, ...] = ()
    ending: tuple[Waiver, ...] = ()
    unmatched: tuple[Waiver, ...] = ()


def stand(
    file: WaiverFile, judged: Mapping[str, Judged], *, today: date, is_whole: bool
) -> Standing:
    """Tell how each waiver stands.

    Args:
        file: all waivers.
        judged: the outcome of each gate, by its name.
        today: the day of the run (UTC).
        is_whole: whether gates measured all and not a change alone; else no waiver is called
            unmatched, since what it covers may lie outside the change.
    """
    valid = [waiver for waiver in file.waivers if waiver.is_valid_on(today)]
    return Standing(
        source=file.source,
        sha256=file.sha256,
        total=len(file.waivers),
        expired=tuple(waiver for waiver in file.waivers if waiver.expires < today),
        early=tuple(waiver for waiver in file.waivers if today < waiver.created),
        ending=tuple(waiver for waiver in valid if (waiver.expires - today).days <= ENDING_DAYS),
        unmatched=tuple(
            waiver
            for waiver in valid
            if is_whole and waiver.gate in judged and _is_unmatched(waiver, judged[waiver.gate])
        ),
    )


def notes(standing: Standing, today: date) -> Iterator[str]:
    """What every output must tell of the waivers, one line each, the most pressing first."""
    for waiver in standing.expired:
        ago = _days((today - waiver.expires).days)
        yield _told(
            waiver,
            f"expired {ago} ago ({waiver.expires})",
            "what it covered counts again; mend that, or renew the waiver",
        )
    for waiver in standing.early:
        yield _told(waiver, f"not valid before {waiver.created}", "until then it covers nothing")
    for waiver in standing.unmatched:
        yield _told(waiver, "unmatched", "it covers nothing that counts; delete it")
    for waiver in standing.ending:
        if waiver not in standing.unmatched:
            left = (waiver.expires - today).days
            when = f"in {_days(left)}" if left else "today"
            yield _told(
                waiver, f"expires {when} ({waiver.expires})", "mend what it covers, or renew it"
            )


def _is_unmatched(waiver: Waiver, judged: Judged) -> bool:
    """Whether the gate was measured whole, and there is nothing that the waiver covers."""
    if judged.status is Status.ERRORED or not judged.checks or waiver in judged.waivers:
        return False
    if waiver.finding:
        return True
    outcomes = {check.status for check in judged.checks if waiver.covers_condition(check.condition)}
    return outcomes == {Status.PASSED}


def _told(waiver: Waiver, how: str, next_step: str) -> str:
    at = f" ({waiver.place})" if waiver.place else ""
    return (
        f"waiver {how}: gate `{waiver.gate}`, {waiver.what}: {waiver.reason} ({waiver.owner});"
        f" {next_step}{at}"
    )


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"
