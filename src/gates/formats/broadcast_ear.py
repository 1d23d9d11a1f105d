"""What one subscriber heard of a broadcast, counted: in time, late, again, out of order."""

from __future__ import annotations

from dataclasses import dataclass

from gates.formats.broadcast_record import BroadcastRecord, Heard, Life


@dataclass(frozen=True, slots=True)
class Ear:
    """What one subscriber heard, counted.

    Attributes:
        heard: the subscriber.
        in_time: messages that were there within the deadline.
        perhaps: messages that missed it by no more than the lag.
        late: messages that missed it.
        duplicates: messages that came again.
        out_of_order: messages that came after a later one.
        times: delivery times in microseconds, without those of replayed messages.
    """

    heard: Heard
    in_time: int
    perhaps: int
    late: int
    duplicates: int
    out_of_order: int
    times: tuple[int, ...]

    @property
    def closed(self) -> int:
        """Connections that the service ended by itself."""
        return sum(is_closed(life) for life in self.heard.lives)

    @property
    def received(self) -> int:
        """Distinct messages that came."""
        return self.in_time + self.late


def ear_of(heard: Heard, record: BroadcastRecord) -> Ear:
    """Count what a subscriber of a run heard."""
    starts = {each.number: each.at_us for each in record.sent}
    first: dict[int, int] = {}
    highest = -1
    out_of_order = 0
    for number, at_us in heard.got:
        if number not in first:
            first[number] = at_us
            out_of_order += number < highest
            highest = max(highest, number)
    in_time = perhaps = late = 0
    times = []
    for number, at_us in first.items():
        due_us = _due(heard, starts[number], at_us)
        if due_us == starts[number]:
            times.append(at_us - due_us)
        beyond = at_us - due_us - record.deadline_us
        in_time += beyond <= 0
        late += beyond > 0
        perhaps += 0 < beyond <= record.lag.worst_us
    return Ear(
        heard, in_time, perhaps, late, len(heard.got) - len(first), out_of_order, tuple(times)
    )


def is_closed(life: Life) -> bool:
    """Whether the service ended a connection that it had let in."""
    return life.ready_us is not None and life.ended_us is not None and not life.was_dropped


def _due(heard: Heard, sent_us: int, at_us: int) -> int:
    """From when on a message was to come: its publication, or the subscriber's return."""
    if len(heard.lives) == 1:
        return sent_us
    ready = (life.ready_us for life in heard.lives if life.ready_us is not None)
    begun = max((time for time in ready if time <= at_us), default=sent_us)
    return max(sent_us, begun)
