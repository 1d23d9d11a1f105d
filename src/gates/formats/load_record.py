"""Records of load (`gates/load/v1`): read, put beside each other, and put one behind the other.

The format is described where it is read, in `load_lines`; here is what others import of it.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from gates.domain.errors import OutputUnreadable
from gates.formats.load_lines import SCHEMA, read
from gates.formats.load_model import UNFINISHED, Cell, LoadRecord, Second

__all__ = ["SCHEMA", "UNFINISHED", "Cell", "LoadRecord", "Second", "joined", "merge", "read"]


def merge(records: Sequence[LoadRecord]) -> LoadRecord:
    """Put together what several generators did at the same time; all counts add up.

    Args:
        records: one or more.

    Raises:
        OutputUnreadable: two of them are the same, of different plans, or not of one time.
    """
    first = records[0]
    # When it began is the one thing that a copy can tell otherwise without being another run.
    runs = [replace(each, started=first.started) for each in records]
    for place, other in enumerate(records):
        if runs[place] in runs[:place]:
            raise _apart("stands among them twice", "name each record once")
        if (other.warmup_s, other.duration_s) != (first.warmup_s, first.duration_s):
            raise _apart("was to last longer or shorter than another", "give all the same plan")
        if abs(other.started - first.started) >= first.duration_s:
            raise _apart("is of another time than another", "start all generators together")
    merged = first
    for other in records[1:]:
        merged = _beside(merged, other)
    return merged


def joined(first: LoadRecord, second: LoadRecord) -> LoadRecord:
    """Put a run behind another one, as if the first had gone on; warm-ups stay warm-ups."""
    offset = max((beat.at for beat in first.phase), default=-1) + 1
    endpoints, places = _union(first, second)
    moved = tuple(
        replace(cell, at=cell.at + offset * (cell.at >= 0), endpoint=places[cell.endpoint])
        for cell in second.cells
    )
    beats = tuple(replace(beat, at=beat.at + offset) for beat in second.phase)
    return replace(
        first,
        endpoints=endpoints,
        duration_s=first.duration_s + second.duration_s,
        seconds=first.seconds + second.seconds,
        unfinished=first.unfinished + second.unfinished,
        redirects=first.redirects + second.redirects,
        cells=_added(first.cells, moved),
        beats=first.beats + beats,
    )


def _beside(first: LoadRecord, second: LoadRecord) -> LoadRecord:
    endpoints, places = _union(first, second)
    moved = tuple(replace(cell, endpoint=places[cell.endpoint]) for cell in second.cells)
    beats = {beat.at: beat for beat in first.beats}
    for beat in second.beats:
        beats[beat.at] = _together(beats[beat.at], beat) if beat.at in beats else beat
    return replace(
        first,
        started=min(first.started, second.started),
        endpoints=endpoints,
        rate=None if first.rate is None or second.rate is None else first.rate + second.rate,
        connections=_sum(first.connections, second.connections),
        seconds=max(first.seconds, second.seconds),
        unfinished=first.unfinished + second.unfinished,
        redirects=first.redirects + second.redirects,
        cells=_added(first.cells, moved),
        beats=tuple(beats[at] for at in sorted(beats)),
    )


def _together(one: Second, other: Second) -> Second:
    return Second(
        at=one.at,
        probes=one.probes + other.probes,
        late=one.late + other.late,
        worst_us=max(one.worst_us, other.worst_us),
        cpu=max(one.cpu, other.cpu),
        workers=one.workers + other.workers,
        users=_sum(one.users, other.users),
        asked=_sum(one.asked, other.asked),
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _union(first: LoadRecord, second: LoadRecord) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """All endpoints, and where among them those of the second stand."""
    endpoints = tuple(dict.fromkeys((*first.endpoints, *second.endpoints)))
    places = {name: place for place, name in enumerate(endpoints)}
    return endpoints, tuple(places[name] for name in second.endpoints)


def _added(some: Sequence[Cell], others: Sequence[Cell]) -> tuple[Cell, ...]:
    cells = {(cell.at, cell.endpoint): cell for cell in some}
    for cell in others:
        key = (cell.at, cell.endpoint)
        cells[key] = _both(cells[key], cell) if key in cells else cell
    return tuple(cells[key] for key in sorted(cells))


def _both(one: Cell, other: Cell) -> Cell:
    times = Counter(dict(zip(one.times, one.counts, strict=True)))
    times.update(dict(zip(other.times, other.counts, strict=True)))
    failed = Counter(dict(one.failed))
    failed.update(dict(other.failed))
    ordered = sorted(times)
    return replace(
        one,
        times=array("q", ordered),
        counts=array("q", (times[time] for time in ordered)),
        failed=tuple(failed.items()),
    )


def _apart(problem: str, hint: str) -> OutputUnreadable:
    return OutputUnreadable("load-apart", f"one of the load records {problem}", hint=hint)
