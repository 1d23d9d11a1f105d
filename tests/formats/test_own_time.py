from __future__ import annotations

from decimal import Decimal

import pytest
from formats.load_records import lines_of, written

from gates.formats.own_time import told

WHOLE = written(lines_of(2))


def test_a_record_of_a_load_tells_when_it_began_and_ended() -> None:
    assert told(WHOLE) == (Decimal("1767225600.123"), Decimal("1767225602.143"))
    assert told(WHOLE.removesuffix(b"\n")) == told(WHOLE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"{}\n{}\n",
        WHOLE.partition(b"\n")[0],
        WHOLE.partition(b"\n")[0] + b"\n",
        WHOLE.rpartition(b'{"end"')[0],
        b'{"of": "gates/load/v1"}\n{}\n',
        b'{"schema": "x", "of": "gates/load/v1"}\n{}\n',
    ],
)
def test_what_is_none_or_broken_tells_nothing(data: bytes) -> None:
    assert told(data) is None
