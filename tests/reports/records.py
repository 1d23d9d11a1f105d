"""The record of the sample run, edited as nobody should."""

from __future__ import annotations

import json

from reports.runs import sample_run

from gates.reports.record_v1 import render

RECORD = render(sample_run())


def edited(path: str, value: object, record: str = RECORD) -> bytes:
    """A record with one value put in place of another."""
    document: object = json.loads(record)
    *steps, last = path.split("/")
    place = document
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else _members(place)[step]
    if isinstance(place, list):
        place[int(last)] = value
    else:
        _members(place)[last] = value
    return json.dumps(document).encode()


def _members(place: object) -> dict[str, object]:
    assert isinstance(place, dict)
    return place
