"""What a record of load shows: metrics with intervals, preconditions first, notes at last.

Times are those of requests that did not fail, from the moment at which they were to start. A
request without an answer counts as failed. The warm-up is left out, and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from gates.domain.errors import StageError
from gates.domain.metric import (
    Direction,
    Examined,
    Metric,
    MetricSpec,
    Unit,
    flag,
    ratio,
)
from gates.domain.stage_result import NotApplicable
from gates.domain.units import plain
from gates.formats import load_notes
from gates.formats.latency import MAX_TAGGED, load_specs
from gates.formats.load_model import LoadRecord
from gates.formats.load_part import Part, parts_of
from gates.formats.load_soundness import generator_of, refuse_unsound

TAG = "endpoint"

DEFAULTS = ("achieved >= 95%", "alive == 1")
"""What every stage that loads a service asks."""

PATIENCE_S = Decimal(3600)
"""How long a generator waits for answers at most, where a stage does not say it."""

_CLOSED = "users wait for answers before they ask again, so no rate is asked of them"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadMeasured:
    """What was measured, ready for a stage's result.

    Attributes:
        metrics: all of `specs()` that this run has.
        examined: the requests.
        not_applicable: metrics that this run cannot have, with the reason.
        notes: what every output must tell.
    """

    metrics: tuple[Metric, ...]
    examined: Examined
    not_applicable: tuple[NotApplicable, ...] = ()
    notes: tuple[str, ...] = ()


def specs() -> tuple[MetricSpec, ...]:
    """The specifications of everything that a load stage measures."""
    return (
        *load_specs(TAG),
        _spec("over", Unit.RATIO, Direction.LOWER, "requests slower than `slow`", tags=(TAG,)),
        _spec("asked_rate", Unit.PER_SECOND, Direction.HIGHER, "requests a second that were asked"),
        _spec("achieved", Unit.RATIO, Direction.HIGHER, "requests that came to an end, of asked"),
        _spec(
            "generator_lag", Unit.RATIO, Direction.LOWER, "looks of the generator that were late"
        ),
        _spec("generator_cpu", Unit.NUMBER, Direction.LOWER, "cores that the generator took"),
        MetricSpec(
            name="alive",
            unit=Unit.FLAG,
            direction=Direction.HIGHER,
            title="the service was there to the end",
        ),
    )


def measured(  # noqa: PLR0913 - each is one decision of a stage's options
    record: LoadRecord,
    *,
    confidence: Decimal = Decimal("0.95"),
    looks: int = 1,
    slow_s: Decimal = Decimal("0.1"),
    patience_s: Decimal = PATIENCE_S,
    workers: int | None = None,
    died: str = "",
) -> LoadMeasured:
    """Judge whether a run can be judged, and measure it.

    Args:
        record: the run.
        confidence: how sure each interval is, above 0 and below 1.
        looks: how often the run may be looked at before it ends, this look included; each of them
            gets its part of the confidence (C. Bonferroni, 1936).
        slow_s: from how many seconds on a request is over the limit that `over` counts by.
        patience_s: how long the generator waits for answers after the end.
        workers: how many processes of the generator must have been there all the time; None takes
            the most that were.
        died: what became of the service, where it is not there any more; empty where it is.

    Raises:
        StageError: the generator was saturated, a worker was lost, the run ended early, or no
            request succeeded.
        ValueError: the confidence is none.
    """
    if not 0 < confidence < 1 or looks < 1:
        raise ValueError(f"no confidence: {confidence} over {looks} looks")
    refuse_unsound(record, workers=workers, has_died=bool(died))
    miss = float(1 - confidence) / looks
    whole, parts = parts_of(record)
    if not whole.requests or not (whole.completed or died):
        raise _no_success(record, whole)
    # A request that was to start at the begin may be answered when patience is over.
    longest_us = int((record.seconds + patience_s) * 1_000_000)
    slow_us = int(slow_s * 1_000_000)
    return LoadMeasured(
        metrics=(
            *whole.metrics(miss=miss, slow_us=slow_us, longest_us=longest_us),
            *_of_run(record, whole),
            flag("alive", holds=not died),
            *(
                metric
                for part in parts[:MAX_TAGGED]
                for metric in part.metrics(miss=miss, slow_us=slow_us, longest_us=longest_us)
            ),
        ),
        examined=Examined(
            count=whole.requests,
            unit="requests",
            details=(("succeeded", whole.completed), ("failed", whole.failed)),
        ),
        not_applicable=_not_applicable(record, whole, died),
        notes=(*load_notes.of(record, whole, parts, died), _sure(confidence, looks)),
    )


def _spec(
    name: str, unit: Unit, direction: Direction, title: str, *, tags: tuple[str, ...] = ()
) -> MetricSpec:
    return MetricSpec(
        name=name, unit=unit, direction=direction, title=title, tags=tags, optional=True
    )


def _sure(confidence: Decimal, looks: int) -> str:
    sure = f"each interval holds at {plain(100 * confidence)} %"
    return f"{sure}, shared by {looks} looks" if looks > 1 else sure


def _of_run(record: LoadRecord, whole: Part) -> tuple[Metric, ...]:
    """What only the run as a whole has."""
    generator = generator_of(record)
    answered = whole.answered
    asked = _asked(record)
    rates: tuple[Metric, ...] = (Metric(name="rate", value=answered / record.seconds),)
    if asked:
        rates += (
            Metric(name="asked_rate", value=asked / record.seconds),
            ratio("achieved", answered, asked),
        )
    return (
        *rates,
        ratio("generator_lag", generator.late, generator.probes),
        Metric(name="generator_cpu", value=generator.cpu),
    )


def _asked(record: LoadRecord) -> int:
    """Requests that should have started; 0 where none were asked for.

    A generator that did not come to all of them by the end tells fewer than its rate makes.
    """
    told = [beat.asked for beat in record.phase]
    if None in told:
        return 0
    asked = sum(each or 0 for each in told)
    if record.rate is None or record.seconds < record.duration_s:
        return asked
    due = int(record.rate * record.duration_s)
    return due if due > asked + 1 else asked  # the rate is rounded


def _not_applicable(record: LoadRecord, whole: Part, died: str) -> tuple[NotApplicable, ...]:
    absent = [] if _asked(record) else [("asked_rate", _CLOSED), ("achieved", _CLOSED)]
    if not whole.completed:
        absent.append(("over", f"no request succeeded: {died}"))
    return tuple(NotApplicable(metric=name, reason=reason) for name, reason in absent)


def _no_success(record: LoadRecord, whole: Part) -> StageError:
    if not whole.requests:
        return StageError(
            "no-requests",
            "no request was sent in the measured phase, so nothing was measured",
            hint="let the run last longer than its warm-up, and see that it has something to ask",
        )
    reasons: Sequence[tuple[str, int]] = record.failures
    reason, many = reasons[0]
    return StageError(
        "no-success",
        f"none of {whole.requests:,} requests succeeded; {many:,} ended by: {reason}",
        hint="ask one of them by hand: see whether address, credentials and expected status hold",
    )
