"""What subscribers heard of a broadcast, as metrics.

A delivery is one message at one subscriber. Every message is expected at every subscriber that was
asked to connect, whether it did or not. Its time runs from the moment at which the publication
began (the first byte of the request, the start of the command) to the moment at which the
subscriber's bytes were read. A message that was published while a subscriber was away is due from
the moment at which it is back; such times are judged by the deadline, and stand in no percentile.

The program's own lag can only make a time longer, never shorter: each time is an interval that
reaches down by the worst lag. Whatever that leaves open is inconclusive.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from gates.domain.errors import StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Direction, Examined, Metric, MetricSpec, Unit, count
from gates.domain.stage_result import NotApplicable, StageResult, Tool
from gates.formats.broadcast_ear import Ear, ear_of, is_closed
from gates.formats.broadcast_record import BroadcastRecord
from gates.formats.latency import PERCENTILES, rank, scarce

SEVERITY = {
    "lost": Severity.HIGH,
    "late": Severity.HIGH,
    "refused": Severity.HIGH,
    "closed": Severity.HIGH,
    "duplicate": Severity.HIGH,
    "order": Severity.HIGH,
    "misplaced": Severity.MEDIUM,
    "broken": Severity.HIGH,
}
"""Severity of each kind of finding."""

LAG_SHARE = 10
"""The worst lag may take this part of the deadline: one tenth."""

SPECS = (
    MetricSpec(
        name="delivered",
        unit=Unit.RATIO,
        direction=Direction.HIGHER,
        title="messages that were there within the deadline, of all at all subscribers",
        noun="deliveries",
    ),
    *(
        MetricSpec(name=name, unit=Unit.COUNT, direction=Direction.LOWER, title=title, noun=noun)
        for name, title, noun in (
            ("duplicates", "messages that came again", "repeated messages"),
            ("out_of_order", "messages that came after a later one", "messages out of order"),
            ("missed_subscribers", "subscribers that missed a message", "subscribers that missed"),
            ("closed", "connections that the service ended by itself", "closed connections"),
        )
    ),
    *(
        MetricSpec(
            name=name,
            unit=Unit.SECONDS,
            direction=Direction.LOWER,
            title=f"delivery time that {percent} % stay within",
            optional=True,
        )
        for name, percent in PERCENTILES.items()
    ),
    MetricSpec(
        name="max",
        unit=Unit.SECONDS,
        direction=Direction.LOWER,
        title="slowest delivery",
        optional=True,
    ),
    *(
        MetricSpec(name=name, unit=Unit.COUNT, direction=Direction.HIGHER, title=title, noun=noun)
        for name, title, noun in (
            ("connected", "subscribers that connected", "connected subscribers"),
            ("subscribers", "subscribers that were asked to connect", "subscribers"),
        )
    ),
    MetricSpec(
        name="lag",
        unit=Unit.SECONDS,
        direction=Direction.LOWER,
        title="worst lag of the measuring program itself",
    ),
)
"""What is measured."""

DEFAULTS = ("delivered == 100%", "duplicates == 0", "out_of_order == 0", "closed == 0")
"""What the criterion L2-REALTIME asks; a subscriber that is sent away misses what comes next."""

_NO_TIMES = tuple(
    NotApplicable(metric=name, reason="all that came was made up for, and has no delivery time")
    for name in (*PERCENTILES, "max")
)

_BROKEN = "that hold a token, and are JSON that breaks off"
_MISPLACED = "that hold a token at another place than `expect` names"
_ANYWHERE = (
    "without `expect` a message counts as delivered wherever its token stands in it, in one that"
    " tells of an error too"
)

_SHOWN = 3


def result_of(record: BroadcastRecord, *, what: str, is_placed: bool = True) -> StageResult:
    """Sum up a run.

    Args:
        record: of the run.
        what: its name, for messages.
        is_placed: a token counted only at the place in a message where it should stand.

    Raises:
        StageError: the run shows nothing: it did not come to its end, nobody connected, none of
            the messages came to anybody, or the program itself was too slow.
    """
    _refuse(record, what)
    ears = tuple(ear_of(each, record) for each in record.heard)
    _refuse_deaf(record, ears, what)
    expected = record.subscribers * record.messages
    in_time = sum(ear.in_time for ear in ears)
    times = sorted(time for ear in ears for time in ear.times)
    perhaps = in_time + sum(ear.perhaps for ear in ears)
    metrics = (
        _share(in_time, perhaps, expected),
        count("duplicates", sum(ear.duplicates for ear in ears)),
        count("out_of_order", sum(ear.out_of_order for ear in ears)),
        count("missed_subscribers", sum(ear.in_time < record.messages for ear in ears)),
        count("closed", sum(ear.closed for ear in ears)),
        *_times(times, record.lag.worst_us),
        count("connected", sum(each.is_connected for each in record.heard)),
        count("subscribers", record.subscribers),
        Metric(name="lag", value=_seconds(record.lag.worst_us)),
    )
    received = sum(ear.received for ear in ears)
    details = (("subscribers", record.subscribers), ("messages", record.messages))
    return StageResult(
        metrics=metrics,
        examined=Examined(count=received, unit="deliveries", details=details),
        tool=Tool(name="gates", version=record.version, how="its own program"),
        findings=tuple(_findings(record, ears)),
        not_applicable=() if times else _NO_TIMES,
        inconclusive=scarce(len(times), "deliveries") if times else (),
        notes=_notes(record, is_placed=is_placed),
    )


def _refuse(record: BroadcastRecord, what: str) -> None:
    if record.trouble is not None:
        hints = {
            "trigger-refused": "look at `trigger`, `body` and `headers`, and at the service's log",
            "login-failed": "look at `login`: its path, its body, and where `take` points to",
        }
        hint = hints.get(record.trouble.slug, "mend what hinders the measuring program")
        raise StageError(record.trouble.slug, record.trouble.summary, hint=hint, place=what)
    if not any(each.is_connected for each in record.heard):
        why = Counter(each.lives[-1].why for each in record.heard if each.lives)
        most = why.most_common(1)[0][0] if why else "no subscriber was asked"
        raise StageError(
            "no-subscriber",
            f"none of {record.subscribers} subscribers could connect: {most}",
            hint="look at `path`, `protocol` and `headers`",
            place=what,
        )
    if not record.sent or not record.lag.probes:
        raise StageError("nothing-examined", "no message was published", place=what)
    if record.lag.worst_us * LAG_SHARE > record.deadline_us:
        raise StageError(
            "generator-saturated",
            f"the measuring program was up to {record.lag.worst_us / 1e6:g} s late itself, more"
            f" than a tenth of the deadline of {record.deadline_us / 1e6:g} s",
            hint="fewer `subscribers`, a longer `pause` or `deadline`, or a machine that is free",
            place=what,
        )


def _refuse_deaf(record: BroadcastRecord, ears: tuple[Ear, ...], what: str) -> None:
    """Refuse a run in which nobody heard anything of ours: it may be that nothing was published."""
    if any(ear.received for ear in ears):
        return
    misplaced = sum(each.misplaced for each in record.heard)
    broken = sum(each.broken for each in record.heard)
    foreign = sum(each.foreign for each in record.heard)
    hint = "see that `trigger` publishes to this path, and that its body holds `{message}`"
    if misplaced:
        hint = f"{misplaced} messages hold a token, but not at the place that `expect` names"
    elif broken:
        hint = f"there are {broken} messages {_BROKEN}"
    elif foreign:
        hint = f"{foreign} messages came, none of which holds what `{{message}}` stood for"
    raise StageError(
        "never-broadcast",
        f"none of {len(record.sent)} published messages came to any of"
        f" {sum(each.is_connected for each in record.heard)} connected subscribers",
        hint=hint,
        place=what,
    )


def _share(in_time: int, perhaps: int, expected: int) -> Metric:
    interval = None
    if perhaps > in_time:
        interval = (Decimal(in_time) / expected, Decimal(perhaps) / expected)
    return Metric(name="delivered", numerator=in_time, denominator=expected, interval=interval)


def _times(times: list[int], lag_us: int) -> tuple[Metric, ...]:
    if not times:
        return ()
    at = {name: times[rank(percent, len(times)) - 1] for name, percent in PERCENTILES.items()}
    at["max"] = times[-1]
    return tuple(
        Metric(
            name=name,
            value=_seconds(time),
            interval=(_seconds(max(0, time - lag_us)), _seconds(time)) if lag_us and time else None,
        )
        for name, time in at.items()
    )


def _seconds(microseconds: int) -> Decimal:
    return Decimal(microseconds).scaleb(-6)


def _findings(record: BroadcastRecord, ears: tuple[Ear, ...]) -> list[Finding]:
    """One finding for each kind of trouble; a thousand subscribers would else bury the reader."""
    unheard = {
        ear.heard.subscriber: record.messages - ear.received
        for ear in ears
        if ear.heard.is_connected
    }
    told = (
        ("lost", "messages that never came", unheard),
        ("late", "messages that came after the deadline", _by(ears, "late")),
        ("duplicate", "messages that came again", _by(ears, "duplicates")),
        ("order", "messages that came after a later one", _by(ears, "out_of_order")),
        (
            "misplaced",
            f"messages {_MISPLACED}",
            {each.subscriber: each.misplaced for each in record.heard},
        ),
        (
            "broken",
            f"messages {_BROKEN}",
            {each.subscriber: each.broken for each in record.heard},
        ),
    )
    return [
        *_ends(record),
        *(
            _finding(rule, f"{words}: {sum(by.values())}", by)
            for rule, words, found in told
            if (by := {number: many for number, many in found.items() if many})
        ),
    ]


def _by(ears: tuple[Ear, ...], name: str) -> dict[int, int]:
    return {ear.heard.subscriber: int(getattr(ear, name)) for ear in ears}


def _ends(record: BroadcastRecord) -> list[Finding]:
    """Connections that were refused or closed, by their reasons."""
    ends: dict[tuple[str, str], dict[int, int]] = {}
    for each in record.heard:
        for life in each.lives:
            if life.ready_us is None or is_closed(life):
                rule = "refused" if life.ready_us is None else "closed"
                ends.setdefault((rule, life.why), {})[each.subscriber] = 1
    return [
        _finding(rule, f"connections that were {rule}: {len(by)}, {why}", by)
        for (rule, why), by in ends.items()
    ]


def _finding(rule: str, words: str, by: dict[int, int]) -> Finding:
    numbers = ", ".join(str(number) for number in sorted(by)[:_SHOWN])
    rest = f" and {len(by) - _SHOWN} more" if len(by) > _SHOWN else ""
    plural = "s" if len(by) > 1 else ""
    return Finding(
        rule=rule,
        severity=SEVERITY[rule],
        message=f"{words} (subscriber{plural} {numbers}{rest})",
        subject="broadcast",
    )


def _notes(record: BroadcastRecord, *, is_placed: bool) -> tuple[str, ...]:
    foreign = sum(each.foreign for each in record.heard)
    broken = sum(each.broken for each in record.heard)
    misplaced = sum(each.misplaced for each in record.heard)
    replayed = "times of messages that were made up for stand in no percentile"
    told = (
        (not is_placed, _ANYWHERE),
        (broken, f"{broken} messages {_BROKEN}"),
        (misplaced, f"{misplaced} messages {_MISPLACED}"),
        (foreign, f"{foreign} messages without a token of this run came, and say nothing"),
        (any(len(each.lives) > 1 for each in record.heard), replayed),
    )
    return tuple(text for holds, text in told if holds)
