"""What the tests of `locust` share: what our add-on writes."""

from __future__ import annotations

import json
from collections.abc import Mapping


def record(  # noqa: PLR0913 - each is one fault of a record
    *,
    seconds: int = 20,
    each: int = 20,
    users: int = 10,
    workers: int = 1,
    failed: Mapping[str, int] | None = None,
    time_us: int = 20_000,
    late: int = 0,
) -> bytes:
    """A run in which `each` requests a second took about `time_us`.

    Args:
        seconds: length of the measured phase, after a warm-up of one second.
        each: requests a second that succeeded.
        users: that were there.
        workers: processes that were there.
        failed: reasons of failures in the first second.
        time_us: the shortest time; each other one takes a microsecond more.
        late: looks of each second at which the generator was late.
    """
    head: dict[str, object] = {
        "schema": "gates/load/v1",
        "generator": "locust",
        "version": "2.47.0",
        "started": 1767225600,
        "endpoints": ["GET /orders"],
        "rate": None,
        "connections": None,
        "warmup_s": 1,
        "duration_s": seconds,
    }
    lines: list[dict[str, object]] = [head]
    times = [[time_us + more, 1] for more in range(each)]
    for at in range(-1, seconds):
        reasons = dict(failed or {}) if at == 0 else {}
        if times or reasons:
            lines.append({"at": at, "endpoint": 0, "times": times, "failed": reasons})
        probe = {"count": 95, "late": late, "worst_us": 900}
        beat: dict[str, object] = {"at": at, "probe": probe, "cpu": 0.2, "workers": workers}
        lines.append({**beat, "users": users, "asked": None})
    unfinished = (failed or {}).get("unfinished", 0)
    bad = sum((failed or {}).values())
    counts = {"requests": each * seconds + bad, "failed": bad - unfinished}
    lines.append({"end": {**counts, "unfinished": unfinished, "seconds": seconds}})
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def about(**changes: object) -> bytes:
    """What the add-on tells besides."""
    told = {
        "locust": "2.47.0",
        "complete": True,
        "stopped": ["", ""],
        "workers": 1,
        "shape": "",
        "requests": 420,
        "errors": {},
        "hosts": {},
        "idle": [],
        "own": 0,
        "unheard": 0,
    }
    return json.dumps({**told, **changes}).encode()
