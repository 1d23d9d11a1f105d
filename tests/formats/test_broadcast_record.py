from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats import broadcast_record
from gates.formats.broadcast_plan import BroadcastProtocol
from gates.formats.broadcast_record import BroadcastRecord, Heard, Lag, Life, Sent, Trouble

RECORD = BroadcastRecord(
    nonce="n",
    version="1",
    protocol=BroadcastProtocol.WEBSOCKET,
    subscribers=2,
    messages=2,
    deadline_us=1000,
    sent=(Sent(0, 10, 20), Sent(1, 30, 40)),
    heard=(
        Heard(0, (Life(5, 50, "dropped", was_dropped=True), Life(60)), ((0, 15), (1, 35)), 1, 2, 3),
        Heard(1, (Life(None, 7, "HTTP 503"),)),
    ),
    lag=Lag(3, 1, 6000, 99),
)
DATA = broadcast_record.write(RECORD)


def test_a_record_is_read_as_it_was_written() -> None:
    assert broadcast_record.read(DATA, what="r") == RECORD
    troubled = replace(RECORD, sent=RECORD.sent[:1], trouble=Trouble("slug", "words"))
    assert broadcast_record.read(broadcast_record.write(troubled), what="r") == troubled
    assert [each.is_connected for each in RECORD.heard] == [True, False]


def test_a_run_to_which_nobody_came_published_nothing() -> None:
    alone = replace(RECORD, subscribers=1, sent=(), heard=(Heard(0, (Life(None, 7, "no"),)),))
    assert broadcast_record.read(broadcast_record.write(alone), what="r") == alone


def swapped(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old, new, 1)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: b"\n".join(data.split(b"\n")[:-2]) + b"\n",
        lambda data: b"\n".join(data.split(b"\n")[:2]) + b"\n",
        lambda data: data.split(b"\n")[0] + b"\n",
        lambda _: b"\n",
        swapped(b"gates/broadcast/v1", b"gates/broadcast/v2"),
        swapped(b'"received":2', b'"received":3'),
        swapped(b'"sent":2', b'"sent":1'),
        swapped(b'{"sent":[1,30,40]}\n', b""),
        swapped(b'"sent":[1,', b'"sent":[2,'),
        swapped(b'{"subscriber":1', b'{"subscriber":2'),
        swapped(b"[0,15]", b"[0,5]"),
        swapped(b"[0,15]", b"[7,15]"),
        swapped(b'"messages":2', b'"messages":3'),
        swapped(b'"subscribers":2', b'"subscribers":3'),
        swapped(b'"late":1', b'"late":-1'),
        swapped(b',"broken":3', b""),
    ],
)
def test_a_record_that_is_cut_or_contradicts_itself_is_refused(
    damage: Callable[[bytes], bytes],
) -> None:
    damaged = damage(DATA)
    assert damaged != DATA
    with pytest.raises(OutputUnreadable):
        broadcast_record.read(damaged, what="r")
