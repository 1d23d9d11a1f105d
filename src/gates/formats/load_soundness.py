"""What must hold before a run of load may be judged at all: a generator that kept up to the end.

Measured beforehand: where more than 1 % of the looks of a timer of 10 ms come more than 5 ms late,
or the busiest process takes most of a core, the generator adds tens of milliseconds of its own to
each percentile.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from gates.domain.errors import StageError
from gates.formats.load_model import LoadRecord

MOST_LATE = Decimal("0.01")
"""From this share of late looks on, times of requests are partly those of the generator."""

MOST_CPU = Decimal("0.8")
"""From this share of a core on, a generator falls behind."""

SHORTEST = Decimal("0.95")
"""The least share of its plan that a run has to last."""

_PROBE_US = 10_000
_HINT = (
    "run it where nothing else runs, ask for less, or part the load: `workers` of stage `locust`"
)

AGAIN = 1
"""How many runs in which the generator fell behind are thrown away and made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """How the generator fared in the measured phase.

    Attributes:
        probes: looks of its timer, those that a standstill swallowed among them.
        late: how many of them came late.
        cpu: mean share of one core that its busiest process took.
    """

    probes: int
    late: int
    cpu: Decimal


def generator_of(record: LoadRecord) -> Generator:
    """How the generator fared.

    A timer that stands still cannot look. The worst delay of a second tells how many looks were
    due in it, and so many count as late at least.
    """
    phase = record.phase
    late = [max(beat.late, beat.worst_us // _PROBE_US) for beat in phase]
    more = sum(found - beat.late for found, beat in zip(late, phase, strict=True))
    cpu = sum((beat.cpu for beat in phase), Decimal(0)) / len(phase)
    return Generator(probes=sum(beat.probes for beat in phase) + more, late=sum(late), cpu=cpu)


def refuse_unsound(record: LoadRecord, *, workers: int | None, has_died: bool) -> None:
    """Refuse a run that shows the generator and not the service.

    Args:
        record: the run.
        workers: how many processes must have been there; None takes the most that were.
        has_died: the service ended meanwhile, which may end the run early.

    Raises:
        StageError: the generator was saturated, a worker was lost, or the run ended early.
    """
    _refuse_early_end(record, has_died=has_died)
    _refuse_lost_workers(record, workers)
    if not generator_of(record).probes:
        raise StageError(
            "generator-unseen",
            "the generator did not look whether it was late, so nothing shows that it kept up",
            hint="use the generator of this version",
        )
    if why := fell_behind(record):
        raise StageError("generator-saturated", why, hint=_HINT)


def refuse_unasked(record: LoadRecord) -> None:
    """Refuse a run by a plan in which an endpoint of the plan got no request.

    Raises:
        StageError: one of them was never asked, so nothing is known of it.
    """
    missing = record.unasked
    if not missing:
        return
    others = f", nor did {len(missing) - 1:,} more" if len(missing) > 1 else ""
    raise StageError(
        "unasked",
        f"`{missing[0]}` got no request in the measured phase{others}",
        hint="let the run last longer, or raise its rate, or ask for less in its plan",
    )


def fell_behind(record: LoadRecord) -> str:
    """Why the times of a run are partly those of its generator, or empty.

    Such a run says nothing of the service, whatever its times are: it may be thrown away and made
    again, which is no choice among results.
    """
    generator = generator_of(record)
    if generator.late > MOST_LATE * generator.probes:
        share = Decimal(100 * generator.late) / generator.probes
        return (
            f"the generator was late: {share:.1f} % of {generator.probes:,} looks at its clock came"
            f" more than 5 ms late, at most {MOST_LATE * 100:.0f} % may"
        )
    if generator.cpu >= MOST_CPU:
        return (
            f"the generator took {generator.cpu * 100:.0f} % of a core,"
            f" below {MOST_CPU * 100:.0f} % it keeps up"
        )
    return ""


def _refuse_early_end(record: LoadRecord, *, has_died: bool) -> None:
    if has_died or record.seconds >= SHORTEST * record.duration_s:
        return
    raise StageError(
        "load-short",
        f"the run ended after {record.seconds:.1f} s of {record.duration_s:.0f} s",
        hint="the log of the generator tells what ended it",
    )


def _refuse_lost_workers(record: LoadRecord, workers: int | None) -> None:
    due = workers or max(beat.workers for beat in record.phase)
    lost = next((beat for beat in record.phase if beat.workers < max(due, 1)), None)
    if lost is None:
        return
    raise StageError(
        "worker-lost",
        f"{lost.workers} of {max(due, 1)} workers of the generator were there in second {lost.at}",
        hint="the log of the generator tells why a worker ended; memory is a usual reason",
    )
