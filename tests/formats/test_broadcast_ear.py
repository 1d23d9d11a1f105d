from __future__ import annotations

from gates.formats.broadcast_ear import ear_of, is_closed
from gates.formats.broadcast_plan import BroadcastProtocol
from gates.formats.broadcast_record import BroadcastRecord, Heard, Lag, Life, Sent

RECORD = BroadcastRecord(
    nonce="n",
    version="1",
    protocol=BroadcastProtocol.SSE,
    subscribers=1,
    messages=4,
    deadline_us=100,
    sent=tuple(Sent(number, number * 10, number * 10 + 5) for number in range(4)),
    heard=(),
    lag=Lag(1, 0, 20),
)


def test_what_was_heard_is_counted() -> None:
    got = ((1, 12), (0, 13), (1, 14), (2, 121), (3, 1000))
    ear = ear_of(Heard(0, (Life(0),), got), RECORD)
    assert (ear.in_time, ear.perhaps, ear.late, ear.received) == (2, 1, 2, 4)
    assert (ear.duplicates, ear.out_of_order, ear.closed) == (1, 1, 0)
    assert ear.times == (2, 13, 101, 970)


def test_what_came_after_a_return_is_due_from_then_on() -> None:
    lives = (Life(0, 5, "dropped", was_dropped=True), Life(50, 500, "bye"))
    ear = ear_of(Heard(0, lives, ((0, 2), (1, 51), (2, 52), (3, 160))), RECORD)
    assert (ear.in_time, ear.late, ear.perhaps, ear.closed) == (3, 1, 1, 1)
    assert ear.times == (2,)


def test_only_what_the_service_ended_is_closed() -> None:
    assert is_closed(Life(0, 5, "bye"))
    for life in (Life(0), Life(None, 5, "HTTP 503"), Life(0, 5, "dropped", was_dropped=True)):
        assert not is_closed(life)
