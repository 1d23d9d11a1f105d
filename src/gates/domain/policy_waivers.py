"""The waivers of two policies compared: each that covers more, or for longer, loosens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gates.domain.policy_change import Kind, PolicyChange
from gates.domain.waiver import WAIVERS, Waiver


def compare_waivers(before: Sequence[Waiver], after: Sequence[Waiver]) -> Iterator[PolicyChange]:
    """What became of each waiver."""
    old = {_subject(waiver): waiver for waiver in before}
    new = {_subject(waiver): waiver for waiver in after}
    for subject, waiver in new.items():
        was = old.get(subject)
        if was is not None:
            yield from _compare(was, waiver)
        elif any(_holds(each, waiver) for each in before):
            yield _change(Kind.CHANGED, waiver, "", _text(waiver))
        else:
            yield _change(Kind.LOOSENED, waiver, "", _text(waiver))
    for subject, waiver in old.items():
        if subject not in new:
            yield _change(Kind.TIGHTENED, waiver, _text(waiver), "", place=WAIVERS)


def _compare(was: Waiver, now: Waiver) -> Iterator[PolicyChange]:
    old, new = (was.created, was.expires), (now.created, now.expires)
    if old != new:
        kind = Kind.TIGHTENED if _holds(was, now) else Kind.LOOSENED
        yield _change(kind, now, _days(was), _days(now))
    if (was.reason, was.owner) != (now.reason, now.owner):
        yield _change(Kind.CHANGED, now, _why(was), _why(now))


def _holds(wide: Waiver, narrow: Waiver) -> bool:
    """Whether one waiver covers all that another one does, on each of its days."""
    is_about = (wide.gate, wide.finding, wide.condition) == (
        narrow.gate,
        narrow.finding,
        narrow.condition,
    )
    is_within = not wide.scope or f"{narrow.scope}/".startswith(f"{wide.scope}/")
    is_while = wide.created <= narrow.created and narrow.expires <= wide.expires
    return is_about and is_within and is_while


def _subject(waiver: Waiver) -> tuple[str, ...]:
    return (waiver.gate, waiver.finding, waiver.condition, waiver.scope)


def _change(kind: Kind, waiver: Waiver, before: str, after: str, place: str = "") -> PolicyChange:
    return PolicyChange(
        kind=kind,
        what=f"waiver of {waiver.what} of gate `{waiver.gate}`",
        before=before,
        after=after,
        place=place or waiver.place or WAIVERS,
    )


def _text(waiver: Waiver) -> str:
    return f"{_days(waiver)}: {_why(waiver)}"


def _days(waiver: Waiver) -> str:
    return f"{waiver.created} to {waiver.expires}"


def _why(waiver: Waiver) -> str:
    return f"{waiver.reason} ({waiver.owner})"
