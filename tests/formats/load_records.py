"""Records of load for tests, made as a generator would write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from gates.formats.load_record import SCHEMA, LoadRecord, read

Times = Mapping[int, int]
"""How many requests took so many microseconds."""

Lines = list[dict[str, object]]


def head(seconds: int, **changes: object) -> dict[str, object]:
    """The first line."""
    return {
        "schema": SCHEMA,
        "generator": "load",
        "version": "0.1.0",
        "started": 1767225600.123,
        "endpoints": ["GET /orders"],
        "rate": 100.0,
        "connections": 10,
        "warmup_s": 2.0,
        "duration_s": float(seconds),
        **changes,
    }


def beat(at: int, **changes: object) -> dict[str, object]:
    """What the generator tells of itself in one second."""
    probe = {"count": 100, "late": 0, "worst_us": 900}
    told: dict[str, object] = {"at": at, "probe": probe, "cpu": 0.25, "workers": 1}
    return {**told, "users": None, "asked": 100, **changes}


def cell(
    at: int, times: Times, *, endpoint: int = 0, failed: Mapping[str, int] | None = None
) -> dict[str, object]:
    """The requests of one second."""
    pairs = [[time, times[time]] for time in sorted(times)]
    return {"at": at, "endpoint": endpoint, "times": pairs, "failed": dict(failed or {})}


def end(cells: Sequence[Mapping[str, object]], seconds: float) -> dict[str, object]:
    """The last line, counted from the others."""
    succeeded = failed = unfinished = 0
    for each in cells:
        if "endpoint" not in each or int(str(each["at"])) < 0:
            continue
        pairs, reasons = each["times"], each["failed"]
        assert isinstance(pairs, list)
        assert isinstance(reasons, dict)
        succeeded += sum(count for _, count in pairs)
        unfinished += reasons.get("unfinished", 0)
        failed += sum(reasons.values()) - reasons.get("unfinished", 0)
    told = {"requests": succeeded + failed + unfinished, "failed": failed}
    return {"end": {**told, "unfinished": unfinished, "seconds": seconds}}


def written(lines: Sequence[Mapping[str, object]]) -> bytes:
    """The file."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def lines_of(
    seconds: int = 12,
    times: Callable[[int], Times] = lambda _: {20_000: 90, 80_000: 10},
    *,
    failed: Callable[[int], Mapping[str, int]] = lambda _: {},
    **changes: object,
) -> Lines:
    """A whole record, line by line, two seconds of warm-up in front.

    Args:
        seconds: of the measured phase.
        times: the requests of each second.
        failed: the failures of each second.
        changes: other fields of the head.
    """
    lines = [head(seconds, **changes)]
    for at in range(-2, seconds):
        asked = sum(times(at).values()) + sum(failed(at).values())
        lines += [cell(at, times(at), failed=failed(at)), beat(at, asked=asked)]
    return [*lines, end(lines, seconds + 0.02)]


def record(
    seconds: int = 12,
    times: Callable[[int], Times] = lambda _: {20_000: 90, 80_000: 10},
    *,
    failed: Callable[[int], Mapping[str, int]] = lambda _: {},
    **changes: object,
) -> LoadRecord:
    """The same, read."""
    return read(written(lines_of(seconds, times, failed=failed, **changes)))


def with_beats(
    change: Mapping[str, object], *, only: int | None = None, **head_changes: object
) -> LoadRecord:
    """A record in which the generator tells something else of itself.

    Args:
        change: what it tells.
        only: the second in which it does; None for all.
        head_changes: other fields of the head.
    """
    lines = lines_of(**head_changes)  # type: ignore[arg-type]  # they are fields of the head
    return read(
        written(
            [
                {**line, **change} if "probe" in line and only in {None, line["at"]} else line
                for line in lines
            ]
        )
    )
