"""When a report says itself that it was made, where its format tells that.

So far that is one: the record of a load (`gates/load/v1`), whose first line tells when the measured
phase began, and whose last one how long it took.
"""

from __future__ import annotations

from decimal import Decimal

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.load_lines import SCHEMA

_HEAD_BYTES = 1 << 20


def told(data: bytes) -> tuple[Decimal, Decimal] | None:
    """When what a report tells of began and ended, in seconds since the epoch; None if untold.

    What is no such report, or a broken one, tells nothing here: whoever reads it whole says why.
    """
    head, newline, rest = data[:_HEAD_BYTES].partition(b"\n")
    if not newline or SCHEMA.encode() not in head or not rest:
        return None
    last = data.rstrip(b"\n").rpartition(b"\n")[2]
    try:
        first = strict_json.read(head, what="its head")
        if first.member("schema").text() != SCHEMA:
            return None
        began = first.member("started").number()
        lasted = strict_json.read(last, what="its end").member("end").member("seconds").number()
    except OutputUnreadable:
        return None
    return began, began + lasted
